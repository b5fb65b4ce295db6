"""A first reading from home in under five taps, and a low blood sugar that is treated before it is measured again."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.state import vital_words
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
MOST_TAPS = 4


async def _choose(phone: Walker, measure: str) -> None:
    """Go from home to the form of a measure; its first field is ready to be typed in."""
    await phone.tap(phone.link("Log a reading"))
    await phone.at("/vitals/log")
    name = phone.say(vital_words.NAMES[measure])
    await phone.tap(phone.page.get_by_role("button", name=name, exact=True))
    await expect(phone.page.locator("#value")).to_be_focused()


async def _looks_right(walker: Walker, axe: str) -> None:
    assert await axe_findings(walker.page, axe) == []
    assert await overflow(walker.page) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_the_first_reading_is_in_from_home_in_under_five_taps(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody on home who has never logged anything
    someone = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await phone.open("/")

    # When they enter both numbers of a pressure, each tap counted: into the second field and on the button too
    await _choose(phone, "blood_pressure")
    await _looks_right(phone, axe)
    await phone.page.keyboard.type("124")
    await phone.tap(phone.page.locator("#pair"))
    await phone.page.keyboard.type("76")
    await phone.tap(phone.button("Save this reading"))

    # Then it is kept
    await expect(phone.page.get_by_text("124/76 mmHg", exact=True)).to_be_visible()
    assert phone.taps <= MOST_TAPS
    await _looks_right(phone, axe)

    # And one with a single number takes a tap less
    phone.taps = 0
    await phone.open("/")
    await _choose(phone, "pulse")
    await phone.page.keyboard.type("70")
    await phone.tap(phone.button("Save this reading"))
    await expect(phone.page.get_by_text("70 /min", exact=True)).to_be_visible()
    assert phone.taps < MOST_TAPS
    assert phone.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_low_blood_sugar_is_treated_first_and_then_measured_again_while_a_nurse_knows(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody with a line to us, and a nurse who looks at the alerts
    someone = await practices.patient(await practices.doctor(), locale=locale)
    phone, desk = await arrive(locale, PHONE), await arrive("en", DESK)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await desk.let_in(await practices.people.staff("nurse", name="Noor Haddad"))
    await desk.open("/staff/alerts")
    row = desk.page.get_by_role("row").filter(has_text=await practices.patient_name(someone))
    await phone.open("/")
    await _choose(phone, "glucose")

    # When it is low, then sugar comes before another measurement, in this order, and the nurse sees the number
    await phone.page.keyboard.type("٦٢")
    await phone.tap(phone.button("Save this reading"))
    steps = [phone.say(one) for one in vital_words.STEPS["treat_first"]]
    await expect(phone.page.locator("main ol > li")).to_have_text(steps)
    await expect(phone.page.get_by_text(phone.say("Your care team was alerted."))).to_be_visible()
    await expect(row.get_by_text("Today", exact=True)).to_be_visible()
    await expect(row.get_by_text("62 mg/dL")).to_be_visible()
    await _looks_right(phone, axe)

    # And measured again while it is lower, the emergency number comes first and the nurse has to call
    await phone.tap(phone.button("Measure again"))
    await expect(phone.page.locator("#value")).to_be_focused()
    await phone.page.keyboard.type("53")
    await phone.tap(phone.button("Save this reading"))
    await expect(phone.page.get_by_role("link", name=phone.say("Emergency"))).to_be_visible()
    await expect(phone.page.locator("main ol > li")).to_have_text(steps)
    await expect(row.get_by_text("Call now", exact=True)).to_be_visible()
    await _looks_right(phone, axe)

    # And once the sugar has worked, the page says so, and nothing more is asked for
    await phone.tap(phone.button("Measure again"))
    await expect(phone.page.locator("#value")).to_be_focused()
    await phone.page.keyboard.type("96")
    await phone.tap(phone.button("Save this reading"))
    await expect(phone.page.get_by_text("96 mg/dL", exact=True)).to_be_visible()
    within, _tone = vital_words.FINDINGS["within"]
    await expect(phone.page.get_by_text(phone.say(within), exact=True)).to_be_visible()
    await expect(phone.page.locator("main ol > li")).to_have_count(0)
    await _looks_right(phone, axe)

    # And the nurse, who still has it on her list, closes it, and the patient reads with whom and what came of it
    await row.get_by_role("button", name="I have it").click()
    await expect(row.get_by_text("You have it", exact=True)).to_be_visible()
    await row.get_by_role("button", name="Close it").click()
    await desk.page.locator("label.choice:has(input[value='called'])").click()
    await desk.button("Close the alert").click()
    await phone.open("/vitals")
    await expect(phone.page.get_by_text("Noor Haddad")).to_be_visible()
    await expect(phone.page.get_by_text("96", exact=True)).to_be_visible()
    assert desk.unexpected() == phone.unexpected() == []

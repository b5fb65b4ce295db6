"""A reading where the page for it was never open before the line went, and a device on which nothing opens at all."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import NewPlan
from portal_app.state import vital_words
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import AWAY, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEPT_PAGES = """
navigator.serviceWorker.ready.then(() => caches.keys())
  .then((names) => Promise.all(names.map((name) => caches.open(name).then((one) => one.keys()))))
  .then((all) => all.flat().map((request) => new URL(request.url).pathname).sort())
"""


async def _asked_to_measure(practices: Practices, someone: Someone) -> None:
    """Give somebody a plan, which a nurse of theirs has set."""
    assert someone.patient_id
    nurse = await practices.people.staff("nurse")
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)"
            " values (:who, :id, '{vitals}', '{view,act}', 'R', 1, 'care_team')",
            {"who": nurse.person_id, "id": someone.patient_id},
        )
    until = (clock.now() + timedelta(days=14)).date()
    async with practices.database.act_as(nurse.credential, "vitals.plan") as tx:
        await vitals.set_plan(tx, NewPlan(someone.patient_id, "glucose", 2, until, uuid4()))


async def _opens(phone: Walker, address: str) -> None:
    """Open a page and wait until it has brought what a reading needs without a line."""
    async with phone.page.expect_response("**/vitals/carried"):
        await phone.open(address)
    assert await phone.page.evaluate(KEPT_PAGES) == ["/ar/offline", "/es/offline", "/offline"]
    await phone.page.wait_for_load_state("networkidle")


async def _looks_right(phone: Walker, axe: str) -> None:
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_whoever_has_only_been_home_logs_a_dangerous_reading_without_a_line(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody with a plan who is on home, has never opened the page for readings, and whose line goes
    someone = await practices.patient(await practices.doctor(), locale=locale)
    await _asked_to_measure(practices, someone)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await _opens(phone, "/")
    await phone.context.set_offline(True)

    # When they log a low sugar, then the advice is there, and nobody is said to know
    await phone.link("Log a reading").click()
    await expect(phone.heading("What did you measure?")).to_be_visible()
    await _looks_right(phone, axe)
    name = phone.say(vital_words.NAMES["glucose"])
    await phone.page.get_by_role("button", name=name, exact=True).click()
    await phone.page.locator("#kept-value").fill("49")
    await phone.page.locator("form[data-kept] button[type=submit]").click()
    await expect(phone.page.get_by_role("link", name=phone.say("Emergency"))).to_be_visible()
    for step in vital_words.STEPS["treat_first"]:
        await expect(phone.page.get_by_text(phone.say(step))).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("Waiting to send"), exact=True)).to_be_visible()
    await _looks_right(phone, axe)

    # And once there is a line it is in, once, and the care team is alerted
    await phone.context.set_offline(False)
    await expect(phone.page.get_by_text(phone.say("Sent"), exact=True)).to_be_visible()
    async with practices.database.act_as_system("test") as tx:
        kept = await tx.scalar("select count(*) from reading where patient_id = :id", {"id": someone.patient_id})
        told = await tx.scalar("select times from alert where patient_id = :id", {"id": someone.patient_id})
    assert (kept, told) == (1, 1)
    assert phone.unexpected(AWAY) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_device_that_opens_nothing_says_whom_to_call_and_what_to_do_with_a_reading(
    arrive: Arrive, practices: Practices, locale: str
) -> None:
    someone = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await _opens(phone, "/vitals")
    await phone.context.set_offline(True)
    await phone.page.goto(phone.house.origin + phone.path("/vitals/log"))
    await expect(phone.heading("You are offline")).to_be_visible()
    note = "If you measured something, write the number and the time down. You can log it later, with that time."
    await expect(phone.page.get_by_text(phone.say(note))).to_be_visible()
    await expect(phone.page.locator("a[href='tel:911']")).to_be_visible()
    assert await overflow(phone.page) == []


async def test_a_line_that_goes_before_anything_was_brought_leaves_words_for_what_to_do(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    someone = await practices.patient(await practices.doctor())
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await phone.page.route("**/vitals/carried", lambda route: route.abort())
    await phone.open("/vitals/log?what=pulse")
    await phone.context.set_offline(True)
    said = phone.page.get_by_role("alert").filter(has_text="this page was not ready for that")
    await expect(said.get_by_text("call the emergency number", exact=False)).to_be_visible()
    await _looks_right(phone, axe)
    await phone.context.set_offline(False)
    await expect(said).to_have_count(0)
    assert phone.unexpected(AWAY) == []

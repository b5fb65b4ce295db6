"""A call-back: asked for on a phone, made by the desk, told to both at once."""

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_patient_asks_the_desk_calls_and_both_pages_follow(
    arrive: Arrive, practices: Practices, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    phone, desk = await arrive(locale, PHONE), await arrive("en", DESK)
    await phone.let_in(patient)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await desk.open("/staff/call-backs")

    # When the patient forgets the number, is told so, and then asks
    await phone.open("/call-back")
    await phone.page.get_by_label(phone.say("Appointments")).check()
    await phone.button("Call me back").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await phone.page.locator("#number").fill("718 555 0143")
    await phone.button("Call me back").click()
    await expect(phone.button("I no longer need a call")).to_be_visible()

    # Then the desk's open list has it; a call that reaches nobody is told, and the one that does ends it
    name = await practices.patient_name(patient)
    row = desk.page.get_by_role("row").filter(has_text=name)
    await expect(row.get_by_role("link", name="(718) 555-0143")).to_be_visible()
    await desk.page.get_by_role("button", name=f"No answer: {name}").click()
    missed = phone.say("We called you and did not reach you: {when}. We will try again.").split("{when}")[0]
    await expect(phone.page.get_by_text(missed)).to_be_visible()
    await desk.page.get_by_role("button", name=f"Reached: {name}").click()
    await expect(row).to_have_count(0)
    await expect(phone.heading("We have called you")).to_be_visible()
    assert (phone.unexpected(), desk.unexpected()) == ([], [])

"""Check-in with keys alone, from the list to "You are checked in", against the browser's accessibility tree."""

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_forms import PAIN, begun
from tests.journeys.test_keyboard import keyboard
from tests.journeys.walker import PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")
TITLES = {"en": "Pain, 0 to 10", "es": "Dolor, de 0 a 10", "ar": "الألم من 0 إلى 10"}


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_card_a_form_and_the_end_with_keys_alone(arrive: Arrive, practices: Practices, locale: str) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await begun(practices, patient, visit.id, PAIN)
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    keys, back = await keyboard(phone), rf"\?id={visit.id}$"

    # What is known is confirmed
    await phone.open(f"/check-in?id={visit.id}")
    await expect(phone.heading("Before your visit")).to_be_visible()
    await keys.to("link", phone.say("Check your contact details"))
    await keys.press("Enter")
    await phone.at("/check-in/contact", more=back)
    await expect(phone.button("Yes, this is right")).to_be_visible()
    await keys.to("button", phone.say("Yes, this is right"))
    await keys.press("Enter")
    await phone.at("/check-in", more=back)
    contact = phone.page.locator("a[href*='/check-in/contact']")
    await expect(contact).to_contain_text(phone.say("Completed"))

    # A form is answered, looked at once more and sent
    await keys.to("button", TITLES[locale])
    await keys.press("Enter")
    await expect(phone.page.locator("input.input")).to_be_visible()
    await keys.to("textbox", "")
    await phone.page.keyboard.type("3")
    await keys.to("button", phone.say("Continue"))
    await keys.press("Enter")
    await expect(phone.heading("Check your answers before you send them")).to_be_visible()
    await keys.to("button", phone.say("Send my answers"))
    await keys.press("Enter")
    await expect(phone.heading("Sent")).to_be_focused()
    await keys.to("link", phone.say("Back to your check-in"))
    await keys.press("Enter")

    # And the end of it
    await phone.at("/check-in", more=back)
    await expect(phone.page.get_by_role("button").filter(has_text=TITLES[locale])).to_contain_text(
        phone.say("Completed")
    )
    await keys.to("button", phone.say("Check in for this visit"))
    await keys.press("Enter")
    await expect(phone.heading("You are checked in")).to_be_visible()
    assert phone.unexpected() == []

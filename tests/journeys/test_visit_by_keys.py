"""A visit by video for whoever has only keys: the check, the questions, the waiting room, the room, and out again."""

import pytest
from playwright.async_api import expect

from portal_app.features.visits import service as visits
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_keyboard import keyboard
from tests.journeys.test_video_visit import has_focus

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_visit_by_video_with_keys_alone(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    phone = await arrive()
    await phone.let_in(patient)
    keys = await keyboard(phone)

    async def use(role: str, name: str, *, key: str = "Enter") -> None:
        await keys.to(role, phone.say(name))
        await keys.press(key)

    # Given the check and the questions
    await phone.open(f"/visit?id={appointment_id}")
    await use("button", "Try camera and sound")
    await expect(phone.page.locator(".check:focus")).to_be_attached()
    await use("button", "Yes")
    await use("button", "Go on")
    await has_focus(phone, "Before we begin")
    await keys.to("textbox", phone.say("Where are you now?"))
    await phone.page.keyboard.type("12 Elm Street, Albany")
    await keys.to("combobox", phone.say("In which state?"))
    await phone.page.keyboard.type("New York")
    await keys.to("textbox", phone.say("On which number can we call you?"))
    await phone.page.keyboard.type("718 555 0143")
    await use("radio", "Nobody, I am alone", key="Space")
    await use("checkbox", "I agree to a video visit", key="Space")
    await use("button", "Go to the waiting room")
    await has_focus(phone, "You are in the waiting room")

    # When somebody lets them in
    async with practices.database.act_as(patient.credential, "visits.join") as tx:
        place = await visits.join(tx, appointment_id)
    async with practices.database.act_as(doctor.account.credential, "visits.host") as tx:
        await visits.admit(tx, place.visit_id, place.participant_id)

    # Then they are in the room, turn their sound off, and leave it
    await has_focus(phone, "You are in the visit")
    await use("button", "Turn my sound off")
    await expect(phone.button("Turn my sound on")).to_be_focused()
    await use("button", "Leave the visit")
    await expect(phone.page.get_by_role("dialog")).to_be_visible()
    await use("button", "Leave now")
    await has_focus(phone, "You have left the visit")
    await use("button", "Go back into the visit")
    await has_focus(phone, "You are in the visit")
    assert phone.unexpected() == []

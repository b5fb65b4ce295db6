"""A video visit, from the button on home through the device check and the waiting room into the room."""

import re

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def into_waiting_room(phone: Walker) -> None:
    """Go from home through the check and the questions."""
    await phone.open("/")
    await phone.link("Join the video visit").click()
    await phone.button("Try camera and sound").click()
    await expect(phone.page.get_by_text(phone.say("We hear you."), exact=True)).to_be_visible()
    await phone.button("Yes").click()
    await expect(phone.page.get_by_text(phone.say("Good. You will hear us."), exact=True)).to_be_visible()
    await expect(phone.page.locator("[data-line=measured]")).to_be_visible()
    await phone.button("Go on").click()
    await phone.page.locator("#address").fill("12 Elm Street, Albany")
    await phone.page.get_by_label(phone.say("In which state?")).select_option("US-NY")
    await phone.page.locator("#number").fill("718 555 0143")
    await phone.page.get_by_label(phone.say("Nobody, I am alone")).check()
    await phone.button("Go to the waiting room").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await phone.page.locator("#agrees").check()
    await phone.button("Go to the waiting room").click()
    await expect(phone.heading("You are in the waiting room")).to_be_visible()


async def admitted(desk: Walker, doctor: Doctor, name: str) -> None:
    """Let somebody in from the board."""
    await desk.let_in(doctor.account)
    await desk.open("/staff/visits")
    row = desk.page.get_by_role("row").filter(has_text=name)
    await expect(row.get_by_text("Waits", exact=False)).to_be_visible()
    await row.get_by_role("button", name=f"Admit: {name}", exact=True).click()
    await desk.at("/staff/visit")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_checked_told_waited_and_let_in(arrive: Arrive, practices: Practices, locale: str) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    name = await practices.patient_name(patient)
    await practices.video_visit_soon(patient, doctor)
    phone, desk = await arrive(locale, PHONE), await arrive("en", DESK)
    await phone.let_in(patient)

    # Given a patient who has checked their device, said where they are, and waits; a reload keeps the place
    await into_waiting_room(phone)
    await expect(phone.page.get_by_text(phone.say("You are next."), exact=True)).to_be_visible()
    await phone.page.reload()
    await expect(phone.heading("You are in the waiting room")).to_be_visible()

    # When the clinician lets them in
    await admitted(desk, doctor, name)

    # Then both are in the room, the clinician knows where the patient is, and what one writes the other reads
    await expect(phone.heading("Messages in this visit")).to_be_visible()
    await phone.page.locator("#words").fill(f"Hello from {name}")
    await phone.button("Send").click()
    await expect(desk.page.get_by_role("log").get_by_text(f"Hello from {name}", exact=True)).to_be_visible()
    await desk.button("Emergency").click()
    await expect(desk.page.get_by_role("dialog").get_by_text("12 Elm Street, Albany", exact=False)).to_be_visible()
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


async def in_room(arrive: Arrive, practices: Practices) -> tuple[Walker, Walker, Someone]:
    """Return a patient and a clinician in one room."""
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    await practices.video_visit_soon(patient, doctor)
    phone, desk = await arrive("en", PHONE), await arrive("en", DESK)
    await phone.let_in(patient)
    await into_waiting_room(phone)
    await admitted(desk, doctor, await practices.patient_name(patient))
    await expect(phone.heading("Messages in this visit")).to_be_visible()
    return phone, desk, patient


async def test_an_interpreter_comes_by_a_link_once_the_patient_has_agreed(arrive: Arrive, practices: Practices) -> None:
    phone, desk, _ = await in_room(arrive, practices)
    guest = await arrive("en", PHONE)

    # When the clinician makes a link and the interpreter uses it
    await desk.page.get_by_label("Interpreter", exact=True).check()
    await desk.page.locator("#name").fill("Rosa Diaz")
    await desk.button("Make a link").click()
    link = await desk.page.locator("code").inner_text()
    await guest.page.goto(link)
    await guest.answers()
    await guest.page.locator("#name").fill("Rosa Diaz")
    await guest.button("Ask to come in").click()
    await expect(guest.heading("Please wait")).to_be_visible()

    # Then the patient is asked first, and only then can they be let in
    await phone.button("Yes, let them join").click()
    await desk.page.get_by_role("button", name="Admit: Rosa Diaz", exact=True).click()
    present = guest.page.get_by_role("list", name="In this visit")
    await expect(present.get_by_role("listitem")).to_have_count(3)

    # And the link is spent, and the end is the end for all
    other = await arrive("en", PHONE)
    await other.page.goto(link)
    await other.answers()
    await other.page.locator("#name").fill("Somebody else")
    await other.button("Ask to come in").click()
    await expect(other.page.get_by_text(re.compile("^This link does not work any more"))).to_be_visible()
    await desk.button("End the visit for all").click()
    await desk.button("End it now").click()
    await expect(guest.heading("There is no visit here for you")).to_be_visible()
    await expect(phone.heading("This visit is over")).to_be_visible()
    assert [one.unexpected() for one in (phone, desk, guest, other)] == [[], [], [], []]

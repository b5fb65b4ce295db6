"""A video visit, from the button on home through the device check and the waiting room into the room."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.notes.rules import Picked
from portal_app.features.notes.sentences import sentence
from portal_app.features.visits import service as visits
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.meeting import ANY, both_move
from tests.journeys.test_ending import NAMED, codes, pick
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def into_waiting_room(phone: Walker) -> None:
    """Go from home through the check and the questions."""
    await phone.open("/")
    await phone.link("Join the video visit").click()
    await phone.button("Try camera and sound").click()
    await expect(phone.page.get_by_text(phone.say("We hear you."), exact=True)).to_be_visible()
    await phone.page.get_by_label(phone.say("Which speaker?"), exact=True).select_option(index=1)
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


async def has_focus(one: Walker, heading: str) -> None:
    """Wait until the focus is on a heading: what was tapped before is gone."""
    await expect(one.page.locator("[tabindex='-1']:focus").filter(has=one.heading(heading))).to_be_attached()


async def invited(desk: Walker, guest: Walker, name: str, role: str) -> str:
    """Make a link, and have somebody ask by it to come in; return it."""
    await desk.page.get_by_label(role, exact=True).check()
    await desk.page.locator("#name").fill(name)
    await desk.button("Make a link").click()
    made = desk.page.get_by_role("status").filter(has=desk.page.locator("bdi", has_text=name)).locator("code")
    link = (await made.inner_text()).replace("/room?", f"{guest.path('/room')}?")
    await guest.page.goto(link)
    await guest.answers()
    await guest.page.locator("#name").fill(name)
    await guest.button("Ask to come in").click()
    await expect(guest.heading("Please wait")).to_be_visible()
    return link


async def signed_after(desk: Walker, locale: str) -> str:
    """End the visit for all, and bring note, diagnosis, summary and charge to their end; return what is found."""
    await desk.page.locator("#brought").fill("Headache for a week")
    await expect(desk.page.get_by_role("status").filter(has_text="Saved at")).to_be_visible()
    await desk.button("End the visit for all").click()
    await desk.button("End it now").click()
    await desk.link("End visit").click()
    await desk.button("End visit").click()
    await desk.page.locator("#diagnosis").fill("hyper journ")
    await desk.page.get_by_role("button", name=f"Choose: {NAMED}").click()
    await expect(desk.page.get_by_role("button", name=f"Remove: {NAMED}")).to_be_visible()
    await desk.button("Go on to what the patient is told").click()
    for field in ("found-pressure", "call-worse"):
        await pick(desk, field)
    await desk.page.locator("#found-pressure-1").fill("150")
    await desk.page.locator("#found-pressure-2").fill("95")
    await desk.page.locator("label.choice:has(input[name='again'][value='none'])").click()
    await desk.button("Go on to the charge").click()
    for field, value in (("modality", "video"), ("patient_place", "home")):
        await desk.page.locator(f"label.choice:has(input[name='{field}'][value='{value}'])").click()
    await desk.button("Go on to sign").click()
    await desk.button("Sign and send the summary").click()
    await expect(desk.page.get_by_text("Waits for billing", exact=True)).to_be_visible()
    with i18n.use(locale):
        return sentence("found", Picked("pressure", (150, 95)))


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_visit_from_the_device_check_to_the_charge(arrive: Arrive, practices: Practices, locale: str) -> None:
    await codes(practices)
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    name = await practices.patient_name(patient)
    await practices.video_visit_soon(patient, doctor)
    phone, desk, guest = await arrive(locale, PHONE), await arrive("en", DESK), await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))

    # Given a patient who has checked their device, said where they are, and waits; a reload keeps the place
    await into_waiting_room(phone)
    await expect(phone.page.get_by_text(phone.say("You are next."), exact=True)).to_be_visible()
    await phone.page.reload()
    await expect(phone.heading("You are in the waiting room")).to_be_visible()

    # When the clinician lets them in, both see each other, the clinician knows where the patient is, and what one
    # writes the other reads
    await admitted(desk, doctor, name)
    await has_focus(phone, "You are in the visit")
    await both_move(ANY, phone, desk)
    await phone.page.locator("#words").fill(f"Hello from {name}")
    await phone.button("Send").click()
    await expect(desk.page.get_by_role("log").get_by_text(f"Hello from {name}", exact=True)).to_be_visible()
    await desk.button("Emergency").click()
    await expect(desk.page.get_by_role("dialog").get_by_text("12 Elm Street, Albany", exact=False)).to_be_visible()
    await desk.page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()

    # And an interpreter joins by a link, once the patient has agreed
    link = await invited(desk, guest, "Rosa Diaz", "Interpreter")
    await phone.button("Yes, let them join").click()
    await desk.page.get_by_role("button", name="Admit: Rosa Diaz", exact=True).click()
    await has_focus(guest, "You are in the visit")
    present = guest.page.get_by_role("list", name=guest.say("In this visit"), exact=True)
    await expect(present.get_by_role("listitem")).to_have_count(3)
    await both_move("hub", phone, desk, guest)

    # And the patient leaves, and comes straight back
    await phone.button("Leave the visit").click()
    await phone.button("Leave now").click()
    await has_focus(phone, "You have left the visit")
    await expect(present.get_by_role("listitem")).to_have_count(2)
    await phone.button("Go back into the visit").click()
    await expect(present.get_by_role("listitem")).to_have_count(3)
    await both_move("hub", phone, desk, guest)

    # Then the end is the end for all, the link is spent, the patient reads the summary, and the charge waits
    said = await signed_after(desk, locale)
    await expect(guest.heading("There is no visit here for you")).to_be_visible()
    await guest.page.goto(link)
    await guest.answers()
    await guest.page.locator("#name").fill("Somebody else")
    await guest.button("Ask to come in").click()
    spent = guest.say(visits.LinkUsed.message)
    await expect(guest.page.get_by_text(spent)).to_be_visible()
    await has_focus(phone, "This visit is over")
    await phone.link("Open this visit").click()
    await expect(phone.page.get_by_text(said)).to_be_visible()
    assert [one.unexpected() for one in (phone, desk, guest)] == [[], [], []]


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

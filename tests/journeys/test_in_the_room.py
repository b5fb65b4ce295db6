"""Inside a visit: a photo into the chart, time alone, called back, by telephone, handed over."""

import asyncio
import io
import json
import re
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import FilePayload, WebSocketRoute, expect

from tests.browser import axe_findings
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.meeting import ANY, both_move, meet
from tests.journeys.test_video_visit import has_focus, in_room, into_waiting_room
from tests.journeys.walker import DESK, PHONE, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _file(name: str, content: bytes, kind: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def _picture() -> bytes:
    sent = io.BytesIO()
    Image.new("RGB", (3200, 2400), (11, 107, 98)).save(sent, "PNG")
    return sent.getvalue()


async def test_a_photo_goes_into_the_chart_while_the_visit_goes_on(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    phone, desk, patient = await in_room(arrive, practices)
    chooser = phone.page.locator("input[data-chooser]")

    # When the patient sends what is no picture, they are told what can be sent
    await chooser.set_input_files(_file("notes.png", b"no picture at all"))
    await expect(phone.page.get_by_role("alert").get_by_text("We can take pictures", exact=False)).to_be_visible()

    # And a photo is with the clinician at once, made smaller and drawn anew
    await chooser.set_input_files(_file("elbow.png", _picture()))
    await expect(phone.page.get_by_text("Sent. The clinician sees it, and it stays in your chart.")).to_be_visible()
    shown = desk.page.get_by_role("img", name="elbow.jpg", exact=True)
    await expect(shown).to_be_visible()
    assert await shown.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 2560
    assert [await axe_findings(one.page, axe) for one in (phone, desk)] == [[], []]
    # Who came in by a code alone is told why they do not see it themselves
    await expect(phone.page.get_by_text("You came in by a code alone", exact=False)).to_be_visible()

    # Then it stays on the chart, and where the patient finds their visit once they have proved more
    await desk.link("Open the chart").click()
    await expect(desk.page.get_by_text("elbow.jpg", exact=True)).to_be_visible()
    appointment = (await practices.appointments(patient))[0]
    await phone.open(f"/appointments/{appointment.id}")
    await phone.button("Open what was sent").click()
    await phone.at("/sign-in")
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(f"/appointments/{appointment.id}")
    await expect(phone.page.get_by_text("elbow.jpg", exact=True)).to_be_visible()
    assert (phone.unexpected(("422",)), desk.unexpected()) == ([], [])


async def test_in_time_alone_whoever_came_along_hears_and_reads_nothing(arrive: Arrive, practices: Practices) -> None:
    phone, desk, _ = await in_room(arrive, practices)
    mother = await arrive("en", PHONE)
    await _bring(phone, desk, mother, "Ines Ferrer", "Family")

    # When the clinician asks for time alone, all are told, and the guest is outside
    await desk.button("Time alone with the patient").click()
    await expect(mother.heading("The clinician is talking with the patient alone")).to_be_visible()
    await expect(phone.page.get_by_text("Time alone with the clinician", exact=True)).to_be_visible()
    await phone.page.locator("#words").fill("Please do not tell her")
    await phone.button("Send").click()
    await expect(desk.page.get_by_role("log").get_by_text("Please do not tell her", exact=True)).to_be_visible()
    await expect(mother.page.locator(".video-room")).to_have_count(0)

    # And comes back by themself afterwards, to what is said from then on
    await desk.button("Let the others back in").click()
    await expect(mother.heading("Messages in this visit")).to_be_visible()
    await desk.page.locator("#words").fill("Welcome back")
    await desk.page.get_by_role("button", name="Send", exact=True).click()
    await expect(mother.page.get_by_role("log").get_by_text("Welcome back", exact=True)).to_be_visible()
    await expect(mother.page.get_by_text("Please do not tell her")).to_have_count(0)
    assert [one.unexpected() for one in (phone, desk, mother)] == [[], [], []]


async def test_whoever_left_to_be_called_is_led_back_and_spoken_to_by_telephone_and_then_let_in(
    arrive: Arrive, practices: Practices, house: House, axe: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    name = await practices.patient_name(patient)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    phone, desk = await arrive("en", PHONE), await arrive("en", DESK)
    await phone.let_in(patient)
    await into_waiting_room(phone)

    # Given a patient who has left the page to be called, which the board says
    await phone.button("Call me when it is my turn").click()
    await expect(phone.button("I stay here after all")).to_be_visible()
    await has_focus(phone, "You are in the waiting room")
    await phone.page.goto("about:blank")
    await desk.let_in(doctor.account)
    await desk.open("/staff/visits")
    row = desk.page.get_by_role("row").filter(has_text=name)
    await expect(row.get_by_text("Has gone and wants a call", exact=False)).to_be_visible()

    # When the clinician calls them back, the number is shown, and a message leads to their place
    call = row.get_by_role("button", name=f"Call back now: {name}", exact=True)
    await call.click()
    await expect(desk.page.get_by_role("dialog").get_by_role("link", name="Call them as well:")).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    await desk.page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    said = body(await house.mail(patient.email, "visits_your_turn"))
    (link,) = set(re.findall(r"https?://\S+/visit\?id=[0-9a-f-]+", said))
    await phone.page.goto(link)
    await expect(phone.page.get_by_text("It is your turn now", exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    await phone.button("I am here").click()
    await expect(call).to_have_count(0)

    # Then they can be spoken to by telephone, which their page says, and be let in after all
    await desk.open(f"/staff/visit?id={appointment_id}")
    await desk.button("Begin by telephone").click()
    await has_focus(phone, "Your visit goes on by phone")
    await expect(phone.page.get_by_text("•••• 43", exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    await desk.page.get_by_role("button", name=f"Admit: {name}", exact=True).click()
    await has_focus(phone, "You are in the visit")
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


async def test_handed_over_from_inside_the_patient_stays_and_reads_who_takes_over(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    meeting, colleague = await meet(practices), await practices.doctor()
    name = await practices.patient_name(meeting.patient)
    phone, desk, other = await arrive("ar", PHONE), await arrive("es", DESK), await arrive("en", DESK)
    late = await _hears_late_who_has_left(phone)
    await meeting.begin(phone, desk)
    await both_move(ANY, phone, desk)

    # When the clinician hands the visit over from the room, they are out of it, and the patient reads who comes,
    # and nothing of connecting, though the hub still waits for the one who left
    await desk.button("Hand over").click()
    sheet = desk.page.get_by_role("dialog", name=desk.say("Hand over to whom?"), exact=True)
    await sheet.get_by_role("button").filter(has_text=colleague.name).click()
    await expect(
        desk.page.locator("[tabindex='-1']:focus").filter(has=desk.heading_named(colleague.name))
    ).to_be_attached()
    await expect(desk.page.locator(".video-room")).to_have_count(0)
    takes_over = phone.page.get_by_role("status").filter(has_text=colleague.name)
    await expect(takes_over).to_be_visible()
    await expect(phone.heading("You are in the visit")).to_be_attached()
    await late.wait()
    standing = phone.page.locator(".video-standing")
    await expect(standing).to_have_text(phone.say("You are in. The others are not here yet."))
    await expect(phone.page.locator(".video-person")).to_have_count(0)
    assert [await axe_findings(one.page, axe) for one in (phone, desk)] == [[], []]

    # And a reload leads nobody back in
    await desk.page.reload()
    await desk.answers()
    await expect(desk.heading_named(colleague.name)).to_be_visible()
    await expect(takes_over).to_be_visible()

    # Nor does opening the room once more, which asks first
    again = await desk.another_tab()
    await again.open(f"/staff/visit?id={meeting.appointment_id}")
    await expect(again.heading_named(colleague.name)).to_be_visible()
    await expect(again.button("Go back into the room")).to_be_visible()
    await expect(again.page.locator(".video-room")).to_have_count(0)
    assert await axe_findings(again.page, axe) == []
    await again.page.close()
    await expect(takes_over).to_be_visible()

    # Then the colleague finds the visit on their board and sees the patient, who needs to do nothing
    await other.let_in(colleague.account)
    await other.open("/staff/visits")
    await other.page.get_by_role("link", name=f"Open the room: {name}", exact=True).click()
    await both_move(ANY, phone, other)
    await expect(takes_over).to_have_count(0)

    # And whoever handed it over comes back by a tap, beside them
    await desk.button("Go back into the room").click()
    await both_move("hub", phone, other, desk)
    assert [one.unexpected() for one in (phone, desk, other)] == [[], [], []]


async def _hears_late_who_has_left(phone: Walker) -> asyncio.Event:
    """Have the hub tell a browser that others are away who have left; return what is set once it was told so."""
    told, people = asyncio.Event(), list[dict[str, Any]]()

    def open_socket(socket: WebSocketRoute) -> None:
        hub = socket.connect_to_server()

        def hear(message: str | bytes) -> None:
            words = json.loads(message)
            if words["do"] == "roster":
                if people and not words["people"]:
                    words["people"] = [one | {"away": True} for one in people]
                    told.set()
                people[:] = words["people"]
            if (words["do"], words.get("path")) != ("go", "") or not people:
                socket.send(json.dumps(words))

        hub.on_message(hear)

    await phone.page.route_web_socket(re.compile(r"/visit/[^/]+/room"), open_socket)
    return told


async def _bring(phone: Walker, desk: Walker, guest: Walker, name: str, role: str) -> None:
    """Invite somebody, have them use the link, agreed to and let in."""
    await desk.page.get_by_label(role, exact=True).check()
    await desk.page.locator("#name").fill(name)
    await desk.button("Make a link").click()
    await guest.page.goto(await desk.page.locator("code").inner_text())
    await guest.answers()
    await guest.page.locator("#name").fill(name)
    await guest.button("Ask to come in").click()
    await phone.button("Yes, let them join").click()
    await desk.page.get_by_role("button", name=f"Admit: {name}", exact=True).click()
    await expect(guest.heading("Messages in this visit")).to_be_visible()

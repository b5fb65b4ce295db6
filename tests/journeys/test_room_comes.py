"""What a visit's room is made of comes when somebody waits before it, and in the end although the line failed."""

import pytest
from playwright.async_api import Request, expect

from portal_app.features.visits import service as visits
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import until
from tests.journeys.meeting import ANY, meet, moves
from tests.journeys.walker import PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT, SHEET = "**/assets/video_room-*.js", "**/assets/video_room-*.css"


async def test_the_room_comes_with_the_waiting_room_and_not_with_the_page(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    phone = await arrive("en", PHONE)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.extend([request.url] if "/video_room-" in request.url else [])

    phone.page.on("request", note)
    await phone.let_in(patient)
    await phone.open(f"/visit?id={appointment_id}")
    await expect(phone.page.get_by_role("heading", name="First, a short check")).to_be_visible()
    await phone.page.wait_for_load_state("networkidle")
    assert not asked

    async with practices.database.act_as(patient.credential, "visits.join") as tx:
        await visits.join(tx, appointment_id)
    await phone.page.reload()
    await expect(phone.page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()

    async def is_asked() -> bool:
        return bool(asked)

    await until(is_asked, what="the room's script in the waiting room")


async def test_a_room_whose_parts_fail_is_asked_for_again_until_it_is_there_and_telephones_stand_for_it(
    arrive: Arrive, practices: Practices
) -> None:
    meeting = await meet(practices)
    phone, desk = await arrive("en", PHONE), await arrive("en", PHONE)
    for part in (SCRIPT, SHEET):
        await phone.page.route(part, lambda route: route.abort())
    await meeting.begin(phone, desk)
    room = phone.page.locator(".video-room")
    await expect(room.get_by_text("Connecting you …")).to_be_visible()
    await expect(room.get_by_role("alert").get_by_role("link", name="Call us:")).to_be_visible()
    await expect(room.get_by_role("button", name="Load this page again")).to_be_visible()

    # A script alone is no room: without its style sheet the buttons would lie anywhere
    await phone.page.unroute(SCRIPT)
    for _try in range(2):
        await phone.page.wait_for_event("requestfailed", lambda request: request.url.endswith(".css"))
    await expect(room.get_by_text("Connecting you …")).to_be_visible()

    await phone.page.unroute(SHEET)
    await moves(phone, ANY)
    taps = phone.page.locator(".video-taps")
    assert await taps.evaluate("(one) => getComputedStyle(one).position") == "sticky"

"""What a visit's room is made of comes when somebody waits before it, and in the end although the line failed."""

import contextlib

import pytest
from playwright.async_api import Error, Request, expect

from portal_app.features.visits import service as visits
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import until
from tests.journeys.meeting import ANY, meet, moves
from tests.journeys.walker import PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOM = "**/assets/video_room-*.js"


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
    assert not asked

    async with practices.database.act_as(patient.credential, "visits.join") as tx:
        await visits.join(tx, appointment_id)
    await phone.page.reload()
    await expect(phone.page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()

    async def is_asked() -> bool:
        return bool(asked)

    await until(is_asked, what="the room's script in the waiting room")


async def is_loaded_anew(phone: Walker) -> bool:
    with contextlib.suppress(Error):  # between two documents nothing answers
        is_anew: bool = await phone.page.evaluate("performance.getEntriesByType('navigation')[0].type === 'reload'")
        return is_anew
    return False


async def test_a_room_whose_script_fails_is_asked_for_again_until_it_is_there(
    arrive: Arrive, practices: Practices
) -> None:
    meeting = await meet(practices)
    phone, desk = await arrive("en", PHONE), await arrive("en", PHONE)
    await phone.page.route(ROOM, lambda route: route.abort())
    await meeting.begin(phone, desk)

    # The portal answers, so the page may be older than it: it is loaded anew, once
    await until(lambda: is_loaded_anew(phone), what="the page loaded anew")
    await phone.answers()
    await phone.page.evaluate("window.isSame = true")
    await expect(phone.page.locator(".video-room").get_by_text("Connecting you …")).to_be_visible()
    for _try in range(2):
        await phone.page.wait_for_event("requestfailed", lambda request: "/video_room-" in request.url)
    assert await phone.page.evaluate("window.isSame")

    await phone.page.unroute(ROOM)
    await moves(phone, ANY)

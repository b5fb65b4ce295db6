"""Each change of a visit, and each way to another time, with keys alone."""

from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.features.waiting import service as waiting
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_keyboard import Keyboard
from tests.journeys.walker import Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


@pytest_asyncio.fixture(loop_scope="session")
async def patient(practices: Practices, doctor: Doctor) -> Someone:
    return await practices.patient(doctor)


async def _sits_down(arrive: Arrive, patient: Someone, address: str) -> tuple[Walker, Keyboard]:
    phone = await arrive()
    await phone.let_in(patient)
    devtools = await phone.context.new_cdp_session(phone.page)
    await devtools.send("Accessibility.enable")
    await phone.open(address)
    await expect(phone.page.locator("[aria-busy=true]")).to_have_count(0)
    return phone, Keyboard(phone, devtools)


async def test_a_visit_is_moved_and_then_cancelled_with_a_reason(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone
) -> None:
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone, keys = await _sits_down(arrive, patient, f"/appointments/{booked.id}")
    await keys.to("link", "Move to another time")
    await keys.press("Enter")
    await expect(phone.times.nth(2)).to_be_visible()
    await keys.to("button", str(await phone.times.nth(2).get_attribute("aria-label")))
    await keys.press("Enter")
    await expect(phone.book).to_be_visible()
    await keys.to("button", "Move to")
    await keys.press("Enter")
    await expect(phone.page.locator(":focus")).to_have_text("Your visit is moved")

    await keys.to("button", "Cancel this visit")
    await keys.press("Enter")
    await expect(phone.page.get_by_role("dialog")).to_be_visible()
    await keys.to("radio", "The time does not suit me any more")
    await keys.press("Space", "ArrowDown")
    await keys.to("button", "Yes, cancel it")
    await keys.press("Enter")
    await expect(phone.page.locator(":focus")).to_have_text("Your visit is cancelled")
    (mine,) = await practices.appointments(patient)
    assert (mine.status, mine.cancel_code) == ("cancelled", "better")


async def test_an_earlier_time_is_asked_for_and_the_offer_accepted(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone
) -> None:
    times = await practices.free_times(patient, doctor, days=8)
    has = await practices.booked(patient, times[-1])
    phone, keys = await _sits_down(arrive, patient, f"/waiting/ask?appointment={has.id}")
    await keys.to("radio", f"Dr. {doctor.name}")
    await keys.press("Space")
    await keys.to("radio", "At least 2 hours before")
    await keys.press("Space")
    await keys.to("button", "Put me on the list")
    await keys.press("Enter")
    await phone.at("/waiting")

    free = times[len(times) // 2]
    async with practices.database.act_as_system("test") as tx:
        assert await waiting.offer_time(tx, free.practitioner_id, free.location_id, free.starts_at)
    async with practices.database.act_as(patient.credential, "waiting.view") as tx:
        (offer,) = await waiting.my_offers(tx)
    await phone.open(f"/offers/{offer.id}")
    await keys.to("button", "Yes, book")
    await keys.press("Enter")
    await phone.at(f"/appointments/{has.id}")
    assert [one.starts_at for one in await practices.appointments(patient)] == [free.starts_at]


async def test_a_request_is_written_and_taken_back(arrive: Arrive, patient: Someone) -> None:
    phone, keys = await _sits_down(arrive, patient, "/requests/ask")
    await keys.to("textbox", "")
    await phone.page.keyboard.type("Only Tuesdays")
    await keys.to("button", "Send it to us")
    await keys.press("Enter")
    await expect(phone.heading("Your request is sent")).to_be_visible()
    await keys.to("button", "Take my request back")
    await keys.press("Enter")
    await expect(phone.page.get_by_text("Taken back")).to_be_visible()
    assert phone.unexpected() == []


async def test_an_offer_or_request_that_is_nobodys_leads_on_with_keys(arrive: Arrive, patient: Someone) -> None:
    for address, way in (("offers", "See your visits"), ("requests", "Ask us for a time")):
        phone, keys = await _sits_down(arrive, patient, f"/{address}/{uuid4()}")
        await keys.to("link", way)
        await phone.page.close()

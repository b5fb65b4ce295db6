"""GET /appointments/{id}/calendar.ics: right to the minute, and silent about health."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from icalendar import Calendar
from starlette.applications import Starlette

from portal_app.api import calendar as api_calendar
from portal_app.core import clock, db
from portal_app.core.db import Database
from portal_app.features.booking import service
from portal_app.features.booking.views import AppointmentView
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(api_calendar, "get_settings", lambda: settings)
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=api_calendar.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


@pytest.fixture
async def practice(database: Database) -> PracticeMaker:
    maker = PracticeMaker(database)
    await maker.practice()
    return maker


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


async def get(browser: httpx.AsyncClient, someone: Someone | None, appointment_id: UUID) -> httpx.Response:
    cookie = {"cookie": f"{cookies.cookie_name()}={someone.credential.session_secret}"} if someone else {}
    return await browser.get(f"/appointments/{appointment_id}/calendar.ics", headers=cookie)


async def event_of(browser: httpx.AsyncClient, someone: Someone, appointment_id: UUID) -> tuple[Any, Any]:
    answer = await get(browser, someone, appointment_id)
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar: Any = Calendar.from_ical(answer.content)
    return calendar, calendar.events[0]


async def test_the_file_says_when_where_and_whom_to_call(
    browser: httpx.AsyncClient, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    calendar, event = await event_of(browser, maria, booked.id)
    assert (calendar["method"], event["status"], event["sequence"]) == ("REQUEST", "CONFIRMED", 0)
    assert event.start == booked.starts_at
    assert event.end == booked.ends_at
    assert str(event["location"]) == "Riverside Clinic, 1 River Street, New York, NY 10001"
    assert booked.phone in str(event["description"])
    assert str(event["url"]).endswith(f"/appointments/{booked.id}")


async def test_it_carries_its_zone_with_both_clock_changes(
    browser: httpx.AsyncClient, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    with clock.frozen_at(datetime(2027, 2, 1, tzinfo=UTC)):
        maria = await clinic.patient()
        booked = await practice.booked(maria, place.request(place.at(clock.now().date().replace(month=4), "10:00")))
        calendar, event = await event_of(browser, maria, booked.id)
    assert event["dtstart"].params["TZID"] == "America/New_York"
    (zone,) = calendar.timezones
    assert {part.name for part in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}
    assert event.start.utcoffset() == booked.starts_at.astimezone(event.start.tzinfo).utcoffset()


async def test_a_video_visit_is_said_in_the_patients_zone(
    browser: httpx.AsyncClient, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient(zone="America/Los_Angeles")
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00"), modality="video"))
    _, event = await event_of(browser, maria, booked.id)
    assert event["dtstart"].params["TZID"] == "America/Los_Angeles"
    assert str(event["location"]) == "Video visit"
    assert event.start == booked.starts_at


async def test_it_says_nothing_of_what_the_visit_is_about(
    browser: httpx.AsyncClient, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00"), reason="Chest pain"))
    words = (await get(browser, maria, booked.id)).text
    for secret in ("Chest", "Family medicine", "Okafor", "Check-up", "Alvarez", "Maria"):
        assert secret not in words


async def test_cancelling_takes_the_same_entry_back(
    database: Database, browser: httpx.AsyncClient, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    _, before = await event_of(browser, maria, booked.id)
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, booked.id)
    calendar, after = await event_of(browser, maria, booked.id)
    assert (calendar["method"], after["status"]) == ("CANCEL", "CANCELLED")
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]


async def test_everybody_else_learns_nothing(
    browser: httpx.AsyncClient, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    booked: AppointmentView = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    answers = [await get(browser, sam, booked.id), await get(browser, sam, uuid4())]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"Not found")}
    assert (await get(browser, None, booked.id)).status_code in (303, 404)

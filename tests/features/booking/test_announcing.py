"""A committed change is told to open pages, by ids alone; one that is rolled back is not."""

import json
from collections.abc import AsyncIterator

import psycopg
import pytest

from portal_app.core.db import Database, libpq_conninfo
from portal_app.features.booking import service
from portal_app.features.booking.views import BookingRequest
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker, in_days


@pytest.fixture
async def ear(settings: Settings) -> AsyncIterator[psycopg.AsyncConnection[tuple[object, ...]]]:
    assert settings.database_url
    async with await psycopg.AsyncConnection.connect(libpq_conninfo(settings.database_url), autocommit=True) as ear:
        await ear.execute("listen portal_change")
        yield ear


async def heard(ear: psycopg.AsyncConnection[tuple[object, ...]]) -> list[set[str]]:
    """Return what was told of appointments until a mark that is sent now."""
    await ear.execute("select pg_notify('portal_change', '{\"topics\": []}')")
    topics: list[set[str]] = []
    async for notification in ear.notifies(timeout=10):
        told = set(json.loads(notification.payload)["topics"])
        if not told:
            break
        if told != {"practice"}:
            topics.append(told)
    return topics


async def book_and_fail(database: Database, who: Someone, request: BookingRequest) -> None:
    async with database.act_as(who.credential, "booking.book") as tx:
        await service.book_appointment(tx, request)
        raise ZeroDivisionError


async def test_booking_and_every_change_after_it_are_told(
    database: Database, clinic: Clinic, practice: PracticeMaker, ear: psycopg.AsyncConnection[tuple[object, ...]]
) -> None:
    maria, desk, place = await clinic.patient(), await clinic.staff("front_desk"), await practice.place()
    request = place.request(place.at(in_days(3), "10:00"), reason="Chest pain")
    booked = await practice.booked(maria, request)
    async with database.act_as(desk.credential, "booking.change_day") as tx:
        await service.mark_arrived(tx, booked.id)
    ids = {
        f"patient:{maria.patient_id}",
        f"practitioner:{place.practitioner_id}",
        f"location:{place.location_id}",
    }
    assert await heard(ear) == [ids, ids]


async def test_a_hold_and_what_is_rolled_back_are_not_told(
    database: Database, clinic: Clinic, practice: PracticeMaker, ear: psycopg.AsyncConnection[tuple[object, ...]]
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    await practice.held(maria, place.request(place.at(in_days(3), "11:00")))
    with pytest.raises(ZeroDivisionError):
        await book_and_fail(database, maria, place.request(place.at(in_days(3), "10:00")))
    assert await heard(ear) == []

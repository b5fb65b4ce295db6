"""A committed change is told to open pages, by ids alone; one that is rolled back is not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg
import pytest

from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.realtime import EVERYTHING, Listener, announce
from portal_app.features.booking import service
from portal_app.features.booking.views import BookingRequest
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker, in_days


@asynccontextmanager
async def psycopg_of(settings: Settings) -> AsyncIterator[psycopg.AsyncConnection[tuple[object, ...]]]:
    assert settings.database_url
    address = libpq_conninfo(settings.database_url)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        yield connection


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[AsyncIterator[frozenset[str]]]:
    """Listen as a web process does."""
    assert settings.database_url
    heard: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    listener = Listener(libpq_conninfo(settings.database_url))
    listener.subscribe(heard.put)
    running = asyncio.create_task(listener.run())

    async def said() -> AsyncIterator[frozenset[str]]:
        while True:
            yield await asyncio.wait_for(heard.get(), 15)

    yield said()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def ear(settings: Settings) -> AsyncIterator[psycopg.AsyncConnection[tuple[object, ...]]]:
    async with psycopg_of(settings) as ear:
        await ear.execute("listen portal_change")
        yield ear


async def heard(database: Database, ear: psycopg.AsyncConnection[tuple[object, ...]]) -> list[set[str]]:
    """Return what was told of appointments until a mark that is sent now."""
    await database.told()
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
    await database.told()
    async with database.act_as(desk.credential, "booking.change_day") as tx:
        await service.mark_arrived(tx, booked.id)
    ids = {
        f"patient:{maria.patient_id}",
        f"practitioner:{place.practitioner_id}",
        f"location:{place.location_id}",
    }
    async with database.act_as_system("test") as tx:
        visit = await tx.scalar("select id from visit where appointment_id = :id", {"id": booked.id})
    here = ids | {f"visit:{visit}", f"visits_of:{place.practitioner_id}"}
    assert await heard(database, ear) == [ids, here]


async def test_a_hold_and_what_is_rolled_back_are_not_told(
    database: Database, clinic: Clinic, practice: PracticeMaker, ear: psycopg.AsyncConnection[tuple[object, ...]]
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    await practice.held(maria, place.request(place.at(in_days(3), "11:00")))
    with pytest.raises(ZeroDivisionError):
        await book_and_fail(database, maria, place.request(place.at(in_days(3), "10:00")))
    assert await heard(database, ear) == []


async def test_what_a_process_left_untold_is_told_by_whoever_listens(
    database: Database, settings: Settings, ear: psycopg.AsyncConnection[tuple[object, ...]]
) -> None:
    async with psycopg_of(settings) as gone:
        await gone.execute("select note_change('location:left')")
    assert await heard(database, ear) == []
    async with listening(settings) as said:
        assert await anext(said) == EVERYTHING
        assert await anext(said) == {"location:left"}


async def test_many_commits_are_told_together_and_none_is_forgotten(
    database: Database, ear: psycopg.AsyncConnection[tuple[object, ...]]
) -> None:
    async def change(number: int) -> None:
        async with database.act_as_system("test") as tx:
            await announce(tx, f"location:{number}")

    await asyncio.gather(*(change(number) for number in range(300)))
    told = await heard(database, ear)
    assert set().union(*told) == {f"location:{number}" for number in range(300)}
    assert len(told) < 300

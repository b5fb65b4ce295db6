"""Many at once, in any order, and killed in the middle: one time, one person, all or nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import DatabaseAway
from portal_app.features.booking import service
from portal_app.features.booking.errors import PatientElsewhere, SlotAlreadyTaken
from portal_app.features.booking.views import BookingRequest
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker, in_days

TIMES, TRIES_EACH, PATIENTS = 40, 10, 40


@pytest.fixture
async def crowd_database(settings: Settings, keys: None) -> AsyncIterator[Database]:
    assert settings.database_url
    database = Database(settings.database_url, pool=20, pool_wait_s=60)
    yield database
    await database.close()


async def outcome(database: Database, who: Someone, request: BookingRequest) -> str:
    try:
        async with database.act_as(who.credential, "booking.book") as tx:
            await service.book_appointment(tx, request)
    except SlotAlreadyTaken as taken:
        return "told others" if taken.alternatives else "told none"
    except PatientElsewhere:
        return "elsewhere"
    return "booked"


async def test_four_hundred_tries_on_forty_times_book_exactly_forty(
    clinic: Clinic, practice: PracticeMaker, crowd_database: Database
) -> None:
    patients = [await clinic.patient(f"P{n}") for n in range(PATIENTS)]
    place = await practice.place(*[(day, "08:00", "18:00") for day in range(1, 8)])
    places = [place, await practice.colleague(place, *[(day, "08:00", "18:00") for day in range(1, 8)])]
    wanted = [(one, one.at(in_days(3), "08:00") + timedelta(minutes=30 * n)) for one in places for n in range(20)]
    # Nobody asks for two times that overlap: the tries for one time come from patients who ask for it alone.
    tries = [
        (patients[(number * TRIES_EACH + n) % PATIENTS], one.request(at))
        for number, (one, at) in enumerate(wanted)
        for n in range(TRIES_EACH)
    ]
    seen = Counter(await asyncio.gather(*(outcome(crowd_database, *one) for one in tries)))
    assert seen["booked"] == TIMES
    assert seen["told none"] == 0
    assert seen.total() == TIMES * TRIES_EACH
    assert await practice.counts() == (TIMES, TIMES)


async def test_many_taps_with_one_key_make_one_appointment(
    clinic: Clinic, practice: PracticeMaker, crowd_database: Database
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    request = place.request(place.at(in_days(3), "10:00"))

    async def tap() -> object:
        async with crowd_database.act_as(maria.credential, "booking.book") as tx:
            return (await service.book_appointment(tx, request)).id

    assert len(set(await asyncio.gather(*(tap() for _ in range(20))))) == 1
    assert await practice.counts() == (1, 1)


async def test_one_patient_in_many_places_at_once_gets_one(
    clinic: Clinic, practice: PracticeMaker, crowd_database: Database
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    places = [place, *[await practice.colleague(place) for _ in range(7)]]
    tries = [(maria, one.request(one.at(in_days(3), "10:00"))) for one in places]
    seen = Counter(await asyncio.gather(*(outcome(crowd_database, *one) for one in tries)))
    assert seen == {"booked": 1, "elsewhere": 7}


async def test_holding_booking_and_letting_go_in_any_order_leave_no_time_twice(
    clinic: Clinic, practice: PracticeMaker, crowd_database: Database
) -> None:
    patients, place = [await clinic.patient(f"P{n}") for n in range(6)], await practice.place()

    async def change_mind(number: int, who: Someone) -> None:
        for step in range(12):
            request = place.request(place.at(in_days(3), "09:00") + timedelta(minutes=30 * ((number + step) % 6)))
            try:
                async with crowd_database.act_as(who.credential, "booking.hold") as tx:
                    held = await service.hold_time(tx, request)
                policy, act = [
                    ("booking.hold", service.release_hold), ("booking.hold", service.extend_hold),
                ][step % 2]  # fmt: skip
                async with crowd_database.act_as(who.credential, policy) as tx:
                    await act(tx, held.id)
            except SlotAlreadyTaken:
                continue

    await asyncio.gather(*(change_mind(number, who) for number, who in enumerate(patients)))
    slots, appointments = await practice.counts()
    assert slots == appointments <= len(patients)


@pytest.mark.parametrize("table", ["slot", "appointment"])
async def test_the_database_itself_refuses_what_the_service_never_asks(
    clinic: Clinic, practice: PracticeMaker, table: str
) -> None:
    maria, sam, place = await clinic.patient(), await clinic.patient("Sam"), await practice.place()
    other = await practice.colleague(place)
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    await practice.booked(sam, other.request(other.at(in_days(3), "11:00")))
    statement = {
        "slot": "update slot set starts_at = :at, ends_at = :at + interval '20 min', practitioner_id = :who",
        "appointment": "update appointment set starts_at = :at, ends_at = :at + interval '9m'",
    }[table]
    with pytest.raises(Exception, match=r"slot_held_once|appointment_slot|appointment_patient_once"):
        async with practice.database.act_as_system("test") as tx:
            await tx.execute(statement, {"at": booked.starts_at, "who": place.practitioner_id})


async def book_and_lose_the_connection(
    database: Database, who: Someone, request: BookingRequest, conninfo: str
) -> None:
    async with database.act_as(who.credential, "booking.book") as tx:
        await service.book_appointment(tx, request)
        pid = await tx.scalar("select pg_backend_pid()")
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as other:
            await other.execute("select pg_terminate_backend(%s)", [pid])


def _app(settings: Settings) -> str:
    assert settings.database_url
    return libpq_conninfo(settings.database_url)


async def test_a_connection_killed_before_the_commit_leaves_nothing(
    database: Database, clinic: Clinic, practice: PracticeMaker, settings: Settings
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    request = place.request(place.at(in_days(3), "10:00"))
    with pytest.raises((DatabaseAway, OperationalError)):
        await book_and_lose_the_connection(database, maria, request, _app(settings))
    assert await practice.counts() == (0, 0)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from procrastinate_jobs") == 0
        assert await tx.scalar("select count(*) from audit_event where action = 'booking.book'") == 0
    assert (await practice.booked(maria, request)).status == "booked"


async def book_on_a_lost_connection(database: Database, who: Someone, request: BookingRequest, conninfo: str) -> None:
    async with database.act_as(who.credential, "booking.book") as tx:
        pid = await tx.scalar("select pg_backend_pid()")
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as other:
            await other.execute("select pg_terminate_backend(%s)", [pid])
        await service.book_appointment(tx, request)


async def book_and_fail(database: Database, who: Someone, request: BookingRequest) -> None:
    async with database.act_as(who.credential, "booking.book") as tx:
        await service.book_appointment(tx, request)
        raise ZeroDivisionError


async def test_a_connection_lost_while_taking_the_time_is_the_database_away(
    database: Database, clinic: Clinic, practice: PracticeMaker, settings: Settings
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    with pytest.raises(DatabaseAway):
        await book_on_a_lost_connection(database, maria, place.request(place.at(in_days(3), "10:00")), _app(settings))
    assert await practice.counts() == (0, 0)


async def test_whatever_fails_after_the_booking_takes_it_back(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    with pytest.raises(ZeroDivisionError):
        await book_and_fail(database, maria, place.request(place.at(in_days(3), "10:00")))
    assert await practice.counts() == (0, 0)


async def test_keys_of_different_patients_never_meet(clinic: Clinic, practice: PracticeMaker) -> None:
    maria, sam, place, key = await clinic.patient(), await clinic.patient("Sam"), await practice.place(), uuid4()
    first = await practice.booked(maria, place.request(place.at(in_days(3), "10:00"), request_key=key))
    second = await practice.booked(sam, place.request(place.at(in_days(3), "10:30"), request_key=key))
    assert first.id != second.id

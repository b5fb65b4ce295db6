"""Whoever follows hears of each time that becomes free, in the transaction that frees it."""

from datetime import timedelta

import pytest

from portal_app.core import clock
from portal_app.core.db import Database, Transaction
from portal_app.features.booking import freed, service
from portal_app.features.booking.freed import FreedTime
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker, in_days


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[FreedTime]:
    times: list[FreedTime] = []

    async def note(_tx: Transaction, time: FreedTime) -> None:
        times.append(time)

    monkeypatch.setattr(freed, "_followers", [])
    freed.follow(note)
    freed.follow(note)
    return times


async def test_a_cancellation_frees_its_time(
    database: Database, clinic: Clinic, practice: PracticeMaker, heard: list[FreedTime]
) -> None:
    place, maria = await practice.place(), await clinic.patient()
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, booked.id)
        await service.cancel_appointment(tx, booked.id)
    assert heard == [FreedTime(place.practitioner_id, place.location_id, booked.starts_at, booked.ends_at)]


async def test_what_is_over_interests_nobody(
    database: Database, practice: PracticeMaker, heard: list[FreedTime]
) -> None:
    place, now = await practice.place(), clock.now()
    async with database.act_as_system("test") as tx:
        await freed.freed(tx, place.practitioner_id, place.location_id, now - timedelta(hours=1), now)
    assert heard == []

"""The manager changes a place's clock, closes it, and says what visits take up: looked at before, saved after."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.booking.views import AppointmentView
from portal_app.features.practice import service as practices
from portal_app.features.schedules import service
from portal_app.features.schedules.service import ClosePlace, PracticeChange, SetLimits, SetZone
from portal_app.features.schedules.views import Impact
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, in_days
from tests.features.schedules.roster import Roster

DAY = in_days(9)


@pytest.fixture
async def place(practice: Roster) -> Place:
    return await practice.place()


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def visit(practice: Roster, place: Place, maria: Someone) -> AppointmentView:
    return await practice.booked(maria, place.request(place.at(DAY, "10:00")))


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager")


async def look(database: Database, who: Someone, change: PracticeChange) -> Impact:
    async with database.act_as(who.credential, "schedules.edit_practice") as tx:
        return await service.preview_practice(tx, change)


async def save(database: Database, who: Someone, change: PracticeChange) -> Impact:
    async with database.act_as(who.credential, "schedules.edit_practice") as tx:
        return await service.save_practice(tx, change)


async def queued(database: Database) -> int:
    async with database.act_as_system("test") as tx:
        jobs = "select count(*) from procrastinate_jobs where task_name = 'booking.list_if_outside'"
        number: int = await tx.scalar(jobs)
        return number


@pytest.mark.parametrize(("zone", "lost"), [("America/Chicago", 0), ("America/Denver", 1)])
async def test_another_zone_moves_the_hours_and_no_visit(
    database: Database, place: Place, manager: Someone, visit: AppointmentView, zone: str, lost: int
) -> None:
    change = SetZone(place.location_id, zone)
    impact = await look(database, manager, change)
    assert (len(impact.lost), impact.times_lost > 0, impact.times_gained > 0) == (lost, True, True)
    assert await queued(database) == 0
    assert (await save(database, manager, change)).lost == impact.lost
    assert await queued(database) == lost
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select starts_at from appointment where id = :id", {"id": visit.id}) == visit.starts_at
        assert [one.zone for one in await practices.locations(tx)] == [zone]


@pytest.mark.parametrize("zone", ["", "UTC", "Mars/Base", "America/new york"])
async def test_what_is_no_zone_is_refused(database: Database, place: Place, manager: Someone, zone: str) -> None:
    with pytest.raises(InputRefused):
        await look(database, manager, SetZone(place.location_id, zone))


async def test_a_place_that_closes_offers_nothing_from_that_day_on_and_lists_its_visits(
    database: Database, practice: Roster, place: Place, manager: Someone, maria: Someone, visit: AppointmentView
) -> None:
    other = await practice.place()
    change = ClosePlace(place.location_id, DAY)
    assert [one.starts_at for one in (await look(database, manager, change)).lost] == [visit.starts_at]
    assert len((await save(database, manager, change)).lost) == await queued(database) == 1
    assert await practice.starts(maria, place, DAY, days=20) == []
    assert len(await practice.starts(maria, place, DAY - timedelta(days=1))) == 6
    with clock.frozen_at(place.at(DAY, "12:00")):
        async with database.act_as_system("test") as tx:
            assert [one.id for one in await practices.locations(tx)] == [other.location_id]
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        kept = {one.id: one.closed_from for one in await practices.kept_places(tx)}
        assert kept == {place.location_id: DAY, other.location_id: None}
        await practices.keep_place_open(tx, place.location_id)
        assert {one.closed_from for one in await practices.kept_places(tx)} == {None}


async def test_the_last_place_cannot_close_nor_one_in_the_past(
    database: Database, practice: Roster, place: Place, manager: Someone
) -> None:
    with pytest.raises(InputRefused):
        await save(database, manager, ClosePlace(place.location_id, DAY))
    await practice.place()
    with pytest.raises(InputRefused):
        await save(database, manager, ClosePlace(place.location_id, date(2020, 1, 1)))


async def test_limits_are_looked_at_before_they_are_saved(
    database: Database, practice: Roster, place: Place, manager: Someone, maria: Someone, visit: AppointmentView
) -> None:
    sam_finds = len(await practice.starts(maria, place, DAY))
    change = SetLimits(place.visit_type_id, 0, 0, 1, (4320, 60))
    impact = await look(database, manager, change)
    assert (impact.lost, impact.times_lost, impact.times_gained) == ((), 5, 0)
    assert len(await practice.starts(maria, place, DAY)) == sam_finds
    await save(database, manager, change)
    assert await practice.starts(maria, place, DAY) == []
    async with database.act_as(manager.credential, "schedules.edit_practice") as tx:
        (limits,) = await service.visit_limits(tx)
    assert (limits.daily_max, limits.remind_before_min) == (1, (4320, 60))


@pytest.mark.parametrize(
    ("before", "after", "daily", "remind"),
    [
        (121, 0, None, ()),
        (0, -1, None, ()),
        (0, 0, 0, ()),
        (0, 0, None, (5,)),
        (0, 0, None, tuple(range(30, 210, 30))),
    ],
)
async def test_numbers_out_of_range_are_refused(
    database: Database, place: Place, manager: Someone, before: int, after: int, daily: int | None,
    remind: tuple[int, ...],
) -> None:  # fmt: skip
    with pytest.raises(InputRefused):
        await save(database, manager, SetLimits(place.visit_type_id, before, after, daily, remind))


async def test_it_is_the_managers_and_on_record(
    database: Database, place: Place, manager: Someone, clinic: Clinic
) -> None:
    change = SetLimits(place.visit_type_id, 5, 0, None, ())
    for role in ("front_desk", "clinician", "nurse"):
        with pytest.raises(NotAllowed):
            await look(database, await clinic.staff(role), change)
    with pytest.raises(NotFound):
        await save(database, manager, SetLimits(uuid4(), 5, 0, None, ()))
    await save(database, manager, change)
    async with database.act_as_system("test") as tx:
        seen = "select person_id from audit_event where action = 'schedules.change_practice'"
        assert await tx.scalar(seen) == manager.person_id

"""Staff change schedules: what a change does is shown before, and every appointment it hits goes onto the work list."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed
from portal_app.core.jobs import Workplace
from portal_app.features.access.tables import PersonRole
from portal_app.features.booking import jobs as booking_jobs
from portal_app.features.schedules import jobs, service
from portal_app.features.schedules.errors import ScheduleChanged
from portal_app.features.schedules.views import Impact, ScheduleView, WeeklyHours
from portal_app.features.tasks import service as tasks
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, in_days
from tests.features.schedules.roster import Roster
from tests.features.schedules.test_offering import beyond

DAY = in_days(9)


@pytest.fixture
async def place(practice: Roster) -> Place:
    return await practice.place()


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager")


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


async def read(database: Database, who: Someone, place: Place) -> ScheduleView:
    async with database.act_as(who.credential, "schedules.edit") as tx:
        return await service.schedule(tx, place.practitioner_id)


async def preview(database: Database, who: Someone, place: Place, change: service.Change) -> Impact:
    async with database.act_as(who.credential, "schedules.edit") as tx:
        return await service.preview_change(tx, place.practitioner_id, change)


async def save(database: Database, who: Someone, place: Place, change: service.Change, edition: int = 0) -> Impact:
    async with database.act_as(who.credential, "schedules.edit") as tx:
        return await service.save_change(tx, place.practitioner_id, change, edition)


async def work_off(database: Database, settings: Settings) -> None:
    """Do the jobs of schedules that wait, as a worker would."""
    known: dict[str, Any] = {job.name: job for job in (booking_jobs.list_if_outside, jobs.settle_leaves_of)}
    async with database.act_as_system("test") as tx:
        rows = await tx.all(
            "select id, task_name, args from procrastinate_jobs where task_name = any (:names) order by id",
            {"names": list(known)},
        )
    for row in rows:
        context: Any = SimpleNamespace(
            job=SimpleNamespace(id=row.id), additional_context={"workplace": Workplace(database, settings)}
        )
        await known[row.task_name].func(context, **row.args)


async def listed(database: Database, who: Someone) -> list[str]:
    async with database.act_as(who.credential, "tasks.view") as tx:
        return [f"{one.given_name} {one.outcome}".strip() for one in await tasks.list_tasks(tx, codes=["leave"])]


def whole_day() -> service.AddLeave:
    begin = datetime.combine(DAY, time())
    return service.AddLeave(begin, begin + timedelta(days=1))


async def test_a_preview_says_what_a_leave_takes_and_changes_nothing(
    database: Database, practice: Roster, place: Place, manager: Someone, maria: Someone
) -> None:
    await practice.booked(maria, place.request(place.at(DAY, "10:00")))
    impact = await preview(database, manager, place, whole_day())
    assert [(hit.starts_at, hit.patient) for hit in impact.lost] == [(place.at(DAY, "10:00"), "")]
    assert (impact.times_lost, impact.times_gained, impact.choosing) == (5, 0, 0)
    assert (await read(database, manager, place)).leaves == ()
    assert len(await practice.starts(maria, place, DAY)) == 5


async def test_a_clinician_sees_the_names_of_those_their_own_leave_hits(
    database: Database, practice: Roster, clinic: Clinic, maria: Someone
) -> None:
    doctor = await clinic.staff("clinician")
    place = await practice.place(person_id=doctor.person_id)
    async with database.act_as_system("test") as tx:
        await tx.execute(
            insert(PersonRole).values(
                id=uuid4(), person_id=doctor.person_id, role="clinician", location_id=place.location_id
            )
        )
    await practice.booked(maria, place.request(place.at(DAY, "10:00")))
    impact = await preview(database, doctor, place, whole_day())
    assert [hit.patient for hit in impact.lost] == ["Maria Alvarez"]
    async with database.act_as_system("test") as tx:
        seen = await tx.all("select person_id, patient_id from audit_event where action = 'schedules.view_hits'")
    assert [tuple(one) for one in seen] == [(doctor.person_id, maria.patient_id)]


async def test_every_appointment_a_leave_hits_is_listed_and_leaves_the_list_when_the_leave_is_taken_back(
    database: Database,
    settings: Settings,
    practice: Roster,
    place: Place,
    manager: Someone,
    maria: Someone,
    clinic: Clinic,
) -> None:
    sam, desk = await clinic.patient("Sam"), await clinic.staff("front_desk")
    await practice.booked(maria, place.request(place.at(DAY, "10:00")))
    await practice.booked(sam, place.request(place.at(in_days(10), "10:00")))
    await save(database, manager, place, whole_day())
    await work_off(database, settings)
    assert await listed(database, desk) == ["Maria"]
    kept = await read(database, manager, place)
    await save(database, manager, place, service.DropLeave(kept.leaves[0].id), kept.edition)
    await work_off(database, settings)
    assert await listed(database, desk) == ["Maria restored"]


async def test_who_books_what_they_held_before_a_leave_is_listed_too(
    database: Database,
    settings: Settings,
    practice: Roster,
    place: Place,
    manager: Someone,
    maria: Someone,
    clinic: Clinic,
) -> None:
    request = place.request(place.at(DAY, "10:00"))
    await practice.held(maria, request)
    impact = await save(database, manager, place, whole_day())
    assert (impact.lost, impact.choosing) == ((), 1)
    await practice.booked(maria, request)
    await work_off(database, settings)
    assert await listed(database, await clinic.staff("front_desk")) == ["Maria"]


async def test_a_visit_that_staff_put_outside_the_hours_is_hit_by_a_leave_and_not_by_other_hours(
    database: Database, practice: Roster, place: Place, manager: Someone, maria: Someone, clinic: Clinic
) -> None:
    desk = await clinic.staff("front_desk")
    assert await beyond(database, desk, maria, place, place.at(DAY, "15:00")) == ("taken", True)
    spans = ((time(14), time(15)),)
    other = service.SetDay(place.location_id, DAY, spans, 30, ("in_person",))
    assert (await preview(database, manager, place, other)).lost == ()
    assert len((await preview(database, manager, place, whole_day())).lost) == 1


async def test_two_people_editing_at_once_do_not_overwrite_each_other(
    database: Database, place: Place, manager: Someone, clinic: Clinic
) -> None:
    other = await clinic.staff("manager", name="Tom Ortiz")
    await save(database, other, place, whole_day())
    with pytest.raises(ScheduleChanged) as refused:
        await save(database, manager, place, whole_day())
    assert refused.value.by == "Tom Ortiz"
    assert len((await read(database, manager, place)).leaves) == 1


async def test_new_hours_from_a_day_on_leave_what_was_before_as_it_was(
    database: Database, practice: Roster, manager: Someone, maria: Someone
) -> None:
    place = await practice.place((DAY.isoweekday(), "09:00", "10:00"))
    (rule,) = (await read(database, manager, place)).rules
    hours = replace(rule.hours, opens=time(14), closes=time(15), valid_from=DAY)
    await save(database, manager, place, service.SetHours(hours, rule.id))
    before, after = DAY - timedelta(days=7), DAY + timedelta(days=7)
    found = await practice.starts(maria, place, before, days=15)
    assert found == [place.at(day, wall) for day, walls in (
        (before, ("09:00", "09:30")), (DAY, ("14:00", "14:30")), (after, ("14:00", "14:30"))) for wall in walls
    ]  # fmt: skip


async def test_hours_that_overlap_or_make_no_sense_are_refused(
    database: Database, practice: Roster, manager: Someone
) -> None:
    place = await practice.place((1, "09:00", "12:00"))
    hours = WeeklyHours(place.location_id, 1, time(11), time(13), 20, ("in_person",), DAY)
    for wrong, field in (
        (hours, "opens"), (replace(hours, closes=time(10)), "closes"), (replace(hours, grid_min=7), "grid"),
        (replace(hours, modalities=()), "modalities"), (replace(hours, valid_until=in_days(1)), "until"),
        (replace(hours, release_days=1), "release"),
    ):  # fmt: skip
        with pytest.raises(InputRefused) as refused:
            await preview(database, manager, place, service.SetHours(wrong))
        assert refused.value.field == field


async def test_a_clinician_changes_days_and_leave_of_their_own_and_nothing_else(
    database: Database, practice: Roster, place: Place, clinic: Clinic
) -> None:
    doctor = await clinic.staff("clinician")
    own = await practice.place(person_id=doctor.person_id)
    spans = ((time(14), time(15)),)
    await save(database, doctor, own, service.SetDay(own.location_id, DAY, spans, 30, ("video",)))
    (day,) = (await read(database, doctor, own)).days
    assert (day.spans, day.modalities) == (spans, ("video",))
    rule = (await read(database, doctor, own)).rules[0]
    with pytest.raises(NotAllowed):
        await save(database, doctor, own, service.EndHours(rule.id, DAY), 1)
    with pytest.raises(NotAllowed):
        await save(database, doctor, place, whole_day())


async def test_who_leaves_for_good_is_not_offered_and_everybody_booked_later_is_listed(
    database: Database,
    settings: Settings,
    practice: Roster,
    place: Place,
    manager: Someone,
    maria: Someone,
    clinic: Clinic,
) -> None:
    await practice.booked(maria, place.request(place.at(in_days(100), "10:00")))
    impact = await save(database, manager, place, service.AddLeave(datetime.combine(DAY, time()), None))
    assert len(impact.lost) == 1
    assert await practice.starts(maria, place, DAY, days=60) == []
    await work_off(database, settings)
    assert await listed(database, await clinic.staff("front_desk")) == ["Maria"]


async def test_a_location_whose_zone_changes_offers_its_walls_in_the_new_one(
    database: Database, practice: Roster, place: Place, maria: Someone
) -> None:
    booked = await practice.booked(maria, place.request(place.at(DAY, "10:00")))
    async with database.act_as_system("test") as tx:
        await tx.execute("update location set zone = 'America/Chicago' where id = :id", {"id": place.location_id})
    there = replace(place, zone="America/Chicago")
    found = await practice.starts(maria, there, DAY)
    assert there.at(DAY, "09:00") not in found
    assert there.at(DAY, "09:30") in found
    assert booked.starts_at == there.at(DAY, "09:00")


async def test_a_leap_day_is_a_day_like_any_other(practice: Roster, maria: Someone, place: Place) -> None:
    leap = datetime(2028, 2, 29, tzinfo=place.at(DAY, "00:00").tzinfo)
    with clock.frozen_at(leap - timedelta(days=10)):
        await practice.other_hours(place, leap.date(), "09:00", "09:30")
        await practice.leave(
            place, datetime.combine(leap.date() - timedelta(days=1), time()), datetime.combine(leap.date(), time())
        )
        found = await practice.starts(maria, place, leap.date() - timedelta(days=1), days=3)
    assert [f"{one.astimezone(leap.tzinfo):%m-%d %H:%M}" for one in found][:2] == ["02-29 09:00", "03-01 09:00"]

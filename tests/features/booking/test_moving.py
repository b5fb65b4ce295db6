"""An appointment moves in place, and keeps its old time until the new one holds."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import NotFound, PortalError
from portal_app.features.booking import service
from portal_app.features.booking.errors import (
    AppointmentMovedOn,
    PatientElsewhere,
    SlotAlreadyTaken,
    TimeNotOffered,
    TooLateToMove,
)
from portal_app.features.booking.freed import FreedTime
from portal_app.features.booking.views import AppointmentView, MoveRequest
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place(notice_h=24)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def booked(practice: PracticeMaker, place: Place, maria: Someone) -> AppointmentView:
    return await practice.booked(maria, place.request(place.at(in_days(3), "10:00"), reason="My knee"))


def to(booked: AppointmentView, starts_at: datetime, **changes: object) -> MoveRequest:
    wish = MoveRequest(booked.id, booked.practitioner_id, booked.location_id, booked.modality, starts_at, uuid4())
    return replace(wish, **changes)  # type: ignore[arg-type]


async def move(database: Database, who: Someone, request: MoveRequest, **more: bool) -> AppointmentView:
    policy = "booking.move" if who.patient_id else "booking.change_day"
    async with database.act_as(who.credential, policy) as tx:
        return await service.move_appointment(tx, request, **more)


async def see(database: Database, appointment_id: UUID) -> AppointmentView:
    async with database.act_as_system("test") as tx:
        return await service.appointment(tx, appointment_id)


async def test_a_moved_appointment_stays_itself_and_its_old_time_is_free(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    moved = await move(database, maria, to(booked, place.at(in_days(4), "11:00"), modality="video"))
    assert (moved.id, moved.status, moved.modality) == (booked.id, "booked", "video")
    assert (moved.starts_at, moved.moved_from) == (place.at(in_days(4), "11:00"), booked.starts_at)
    assert (moved.visit_type_id, moved.reason, moved.sequence) == (booked.visit_type_id, "My knee", 1)
    sam = await clinic.patient("Sam")
    assert (await practice.booked(sam, place.request(booked.starts_at))).status == "booked"


async def test_it_may_overlap_the_time_it_leaves(
    database: Database, clinic: Clinic, practice: PracticeMaker, maria: Someone
) -> None:
    place = await practice.place(duration_min=60)
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    later = place.at(in_days(3), "10:30")
    assert (await move(database, maria, to(booked, later))).starts_at == later
    with pytest.raises(SlotAlreadyTaken):
        await practice.booked(await clinic.patient("Sam"), place.request(place.at(in_days(3), "11:00")))


async def test_it_may_move_to_somebody_else_who_sees_it_at_once(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    other = await practice.colleague(place)
    moved = await move(database, maria, to(booked, booked.starts_at, practitioner_id=other.practitioner_id))
    assert moved.practitioner_id == other.practitioner_id
    assert await practice.counts() == (1, 1)


async def test_one_key_moves_once(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    request = to(booked, place.at(in_days(4), "11:00"))
    first, again = [await move(database, maria, request) for _ in range(2)]
    assert first == again
    async with database.act_as_system("test") as tx:
        moves = "select count(*) from audit_event where action = 'booking.move'"
        assert await tx.scalar(moves) == 1
        assert await tx.scalar("select count(*) from procrastinate_jobs where task_name = 'booking.confirm_move'") == 1


@pytest.mark.parametrize("who", ["maria", "desk"])
async def test_moved_to_where_it_is_it_stays_and_nobody_is_told(
    database: Database, clinic: Clinic, maria: Someone, booked: AppointmentView, who: str
) -> None:
    mover = maria if who == "maria" else await clinic.staff("front_desk")
    stayed = await move(database, mover, to(booked, booked.starts_at))
    assert (stayed.id, stayed.starts_at) == (booked.id, booked.starts_at)
    assert await see(database, booked.id) == booked
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from audit_event where action = 'booking.move'") == 0
        assert await tx.scalar("select count(*) from procrastinate_jobs where task_name = 'booking.confirm_move'") == 0


async def test_two_tabs_that_want_one_time_both_have_it(
    database: Database, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    wishes = [to(booked, place.at(in_days(4), "11:00"), sequence=booked.sequence) for _ in range(2)]
    first, second = await asyncio.gather(*(move(database, maria, wish) for wish in wishes))
    assert first == second
    assert (first.starts_at, first.sequence) == (wishes[0].starts_at, booked.sequence + 1)


async def test_a_time_that_is_taken_is_refused_with_others_and_nothing_moves(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    taken = place.at(in_days(3), "11:00")
    await practice.booked(await clinic.patient("Sam"), place.request(taken))
    with pytest.raises(SlotAlreadyTaken) as refused:
        await move(database, maria, to(booked, taken))
    assert len(refused.value.alternatives) == 3
    assert await see(database, booked.id) == booked


@pytest.mark.parametrize("wall", ["10:10", "18:00"])
async def test_only_what_is_offered_can_be_had(
    database: Database, place: Place, maria: Someone, booked: AppointmentView, wall: str
) -> None:
    with pytest.raises(TimeNotOffered):
        await move(database, maria, to(booked, place.at(in_days(4), wall)))
    with pytest.raises(TimeNotOffered):
        await move(database, maria, to(booked, place.at(in_days(4), wall)), is_beyond=True)


async def test_staff_may_move_beyond_what_is_offered_and_share_a_time_only_when_they_say_so(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    desk = await clinic.staff("front_desk")
    late = place.at(in_days(4), "18:10")
    assert (await move(database, desk, to(booked, late), is_beyond=True)).starts_at == late
    await practice.booked(await clinic.patient("Sam"), place.request(place.at(in_days(5), "09:00")))
    shared = to(booked, place.at(in_days(5), "09:00"))
    with pytest.raises(SlotAlreadyTaken):
        await move(database, desk, shared)
    assert (await move(database, desk, shared, is_beyond=True)).starts_at == shared.starts_at


async def test_after_the_notice_the_patient_gets_a_number_and_the_desk_moves_it(
    database: Database, clinic: Clinic, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    later, desk = place.at(in_days(6), "11:00"), await clinic.staff("front_desk")
    with clock.frozen_at(booked.cancel_until + timedelta(seconds=1)):
        with pytest.raises(TooLateToMove) as refused:
            await move(database, maria, to(booked, later))
        assert (await move(database, desk, to(booked, later))).starts_at == later
    assert refused.value.phone == "+1 212 555 0101"


async def test_what_has_begun_is_moved_by_nobody(
    database: Database, clinic: Clinic, place: Place, booked: AppointmentView
) -> None:
    desk = await clinic.staff("front_desk")
    with clock.frozen_at(booked.starts_at), pytest.raises(AppointmentMovedOn):
        await move(database, desk, to(booked, place.at(in_days(6), "11:00")))


async def test_a_second_tab_that_saw_it_before_is_told(
    database: Database, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    first = to(booked, place.at(in_days(4), "11:00"), sequence=booked.sequence)
    second = to(booked, place.at(in_days(5), "11:00"), sequence=booked.sequence)
    outcomes = await asyncio.gather(*(move(database, maria, one) for one in (first, second)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["AppointmentMovedOn", "AppointmentView"]


async def test_of_two_who_want_one_time_one_has_it_and_the_other_keeps_theirs(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    wanted = place.at(in_days(4), "11:00")
    movers = [await clinic.patient(f"P{n}") for n in range(4)]
    owned = [
        await practice.booked(one, place.request(place.at(in_days(3), f"{9 + n // 2}:{n % 2 * 3}0".zfill(5))))
        for n, one in enumerate(movers)
    ]
    booker = await clinic.patient("Sam")
    outcomes = await asyncio.gather(
        practice.booked(booker, place.request(wanted)),
        *(move(database, who, to(own, wanted)) for who, own in zip(movers, owned, strict=True)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, AppointmentView) for one in outcomes) == 1
    assert all(isinstance(one, (AppointmentView, SlotAlreadyTaken)) for one in outcomes)
    kept = [(await see(database, own.id)).starts_at == own.starts_at for own in owned]
    assert sum(kept) >= 3


async def test_two_patients_can_change_places_with_two_clinicians_without_waiting_in_a_circle(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    other, at = await practice.colleague(place), place.at(in_days(3), "10:00")
    people = [await clinic.patient(f"P{n}") for n in range(2)]
    first, second = [
        await practice.booked(who, where.request(at)) for who, where in zip(people, (place, other), strict=True)
    ]
    outcomes = await asyncio.gather(
        move(database, people[0], to(first, at + timedelta(minutes=30), practitioner_id=other.practitioner_id)),
        move(database, people[1], to(second, at + timedelta(minutes=30), practitioner_id=place.practitioner_id)),
    )
    assert [one.practitioner_id for one in outcomes] == [other.practitioner_id, place.practitioner_id]


async def test_the_time_held_for_the_move_is_the_one_it_takes(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    request = to(booked, place.at(in_days(4), "11:00"))
    async with database.act_as(maria.credential, "booking.move") as tx:
        held = await service.hold_for_move(tx, request)
    assert (held.status, held.starts_at) == ("pending", request.starts_at)
    with pytest.raises(SlotAlreadyTaken):
        await practice.booked(await clinic.patient("Sam"), place.request(request.starts_at))
    await move(database, maria, request)
    assert await practice.counts() == (1, 1)


async def test_a_new_time_over_the_old_one_needs_no_hold(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    other = await practice.colleague(place)
    request = to(booked, booked.starts_at, practitioner_id=other.practitioner_id)
    async with database.act_as(maria.credential, "booking.move") as tx:
        proposed = await service.hold_for_move(tx, request)
    assert (proposed.held_until, proposed.practitioner_id) == (None, other.practitioner_id)
    await practice.booked(maria, place.request(place.at(in_days(5), "09:00")))
    with pytest.raises(PatientElsewhere):
        async with database.act_as(maria.credential, "booking.move") as tx:
            await service.hold_for_move(tx, to(booked, place.at(in_days(5), "09:00")))


async def test_somebody_elses_appointment_is_not_there_to_be_moved(
    database: Database, clinic: Clinic, place: Place, booked: AppointmentView
) -> None:
    sam = await clinic.patient("Sam")
    with pytest.raises(NotFound):
        await move(database, sam, to(booked, place.at(in_days(4), "11:00")))
    assert await see(database, booked.id) == booked


async def test_whatever_fails_after_the_move_leaves_it_where_it_was(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    async def move_and_die() -> None:
        async with database.act_as(maria.credential, "booking.move") as tx:
            await service.move_appointment(tx, to(booked, place.at(in_days(4), "11:00")))
            await tx.execute("select pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(PortalError):
        await move_and_die()
    assert await see(database, booked.id) == booked
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from procrastinate_jobs where task_name = 'booking.confirm_move'") == 0


async def test_who_waits_for_times_hears_of_the_one_given_up(
    database: Database, place: Place, maria: Someone, booked: AppointmentView, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    async def follower(_tx: object, time: FreedTime) -> None:
        heard.append(time.starts_at)

    monkeypatch.setattr("portal_app.features.booking.freed._followers", [follower])
    await move(database, maria, to(booked, place.at(in_days(4), "11:00")))
    assert heard == [booked.starts_at]


async def test_the_staff_of_a_place_it_moved_away_from_see_the_chart_no_longer(
    database: Database, clinic: Clinic, practice: PracticeMaker, maria: Someone, booked: AppointmentView
) -> None:
    there = await practice.place()
    old, new = [await clinic.staff("nurse", location_id=one) for one in (booked.location_id, there.location_id)]
    request = to(
        booked, there.at(in_days(4), "11:00"), practitioner_id=there.practitioner_id, location_id=there.location_id
    )
    await move(database, maria, request)
    seen = []
    for nurse in (old, new):
        async with database.act_as(nurse.credential, "booking.view_day") as tx:
            seen.append(await tx.scalar("select count(*) from appointment"))
    assert seen == [0, 1]

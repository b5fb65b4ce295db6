"""A time is kept while somebody confirms it, and blocks nobody when they do not."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.booking import jobs, service
from portal_app.features.booking.errors import HoldLapsed, SlotAlreadyTaken
from portal_app.features.booking.views import AppointmentView
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


async def own_list(database: Database, someone: Someone) -> list[AppointmentView]:
    async with database.act_as(someone.credential, "booking.view") as tx:
        return list(await service.my_appointments(tx))


async def free_starts(database: Database, someone: Someone, place: Place) -> set[datetime]:
    async with database.act_as(someone.credential, "booking.find") as tx:
        found = await service.find_times(tx, place.query(from_day=in_days(3), days=1))
    return {time.starts_at for time in found}


async def test_a_held_time_is_kept_five_minutes_and_nobody_else_gets_it(
    clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    wanted = place.at(in_days(3), "10:00")
    with clock.frozen_at(clock.now()):
        held = await practice.held(maria, place.request(wanted))
        assert held.status == "pending"
        assert held.held_until == clock.now() + timedelta(minutes=5)
    with pytest.raises(SlotAlreadyTaken):
        await practice.booked(sam, place.request(wanted))


async def test_booking_what_one_holds_makes_one_appointment(
    clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, request = await clinic.patient(), place.request(place.at(in_days(3), "10:00"))
    await practice.held(maria, request)
    booked = await practice.booked(maria, request)
    assert booked.status == "booked"
    assert await practice.counts() == (1, 1)


async def test_a_lapsed_hold_blocks_nobody_and_is_on_no_list(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    wanted = place.at(in_days(3), "10:00")
    with clock.frozen_at(clock.now() - timedelta(minutes=6)):
        await practice.held(maria, place.request(wanted))
    assert wanted in await free_starts(database, sam, place)
    assert (await practice.booked(sam, place.request(wanted))).status == "booked"
    assert await own_list(database, maria) == []


async def test_whose_hold_lapsed_may_still_book_elsewhere_at_that_time(
    clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, other = await clinic.patient(), await practice.place()
    with clock.frozen_at(clock.now() - timedelta(minutes=6)):
        await practice.held(maria, place.request(place.at(in_days(3), "10:00")))
    booked = await practice.booked(maria, other.request(other.at(in_days(3), "10:00")))
    assert booked.practitioner_id == other.practitioner_id


async def test_confirming_too_late_works_while_nobody_took_the_time(
    clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, request = await clinic.patient(), place.request(place.at(in_days(3), "10:00"))
    with clock.frozen_at(clock.now() - timedelta(minutes=30)):
        await practice.held(maria, request)
    assert (await practice.booked(maria, request)).status == "booked"


async def test_confirming_too_late_says_so_when_somebody_took_the_time(
    clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    request = place.request(place.at(in_days(3), "10:00"))
    with clock.frozen_at(clock.now() - timedelta(minutes=6)):
        await practice.held(maria, request)
    await practice.booked(sam, place.request(request.starts_at))
    with pytest.raises(SlotAlreadyTaken) as refused:
        await practice.booked(maria, request)
    assert len(refused.value.alternatives) == 3


async def test_one_holds_one_time_at_once(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    first, second = place.at(in_days(3), "10:00"), place.at(in_days(3), "11:00")
    await practice.held(maria, place.request(first))
    await practice.held(maria, place.request(second))
    assert {first, second} & await free_starts(database, sam, place) == {first}
    assert await practice.counts() == (1, 1)


async def test_to_its_holder_a_held_time_looks_free(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, wanted = await clinic.patient(), place.at(in_days(3), "10:00")
    await practice.held(maria, place.request(wanted))
    assert wanted in await free_starts(database, maria, place)


async def test_a_released_time_is_free_at_once(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    wanted = place.at(in_days(3), "10:00")
    held = await practice.held(maria, place.request(wanted))
    async with database.act_as(maria.credential, "booking.hold") as tx:
        await service.release_hold(tx, held.id)
        await service.release_hold(tx, held.id)
    assert wanted in await free_starts(database, sam, place)
    assert await practice.counts() == (0, 0)


async def test_a_hold_is_extended_up_to_twenty_minutes(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, began = await clinic.patient(), clock.now()
    with clock.frozen_at(began):
        held = await practice.held(maria, place.request(place.at(in_days(3), "10:00")))
    for minutes, kept in ((4, 9), (14, 19), (18, 20)):
        with clock.frozen_at(began + timedelta(minutes=minutes)):
            async with database.act_as(maria.credential, "booking.hold") as tx:
                assert await service.extend_hold(tx, held.id) == began + timedelta(minutes=kept)
    with clock.frozen_at(began + timedelta(minutes=20)), pytest.raises(HoldLapsed):
        async with database.act_as(maria.credential, "booking.hold") as tx:
            await service.extend_hold(tx, held.id)


async def test_nobody_extends_or_releases_the_hold_of_another(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    held = await practice.held(maria, place.request(place.at(in_days(3), "10:00")))
    for id_ in (held.id, uuid4()):
        with pytest.raises(HoldLapsed):
            async with database.act_as(sam.credential, "booking.hold") as tx:
                await service.extend_hold(tx, id_)
        async with database.act_as(sam.credential, "booking.hold") as tx:
            await service.release_hold(tx, id_)
    assert await practice.counts() == (1, 1)


async def test_the_sweep_removes_lapsed_holds_and_nothing_else(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam, noor = await clinic.patient(), await clinic.patient("Sam"), await clinic.patient("Noor")
    with clock.frozen_at(clock.now() - timedelta(minutes=40)):
        await practice.held(maria, place.request(place.at(in_days(3), "10:00")))
    await practice.held(sam, place.request(place.at(in_days(3), "11:00")))
    await practice.booked(noor, place.request(place.at(in_days(3), "11:30")))
    async with database.act_as_system("test") as tx:
        assert await jobs.sweep(tx) == 1
    assert await practice.counts() == (2, 2)


async def test_opening_the_confirmation_again_keeps_the_hold_and_its_limit(
    clinic: Clinic, practice: PracticeMaker
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    request = place.request(place.at(in_days(3), "10:00"))
    first = await practice.held(maria, request)
    with clock.frozen_at(clock.now() + timedelta(minutes=2)):
        again = await practice.held(maria, request)
    assert (again.id, again.held_until) == (first.id, first.held_until)

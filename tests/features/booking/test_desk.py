"""The front desk books for others, blocks times, gives rooms, and says who runs late."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.booking import delays, service
from portal_app.features.booking.errors import NotWithinADay, RoomTaken, SlotAlreadyTaken, TimeNotOffered, TimeOccupied
from portal_app.features.booking.views import AppointmentView, DayView, MoveRequest
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


@pytest.fixture
async def desk(clinic: Clinic) -> Someone:
    return await clinic.staff("front_desk")


async def book_for(database: Database, desk: Someone, whom: Someone, place: Place, wall: str) -> AppointmentView:
    request = place.request(place.at(in_days(3), wall), patient_id=whom.patient_id)
    async with database.act_as(desk.credential, "booking.book_for") as tx:
        return await service.book_for(tx, request)


async def see(database: Database, desk: Someone, place: Place, room_id: UUID | None = None) -> DayView:
    async with database.act_as(desk.credential, "booking.view_day") as tx:
        return await service.days(tx, in_days(3), 1, location_id=place.location_id, room_id=room_id)


async def test_a_booking_in_somebodys_name_says_who_made_it(
    database: Database, clinic: Clinic, place: Place, desk: Someone
) -> None:
    maria = await clinic.patient()
    booked = await book_for(database, desk, maria, place, "10:00")
    async with database.act_as_system("test") as tx:
        made_by = await tx.scalar("select created_by from appointment where id = :id", {"id": booked.id})
        seen = await tx.scalar("select person_id from audit_event where action = 'booking.book_for'")
    assert (booked.patient_id, made_by, seen) == (maria.patient_id, desk.person_id, desk.person_id)


async def test_the_desk_and_a_patient_at_the_same_time_are_one_booked(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, desk: Someone
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    await practice.booked(sam, place.request(place.at(in_days(3), "10:00")))
    with pytest.raises(SlotAlreadyTaken) as taken:
        await book_for(database, desk, maria, place, "10:00")
    assert taken.value.alternatives


async def test_with_anybody_each_moment_is_offered_once_and_with_the_own_clinician_where_they_are_free(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, desk: Someone
) -> None:
    colleague = await practice.colleague(place)
    maria = await clinic.patient(general_practitioner_id=colleague.practitioner_id)
    await practice.booked(await clinic.patient("Sam"), colleague.request(place.at(in_days(3), "10:00")))
    query = place.query(from_day=in_days(3), days=1, patient_id=maria.patient_id)
    async with database.act_as(desk.credential, "booking.book_for") as tx:
        found = await service.find_times_for(tx, query)
        named = await service.find_times_for(tx, replace(query, practitioner_ids=(place.practitioner_id,)))
    who = [one.practitioner_id for one in found]
    assert who == [colleague.practitioner_id] * 2 + [place.practitioner_id] + [colleague.practitioner_id] * 3
    assert [one.starts_at for one in found] == [one.starts_at for one in named]


async def test_a_held_time_is_not_the_desks(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, desk: Someone
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    await practice.held(sam, place.request(place.at(in_days(3), "10:00")))
    with pytest.raises(SlotAlreadyTaken):
        await book_for(database, desk, maria, place, "10:00")


async def test_clinical_staff_book_only_for_those_they_see_and_patients_for_nobody_else(
    database: Database, clinic: Clinic, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    nurse = await clinic.staff("nurse", location_id=uuid4())
    with pytest.raises(TimeNotOffered):
        await book_for(database, nurse, maria, place, "10:00")
    with pytest.raises(NotAllowed):
        await book_for(database, sam, maria, place, "10:00")
    async with database.act_as(sam.credential, "booking.book") as tx:
        request = place.request(place.at(in_days(3), "10:00"), patient_id=maria.patient_id)
        assert (await service.book_appointment(tx, request)).patient_id == sam.patient_id


async def test_a_blocked_time_is_offered_to_nobody_until_it_is_freed(
    database: Database, clinic: Clinic, place: Place, desk: Someone
) -> None:
    maria, start = await clinic.patient(), place.at(in_days(3), "10:00")
    async with database.act_as(desk.credential, "booking.block") as tx:
        slot_id = await service.block_time(tx, place.practitioner_id, start, start + timedelta(hours=1), "Dentist")
    with pytest.raises(SlotAlreadyTaken):
        await book_for(database, desk, maria, place, "10:30")
    assert [one.reason for one in (await see(database, desk, place)).blocked] == ["Dentist"]
    async with database.act_as(maria.credential, "booking.find") as tx:
        assert await tx.scalar("select count(*) from blocked_time") == 0
    async with database.act_as(desk.credential, "booking.block") as tx:
        await service.unblock_time(tx, slot_id)
        await service.unblock_time(tx, slot_id)
    assert (await book_for(database, desk, maria, place, "10:30")).status == "booked"


async def test_what_is_booked_is_not_blocked(database: Database, clinic: Clinic, place: Place, desk: Someone) -> None:
    await book_for(database, desk, await clinic.patient(), place, "10:00")
    start = place.at(in_days(3), "09:30")
    with pytest.raises(TimeOccupied):
        async with database.act_as(desk.credential, "booking.block") as tx:
            await service.block_time(tx, place.practitioner_id, start, start + timedelta(hours=1))
    with pytest.raises(InputRefused):
        async with database.act_as(desk.credential, "booking.block") as tx:
            await service.block_time(tx, place.practitioner_id, start, start + timedelta(days=2))


async def room(database: Database, place: Place) -> UUID:
    room_id = uuid4()
    async with database.act_as_system("test") as tx:
        values = {"id": room_id, "place": place.location_id}
        await tx.execute("insert into room (id, location_id, name) values (:id, :place, 'Blue')", values)
    return room_id


async def give(database: Database, desk: Someone, appointment_id: UUID, room_id: UUID) -> None:
    async with database.act_as(desk.credential, "booking.change_day") as tx:
        await service.give_room(tx, appointment_id, room_id)


async def test_a_room_has_one_visit_at_a_time(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, desk: Someone
) -> None:
    colleague = await practice.colleague(place)
    first = await book_for(database, desk, await clinic.patient(), place, "10:00")
    second = await book_for(database, desk, await clinic.patient("Sam"), colleague, "10:00")
    later = await book_for(database, desk, await clinic.patient("Ana"), place, "11:00")
    blue = await room(database, place)
    await give(database, desk, first.id, blue)
    await give(database, desk, later.id, blue)
    with pytest.raises(RoomTaken):
        await give(database, desk, second.id, blue)
    with pytest.raises(NotFound):
        await give(database, desk, first.id, await room(database, await practice.place()))
    seen = await see(database, desk, place, room_id=blue)
    assert [(one.id, one.room_name) for one in seen.appointments] == [(first.id, "Blue"), (later.id, "Blue")]


async def test_whoever_moves_into_a_time_at_which_the_room_is_used_gives_it_up(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, desk: Someone
) -> None:
    maria, colleague, blue = await clinic.patient(), await practice.colleague(place), await room(database, place)
    mine = await book_for(database, desk, maria, place, "10:00")
    other = await book_for(database, desk, await clinic.patient("Sam"), colleague, "11:00")
    for one in (mine, other):
        await give(database, desk, one.id, blue)
    free = place.at(in_days(3), "10:30")
    for wanted, name in ((free, "Blue"), (other.starts_at, "")):
        wish = MoveRequest(mine.id, place.practitioner_id, place.location_id, "in_person", wanted, uuid4())
        async with database.act_as(maria.credential, "booking.move") as tx:
            assert (await service.move_appointment(tx, wish)).starts_at == wanted
        assert {one.id: one.room_name for one in (await see(database, desk, place)).appointments}[mine.id] == name


async def test_what_was_cancelled_comes_back_with_its_room_and_without_it_where_that_is_used_by_then(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, desk: Someone
) -> None:
    maria, colleague, blue = await clinic.patient(), await practice.colleague(place), await room(database, place)
    mine = await book_for(database, desk, maria, place, "10:00")
    other = await book_for(database, desk, await clinic.patient("Sam"), colleague, "10:00")
    await give(database, desk, mine.id, blue)
    for name in ("Blue", ""):
        async with database.act_as(maria.credential, "booking.cancel") as tx:
            await service.cancel_appointment(tx, mine.id)
        if not name:
            await give(database, desk, other.id, blue)
        async with database.act_as(maria.credential, "booking.cancel") as tx:
            assert (await service.undo_cancellation(tx, mine.id)).status == "booked"
        assert {one.id: one.room_name for one in (await see(database, desk, place)).appointments}[mine.id] == name


async def test_each_chart_on_a_day_is_recorded(database: Database, clinic: Clinic, place: Place, desk: Someone) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    for someone, wall in ((maria, "09:00"), (sam, "09:30")):
        await book_for(database, desk, someone, place, wall)
    await see(database, desk, place)
    async with database.act_as_system("test") as tx:
        rows = await tx.all(
            "select patient_id from audit_event where action = 'booking.view_day' and patient_id is not null"
        )
    assert {row.patient_id for row in rows} == {maria.patient_id, sam.patient_id}


async def say(database: Database, desk: Someone, place: Place, minutes: int) -> UUID | None:
    async with database.act_as(desk.credential, "booking.say_delay") as tx:
        await service.say_delay(tx, place.practitioner_id, minutes)
    async with database.act_as_system("test") as tx:
        found: UUID | None = await tx.scalar("select id from delay order by step desc limit 1")
        if found is not None:
            await delays.tell(tx, str(found))
    return found


async def mails(database: Database) -> int:
    async with database.act_as_system("test") as tx:
        count: int = await tx.scalar("select count(*) from outbox_message where template like 'appointment_%'")
        return count


async def test_running_late_is_told_once_to_those_still_to_come(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, desk: Someone
) -> None:
    people = [await clinic.patient(name) for name in ("Maria", "Sam", "Ana")]
    walls = ("09:00", "10:00", "11:00")
    booked = [await book_for(database, desk, one, place, wall) for one, wall in zip(people, walls, strict=True)]
    with clock.frozen_at(place.at(in_days(3), "09:45")):
        async with database.act_as(desk.credential, "booking.change_day") as tx:
            await service.mark_arrived(tx, booked[1].id)
        await say(database, desk, place, 30)
        assert await mails(database) == 1
        await say(database, desk, place, 30)
        assert await mails(database) == 1
        async with database.act_as(people[1].credential, "booking.view") as tx:
            assert await service.minutes_late(tx, await service.appointment(tx, booked[1].id)) == 30
        await say(database, desk, place, 0)
        assert await mails(database) == 2
        async with database.act_as(desk.credential, "booking.view_day") as tx:
            assert await service.current_delays(tx) == {}


async def test_a_delay_is_of_today_and_said_by_staff_in_minutes(
    database: Database, clinic: Clinic, place: Place, desk: Someone
) -> None:
    maria = await clinic.patient()
    booked = await book_for(database, desk, maria, place, "10:00")
    await say(database, desk, place, 20)
    async with database.act_as(maria.credential, "booking.view") as tx:
        assert await service.minutes_late(tx, await service.appointment(tx, booked.id)) == 0
    with pytest.raises(NotWithinADay):
        await say(database, desk, place, 241)
    with pytest.raises(NotAllowed):
        await say(database, maria, place, 10)


async def test_a_visit_beside_another_is_marked_for_staff_wherever_they_see_it(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, desk: Someone
) -> None:
    maria, first = await clinic.patient(), in_days(3)
    assert maria.patient_id
    await practice.booked(await clinic.patient("Sam"), place.request(place.at(first, "10:00")))
    request = place.request(place.at(first, "10:00"), patient_id=maria.patient_id)
    async with database.act_as(desk.credential, "booking.book_for") as tx:
        await service.book_for(tx, request, is_beyond=True)
    async with database.act_as(desk.credential, "booking.view_day") as tx:
        seen = await service.day(tx, first, practitioner_id=place.practitioner_id)
        count = (await service.counts(tx, first, 1, location_id=place.location_id))[first]
        (own,) = await service.patient_appointments(tx, maria.patient_id)
    assert sorted((one.given_name, one.is_overbooked) for one in seen.appointments) == [("Maria", True), ("Sam", False)]
    assert (count.booked, count.overbooked, own.is_overbooked) == (2, 1, True)


async def test_the_day_of_a_room_has_only_what_is_in_it(
    database: Database, clinic: Clinic, place: Place, desk: Someone
) -> None:
    blue = await room(database, place)
    inside = await book_for(database, desk, await clinic.patient(), place, "10:00")
    await book_for(database, desk, await clinic.patient("Sam"), place, "10:30")
    await give(database, desk, inside.id, blue)
    async with database.act_as(desk.credential, "booking.view_day") as tx:
        seen = await service.day(tx, in_days(3), room_id=blue)
    assert [one.id for one in seen.appointments] == [inside.id]

"""Who may join, who has a place in the room, and that nobody else learns that there is a visit."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import NotFound, NotSignedIn
from portal_app.features.booking import service as booking
from portal_app.features.notes import service as notes
from portal_app.features.visits import service as visits
from tests.factories import Clinic
from tests.features.visits.conftest import Visit

pytestmark = pytest.mark.usefixtures("in_time")


async def test_half_an_hour_before_it_opens_and_long_after_it_has_closed(visit: Visit) -> None:
    with clock.frozen_at(visit.starts_at - timedelta(minutes=31)), pytest.raises(visits.NotYetOpen) as early:
        await visit.join()
    with clock.frozen_at(visit.starts_at + timedelta(hours=3)), pytest.raises(visits.VisitOver) as late:
        await visit.join()
    assert early.value.opens_at == visit.starts_at - timedelta(minutes=30)
    assert late.value.phone == "+1 212 555 0101"


async def test_joining_twice_keeps_the_place_and_the_time_since_when_one_waits(visit: Visit) -> None:
    first = await visit.join()
    with clock.frozen_at(clock.now() + timedelta(minutes=4)):
        again = await visit.join()
    assert (first.state, first.status) == ("waiting", "waiting")
    assert (again.visit_id, again.participant_id, again.state) == (first.visit_id, first.participant_id, "waiting")


async def test_who_waits_has_no_seat_and_who_was_let_in_has_one(visit: Visit) -> None:
    place = await visit.join()
    with pytest.raises(visits.NotInRoom):
        await visit.seat(visit.maria.credential, place.visit_id)
    await visit.admit(place.visit_id, place.participant_id)
    seat = await visit.seat(visit.maria.credential, place.visit_id)
    assert (seat.role, seat.may_send, [one.is_host for one in seat.others]) == ("patient", True, [True])


async def test_the_newer_tab_takes_over_and_the_older_is_told(visit: Visit) -> None:
    place, older, newer = await visit.admitted(), uuid4(), uuid4()
    await visit.sit(visit.maria.credential, place.visit_id, older)
    await visit.sit(visit.maria.credential, place.visit_id, newer)
    with pytest.raises(visits.SeatTakenElsewhere):
        await visit.seat(visit.maria.credential, place.visit_id, older)
    assert (await visit.seat(visit.maria.credential, place.visit_id, newer)).connection_id == newer


async def test_whoever_leaves_comes_straight_back_and_an_older_tab_s_leaving_changes_nothing(
    database: Database, visit: Visit
) -> None:
    place, tab = await visit.admitted(), uuid4()
    await visit.sit(visit.maria.credential, place.visit_id, tab)
    for connection_id, state in ((uuid4(), "in"), (tab, "admitted")):
        async with database.act_as(visit.maria.credential, "visits.room") as tx:
            await visits.leave(tx, place.visit_id, connection_id)
        assert (await visit.join()).state == state


async def test_ending_for_all_empties_the_room_and_fulfils_the_appointment(database: Database, visit: Visit) -> None:
    place, told = await visit.admitted(), []

    async def note(_tx: object, ended: visits.EndedVisit) -> None:
        told.append(ended.id)

    visits.when_ended(note)
    for _ in range(2):
        async with database.act_as(visit.doctor.credential, "visits.host") as tx:
            await visits.end_for_all(tx, place.visit_id)
            assert (await booking.appointment(tx, visit.appointment_id)).status == "fulfilled"
    assert told == [place.visit_id]
    for someone in (visit.maria, visit.doctor):
        with pytest.raises(visits.NotInRoom):
            await visit.seat(someone.credential, place.visit_id)
    with pytest.raises(visits.VisitOver):
        await visit.join()


async def test_an_appointment_cancelled_while_waiting_is_no_visit_any_more(database: Database, visit: Visit) -> None:
    place = await visit.join()
    async with database.act_as(visit.doctor.credential, "booking.change_day") as tx:
        await booking.cancel_appointment(tx, visit.appointment_id)
    with pytest.raises(visits.VisitCalledOff):
        await visit.join()
    with pytest.raises((visits.VisitCalledOff, NotFound)):  # with the only appointment the chart is closed to them too
        await visit.admit(place.visit_id, place.participant_id)


async def test_nobody_else_learns_that_the_visit_exists(database: Database, clinic: Clinic, visit: Visit) -> None:
    place = await visit.admitted()
    others = [await clinic.patient("Sam"), await clinic.staff("clinician"), await clinic.staff("front_desk"),
              await clinic.staff("manager"), await clinic.staff("billing")]  # fmt: skip
    for someone in others:
        async with database.act_as(someone.credential, "access.who_am_i") as tx:
            for table in ("visit", "visit_participant", "visit_message", "visit_device_check"):
                assert await tx.scalar(f"select count(*) from {table}") == 0
    with pytest.raises(visits.NotInRoom):
        await visit.seat(others[0].credential, place.visit_id)
    with pytest.raises(NotFound):
        async with database.act_as(others[0].credential, "visits.join") as tx:
            await visits.join(tx, visit.appointment_id)


async def test_nobody_lets_themself_in(database: Database, visit: Visit) -> None:
    place = await visit.join()
    with pytest.raises(ProgrammingError) as refused:
        async with database.act_as(visit.maria.credential, "visits.room") as tx:
            await tx.execute("update visit_participant set state = 'in' where id = :id", {"id": place.participant_id})
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


async def test_a_guest_waits_for_the_patient_s_yes_and_sees_their_own_row_alone(
    database: Database, visit: Visit
) -> None:
    place = await visit.admitted()
    guest_id, guest = await visit.guest(place.visit_id)
    async with database.act_as(guest, "visits.room") as tx:
        assert await tx.scalar("select array_agg(id) from visit_participant") == [guest_id]
        for table in ("visit", "appointment", "patient", "person", "slot", "practitioner"):
            assert await tx.scalar(f"select count(*) from {table}") == 0
    with pytest.raises(visits.PatientHasNotAgreed):
        await visit.admit(place.visit_id, guest_id)
    async with database.act_as(visit.maria.credential, "visits.agree") as tx:
        await visits.agree(tx, place.visit_id, guest_id, is_welcome=True)
    await visit.admit(place.visit_id, guest_id)
    seat = await visit.sit(guest, place.visit_id, uuid4())
    assert (seat.role, seat.name, seat.is_host, len(seat.others)) == ("interpreter", "Rosa Diaz", False, 2)


async def test_a_link_works_once_and_whoever_was_taken_out_stays_out(database: Database, visit: Visit) -> None:
    place = await visit.admitted()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        link = await visits.invite(tx, place.visit_id, "family", "Luis Alvarez")
    async with database.act_as_system("visits.redeem") as tx:
        key = await visits.redeem(tx, link.secret)
    for secret in (link.secret, "made up"):
        with pytest.raises(visits.LinkUsed):
            async with database.act_as_system("visits.redeem") as tx:
                await visits.redeem(tx, secret)
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.remove(tx, place.visit_id, key.participant_id)
    with clock.frozen_at(clock.now() + timedelta(seconds=1)), pytest.raises((NotSignedIn, visits.NotInRoom)):
        await visit.seat(visit.maria.credential.__class__(key.secret), place.visit_id)


async def test_a_link_and_the_key_it_gave_open_nothing_once_their_time_is_up(database: Database, visit: Visit) -> None:
    place = await visit.admitted()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        used, unused = [await visits.invite(tx, place.visit_id, "family", name) for name in ("Luis", "Ana")]
    async with database.act_as_system("visits.redeem") as tx:
        key = await visits.redeem(tx, used.secret)
    guest = visit.maria.credential.__class__(key.secret)
    async with database.act_as(guest, "visits.room") as tx:
        assert (await visits.my_seat_outside(tx)).state == "waiting"

    async with database.act_as_system("test") as tx:  # the database has a clock of its own
        past = "update visit_participant set secret_expires_at = now() - interval '1 second' where id = :id"
        await tx.execute(past, {"id": key.participant_id})
    with pytest.raises(NotSignedIn):
        async with database.act_as(guest, "visits.room") as tx:
            await visits.my_seat_outside(tx)
    with clock.frozen_at(unused.expires_at + timedelta(seconds=1)), pytest.raises(visits.LinkUsed):
        async with database.act_as_system("visits.redeem") as tx:
            await visits.redeem(tx, unused.secret)


async def test_what_a_guest_does_is_in_the_trail_under_their_name(database: Database, visit: Visit) -> None:
    place = await visit.admitted()
    guest_id, guest = await visit.guest(place.visit_id)
    async with database.act_as(guest, "visits.room") as tx:
        await visits.leave(tx, place.visit_id)
    async with database.act_as_system("test") as tx:
        row = await tx.one("select person_name, roles from audit_event where person_id = :id", {"id": guest_id})
    assert (row.person_name, row.roles) == ("Rosa Diaz", ["guest"])


async def test_every_join_admission_coming_going_and_removal_is_in_the_trail(database: Database, visit: Visit) -> None:
    place, tab = await visit.admitted(), uuid4()
    await visit.sit(visit.maria.credential, place.visit_id, tab)
    async with database.act_as(visit.maria.credential, "visits.room") as tx:
        await visits.leave(tx, place.visit_id, tab)
    await visit.join()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.lock(tx, place.visit_id, is_locked=True)
        with pytest.raises(visits.RoomLocked):
            await visits.invite(tx, place.visit_id, "family", "Ana Diaz")
        await visits.lock(tx, place.visit_id, is_locked=False)
        await visits.remove(tx, place.visit_id, place.participant_id)
        await visits.end_for_all(tx, place.visit_id)
    async with database.act_as_system("test") as tx:
        rows = await tx.all("select action from audit_event where entity_id = :id", {"id": place.visit_id})
    told = {row.action.removeprefix("visits.") for row in rows}
    assert told >= {"join", "admit", "enter", "leave", "lock", "unlock", "remove", "end"}


async def test_whoever_was_taken_out_does_not_get_in_by_waiting_and_leaving(database: Database, visit: Visit) -> None:
    place = await visit.admitted()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.remove(tx, place.visit_id, place.participant_id)
    for _time in range(2):
        assert (await visit.join()).state == "waiting"
        async with database.act_as(visit.maria.credential, "visits.room") as tx:
            await visits.leave(tx, place.visit_id)
    await visit.join()
    with pytest.raises(visits.NotInRoom):
        await visit.sit(visit.maria.credential, place.visit_id, uuid4())
    await visit.admit(place.visit_id, place.participant_id)
    await visit.sit(visit.maria.credential, place.visit_id, uuid4())


async def test_whoever_left_a_locked_room_waits_to_be_let_in_again(database: Database, visit: Visit) -> None:
    place = await visit.admitted()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.lock(tx, place.visit_id, is_locked=True)
    async with database.act_as(visit.maria.credential, "visits.room") as tx:
        await visits.leave(tx, place.visit_id)

    assert (await visit.join()).state == "waiting"


async def test_the_board_the_room_and_the_note_say_how_the_patient_is_called(visit: Visit) -> None:
    async with visit.database.act_as_system("test") as tx:
        called = "update patient set called = 'Mari', pronouns = 'she/her' where id = :id"
        await tx.execute(called, {"id": visit.maria.patient_id})
    await visit.join()
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        (row,) = await visits.board(tx)
        room = await visits.room(tx, visit.appointment_id)
        note = await notes.visit_at_work(tx, visit.appointment_id)
    assert {row.patient_name, room.patient_name, note.said_name} == {"Mari (Maria) Alvarez"}
    assert {room.pronouns, note.pronouns} == {"she/her"}

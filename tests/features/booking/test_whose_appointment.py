"""What the database refuses of an appointment, whoever writes the statement: another state, time, room or name."""

from itertools import product

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.db import Database
from portal_app.features.booking import service
from portal_app.features.booking.rules import TRANSITIONS, AppointmentStatus
from portal_app.features.booking.views import AppointmentView
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days

BOOK, CHANGE_DAY = "booking.book", "booking.change_day"


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def desk(clinic: Clinic, place: Place) -> Someone:
    return await clinic.staff("front_desk", location_id=place.location_id)


@pytest.fixture
async def booked(practice: PracticeMaker, place: Place, maria: Someone) -> AppointmentView:
    return await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))


async def say(database: Database, actor: Someone, statement: str, **params: object) -> int:
    async with database.act_as(actor.credential, BOOK if actor.patient_id else CHANGE_DAY) as tx:
        return await tx.execute(statement, params)


async def refused(database: Database, actor: Someone, statement: str, **params: object) -> None:
    with pytest.raises(DBAPIError) as caught:
        await say(database, actor, statement, **params)
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege), caught.value.orig


@pytest.mark.parametrize("changed", [
    "status = 'fulfilled'", "status = 'noshow'", "status = 'arrived', arrived_at = now()", "arrived_at = now()",
    "sequence = 9", "starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour'",
    "modality = 'video'", "confidentiality = 'V'", "moved_at = now(), moved_from = now()",
    "status = 'cancelled', slot_id = null, cancelled_at = now(), cancelled_by = created_by, cancel_reason = 'practice'",
    "visit_type_id = gen_random_uuid()", "patient_id = gen_random_uuid()", "request_key = gen_random_uuid()",
    "reason = 'another'",
])  # fmt: skip
async def test_whoever_comes_does_not_say_what_the_practice_says(
    database: Database, maria: Someone, booked: AppointmentView, changed: str
) -> None:
    await refused(database, maria, f"update appointment set {changed}")


async def test_a_room_is_given_by_the_practice(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone, desk: Someone, booked: AppointmentView
) -> None:
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into room (id, location_id, name) values (gen_random_uuid(), :place, 'Room 1')",
            {"place": place.location_id},
        )
    give = "update appointment set room_id = (select id from room)"
    await refused(database, maria, give)
    assert await say(database, desk, give) == 1


async def test_the_practice_too_keeps_to_the_states_and_to_its_own_name(
    database: Database, maria: Someone, desk: Someone, booked: AppointmentView
) -> None:
    await refused(database, desk, "update appointment set status = 'fulfilled'")
    cancel = (
        "update appointment set status = 'cancelled', slot_id = null, cancelled_at = now(), cancelled_by = :who,"
        " cancel_reason = :reason"
    )
    await refused(database, desk, cancel, who=maria.person_id, reason="practice")
    await refused(database, desk, cancel, who=desk.person_id, reason="patient")
    async with database.act_as(desk.credential, CHANGE_DAY) as tx:
        await service.cancel_appointment(tx, booked.id)
    await refused(database, maria, "update appointment set cancelled_by = created_by")
    await refused(database, maria, "update appointment set starts_at = starts_at + interval '1 day',"
                  " ends_at = ends_at + interval '1 day'")  # fmt: skip
    restore = "select restore_time(:id, gen_random_uuid(), now())"
    async with database.act_as(maria.credential, BOOK) as tx:
        assert await tx.scalar(restore, {"id": booked.id}) == "moved_on"
    await refused(database, maria, "update appointment set status = 'booked', slot_id = null, cancelled_at = null,"
                  " cancelled_by = null, cancel_reason = null")  # fmt: skip
    async with database.act_as(desk.credential, CHANGE_DAY) as tx:
        assert await tx.scalar(restore, {"id": booked.id}) == "restored"


async def test_what_is_booked_moves_with_its_slot_and_says_from_when(
    database: Database, maria: Someone, desk: Someone, booked: AppointmentView
) -> None:
    moved = "starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour'"
    whole = f"{moved}, sequence = sequence + 1, moved_at = now(), moved_from = starts_at"
    await refused(database, desk, f"update appointment set {moved}")
    with pytest.raises(DBAPIError, match="appointment_slot"):
        await say(database, maria, f"update appointment set {whole}")


@pytest.mark.parametrize(("named", "value"), [
    ("status", "'arrived'"), ("status", "'fulfilled'"), ("arrived_at", "now()"), ("confirmed_at", "now()"),
    ("created_by", ":desk"),
])  # fmt: skip
async def test_nothing_has_happened_yet_with_an_appointment_that_is_made(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone, desk: Someone, named: str, value: str
) -> None:
    free = place.at(in_days(4), "11:00")
    row = {
        "id": "gen_random_uuid()", "patient_id": ":patient", "status": "'booked'", "practitioner_id": ":who",
        "location_id": ":place", "visit_type_id": ":kind", "modality": "'in_person'", "starts_at": ":at",
        "ends_at": "cast(:at as timestamptz) + interval '30 min'", "patient_zone": "'UTC'", "slot_id": "t.id",
        "request_key": "gen_random_uuid()", "created_by": ":me", "created_at": "now()", "changed_at": "now()",
    }  # fmt: skip
    statement = """
with t as (insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status)
  values (gen_random_uuid(), :who, :place, :at, cast(:at as timestamptz) + interval '30 min', 'busy') returning id)
insert into appointment ({}) select {} from t"""
    params = {
        "patient": maria.patient_id, "who": place.practitioner_id, "place": place.location_id,
        "kind": place.visit_type_id, "at": free, "me": maria.person_id,
    }  # fmt: skip
    wrong = row | {named: value}
    more = {"desk": desk.person_id} if named == "created_by" else {}
    await refused(database, maria, statement.format(", ".join(wrong), ", ".join(wrong.values())), **params, **more)
    assert await say(database, maria, statement.format(", ".join(row), ", ".join(row.values())), **params) == 1


async def test_the_states_are_those_of_the_rules(database: Database) -> None:
    async with database.act_as_system("test") as tx:
        for was, following in product(AppointmentStatus, AppointmentStatus):
            said = await tx.scalar("select appointment_may_become(:was, :next)", {"was": was, "next": following})
            undone = (was, following) == (AppointmentStatus.cancelled, AppointmentStatus.booked)
            assert said == (following in TRANSITIONS[was] or undone), (was, following)


async def test_a_hold_that_somebody_else_has_is_let_go_and_nothing_else(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    held = await practice.held(maria, place.request(place.at(in_days(3), "10:00")))
    await refused(database, maria, "update appointment set starts_at = starts_at - interval '1 hour'")
    async with database.act_as(maria.credential, "booking.hold") as tx:
        await service.release_hold(tx, held.id)
    assert await practice.counts() == (0, 0)


async def test_who_cancelled_and_when_stays_as_it_was(
    database: Database, maria: Someone, desk: Someone, booked: AppointmentView
) -> None:
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, booked.id)
    for changed in ("cancelled_by = actor_person()", "cancel_reason = 'practice'", "cancelled_at = now()"):
        await refused(database, desk, f"update appointment set {changed}")
    await refused(database, maria, "update appointment set cancelled_at = now() + interval '1 day'")

"""What is somebody else's stays so: by ids, by queries without their filters, and at rest."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotFound
from portal_app.features.booking import service, statements
from tests.factories import Clinic
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days

WITHOUT_FILTERS = {
    "own appointments": re.sub(r"where .*?order", "order", str(statements.OWN_APPOINTMENTS), flags=re.DOTALL),
    "one appointment": str(statements.ONE_APPOINTMENT).split("where")[0],
    "day": re.sub(r"where x.status.*?order", "order", str(statements.DAY), flags=re.DOTALL),
    "to be cancelled": str(statements.LOCK_APPOINTMENT).split("where")[0],
}


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


@pytest.mark.parametrize("statement", WITHOUT_FILTERS.values(), ids=WITHOUT_FILTERS.keys())
async def test_without_its_filters_a_query_still_finds_only_ones_own(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, statement: str
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    mine = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    await practice.booked(sam, place.request(place.at(in_days(3), "11:00")))
    async with database.act_as(maria.credential, "booking.view") as tx:
        assert [row.id for row in await tx.all(text(statement))] == [mine.id]


@pytest.mark.parametrize("table", ["appointment", "appointment_seen", "slot", "practitioner", "schedule", "visit_type"])
async def test_nobody_in_particular_sees_nothing(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, table: str
) -> None:
    await practice.booked(await clinic.patient(), place.request(place.at(in_days(3), "10:00")))
    async with database.act_as_visitor("", "practice.view_name") as tx:
        assert await tx.scalar(f"select count(*) from {table}") == 0


async def test_the_appointment_of_another_cannot_be_told_from_none(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    hers = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    for id_ in (hers.id, uuid4()):
        for policy, act in (("booking.view", service.appointment), ("booking.cancel", service.cancel_appointment)):
            with pytest.raises(NotFound):
                async with database.act_as(sam.credential, policy) as tx:
                    await act(tx, id_)


@pytest.mark.parametrize(
    "statement",
    [
        "update appointment set status = 'arrived'",
        "delete from appointment",
        "update slot set status = 'busy-tentative', held_until = now()",
        "delete from slot",
        "update schedule set closes = '23:00'",
        "delete from visit_type",
        "update practice set phone = '1'",
    ],
)
async def test_a_statement_without_filters_changes_nothing_of_others(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, statement: str
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    async with database.act_as(sam.credential, "booking.book") as tx:
        assert await tx.execute(statement) == 0


async def test_nobody_books_for_the_chart_of_another(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(sam.credential, "booking.book") as tx:
            await tx.execute(
                "insert into appointment (id, patient_id, status, practitioner_id, location_id, visit_type_id,"
                " modality, starts_at, ends_at, patient_zone, request_key, created_by, created_at, changed_at)"
                " values (gen_random_uuid(), :her, 'pending', :who, :where, :what, 'video', now(),"
                " now() + interval '1 h', 'UTC', gen_random_uuid(), :me, now(), now())",
                {
                    "her": maria.patient_id,
                    "me": sam.person_id,
                    "who": place.practitioner_id,
                    "where": place.location_id,
                    "what": place.visit_type_id,
                },
            )


async def test_a_reason_is_not_readable_in_the_database(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    booked = await practice.booked(
        await clinic.patient(), place.request(place.at(in_days(3), "10:00"), reason="Chest pain")
    )
    async with database.act_as_system("test") as tx:
        stored = await tx.scalar("select reason from appointment where id = :id", {"id": booked.id})
    assert stored
    assert "Chest" not in stored


@pytest.mark.parametrize("reason", ["x" * 501, "y" * 100_000, "a\u202eb", "nul\x00", "bell\x07"])
async def test_a_hostile_reason_is_refused_and_nothing_is_written(
    clinic: Clinic, practice: PracticeMaker, place: Place, reason: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        await practice.booked(await clinic.patient(), place.request(place.at(in_days(3), "10:00"), reason=reason))
    assert refused.value.field == "reason"
    assert await practice.counts() == (0, 0)


async def test_a_slot_names_nobody(database: Database) -> None:
    async with database.act_as_system("test") as tx:
        columns = await tx.all("select column_name from information_schema.columns where table_name = 'slot'")
    assert {column for (column,) in columns} == {
        "id", "practitioner_id", "location_id", "starts_at", "ends_at", "status", "held_until", "visit_type_id",
        "modality", "busy_from", "busy_until", "is_overbooked", "is_kept"}  # fmt: skip


async def test_staff_who_look_at_an_appointment_are_recorded_and_its_owner_is_not(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    for who in (maria, desk):
        async with database.act_as(who.credential, "booking.view") as tx:
            await service.appointment(tx, booked.id)
    async with database.act_as_system("test") as tx:
        events = await tx.all("select person_id, action, entity_id from audit_event order by id")
    assert [tuple(event) for event in events if event.action.startswith("booking.")] == [
        (maria.person_id, "booking.book", booked.id), (desk.person_id, "booking.view", booked.id)]  # fmt: skip


@pytest.mark.parametrize(("role", "reads"), [("front_desk", ""), ("nurse", "Chest pain"), ("clinician", "Chest pain")])
async def test_the_front_desk_reads_no_reason_on_an_appointment_s_own_page(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, role: str, reads: str
) -> None:
    request = place.request(place.at(in_days(3), "10:00"), reason="Chest pain")
    booked = await practice.booked(await clinic.patient(), request)
    someone = await clinic.staff(role, location_id=place.location_id)
    async with database.act_as(someone.credential, "booking.view") as tx:
        assert (await service.appointment(tx, booked.id)).reason == reads

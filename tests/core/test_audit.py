"""The audit trail: who did what, and nobody can say otherwise."""

from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import audit, policy
from portal_app.core.actor import Role
from portal_app.core.audit import AuditWithoutActor
from portal_app.core.db import Database
from tests.factories import Clinic
from tests.statements import statements_asked

policy.register("test.anything", set(Role))
policy.register("test.visit", public=True)


async def test_event_says_who_for_whom_what_when_and_from_where(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    record_id = uuid4()
    async with database.act_as(maria.credential, "test.anything") as tx:
        await audit.record(
            tx, "booking.book", patient_id=maria.patient_id, entity="Appointment", entity_id=record_id,
            detail={"status": "booked"},
        )  # fmt: skip
        session_id = tx.actor.session_id
    async with database.act_as_system("test") as tx:
        row = await tx.one("select *, now() - at < '1 minute' as is_recent from audit_event")
    assert (row.person_id, row.patient_id, row.session_id) == (maria.person_id, maria.patient_id, session_id)
    assert (row.action, row.entity, row.entity_id) == ("booking.book", "Appointment", record_id)
    assert (row.address, row.detail, row.is_recent) == ("192.0.2.7", {"status": "booked"}, True)


async def test_whatever_is_recorded_costs_one_statement_before_the_commit(database: Database) -> None:
    async with database.act_as_system("test") as tx:
        with statements_asked() as said:
            for action in ("a.b", "a.c"):
                await audit.record(tx, action, patient_id=None, entity="Patient", entity_id=None)
            assert said == []
            await tx.flush()
        assert len(said) == 1
        assert await tx.scalar("select count(*) from audit_event") == 2


async def test_a_visitor_cannot_be_an_actor(database: Database) -> None:
    with pytest.raises(AuditWithoutActor):
        async with database.act_as_visitor("browser", "test.visit") as tx:
            await audit.record(tx, "a.b", patient_id=None, entity="Patient", entity_id=None)


async def test_the_database_refuses_an_event_without_an_actor(database: Database) -> None:
    with pytest.raises(DBAPIError, match="needs an actor"):
        async with database.act_as_visitor("browser", "test.visit") as tx:
            await tx.execute("insert into audit_event (action, entity) values ('a.b', 'Patient')")


async def test_nobody_can_record_in_another_name(database: Database, clinic: Clinic) -> None:
    maria, other = await clinic.patient(), uuid4()
    async with database.act_as(maria.credential, "test.anything") as tx:
        await tx.execute(
            "insert into audit_event (action, entity, person_id, tx, cluster, at, address)"
            " values ('a.b', 'Patient', :other, 1, 1, '2001-01-01', 'elsewhere')",
            {"other": other},
        )
    async with database.act_as_system("test") as tx:
        row = await tx.one("select person_id, tx > 1 as own_tx, at > '2020-01-01' as now, address from audit_event")
    assert tuple(row) == (maria.person_id, True, True, "192.0.2.7")


@pytest.mark.parametrize(
    "statement", ["update audit_event set action = 'x'", "delete from audit_event", "truncate audit_event"]
)
async def test_the_application_can_only_add(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.act_as_system("test") as tx:
            await tx.execute(statement)


async def test_an_act_that_fails_leaves_no_event(database: Database) -> None:
    async def fail_after_recording() -> None:
        async with database.act_as_system("test") as tx:
            await audit.record(tx, "a.b", patient_id=None, entity="Patient", entity_id=None)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_recording()
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from audit_event") == 0


async def test_managers_see_the_trail_and_patients_only_through_its_own_page(
    database: Database, clinic: Clinic
) -> None:
    maria, omar = await clinic.patient(), await clinic.patient("Omar", "Haddad")
    manager, nurse = await clinic.staff("manager"), await clinic.staff("nurse")
    for someone in (maria, omar):
        async with database.act_as(someone.credential, "test.anything") as tx:
            await audit.record(tx, "a.b", patient_id=someone.patient_id, entity="Patient", entity_id=None)
    seen = {}
    for name, someone in {"maria": maria, "manager": manager, "nurse": nurse}.items():
        async with database.act_as(someone.credential, "test.anything") as tx:
            seen[name] = {row.person_id for row in await tx.all("select person_id from audit_event")}
    assert seen == {"maria": set(), "manager": {maria.person_id, omar.person_id}, "nurse": set()}


async def test_detail_cannot_grow_into_a_record(database: Database) -> None:
    with pytest.raises(ValueError, match="audit detail"):
        async with database.act_as_system("test") as tx:
            await audit.record(
                tx, "a.b", patient_id=None, entity="Patient", entity_id=None, detail={"note": "x" * 1000}
            )

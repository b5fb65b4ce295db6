"""A transaction knows who acts, and the database shows them nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import policy
from portal_app.core.actor import Credential, Role
from portal_app.core.connections import driver_of
from portal_app.core.db import Database, Transaction, libpq_conninfo
from portal_app.core.errors import NotAllowed, NotSignedIn, RecordsBusy, StepUpNeeded
from tests.factories import Clinic

LOOK = policy.register("test.look", {Role.patient, Role.front_desk, Role.clinician, Role.manager})
ACT = "test.look"
STRONG = policy.register("test.strong", {Role.patient}, assurance=2)


async def test_a_patient_sees_one_chart_their_own(database: Database, clinic: Clinic) -> None:
    maria, _sam = await clinic.patient("Maria"), await clinic.patient("Sam")
    async with database.act_as(maria.credential, ACT) as tx:
        rows = await tx.all("select id from patient")
        assert [row.id for row in rows] == [maria.patient_id]
        assert tx.actor.roles == {Role.patient}
        assert tx.actor.display_name == "Maria Alvarez"


async def test_the_front_desk_sees_every_chart_and_a_clinician_without_patients_none(
    database: Database, clinic: Clinic
) -> None:
    await clinic.patient("Maria")
    desk, clinician = await clinic.staff("front_desk"), await clinic.staff("clinician", location_id=uuid4())
    async with database.act_as(desk.credential, ACT) as tx:
        assert await tx.scalar("select count(*) from patient") == 1
    async with database.act_as(clinician.credential, ACT) as tx:
        assert await tx.scalar("select count(*) from patient") == 0


async def test_an_unknown_an_ended_and_an_expired_session_are_refused(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    ended, expired = await clinic.sign_in_again(maria), await clinic.sign_in_again(maria, timedelta(seconds=-1))
    async with database.act_as(ended.credential, ACT) as tx:
        await tx.execute("update session set ended_at = now() where id = :id", {"id": tx.actor.session_id})
    for credential in (Credential("nobody"), Credential(""), ended.credential, expired.credential):
        with pytest.raises(NotSignedIn):
            async with database.act_as(credential, ACT):
                pass


async def test_a_role_that_is_not_named_and_a_weak_sign_in_are_told_apart(database: Database, clinic: Clinic) -> None:
    maria, nurse = await clinic.patient(), await clinic.staff("nurse")
    with pytest.raises(NotAllowed):
        async with database.act_as(nurse.credential, ACT):
            pass
    with pytest.raises(StepUpNeeded):
        async with database.act_as(maria.credential, "test.strong"):
            pass
    with pytest.raises(NotAllowed):
        async with database.act_as(maria.credential, "test.nobody_wrote_this"):
            pass


async def test_nothing_of_one_actor_is_left_for_the_next_on_the_same_connection(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    async with database.act_as(maria.credential, ACT) as tx:
        assert await tx.scalar("select count(*) from patient") == 1
        mine = tx.driver
    pooled = await database.connections.borrow()
    assert driver_of(pooled) is mine
    for table in ("patient", "person"):
        rows = await mine.execute(f"select count(*) from {table}")
        assert await rows.fetchone() == (0,)
    await database.connections.give_back(pooled)


async def test_a_failure_inside_leaves_nothing_written(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the failure must come after the write
        async with database.act_as(maria.credential, ACT) as tx:
            await tx.execute("update person set display_name = 'x' where id = :id", {"id": maria.person_id})
            raise ZeroDivisionError
    async with database.act_as(maria.credential, ACT) as tx:
        assert tx.actor.display_name == "Maria Alvarez"


async def test_an_error_s_text_holds_no_parameter(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    with pytest.raises(DBAPIError) as failed:
        async with database.act_as(maria.credential, ACT) as tx:
            await tx.execute("select cast(:name as int)", {"name": "Alvarez, knee"})
    assert "Alvarez" not in str(failed.value.statement)
    assert "[parameters" not in str(failed.value) or "hidden" in str(failed.value)


async def test_the_first_tap_after_the_server_dropped_its_connections_is_answered(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    async with database.act_as(maria.credential, ACT) as tx:
        mine = tx.driver.info.backend_pid
    async with await psycopg.AsyncConnection.connect(
        libpq_conninfo(database.engine.url.render_as_string(hide_password=False))
    ) as other:
        await other.execute("select pg_terminate_backend(%s, 5000)", (mine,))
    async with database.act_as(maria.credential, ACT) as tx:
        assert tx.driver.info.backend_pid != mine


async def test_a_statement_that_failed_leaves_the_connection_usable(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    with pytest.raises(DBAPIError):
        async with database.act_as(maria.credential, ACT) as tx:
            await tx.scalar("select 1 / 0")
    async with database.act_as(maria.credential, ACT) as tx:
        assert await tx.scalar("select count(*) from patient") == 1


async def test_what_is_cancelled_while_it_asks_gives_its_connection_back(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()

    async def wait_in_the_database() -> None:
        async with database.act_as(maria.credential, ACT) as tx:
            await tx.scalar("select pg_sleep(60)")

    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(wait_in_the_database(), 0.2)
    async with database.act_as(maria.credential, ACT) as tx:
        assert await tx.scalar("select count(*) from patient") == 1


Lock = Callable[[Transaction, str], Awaitable[object]]
LOCKS: dict[str, Lock] = {
    "by SQLAlchemy": lambda tx, key: tx.execute("select pg_advisory_xact_lock(hashtext(:key))", {"key": key}),
    "by the driver": lambda tx, key: tx.driver.execute("select pg_advisory_xact_lock(hashtext(%s))", (key,)),
}


@pytest.mark.parametrize("way", LOCKS)
async def test_of_two_who_wait_for_each_other_one_is_told_to_try_again_and_the_other_goes_on(
    database: Database, way: str
) -> None:
    both_hold = asyncio.Barrier(2)

    async def take(first: str, second: str) -> None:
        async with database.act_as_system("test") as tx:
            await LOCKS[way](tx, first)
            await both_hold.wait()
            await LOCKS[way](tx, second)

    outcomes = await asyncio.gather(take("a", "b"), take("b", "a"), return_exceptions=True)
    assert {type(one) for one in outcomes} == {RecordsBusy, type(None)}
    await asyncio.wait_for(take_alone(database), 5)


async def take_alone(database: Database) -> None:
    async with database.act_as_system("test") as tx:
        for key in ("a", "b"):
            await LOCKS["by SQLAlchemy"](tx, key)


@pytest.mark.parametrize("said", ["55P03", "40001"])
async def test_whoever_waited_too_long_or_was_overtaken_is_told_to_try_again(database: Database, said: str) -> None:
    with pytest.raises(RecordsBusy):
        async with database.act_as_system("test") as tx:
            await tx.execute(f"do $$ begin raise exception 'others' using errcode = '{said}'; end $$")

"""What the database refuses of readings and plans: another number in one that is kept, another name on a plan."""

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.actor import Credential
from portal_app.features.vitals.service import take_back
from tests.factories import Clinic
from tests.features.vitals.conftest import AtHome
from tests.features.vitals.test_watching import plan, plans, watched


async def refused(home: AtHome, credential: Credential, statement: str, **params: object) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with home.database.act_as(credential, "access.who_am_i") as tx:
            await tx.execute(statement, params)
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege), caught.value.orig


@pytest.mark.parametrize("changed", ["value = 97", "pulse = 60", "pair = 80", "sequence = 0", "status = 'amended'"])
async def test_a_reading_is_taken_back_and_never_changed(home: AtHome, changed: str) -> None:
    await home.log("oxygen", "91", is_confirmed=True)
    await refused(home, home.patient.credential, f"update reading set {changed}")


async def test_a_reading_that_was_taken_back_does_not_come_back(home: AtHome) -> None:
    await home.log("oxygen", "97")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await tx.execute("update reading set status = 'entered-in-error'")
        assert await tx.execute("update reading set status = 'final'") == 0


async def test_a_plan_bears_the_name_of_whoever_set_it_and_is_ended_once_in_ones_own(
    home: AtHome, clinic: Clinic
) -> None:
    await watched(home)
    ben = await clinic.staff("clinician", name="Ben Ito")
    async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
        await tx.execute(
            "insert into care_plan (id, patient_id, measure, times_a_day, begins_on, until_on, set_by, set_by_name,"
            " set_at, request_key) values (gen_random_uuid(), :id, 'pulse', 1, current_date, current_date + 9,"
            " actor_person(), 'Ben Ito', now(), gen_random_uuid())",
            {"id": home.patient.patient_id},
        )
    assert [one.set_by_name for one in await plans(home)] == ["Noor Haddad"]
    await plan(home, "oxygen")
    await refused(home, home.nurse.credential, "update care_plan set ended_at = now(), ended_by = :who",
                  who=ben.person_id)  # fmt: skip
    async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
        await tx.execute("update care_plan set ended_at = now(), ended_by = actor_person()")
    await refused(home, home.nurse.credential, "update care_plan set ended_at = null, ended_by = null")


async def test_an_alert_is_withdrawn_for_what_was_taken_back_or_has_come_and_for_nothing_else(home: AtHome) -> None:
    kept = await home.log("oxygen", "91", is_confirmed=True)
    assert kept.severity
    withdraw = "select * from withdraw_from_alert(:id, :outcome, now())"
    for outcome in ("taken_back", "arrived", "no_change"):
        await refused(home, home.patient.credential, withdraw, id=kept.id, outcome=outcome)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await take_back(tx, kept.id)
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from alert_event where withdrawn_at is not null") == 1


async def test_who_took_a_reading_back_stays_who_it_was(home: AtHome) -> None:
    kept = await home.log("oxygen", "97")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await take_back(tx, kept.id)
        assert await tx.execute("update reading set status = 'entered-in-error'") == 0
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from reading_change") == 1

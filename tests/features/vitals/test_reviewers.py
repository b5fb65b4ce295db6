"""Who reviewed a rule: they themself and nobody else, read by whoever may review; and only what is measured is kept."""

from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.features.vitals import looking, service
from portal_app.features.vitals.measures import MEASURES
from tests.factories import Clinic, Someone
from tests.features.vitals.conftest import AtHome


@pytest.fixture
async def ana(clinic: Clinic) -> Someone:
    return await clinic.staff("clinician", name="Ana Ruiz")


@pytest.fixture
async def ben(clinic: Clinic) -> Someone:
    return await clinic.staff("clinician", name="Ben Ito")


async def refused(home: AtHome, credential: Credential, statement: str, **params: object) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with home.database.act_as(credential, "access.who_am_i") as tx:
            await tx.execute(statement, params)
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege), caught.value.orig


async def approved(home: AtHome, who: Someone, measure: str) -> None:
    async with home.database.act_as(who.credential, "vitals.review") as tx:
        there = [one.id for one in await service.rules_in_force(tx) if one.measure == measure]
        await service.approve_rules(tx, measure, there)


async def reviewers(home: AtHome, who: Someone, measure: str) -> set[str]:
    async with home.database.act_as(who.credential, "vitals.review") as tx:
        return {one.reviewed_by_name for one in await service.rules_in_force(tx) if one.measure == measure}


async def test_nobody_is_written_down_as_reviewer_by_another(home: AtHome, ana: Someone, ben: Someone) -> None:
    await refused(home, ana.credential, "update vital_rule set reviewed_by = :who, reviewed_at = now()",
                  who=ben.person_id)  # fmt: skip
    async with home.database.act_as(ana.credential, "vitals.review") as tx:
        await tx.execute("update vital_rule set reviewed_by = actor_person(), reviewed_at = now(),"
                         " reviewed_by_name = 'Ben Ito' where measure = 'pulse'")  # fmt: skip
    assert await reviewers(home, ben, "pulse") == {"Ana Ruiz"}


@pytest.mark.parametrize("changed", [
    "reviewed_by = null, reviewed_at = null", "reviewed_by = actor_person()", "reviewed_at = now()",
    "reviewed_by_name = 'Dr. No'",
])  # fmt: skip
async def test_what_a_colleague_reviewed_stays_theirs(home: AtHome, ana: Someone, ben: Someone, changed: str) -> None:
    await approved(home, ana, "pulse")
    await refused(home, ben.credential, f"update vital_rule set {changed} where measure = 'pulse'")
    assert await reviewers(home, ben, "pulse") == {"Ana Ruiz"}


async def test_a_rule_that_was_replaced_does_not_come_back(home: AtHome, ana: Someone) -> None:
    async with home.database.act_as(ana.credential, "vitals.review") as tx:
        await tx.execute("update vital_rule set retired_at = now() where measure = 'pulse'")
    for changed in ("retired_at = null", "reviewed_by = actor_person(), reviewed_at = now()"):
        await refused(home, ana.credential, f"update vital_rule set {changed} where measure = 'pulse'")


async def test_a_nurse_a_manager_and_the_patient_side_review_nothing(home: AtHome, clinic: Clinic) -> None:
    for who in (home.nurse, await clinic.staff("manager"), home.patient):
        async with home.database.act_as(who.credential, "access.who_am_i") as tx:
            assert await tx.execute("update vital_rule set reviewed_by = actor_person(), reviewed_at = now()") == 0


async def test_who_reviewed_is_read_by_whoever_may_review_and_by_nobody_else(
    home: AtHome, clinic: Clinic, ana: Someone, ben: Someone
) -> None:
    await approved(home, ana, "pulse")
    assert await reviewers(home, ben, "pulse") == {"Ana Ruiz"}
    for who in (home.patient, home.nurse, await clinic.staff("manager")):
        for column in ("reviewed_by", "reviewed_by_name"):
            await refused(home, who.credential, f"select {column} from vital_rule")
        async with home.database.act_as(who.credential, "access.who_am_i") as tx:
            assert await tx.scalar("select count(*) from rule_reviewers()") == 0
            assert await tx.scalar("select count(*) from vital_rule where reviewed_at is not null")


@pytest.mark.parametrize(("measure", "unit"), [("mood", "%"), ("oxygen", "kg"), ("", ""), ("Maria Alvarez", "%")])
async def test_only_what_is_measured_is_counted_or_kept(home: AtHome, measure: str, unit: str) -> None:
    values = {
        "patient_id": home.patient.patient_id, "confidentiality": "N", "measure": measure, "unit": unit,
        "value": Decimal(50), "pair": None, "taken_at": clock.now(), "request_key": uuid4(),
    }  # fmt: skip
    with pytest.raises(psycopg.errors.CheckViolation):
        async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
            await looking.count(tx, values)
    with pytest.raises(DBAPIError) as caught:
        async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
            await tx.execute(
                "insert into reading (id, patient_id, measure, unit, value, taken_at, zone, entered_by, entered_at,"
                " request_key, finding, protocol, severity) values (gen_random_uuid(), :patient_id, :measure, :unit,"
                " 50, now(), 'UTC', actor_person(), now(), gen_random_uuid(), '', '', '')",
                values,
            )
    assert isinstance(caught.value.orig, psycopg.errors.CheckViolation)


async def test_nobody_is_reminded_of_what_is_not_measured(home: AtHome) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
            await tx.execute(
                "insert into care_plan_reminder (patient_id, person_id, measure, at)"
                " values (actor_patient(), actor_person(), 'mood', '08:00')"
            )
    assert isinstance(caught.value.orig, psycopg.errors.CheckViolation)


async def test_the_database_knows_the_measures_and_units_that_there_are(home: AtHome) -> None:
    async with home.database.act_as_system("test") as tx:
        for one in MEASURES.values():
            for unit in (None, *(unit.code for unit in one.units)):
                asked = "select is_measure(cast(:code as text), cast(:unit as text))"
                assert await tx.scalar(asked, {"code": one.code, "unit": unit})

"""may(): one function over one table of grants answers who may do what with whose chart."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy.exc

from portal_app.core import clock, policy
from portal_app.core.actor import Credential, Role, Section, Verb
from portal_app.core.db import Database, secret_hash
from tests.factories import Clinic

policy.register("test.may", set(Role) - {Role.system})
SENSITIVE = ("vitals", "messages", "results", "notes", "bills")


async def grant(database: Database, grantee: UUID, patient_id: UUID | None, basis: str, **more: object) -> None:
    values = {"sections": ["booking"], "verbs": ["view", "act"], "up_to": "N", "min_assurance": 1, "valid_until": None}
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)"
            " values (:grantee, :patient_id, :sections, :verbs, :up_to, :min_assurance, :basis, :valid_until)",
            values | more | {"grantee": grantee, "patient_id": patient_id, "basis": basis},
        )


async def may(
    database: Database, credential: Credential, patient_id: UUID | None, what: str = "view booking N"
) -> bool:
    verb, section, confidentiality = what.split()
    async with database.act_as(credential, "test.may") as tx:
        return bool(
            await tx.scalar(
                "select may(:verb, :section, :patient_id, :confidentiality)",
                {"verb": verb, "section": section, "patient_id": patient_id, "confidentiality": confidentiality},
            )
        )


async def caregiver(database: Database, clinic: Clinic, patient_id: UUID) -> Credential:
    """Sign a caregiver in, acting for a chart."""
    someone, secret = await clinic.staff("caregiver", name="Ana"), uuid4().hex
    async with database.act_as_system("test") as tx:
        await tx.execute("select set_config('portal.person_id', :id, true)", {"id": str(someone.person_id)})
        await tx.execute(
            "insert into session (id, secret_hash, person_id, patient_id, assurance, expires_at)"
            " values (gen_random_uuid(), :hash, :person_id, :patient_id, 1, :until)",
            {
                "hash": secret_hash(secret), "person_id": someone.person_id, "patient_id": patient_id,
                "until": clock.now() + timedelta(hours=1),
            },
        )  # fmt: skip
    return Credential(secret)


async def person_of(database: Database, credential: Credential) -> UUID:
    async with database.act_as(credential, "test.may") as tx:
        return tx.actor.person_id


async def test_a_code_opens_one_s_own_bookings_and_not_one_s_results(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    assert await may(database, maria.credential, maria.patient_id, "act booking V")
    for section in SENSITIVE:
        assert not await may(database, maria.credential, maria.patient_id, f"view {section} N")


@pytest.mark.parametrize("section", list(Section))
@pytest.mark.parametrize("verb", list(Verb))
async def test_a_stranger_may_nothing(database: Database, clinic: Clinic, section: Section, verb: Verb) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    assert not await may(database, sam.credential, maria.patient_id, f"{verb} {section} N")


async def test_a_caregiver_may_what_the_grant_says_and_no_more(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    assert maria.patient_id
    ana = await caregiver(database, clinic, maria.patient_id)
    assert not await may(database, ana, maria.patient_id)
    await grant(database, await person_of(database, ana), maria.patient_id, "caregiver", verbs=["view"])
    assert await may(database, ana, maria.patient_id, "view booking N")
    assert not await may(database, ana, maria.patient_id, "act booking N")
    assert not await may(database, ana, maria.patient_id, "view forms N")
    assert not await may(database, ana, maria.patient_id, "view booking R")


async def test_a_grant_ends_at_its_time(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    assert maria.patient_id
    ana = await caregiver(database, clinic, maria.patient_id)
    past = clock.now() - timedelta(seconds=1)
    await grant(database, await person_of(database, ana), maria.patient_id, "caregiver", valid_until=past)
    assert not await may(database, ana, maria.patient_id)


async def test_a_caregiver_of_two_sees_only_the_one_they_act_for(database: Database, clinic: Clinic) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    assert maria.patient_id
    ana = await caregiver(database, clinic, maria.patient_id)
    person_id = await person_of(database, ana)
    for patient_id in (maria.patient_id, sam.patient_id):
        await grant(database, person_id, patient_id, "caregiver")
    assert await may(database, ana, maria.patient_id)
    assert not await may(database, ana, sam.patient_id)


async def test_clinical_staff_of_a_location_reach_its_patients_and_its_front_desk_does_not_gain_by_it(
    database: Database, clinic: Clinic
) -> None:
    maria, location_id = await clinic.patient(), uuid4()
    here = await clinic.staff("nurse", location_id=location_id)
    elsewhere = await clinic.staff("nurse", location_id=uuid4())
    desk = await clinic.staff("front_desk", location_id=location_id)
    await grant(database, location_id, maria.patient_id, "care_team", sections=["forms"])
    assert await may(database, here.credential, maria.patient_id, "view forms N")
    assert not await may(database, elsewhere.credential, maria.patient_id, "view forms N")
    assert not await may(database, desk.credential, maria.patient_id, "view forms N")


async def test_billing_sees_bills_and_no_bookings_and_a_manager_neither(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    billing, manager = await clinic.staff("billing"), await clinic.staff("manager")
    assert await may(database, billing.credential, maria.patient_id, "view bills N")
    assert not await may(database, billing.credential, maria.patient_id)
    for section in Section:
        assert not await may(database, manager.credential, maria.patient_id, f"view {section} N")


async def test_nobody_grants_themselves_anything(database: Database, clinic: Clinic) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")

    for attempt in (
        (
            "insert into access_grant (grantee, patient_id, sections, verbs, basis)"
            " values (:me, :them, '{booking}', '{view}', 'self')"
        ),
        (
            "insert into access_grant (grantee, patient_id, sections, verbs, basis)"
            " values (:me, :them, '{booking}', '{view}', 'appointment')"
        ),
        "insert into person_role (id, person_id, role) values (gen_random_uuid(), :me, 'manager') returning :them",
    ):
        with pytest.raises(sqlalchemy.exc.ProgrammingError, match="row-level security"):
            async with database.act_as(sam.credential, "test.may") as tx:
                await tx.execute(attempt, {"me": sam.person_id, "them": maria.patient_id})
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="permission denied"):
        async with database.act_as(sam.credential, "test.may") as tx:
            await tx.execute("update access_grant set patient_id = :them", {"them": maria.patient_id})
    async with database.act_as(sam.credential, "test.may") as tx:
        assert (
            await tx.execute("update session set ended_at = now() where person_id <> :me", {"me": sam.person_id}) == 0
        )


async def test_nobody_raises_their_own_assurance(database: Database, clinic: Clinic) -> None:
    sam = await clinic.patient("Sam")
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="permission denied"):
        async with database.act_as(sam.credential, "test.may") as tx:
            await tx.execute("update session set assurance = 2")

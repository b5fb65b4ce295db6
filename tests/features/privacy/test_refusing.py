"""A patient who does not want their pages seen by support."""

import psycopg
import pytest
import sqlalchemy.exc

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.core.errors import LookOver, NotAllowed
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import LookQuery, LookRefused
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.ages.conftest import Family, family
from tests.features.privacy.test_seeing import gets_in, looking

__all__ = ["family"]

wiring.load_features("policies")
REFUSE = "privacy.refuse_looks"


async def refuse(database: Database, patient: Someone) -> None:
    async with database.act_as(patient.credential, REFUSE) as tx:
        await privacy.refuse_looks(tx)


async def test_no_look_begins_until_the_patient_lets_them_again(database: Database, clinic: Clinic) -> None:
    maria, other, tom = await clinic.proven(), await clinic.proven(), await clinic.staff("front_desk")
    await refuse(database, maria)
    with pytest.raises(LookRefused):
        await looking(database, tom, maria.patient_id, "present")
    async with database.act_as(maria.credential, REFUSE) as tx:
        await privacy.allow_looks(tx)
    await gets_in(database, await looking(database, tom, maria.patient_id))
    await refuse(database, maria)
    await gets_in(database, await looking(database, await clinic.staff("front_desk"), other.patient_id))


async def test_an_open_look_ends_at_once(database: Database, clinic: Clinic) -> None:
    maria, tom = await clinic.proven(), await clinic.staff("front_desk")
    look = await looking(database, tom, maria.patient_id)
    await gets_in(database, look)
    await refuse(database, maria)
    with pytest.raises(LookOver):
        await gets_in(database, look)


async def test_it_is_written_down_once_however_often_it_is_tapped(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    for _ in range(2):
        await refuse(database, maria)
    async with database.act_as(maria.credential, "privacy.who_looked") as tx:
        (day,) = (await privacy.who_looked(tx, LookQuery(), is_repeated=True)).days
        assert await privacy.are_looks_refused(tx, maria.patient_id)
    assert [line.action for line in day.lines] == [REFUSE]


async def test_whoever_acts_for_the_patient_and_staff_decide_nothing_by_hand_either(
    database: Database, clinic: Clinic
) -> None:
    maria, ana, tom = await clinic.proven(), await clinic.proven("Ana"), await clinic.staff("front_desk")
    await accept(database, ana, await invited(database, maria, ana.email, "booking_act"))
    carer = await Clinic(database).sign_in_again(await acting_for(database, ana, maria), assurance=2)
    with pytest.raises(NotAllowed):
        await refuse(database, carer)
    for someone, policy in ((carer, "booking.view"), (tom, "patients.view"), (await clinic.proven(), "booking.view")):
        with pytest.raises(sqlalchemy.exc.ProgrammingError) as failed:
            async with database.act_as(someone.credential, policy) as tx:
                await tx.execute(
                    "insert into look_refusal (id, patient_id, refused_by)"
                    " values (gen_random_uuid(), :id, actor_person())",
                    {"id": maria.patient_id},
                )
        assert isinstance(failed.value.orig, psycopg.errors.InsufficientPrivilege)
    await refuse(database, maria)
    async with database.act_as(tom.credential, "patients.view") as tx:
        assert await tx.execute("delete from look_refusal where patient_id = :id", {"id": maria.patient_id}) == 0


async def test_who_acts_for_a_small_child_refuses_in_its_stead_and_a_teen_themself(
    database: Database, family: Family
) -> None:
    for age, may in ((6, True), (14, False)):
        child, parent = await family(age, "booking_act")
        there = await Clinic(database).sign_in_again(await acting_for(database, parent, child), assurance=2)
        async with database.act_as(there.credential, REFUSE) as tx:
            assert await privacy.may_refuse_looks(tx) == may
        if may:
            await refuse(database, there)
            async with database.act_as(there.credential, REFUSE) as tx:
                assert await privacy.are_looks_refused(tx, child.patient_id)
                await privacy.allow_looks(tx)


async def test_of_those_who_act_for_a_small_child_a_friend_and_who_may_only_look_refuse_nothing(
    database: Database, family: Family
) -> None:
    for ticked, how in (("booking_act", {"relationship": "friend"}), ("booking_view", {})):
        child, other = await family(6, ticked, **how)
        there = await Clinic(database).sign_in_again(await acting_for(database, other, child), assurance=2)
        with pytest.raises(NotAllowed):
            await refuse(database, there)

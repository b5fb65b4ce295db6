"""The first steps are kept one by one; nobody who had an account before is asked to take them."""

import pytest

from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused
from portal_app.features.enrolment import service
from portal_app.features.enrolment.rules import STEPS
from portal_app.features.patients import service as patients
from portal_app.features.profile import service as profile
from tests.factories import Clinic
from tests.features.enrolment.world import World, browser, by_code


async def signed_in(world: World) -> tuple[Credential, object]:
    patient_id, who = await world.chart(), browser()
    await world.claim(who, by_code(await world.issue(patient_id)))
    session = await world.finish(who, await world.ask(who, "ines@example.test"))
    return Credential(session.secret), patient_id


async def test_whoever_stops_goes_on_where_they_were_until_they_are_in(world: World, database: Database) -> None:
    credential, patient_id = await signed_in(world)
    left = []
    for step in STEPS:
        async with database.act_as(credential, "enrolment.settle_in") as tx:
            left.append(await service.steps_left(tx))
            await service.finish_step(tx, step, "phone" if step == "channel" else None)
            await service.finish_step(tx, step)
    assert left == [STEPS[n:] for n in range(len(STEPS))]
    async with database.act_as(world.desk.credential, "patients.view") as tx:
        assert (await patients.patient(tx, patient_id)).reached_by == "phone"  # type: ignore[arg-type]
    async with database.act_as(world.desk.credential, "enrolment.issue") as tx:
        assert (await service.enrolment_of(tx, patient_id)).stage == "in"  # type: ignore[arg-type]


async def test_a_step_taken_long_ago_and_sent_again_undoes_nothing_that_was_said_since(
    world: World, database: Database
) -> None:
    credential, _ = await signed_in(world)
    async with database.act_as(credential, "enrolment.settle_in") as tx:
        await service.finish_step(tx, "channel", "phone")
        await profile.choose_reached_by(tx, "mail")
        await service.finish_step(tx, "channel", "phone")
        assert (await profile.profile(tx)).reached_by == "mail"


async def test_older_accounts_have_no_first_steps(clinic: Clinic, database: Database) -> None:
    maria = await clinic.patient()
    async with database.act_as(maria.credential, "enrolment.settle_in") as tx:
        assert await service.steps_left(tx) == ()
        assert await service.finish_step(tx, "portal") == ()
        assert await tx.scalar("select count(*) from onboarding") == 0


async def test_a_step_nobody_knows_is_refused(world: World, database: Database) -> None:
    credential, _ = await signed_in(world)
    for step, reached_by in (("admin", None), ("channel", "pigeon")):
        with pytest.raises(InputRefused):
            async with database.act_as(credential, "enrolment.settle_in") as tx:
                await service.finish_step(tx, step, reached_by)  # type: ignore[arg-type]
    async with database.act_as(credential, "enrolment.settle_in") as tx:
        assert await service.steps_left(tx) == STEPS


async def test_nobody_sees_or_takes_somebody_elses_steps(world: World, clinic: Clinic, database: Database) -> None:
    await signed_in(world)
    other = await clinic.patient()
    async with database.act_as(other.credential, "enrolment.settle_in") as tx:
        assert await tx.scalar("select count(*) from onboarding") == 0
        assert await tx.execute("update onboarding set done = '{}'") == 0

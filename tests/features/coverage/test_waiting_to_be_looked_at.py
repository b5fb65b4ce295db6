"""That an insurance waits to be looked at is known to whoever attends the visit; what it says is the desks' alone."""

import pytest

from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed
from portal_app.features.coverage import service
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.checkin.conftest import Desk, desk
from tests.features.coverage.conftest import Insured
from tests.features.privacy.test_seeing import looking

__all__ = ["desk"]


async def waits(desk: Desk, by: Someone) -> bool:
    async with desk.database.act_as(by.credential, "coverage.know") as tx:
        return await service.insurance_waits_since(tx, desk.maria.patient_id) is not None  # type: ignore[arg-type]


async def insured(desk: Desk, clinic: Clinic, settings: Settings, database: Database) -> Insured:
    return Insured(database, settings, clinic, await clinic.sign_in_again(desk.maria, assurance=2))


async def test_whoever_attends_knows_until_the_desk_has_looked_and_again_after_a_change(
    desk: Desk, clinic: Clinic, settings: Settings, database: Database
) -> None:
    nurse = await clinic.staff("nurse", location_id=desk.place.location_id)
    assert [await waits(desk, one) for one in (desk.clerk, nurse)] == [False, False]
    maria = await insured(desk, clinic, settings, database)
    coverage_id = await maria.add()
    assert [await waits(desk, one) for one in (desk.clerk, nurse)] == [True, True]
    async with database.act_as(desk.clerk.credential, "coverage.review") as tx:
        await service.review_coverage(tx, coverage_id, 0)
    assert [await waits(desk, one) for one in (desk.clerk, nurse)] == [False, False]
    await maria.change(coverage_id, 0, plan_name="Gold")
    assert [await waits(desk, one) for one in (desk.clerk, nurse)] == [True, True]


async def test_nobody_else_learns_of_it(desk: Desk, clinic: Clinic, settings: Settings, database: Database) -> None:
    await (await insured(desk, clinic, settings, database)).add()
    elsewhere = await clinic.staff("nurse")
    assert not await waits(desk, elsewhere)
    for who in (desk.maria, await clinic.staff("manager"), await clinic.staff("billing")):
        with pytest.raises(NotAllowed):
            await waits(desk, who)
    nurse = await clinic.staff("nurse", location_id=desk.place.location_id)
    assert desk.maria.patient_id
    with pytest.raises(NotAllowed):
        await waits(desk, await looking(database, nurse, desk.maria.patient_id))


async def test_who_was_shown_that_it_waits_is_in_the_trail_once_a_look(
    desk: Desk, clinic: Clinic, settings: Settings, database: Database
) -> None:
    looks = "select count(*) from audit_event where action = 'coverage.list' and patient_id = :id"
    assert not await waits(desk, desk.clerk)
    await (await insured(desk, clinic, settings, database)).add()
    assert await waits(desk, desk.clerk)
    assert desk.maria.patient_id
    async with database.act_as(desk.clerk.credential, "coverage.know") as tx:
        await service.insurance_waits_since(tx, desk.maria.patient_id, is_repeated=True)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar(looks, {"id": desk.maria.patient_id}) == 1

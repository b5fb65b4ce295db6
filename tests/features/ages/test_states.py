"""Whose rule by age counts for one patient: looked at, then changed, by the front desk alone."""

from datetime import timedelta

import pytest
import sqlalchemy.exc

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, StepUpNeeded
from portal_app.features.access.rules import FRESH_LIFE
from portal_app.features.ages import service as ages
from portal_app.features.ages.errors import PreviewStale
from portal_app.features.ages.views import ChartState, StatePreview
from portal_app.pages import staff_caregivers
from tests.factories import Clinic, Someone
from tests.features.ages.conftest import Family, opened

LIMITED = {"booking", "bills"}
"""What the example for California leaves open from 12 on."""


@pytest.fixture
async def desk(clinic: Clinic) -> Someone:
    return await clinic.staff("front_desk", name="Tom Ortiz")


async def look(database: Database, desk: Someone, child: Someone, state: str) -> StatePreview:
    assert child.patient_id
    async with database.act_as(desk.credential, "ages.set_state") as tx:
        return await ages.preview_state(tx, child.patient_id, state)


async def change(database: Database, desk: Someone, child: Someone, seen: StatePreview) -> None:
    assert child.patient_id
    async with database.act_as(desk.credential, "ages.set_state") as tx:
        await ages.set_state(tx, child.patient_id, seen)


async def test_looked_at_it_changes_nothing_and_then_does_what_was_seen(
    database: Database, family: Family, desk: Someone
) -> None:
    child, parent = await family(13)
    before = await opened(database, parent, child)
    seen = await look(database, desk, child, "CA")
    (one,) = seen.changes
    assert (set(one.loses), one.gains) == (before - LIMITED, ())
    assert await opened(database, parent, child) == before
    await change(database, desk, child, seen)
    await change(database, desk, child, seen)
    assert await opened(database, parent, child) == LIMITED
    async with database.act_as(desk.credential, "ages.set_state") as tx:
        assert child.patient_id
        assert await ages.chart_state(tx, child.patient_id) == ChartState("CA", "", is_young=True)
        written = await tx.all("select 1 from audit_event where action = 'ages.set_state'")
    assert len(written) <= 1


async def test_left_empty_the_practice_s_state_counts_again(database: Database, family: Family, desk: Someone) -> None:
    child, parent = await family(13)
    before = await opened(database, parent, child)
    await change(database, desk, child, await look(database, desk, child, "CA"))
    back = await look(database, desk, child, "")
    assert back.changes[0].gains
    await change(database, desk, child, back)
    assert await opened(database, parent, child) == before


async def test_of_two_at_the_desk_the_second_looks_once_more(database: Database, family: Family, desk: Someone) -> None:
    child, _ = await family(13)
    first, second = await look(database, desk, child, "CA"), await look(database, desk, child, "NY")
    await change(database, desk, child, first)
    with pytest.raises(PreviewStale):
        await change(database, desk, child, second)


async def test_nobody_but_the_front_desk_says_whose_rule_counts_not_by_a_raw_statement_either(
    database: Database, clinic: Clinic, family: Family, desk: Someone
) -> None:
    child, parent = await family(13)
    for who in (child, parent, await clinic.staff("manager")):
        with pytest.raises((NotAllowed, NotFound)):
            await look(database, who, child, "TX")
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="whose rule by age counts"):
        async with database.act_as(child.credential, "profile.change") as tx:
            await tx.execute("update patient set state = 'TX' where id = :id", {"id": child.patient_id})
    async with database.act_as(child.credential, "profile.change") as tx:
        assert not await tx.all("select * from preview_state(:id, 'CA')", {"id": child.patient_id})
    with pytest.raises(InputRefused):
        await look(database, desk, child, "XX")


async def test_changing_it_wants_a_fresh_sign_in_and_looking_at_it_does_not(
    database: Database, family: Family, desk: Someone
) -> None:
    child, parent = await family(13)
    before = await opened(database, parent, child)
    with clock.frozen_at(clock.now() + FRESH_LIFE + timedelta(minutes=1)):
        seen = await look(database, desk, child, "CA")
        with pytest.raises(StepUpNeeded):
            await change(database, desk, child, seen)
    assert await opened(database, parent, child) == before
    assert staff_caregivers.PAGE.steps_up

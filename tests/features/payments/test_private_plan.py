"""A plan to pay in parts is as private as what it pays: a parent neither sees the teen's nor pays with their own."""

import asyncio
from uuid import UUID

import pytest

from portal_app.core.errors import NotFound
from portal_app.features.payments import service as payments
from portal_app.settings import Settings
from tests.factories import Someone
from tests.features.billing.conftest import FEE
from tests.features.billing.test_aging import owing
from tests.features.billing.test_private_bills import parent
from tests.features.payments.conftest import Till
from tests.features.payments.test_plans import begun, later, plan_of
from tests.features.payments.test_private_credit import make

__all__ = ["parent"]
_MAKE = """
update appointment set confidentiality = :level where id = (select i.appointment_id from invoice i where i.id = :id)
"""
_STANDING = "select concat_ws(': ', status, nullif(paused_because, '')) as said from payment_plan order by begun_at"
_TOLD = "select count(*) from outbox_message where template = 'payment_soon'"


@pytest.fixture
def teen(till: Till) -> Someone:
    return till.office.visit.maria_strong


async def _seen(till: Till, who: Someone) -> payments.PlanView | None:
    async with till.database.act_as(who.credential, "payments.pay") as tx:
        return await payments.plan(tx)


async def test_a_parent_does_not_see_the_plan_by_which_a_teen_pays_for_a_private_visit(
    till: Till, parent: Someone, teen: Someone
) -> None:
    await make(till, "R")
    await begun(till)
    assert await _seen(till, parent) is None
    await later(till, 29)
    await later(till, 35)
    assert (await _seen(till, parent), (await plan_of(till)).status) == (None, "active")
    assert (await till.bill()).paid_minor == FEE // 3 * 2


async def test_a_parents_plan_pays_nothing_of_what_the_teen_keeps_private(
    till: Till, parent: Someone, teen: Someone
) -> None:
    await begun(till, by=parent)
    await make(till, "R")
    await later(till, 29)
    await later(till, 35)
    assert (till.bank.charges, (await till.bill()).paid_minor) == ({}, FEE // 3)


async def test_a_parents_plan_goes_on_paying_what_everybody_sees(till: Till, parent: Someone, teen: Someone) -> None:
    await begun(till, by=parent)
    await later(till, 29)
    await later(till, 35)
    assert (len(till.bank.charges), (await till.bill()).paid_minor) == (1, FEE // 3 * 2)


async def test_a_parent_whose_access_ended_is_neither_told_nor_charged_and_their_plan_waits(
    till: Till, parent: Someone
) -> None:
    await begun(till, by=parent)
    await _change_access(till, "status = 'ended', ended_at = now()")
    await later(till, 29)
    assert (await _of_everybody(till), await till.count(_TOLD)) == (["paused: ended"], 0)
    await later(till, 35)
    assert (till.bank.charges, (await till.bill()).paid_minor) == ({}, FEE // 3)


async def test_a_parent_who_may_only_look_since_they_were_told_is_not_charged(till: Till, parent: Someone) -> None:
    await begun(till, by=parent)
    await later(till, 29)
    assert await till.count(_TOLD) == 1
    await _change_access(till, "act_sections = array_remove(act_sections, 'bills')")
    await later(till, 35)
    assert (till.bank.charges, await _of_everybody(till)) == ({}, ["paused: ended"])


async def test_a_plan_that_is_not_private_pays_nothing_private_that_comes_later(till: Till, settings: Settings) -> None:
    await begun(till)
    private_id = await _another(till, settings, 5_000, "R")
    await later(till, 29)
    await later(till, 35)
    assert [(await till.office.bill(one)).owed_minor for one in (till.bill_id, private_id)] == [FEE // 3, 5_000]


async def test_a_parents_plan_runs_beside_a_teens_that_is_hidden_from_them(
    till: Till, parent: Someone, settings: Settings
) -> None:
    await make(till, "R")
    await begun(till)
    open_id = await _another(till, settings, 9_000, "N", weeks=-1)
    await begun(till, by=parent)
    assert await _of_everybody(till) == ["active", "active"]
    for day in (29, 35, 64, 70):
        await later(till, day)
    bills = [await till.office.bill(one) for one in (open_id, till.bill_id)]
    seen = await _seen(till, parent)
    assert seen
    assert (seen.total_minor, seen.status, await _of_everybody(till)) == (9_000, "done", ["done", "done"])
    assert ([one.owed_minor for one in bills], await till.credit()) == ([0, 0], 0)


async def test_each_sees_and_stops_their_own_plan_alone(till: Till, parent: Someone, teen: Someone) -> None:
    await begun(till)
    assert await _seen(till, parent) is None
    await begun(till, by=parent)
    assert [plan and plan.total_minor for plan in (await _seen(till, teen), await _seen(till, parent))] == [
        FEE, FEE // 3 * 2,
    ]  # fmt: skip
    async with till.database.act_as(parent.credential, "payments.pay") as tx:
        await payments.stop_plan(tx)
        with pytest.raises(NotFound):
            await payments.stop_plan(tx)
    assert await _of_everybody(till) == ["active", "cancelled"]


@pytest.mark.parametrize("is_answered", [True, False])
async def test_what_two_plans_are_for_is_charged_once(till: Till, parent: Someone, is_answered: bool) -> None:
    await begun(till, 2)
    await begun(till, 2, by=parent)
    await later(till, 29)
    till.bank.forgets_to_answer = not is_answered
    await asyncio.gather(*(later(till, 35) for _ in range(3 if is_answered else 1)))
    await later(till, 35)
    assert ([one.amount for one in till.bank.charges.values()], await till.credit()) == ([FEE // 4], 0)
    assert ((await till.bill()).owed_minor, await _of_everybody(till)) == (0, ["done", "done"])


async def _another(till: Till, settings: Settings, minor: int, level: str, weeks: int = 1) -> UUID:
    """Issue another bill, due so many weeks before the first."""
    bill_id = await owing(till.office, settings, till.office.visit.maria_strong.patient_id, weeks, minor)
    async with till.database.act_as_system("test") as tx:
        await tx.execute(_MAKE, {"level": level, "id": bill_id})
    return bill_id


async def _change_access(till: Till, how: str) -> None:
    async with till.database.act_as_system("test") as tx:
        whose = {"id": till.office.visit.maria_strong.patient_id}
        await tx.execute("select set_config('portal.maintenance', 'test', true)")
        assert await tx.execute(f"update related_person set {how} where patient_id = :id", whose) == 1


async def _of_everybody(till: Till) -> list[str]:
    """Return how each plan of the chart stands, the oldest first."""
    async with till.database.act_as_system("test") as tx:
        rows = await tx.all(_STANDING)
    return [row.said for row in rows]

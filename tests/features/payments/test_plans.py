"""Pay in equal parts: told before, charged once, tried again, paused, stopped; and the last day of each month."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.core import clock
from portal_app.core.errors import InputRefused
from portal_app.features.payments import following, plans, rules
from portal_app.features.payments import service as payments
from tests.factories import Someone
from tests.features.billing.conftest import FEE
from tests.features.payments.conftest import Till

_PAUSED = "select count(*) from task where code = 'plan_paused'"
KEPT = {"customer_id": "cus_1", "method_id": "pm_1"}


async def begun(till: Till, count: int = 3, by: Someone | None = None) -> None:
    """Begin a plan and pay its first part."""
    payer = by or till.office.visit.maria_strong
    async with till.database.act_as(payer.credential, "payments.pay") as tx:
        first = await payments.begin_plan(tx, count, uuid4(), "en")
    await till.open(first)
    till.bank.set(first, "paid", **KEPT)
    await till.hear(till.bank.tell(first))


async def later(till: Till, days: int) -> None:
    """Let the clock of the plans run that many days from now."""
    with clock.frozen_at(datetime.now(UTC) + timedelta(days=days)):
        await plans.run_plans(till.database, till.bank)


async def plan_of(till: Till) -> payments.PlanView:
    async with till.database.act_as(till.office.visit.maria_strong.credential, "payments.pay") as tx:
        found = await payments.plan(tx)
    assert found is not None
    return found


async def _mails(till: Till, kind: str) -> int:
    return await till.count(f"select count(*) from outbox_message where template = '{kind}'")


async def test_the_first_part_begins_the_plan_and_the_clock_charges_the_others_once_each(till: Till) -> None:
    await begun(till)
    assert (await till.bill()).paid_minor == FEE // 3
    await later(till, 20)
    assert (len(till.bank.charges), await _mails(till, "payment_soon")) == (0, 0)
    await later(till, 29)
    assert (len(till.bank.charges), await _mails(till, "payment_soon")) == (0, 1)
    await asyncio.gather(*(later(till, 35) for _ in range(3)))
    await later(till, 36)
    assert (len(till.bank.charges), (await till.bill()).paid_minor) == (1, FEE // 3 * 2)
    await later(till, 64)
    await later(till, 70)
    await later(till, 100)
    assert ((await till.bill()).owed_minor, (await plan_of(till)).status) == (0, "done")
    assert len(till.bank.charges) == 2


async def test_a_charge_whose_answer_was_lost_is_not_made_a_second_time(till: Till) -> None:
    await begun(till, 2)
    await later(till, 29)
    till.bank.forgets_to_answer = True
    await later(till, 35)
    assert (await till.bill()).paid_minor == FEE // 2
    await later(till, 35)
    assert (len(till.bank.charges), (await till.bill()).owed_minor) == (1, 0)


async def test_a_charge_of_which_nothing_is_known_for_a_day_is_left_to_people(till: Till) -> None:
    await begun(till, 2)
    await later(till, 29)
    till.bank.is_away = True
    await later(till, 35)
    till.bank.is_away = False
    await later(till, 37)
    plan = await plan_of(till)
    assert (till.bank.charges, plan.status, plan.paused_because) == ({}, "paused", "unclear")


async def test_a_part_that_is_refused_is_tried_again_and_then_the_plan_waits_for_whoever_pays(till: Till) -> None:
    await begun(till, 2)
    await later(till, 29)
    till.bank.declines = "funds"
    for day in (35, 36, 39, 40, 43, 50, 60):
        await later(till, day)
    assert ((await plan_of(till)).status, await _mails(till, "payment_failed")) == ("paused", 3)
    assert await till.count(f"{_PAUSED} and closed_at is null") == 1
    till.bank.declines = ""
    await later(till, 61)
    assert till.bank.charges == {}
    async with till.database.act_as(till.office.visit.maria_strong.credential, "payments.pay") as tx:
        await payments.resume_plan(tx)
    await later(till, 62)
    assert ((await till.bill()).owed_minor, (await plan_of(till)).status) == (0, "done")
    assert await till.count(f"{_PAUSED} and outcome = 'went_on'") == 1


@pytest.mark.parametrize(("goes_on", "outcome"), [(True, "went_on"), (False, "stopped")])
async def test_a_plan_that_goes_on_or_is_stopped_is_no_task_any_more_before_anything_else_is_paid(
    till: Till, *, goes_on: bool, outcome: str
) -> None:
    await begun(till, 2)
    await later(till, 29)
    till.bank.declines = "funds"
    for day in (35, 39, 43):
        await later(till, day)
    assert await till.count(f"{_PAUSED} and closed_at is null") == 1
    async with till.database.act_as(till.office.visit.maria_strong.credential, "payments.pay") as tx:
        await (payments.resume_plan if goes_on else payments.stop_plan)(tx)
    await _see_to_tasks(till)
    assert await till.count(f"{_PAUSED} and outcome = '{outcome}'") == 1


async def test_a_plan_that_stands_still_again_before_anybody_looked_stays_a_task(till: Till) -> None:
    await begun(till, 2)
    await later(till, 29)
    till.bank.declines = "funds"
    for day in (35, 39, 43):
        await later(till, day)
    async with till.database.act_as(till.office.visit.maria_strong.credential, "payments.pay") as tx:
        await payments.resume_plan(tx)
    for day in (47, 51, 55):
        await later(till, day)
    assert (await plan_of(till)).status == "paused"
    await _see_to_tasks(till)
    assert await till.count(f"{_PAUSED} and closed_at is null") == 1


async def _see_to_tasks(till: Till) -> None:
    """Do what a worker does by now about plans that were gone on with or stopped."""
    async with till.database.act_as_system("test") as tx:
        waiting = await tx.all("select args from procrastinate_jobs where task_name = 'payments.see_to_task'")
    assert waiting
    for one in waiting:
        async with till.database.act_as_system("payments.see_to_task") as tx:
            await following.close_paused(tx, UUID(one.args["plan_id"]))


async def test_a_plan_that_is_stopped_charges_nothing_more(till: Till) -> None:
    await begun(till)
    async with till.database.act_as(till.office.visit.maria_strong.credential, "payments.pay") as tx:
        await payments.stop_plan(tx)
    for day in (29, 35, 70):
        await later(till, day)
    assert (till.bank.charges, (await plan_of(till)).status) == ({}, "cancelled")


async def test_no_more_is_charged_than_is_still_owed(till: Till) -> None:
    await begun(till, 2)
    await till.office.post(till.bill_id, "insurance", FEE // 2 - 1_000)
    await later(till, 29)
    await later(till, 35)
    assert ([one.amount for one in till.bank.charges.values()], (await till.bill()).owed_minor) == ([1_000], 0)


async def test_one_plan_runs_at_a_time_and_parts_that_cannot_be_are_refused(till: Till) -> None:
    await begun(till)
    for count in (2, 5):
        with pytest.raises(InputRefused):
            async with till.database.act_as(till.office.visit.maria_strong.credential, "payments.pay") as tx:
                await payments.begin_plan(tx, count, uuid4(), "en")


@given(st.integers(1_000, 10**9), st.sampled_from(rules.COUNTS), st.sampled_from([1, 10]))
def test_parts_are_equal_but_the_first_and_come_to_the_sum(total: int, count: int, step: int) -> None:
    parts = rules.parts_of(total, count, step)
    assert sum(parts) == total
    assert len(set(parts[1:])) == 1
    assert parts[1] % step == 0 <= parts[0] - parts[1] < count * step


def test_a_plan_begun_on_the_last_day_is_charged_on_the_last_day() -> None:
    assert rules.due_dates(date(2026, 12, 31), 4) == (
        date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31),
    )  # fmt: skip

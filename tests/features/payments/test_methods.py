"""What somebody keeps for paying: removed by whoever kept it, and the plan that was charged to it waits."""

from uuid import uuid4

import pytest

from portal_app.core.errors import NotFound
from portal_app.features.payments import methods
from portal_app.features.payments import service as payments
from tests.features.payments.conftest import Till


async def _kept(till: Till) -> str:
    """Begin a plan on a method that is kept, and return under which customer."""
    maria = till.office.visit.maria_strong
    async with till.database.act_as(maria.credential, "payments.pay") as tx:
        first = await payments.begin_plan(tx, 2, uuid4(), "en")
    await till.open(first)
    async with till.database.act_as(maria.credential, "payments.pay") as tx:
        customer_id = await methods.payer(tx)
    till.bank.set(first, "paid", customer_id=customer_id, method_id=f"pm_{customer_id}")
    await till.hear(till.bank.tell(first))
    return customer_id


async def test_a_method_is_kept_under_a_customer_only_for_who_wants_it(till: Till) -> None:
    await till.begun(2_000)
    assert await till.count("select count(*) from payment_customer") == 0
    await till.begun(3_000, keeps_method=True)
    assert await till.count("select count(*) from payment_customer where customer_id is not null") == 1
    assert till.bank.asked.count("customer") == 1


async def test_the_plan_that_is_charged_to_a_removed_method_waits(till: Till) -> None:
    customer_id = await _kept(till)
    maria = till.office.visit.maria_strong
    kept = await methods.kept_methods(till.bank, customer_id)
    async with till.database.act_as(maria.credential, "payments.pay") as tx:
        await methods.let_go(tx, kept, kept[0].id)
        plan = await payments.plan(tx)
    assert plan
    assert (plan.status, plan.paused_because) == ("paused", "removed")


async def test_a_method_of_somebody_else_is_not_there(till: Till) -> None:
    kept = await methods.kept_methods(till.bank, await _kept(till))
    async with till.database.act_as(till.office.visit.maria_strong.credential, "payments.pay") as tx:
        with pytest.raises(NotFound):
            await methods.let_go(tx, kept, "pm_of_somebody_else")

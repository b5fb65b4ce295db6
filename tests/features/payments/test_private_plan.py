"""A plan to pay in parts is as private as what it pays: a parent neither sees the teen's nor pays with their own."""

import pytest

from portal_app.features.payments import service as payments
from tests.factories import Someone
from tests.features.billing.conftest import FEE
from tests.features.billing.test_private_bills import parent
from tests.features.payments.conftest import Till
from tests.features.payments.test_plans import begun, later, plan_of
from tests.features.payments.test_private_credit import make

__all__ = ["parent"]


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

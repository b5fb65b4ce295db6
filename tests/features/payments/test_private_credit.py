"""What is left over from a private visit is the teen's alone: whoever acts for them neither sees nor spends it."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest

from portal_app.features.billing import service as billing
from portal_app.features.payments import service as payments
from portal_app.features.payments.errors import NothingOwed
from tests.factories import Someone
from tests.features.billing.conftest import FEE
from tests.features.billing.test_private_bills import parent
from tests.features.payments.conftest import Till
from tests.features.payments.test_credits import spend

__all__ = ["parent"]
PRIVATE, OPEN = 5_000, 2_000
LEVELS = """
select e.confidentiality, e.account, sum(e.amount_minor)::bigint as minor from ledger_entry e
group by e.confidentiality, e.account having sum(e.amount_minor) <> 0
"""


async def make(till: Till, level: str) -> None:
    async with till.database.act_as_system("test") as tx:
        changed = "update appointment set confidentiality = :level where id = :id"
        await tx.execute(changed, {"level": level, "id": till.office.visit.appointment_id})


async def seen(till: Till, who: Someone) -> Mapping[str, int]:
    async with till.database.act_as(who.credential, "payments.pay") as tx:
        return await payments.my_credit(tx)


async def give(till: Till, level: str, amount: int) -> UUID:
    async with till.database.act_as_system("test") as tx:
        whose = till.office.visit.maria_strong.patient_id
        return await billing.post_aside(
            tx, billing.AccountPosting("credit", amount, "USD", uuid4(), whose, confidentiality=level)
        )


async def credit(till: Till) -> dict[str, int]:
    """Return the credit in the books by level, whose entries come to nothing on each."""
    async with till.database.act_as_system("test") as tx:
        rows = [tuple(row) for row in await tx.all(LEVELS)]
    for level in "NRV":
        assert sum(minor for at, _, minor in rows if at == level) == 0
    return {level: -minor for level, account, minor in rows if account == "credit"}


@pytest.fixture
async def late(till: Till, parent: Someone) -> Till:
    """Have a private visit paid twice, and then let its bill be owed and seen by all again."""
    await make(till, "R")
    attempt_id = await till.begun(PRIVATE)
    at_desk = await till.office.post(till.bill_id, "payment", FEE)
    await till.pay(attempt_id)
    await till.office.take_back(at_desk)
    await make(till, "N")
    return till


async def test_a_parent_neither_sees_nor_spends_what_was_paid_too_much_for_a_private_visit(
    late: Till, parent: Someone
) -> None:
    assert await credit(late) == {"R": PRIVATE}
    assert await seen(late, parent) == {}
    with pytest.raises(NothingOwed):
        await spend(late, by=parent)
    assert (await credit(late), (await late.bill()).owed_minor) == ({"R": PRIVATE}, FEE)


async def test_the_teen_sees_and_spends_it_and_nothing_of_it_is_left_for_the_parent(
    late: Till, parent: Someone
) -> None:
    teen, key = late.office.visit.maria_strong, uuid4()
    assert await seen(late, teen) == {"USD": PRIVATE}
    for _tap in range(2):
        assert await spend(late, key, teen) == PRIVATE
    assert (await credit(late), (await late.bill()).owed_minor) == ({}, FEE - PRIVATE)
    for level in "NRN":
        await make(late, level)
        assert (await credit(late), await seen(late, parent), await seen(late, teen)) == ({}, {}, {})


async def test_a_parent_spends_what_they_see_and_leaves_the_rest(late: Till, parent: Someone) -> None:
    await give(late, "N", OPEN)
    assert await seen(late, parent) == {"USD": OPEN}
    assert await spend(late, by=parent) == OPEN
    assert (await credit(late), (await late.bill()).owed_minor) == ({"R": PRIVATE}, FEE - OPEN)
    assert (await seen(late, parent), await seen(late, late.office.visit.maria_strong)) == ({}, {"USD": PRIVATE})


async def test_what_a_parent_saw_and_the_teen_spent_meanwhile_is_not_taken_from_the_rest(
    late: Till, parent: Someone
) -> None:
    await give(late, "N", OPEN)
    async with late.database.act_as(parent.credential, "payments.pay") as tx:
        wish = await payments.ask_to_use_credit(tx, (), uuid4())
    assert await spend(late) == OPEN + PRIVATE
    await give(late, "R", PRIVATE)
    with pytest.raises(NothingOwed):
        await payments.use_credit(late.database, wish)
    assert await credit(late) == {"R": PRIVATE}


async def test_what_all_saw_and_the_teen_spent_on_a_private_bill_is_gone_for_the_parent(
    late: Till, parent: Someone
) -> None:
    await give(late, "N", OPEN)
    await make(late, "R")
    assert await spend(late) == OPEN + PRIVATE
    assert (await credit(late), await seen(late, parent)) == ({}, {})
    assert (await late.bill()).owed_minor == FEE - OPEN - PRIVATE


async def test_at_the_desk_it_is_spent_at_each_level(late: Till) -> None:
    await give(late, "N", OPEN)
    async with late.database.act_as(late.office.keeper.credential, "billing.keep_books") as tx:
        assert await payments.credit_of_bill(tx, late.bill_id) == OPEN + PRIVATE
        assert await payments.use_credit_at_desk(tx, late.bill_id, uuid4()) == OPEN + PRIVATE
    assert await credit(late) == {}

"""What is with the practice already is spent once, on what is owed, by whoever may pay."""

import asyncio
from uuid import UUID, uuid4

import pytest

from portal_app.core.errors import NotAllowed
from portal_app.features.payments import service as payments
from portal_app.features.payments.errors import NothingOwed
from tests.factories import Clinic, Someone
from tests.features.billing.conftest import FEE
from tests.features.payments.conftest import Till

HAS = 5_000


async def spend(till: Till, key: UUID | None = None, by: Someone | None = None) -> int:
    payer = by or till.office.visit.maria_strong
    async with till.database.act_as(payer.credential, "payments.pay") as tx:
        wish = await payments.ask_to_use_credit(tx, (), key or uuid4())
    return await payments.use_credit(till.database, wish)


@pytest.fixture
async def rich(till: Till) -> Till:
    """Let somebody owe a whole bill, and have a part of it with the practice from a payment that came too late."""
    attempt_id = await till.begun(HAS)
    at_desk = await till.office.post(till.bill_id, "payment", FEE)
    await till.pay(attempt_id)
    await till.office.take_back(at_desk)
    return till


async def test_a_credit_pays_what_it_can_and_the_same_tap_again_nothing_more(rich: Till) -> None:
    key = uuid4()
    for _tap in range(2):
        assert await spend(rich, key) == HAS
    assert ((await rich.bill()).owed_minor, await rich.credit()) == (FEE - HAS, 0)
    with pytest.raises(NothingOwed):
        await spend(rich)


async def test_two_people_at_once_spend_a_credit_once(rich: Till) -> None:
    keeper = rich.office.keeper

    async def at_desk() -> int:
        async with rich.database.act_as(keeper.credential, "billing.keep_books") as tx:
            return await payments.use_credit_at_desk(tx, rich.bill_id, uuid4())

    told = await asyncio.gather(spend(rich), at_desk(), spend(rich), at_desk(), return_exceptions=True)
    assert sum(isinstance(one, NothingOwed) for one in told) == 3
    assert ((await rich.bill()).owed_minor, await rich.credit()) == (FEE - HAS, 0)


async def test_no_more_than_is_owed_is_spent_and_an_open_page_is_closed(rich: Till) -> None:
    await rich.office.post(rich.bill_id, "payment", FEE - 1_000)
    page = await rich.begun()
    assert await spend(rich) == 1_000
    assert (await rich.credit(), await rich.status(page)) == (HAS - 1_000, "replaced")


async def test_nobody_else_spends_it(rich: Till, clinic: Clinic) -> None:
    with pytest.raises(NothingOwed):
        await spend(rich, by=await clinic.sign_in_again(await clinic.patient("Rosa"), assurance=2))
    desk = await clinic.staff("front_desk")
    with pytest.raises(NotAllowed):
        await spend(rich, by=desk)
    async with rich.database.act_as(rich.office.visit.maria_strong.credential, "payments.pay") as tx:
        with pytest.raises(NotAllowed):
            await payments.use_credit_at_desk(tx, rich.bill_id, uuid4())
    assert await rich.credit() == HAS

"""What the processor tells at one moment: kept together, seen to together, and each as if it had come alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from portal_app.core.errors import PortalError, RecordsBusy
from portal_app.features.payments import events, together
from portal_app.features.payments import service as payments
from portal_app.features.payments.ports import Event
from tests.features.billing.conftest import FEE
from tests.features.payments.conftest import Till

WAITING = "select count(*) from processor_event where done_at is null"


async def two_paid(till: Till) -> list[Event]:
    """Let two parts of a bill be paid at the processor, of which we heard nothing yet."""
    first = await till.begun(5_000)
    till.bank.set(first, "processing")
    await till.hear(till.bank.tell(first))
    second = await till.begun(6_000)
    for one in (first, second):
        till.bank.set(one, "paid")
    return [till.bank.tell(first, "async_payment_succeeded"), till.bank.tell(second)]


async def rows(till: Till, told: Sequence[Event]) -> list[UUID]:
    async with till.database.act_as_system("test") as tx:
        asked = {"ids": [one.id for one in told]}
        return [row.id for row in await tx.all("select id from processor_event where event_id = any (:ids)", asked)]


async def test_what_is_told_at_one_moment_is_posted_once_each(till: Till) -> None:
    told = await two_paid(till)
    others = [
        replace(told[0], id="evt_amount", amount=1), replace(told[0], id="evt_kind", type="customer.created"),
        replace(told[0], id="evt_unknown", attempt="x", object_id="cs_other"),
    ]  # fmt: skip
    await asyncio.gather(*(payments.keep_event(till.database, one) for one in [*told, *others, *told]))
    waiting = await rows(till, [*told, *others])
    await asyncio.gather(*(events.see_to_all(till.work, waiting) for _ in range(2)))
    assert (len(waiting), await till.count(WAITING), (await till.bill()).owed_minor) == (5, 0, FEE - 11_000)
    assert await till.count("select count(*) from ledger_posting where kind = 'online_payment'") == 2
    assert await till.count("select count(*) from quarantined_payment") == 2
    assert await till.count("select count(*) from outbox_message where template = 'payment_paid'") == 2


async def test_an_event_that_cannot_be_kept_takes_no_other_along(till: Till) -> None:
    told = await two_paid(till)
    bad = replace(told[0], id="evt_bad", type="checkout.session.\x00")
    kept = await asyncio.gather(
        *(payments.keep_event(till.database, one) for one in (told[0], bad, told[1])), return_exceptions=True
    )
    assert [one is None for one in kept] == [True, False, True]
    assert len(await rows(till, [*told, bad])) == 2


async def test_while_the_processor_is_away_all_wait_and_none_is_lost(till: Till) -> None:
    told = await two_paid(till)
    await asyncio.gather(*(payments.keep_event(till.database, one) for one in told))
    waiting = await rows(till, told)
    till.bank.is_away = True
    with pytest.raises(payments.ProcessorAway):
        await events.see_to_all(till.work, waiting)
    assert await till.count(WAITING) == 2
    till.bank.is_away = False
    await events.see_to_all(till.work, waiting)
    assert (await till.count(WAITING), (await till.bill()).owed_minor) == (0, FEE - 11_000)


@pytest.mark.parametrize("why", [PortalError, RecordsBusy])
async def test_what_cannot_be_written_together_is_written_one_by_one(
    till: Till, monkeypatch: pytest.MonkeyPatch, why: type[PortalError]
) -> None:
    async def refuse(*_: Any) -> None:
        raise why

    told = await two_paid(till)
    await asyncio.gather(*(payments.keep_event(till.database, one) for one in told))
    monkeypatch.setattr(together, "_write", refuse)
    await events.see_to_all(till.work, await rows(till, told))
    assert (await till.count(WAITING), (await till.bill()).owed_minor) == (0, FEE - 11_000)

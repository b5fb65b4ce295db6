"""Background work of billing: the statements of a month, and money that is paid back."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from portal_app.core import clock
from portal_app.core.jobs import Workplace, long_job
from portal_app.features.billing import (
    balances,  # noqa: F401 - its job is registered
    refund_outcome,
    statement_batches,
)
from portal_app.features.payments import service as payments
from portal_app.features.payments.service import PaymentPort

log = structlog.get_logger(__name__)

_UNSENT_FOR: Final = timedelta(seconds=90)
_UNDER_WAY_FOR: Final = timedelta(hours=1)
_MOST: Final = 50


@long_job("billing.make_statements", policy="billing.make_statements")
async def make_statements(work: Workplace, batch_id: str) -> None:
    """Make a batch, some accounts a transaction; what is made stays made if the worker dies, and nothing twice."""
    while True:
        async with work.database.act_as_system("billing.make_statements") as tx:
            if not await statement_batches.make_next(tx, UUID(batch_id)):
                return


@long_job("billing.send_refund", policy="billing.settle_refunds")
async def send_refund(work: Workplace, refund_id: str) -> None:
    """Have money paid back; where the processor is away, the poller asks again."""
    await settle(work, UUID(refund_id))


async def settle(work: Workplace, refund_id: UUID) -> None:
    """Do what `send_refund` does."""
    processor = work.port(PaymentPort)  # type: ignore[type-abstract]  # ports are protocols
    if processor is not None:
        await _settle(work, processor, refund_id)


@long_job("billing.follow_refunds", policy="billing.settle_refunds", every="* * * * *")
async def follow_refunds(work: Workplace) -> None:
    """Send what was not sent, and ask about what is under way."""
    await look_after_refunds(work)


async def look_after_refunds(work: Workplace) -> None:
    """Do what `follow_refunds` does; a processor that is away is asked again the next time."""
    processor = work.port(PaymentPort)  # type: ignore[type-abstract]  # ports are protocols
    if processor is None:
        return
    now = clock.now()
    async with work.database.act_as_system("billing.settle_refunds") as tx:
        found = await refund_outcome.waiting(tx, now - _UNSENT_FOR, now - _UNDER_WAY_FOR, _MOST)
    for refund_id in found:
        await _settle(work, processor, refund_id)


async def _settle(work: Workplace, processor: PaymentPort, refund_id: UUID) -> None:
    try:
        await refund_outcome.settle_refund(work.database, processor, refund_id)
    except (payments.ProcessorAway, payments.ProcessorRefused) as error:
        log.warning("refund_waits", refund_id=str(refund_id), reason=str(error))


@payments.on_told("refund.")
async def about_refund(work: Workplace, processor: PaymentPort, told: Any) -> str:
    """See to what the processor tells of a refund.

    Raises ProcessorAway: it waits on.
    """
    try:
        return await refund_outcome.about(work.database, processor, told)
    except payments.ProcessorRefused:  # it knows no such refund itself
        return "unknown"

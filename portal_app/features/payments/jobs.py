"""What goes on without anybody looking: what did not arrive is asked for."""

from datetime import timedelta
from typing import Any, Final

import structlog

from portal_app.core import clock
from portal_app.core.jobs import Workplace, long_job
from portal_app.features.payments import (
    events,
    plans,  # noqa: F401 - its job is registered
    settling,
    statements,
)
from portal_app.features.payments.errors import ProcessorAway, ProcessorRefused
from portal_app.features.payments.ports import PaymentPort

log = structlog.get_logger(__name__)

QUIET_FOR: Final = timedelta(seconds=90)
"""An attempt of which nothing was heard for this long is asked about."""
OVERLAP: Final = timedelta(hours=1)
LISTED_FOR: Final = timedelta(days=29)
"""The processor lists what it told for thirty days (docs.stripe.com/webhooks/process-undelivered-events)."""
MOST: Final = 50


@long_job("payments.poll", policy="payments.settle", every="* * * * *")
async def poll(work: Workplace) -> None:
    """Ask about attempts of which nothing was heard, and for events that did not arrive."""
    await look_for_missed(work)


async def look_for_missed(work: Workplace) -> None:
    """Do what `poll` does; a processor that is away is asked again the next time."""
    processor = work.port(PaymentPort)  # type: ignore[type-abstract]  # ports are protocols
    if processor is None:
        return
    try:
        await _settle_quiet(work, processor)
        await _take_missed(work, processor)
    except ProcessorAway as error:
        log.warning("processor_away", reason=str(error))


async def _settle_quiet(work: Workplace, processor: PaymentPort) -> None:
    async with work.database.act_as_system("payments.poll") as tx:
        params = {"before": clock.now() - QUIET_FOR, "most": MOST}
        quiet: Any = await tx.all(statements.PENDING, params)
        waiting: Any = await tx.all(statements.WAITING, params)
    for attempt in quiet:
        try:
            status = await settling.settle(work.database, processor, attempt.id)
        except ProcessorRefused as error:
            log.warning("attempt_refused", attempt_id=str(attempt.id), reason=str(error))
            continue
        if status == "paid":
            log.warning("payment_found_by_asking", attempt_id=str(attempt.id))
    for told in waiting:
        await events.see_to(work, told.id)


async def _take_missed(work: Workplace, processor: PaymentPort) -> None:
    async with work.database.act_as_system("payments.poll") as tx:
        last = await tx.scalar(statements.LAST_HEARD)
    since = max(last - OVERLAP, clock.now() - LISTED_FOR) if last else clock.now() - LISTED_FOR
    found = await processor.events_since(since)
    async with work.database.act_as_system("payments.poll") as tx:
        missed = [one.id for one in found if await events.take_event(tx, one, "poll")]
    if missed:
        log.warning("events_found_by_asking", count=len(missed))

"""What the processor tells: kept first, and seen to once, whatever the order it comes in."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.core.jobs import Workplace, enqueue, long_job
from portal_app.features.payments import policies, rules, settling, statements, together
from portal_app.features.payments.errors import ProcessorAway
from portal_app.features.payments.ports import Event, PaymentPort

Handler = Callable[[Workplace, PaymentPort, Any], Awaitable[str]]
"""Sees to an event (a row of `processor_event`) and says what came of it. It must bear to be repeated."""

_PAID: Final = ("checkout.session.completed", "checkout.session.async_payment_succeeded", "payment_intent.succeeded")
_handlers: dict[str, Handler] = {}


def on_told(prefix: str) -> Callable[[Handler], Handler]:
    """Have events whose type begins so seen to by a function; the longest beginning wins."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(prefix, handler) is not handler:
            raise ValueError(f"events {prefix} are seen to twice")
        return handler

    return register


async def take_event(tx: Transaction, event: Event, found_by: str = "webhook") -> bool:
    """Keep an event and have it seen to after the commit; return False if it was told before."""
    return await take_events(tx, [event], found_by) == 1


async def take_events(tx: Transaction, told: Sequence[Event], found_by: str = "webhook") -> int:
    """Keep several events, and have those seen to by one job that were not told before; return how many these are."""
    policy.require(tx.actor, policies.SETTLE.name)
    batch_id = uuid4()
    params = {
        "ids": _rows_of(batch_id, len(told)), "events": [one.id for one in told], "types": [one.type for one in told],
        "objects": [one.object_id for one in told], "attempts": [one.attempt for one in told],
        "amounts": [one.amount for one in told], "currencies": [one.currency.upper() for one in told],
        "live": [one.is_live for one in told], "happened": [one.happened_at for one in told], "now": clock.now(),
        "found_by": found_by,
    }  # fmt: skip
    new = await tx.execute(statements.TAKE_EVENTS, params)
    if new:
        await enqueue(tx, handle_events, batch_id=batch_id, count=len(told))
    return new


def _rows_of(batch_id: UUID, count: int) -> list[UUID]:
    """Return the ids of a batch's rows: they follow from its own, since a job is told ids and numbers alone."""
    return [uuid5(batch_id, str(number)) for number in range(count)]


@long_job("payments.handle_events", policy="payments.settle")
async def handle_events(work: Workplace, batch_id: str, count: int) -> None:
    """See to events that came together."""
    await see_to_all(work, _rows_of(UUID(batch_id), count))


async def see_to_all(work: Workplace, rows: Sequence[UUID]) -> None:
    """See to events that wait: the ordinary ones in one transaction, the others one by one.

    Raises:
        ProcessorAway: some wait on; those that are done stay done.
    """
    away: ProcessorAway | None = None
    for row_id in await together.see_to_plain(work, rows, _is_about_attempt):
        try:
            await see_to(work, row_id)
        except ProcessorAway as error:
            away = error
    if away is not None:
        raise away


def _handler_of(type_: str) -> Handler | None:
    found = max((prefix for prefix in _handlers if type_.startswith(prefix)), key=len, default="")
    return _handlers.get(found)


def _is_about_attempt(type_: str) -> bool:
    return _handler_of(type_) is about_attempt


@long_job("payments.handle_event", policy="payments.settle")
async def handle_event(work: Workplace, event_row: str) -> None:
    """See to one event: what was enqueued before events were seen to together."""
    await see_to(work, UUID(event_row))


async def see_to(work: Workplace, row_id: UUID) -> None:
    """See to an event that waits, and write what came of it; one that is done is left alone.

    Raises:
        ProcessorAway: it waits on.
    """
    processor = work.port(PaymentPort)  # type: ignore[type-abstract]  # ports are protocols
    async with work.database.act_as_system("payments.handle_event") as tx:
        told: Any = await tx.first(statements.EVENT, {"id": row_id})
    if told is None or told.done_at is not None or processor is None:
        return
    handler = _handler_of(told.type)
    outcome = await handler(work, processor, told) if handler else "ignored"
    async with work.database.act_as_system("payments.handle_event") as tx:
        await tx.execute(statements.EVENT_DONE, {"id": row_id, "outcome": outcome, "now": clock.now()})


@on_told("checkout.session.")
@on_told("payment_intent.")
async def about_attempt(work: Workplace, processor: PaymentPort, told: Any) -> str:
    """Settle the attempt that an event is about; what claims something else than was asked is set aside."""
    seen = rules.Seen(told.attempt, told.amount_minor or 0, told.currency, told.is_live)
    async with work.database.act_as_system("payments.handle_event") as tx:
        attempt = await _attempt_of(tx, told)
        if attempt is None:
            if told.type not in _PAID or (told.type.startswith("payment_intent.") and not told.attempt):
                return "ignored"
            await settling.quarantine(tx, None, told.object_id, "attempt", seen)
            return "quarantined"
        reason = rules.difference(settling.wanted_of(attempt, processor), seen)
        if reason:
            await settling.quarantine(tx, attempt.id, told.object_id, reason, seen)
            return "quarantined"
    is_known_by_it = told.type.startswith("checkout.session.") != (attempt.via == "plan")
    return await settling.settle(work.database, processor, attempt.id, told.object_id if is_known_by_it else "")


async def _attempt_of(tx: Transaction, told: Any) -> Any:
    try:
        by_id: Any = await tx.first(statements.ATTEMPT, {"id": UUID(told.attempt)})
    except ValueError:
        by_id = None
    return by_id or await tx.first(statements.BY_OBJECT, {"object_id": told.object_id})

"""Events of payments that go as they should: asked about side by side, and written in one transaction.

What is out of the ordinary in any way is left to whoever sees to events one by one.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal_app.core import clock
from portal_app.core.errors import DatabaseAway, PortalError, RecordsBusy
from portal_app.core.jobs import Workplace
from portal_app.features.payments import rules, settling, statements
from portal_app.features.payments.errors import ProcessorAway, ProcessorRefused
from portal_app.features.payments.ports import Facts, PaymentPort

ABREAST: Final = 8
"""How many answers of the processor one job waits for at once; it takes a hundred requests a second."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Plain:
    """An event and the attempt it is about."""

    row_id: UUID
    attempt: Any
    object_id: str


async def see_to_plain(work: Workplace, rows: Sequence[UUID], is_about_attempt: Callable[[str], bool]) -> list[UUID]:
    """See to those of the events that are plain, all or none of them; return the others that wait."""
    processor = work.port(PaymentPort)  # type: ignore[type-abstract]  # ports are protocols
    if processor is None:
        return []
    plain, others = await _sorted(work, processor, rows, is_about_attempt)
    facts, unanswered = await _asked(processor, plain)
    others += unanswered
    answered = [one for one in plain if one.row_id not in unanswered]
    try:
        await _write(work, processor, answered, facts)
    except (PortalError, SQLAlchemyError, psycopg.Error) as error:
        if isinstance(error, DatabaseAway) and not isinstance(error, RecordsBusy):
            raise
        # One of them cannot be written: which one, is found out singly.
        log.warning("events_taken_apart", count=len(answered), reason=type(error).__name__)
        others += [one.row_id for one in answered]
    return others


async def _sorted(
    work: Workplace, processor: PaymentPort, rows: Sequence[UUID], is_about_attempt: Callable[[str], bool]
) -> tuple[list[_Plain], list[UUID]]:
    """Return which events say what we asked of an attempt that is known, and all others."""
    async with work.database.act_as_system("payments.handle_events") as tx:
        told: Any = await tx.all(statements.EVENTS_UNDONE, {"ids": list(rows)})
        keys = {"ids": [key for one in told if (key := _id_of(one.attempt))]}
        found: Any = await tx.all(statements.ATTEMPTS_OF, keys)
    attempts = {one.id: one for one in found}
    plain: list[_Plain] = []
    others: list[UUID] = []
    for one in told:
        attempt = attempts.get(_id_of(one.attempt))
        seen = rules.Seen(one.attempt, one.amount_minor or 0, one.currency, one.is_live)
        if (
            attempt is None
            or attempt.via == "plan"
            or not one.type.startswith("checkout.session.")
            or not is_about_attempt(one.type)
            or rules.difference(settling.wanted_of(attempt, processor), seen)
        ):
            others.append(one.id)
        else:
            plain.append(_Plain(one.id, attempt, one.object_id))
    return plain, others


def _id_of(attempt: str) -> UUID | None:
    try:
        return UUID(attempt)
    except ValueError:
        return None


async def _asked(processor: PaymentPort, plain: Sequence[_Plain]) -> tuple[dict[UUID, Facts], list[UUID]]:
    """Ask about each attempt once, outside any transaction; return the answers, and the events without one."""
    gate = asyncio.Semaphore(ABREAST)

    async def ask(one: _Plain) -> Facts | None:
        async with gate:
            try:
                return await settling.ask(processor, one.attempt, one.object_id)
            except (ProcessorAway, ProcessorRefused):
                return None

    open_ones = {one.attempt.id: one for one in plain if one.attempt.status != "paid"}
    answers = await asyncio.gather(*(ask(one) for one in open_ones.values()))
    facts = {key: said for key, said in zip(open_ones, answers, strict=True) if said is not None}
    silent = set(open_ones) - set(facts)
    return facts, [one.row_id for one in plain if one.attempt.id in silent]


async def _write(work: Workplace, processor: PaymentPort, plain: Sequence[_Plain], facts: dict[UUID, Facts]) -> None:
    if not plain:
        return
    async with work.database.act_as_system("payments.settle") as tx:
        status = await settling.apply_all(tx, processor, facts) if facts else {}
        done = {
            "ids": [one.row_id for one in plain], "now": clock.now(),
            "outcomes": [status.get(one.attempt.id, one.attempt.status) for one in plain],
        }  # fmt: skip
        await tx.execute(statements.EVENTS_DONE, done)

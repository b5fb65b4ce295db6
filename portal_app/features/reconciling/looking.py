"""The look: what is at the processor by its own word, beside what the books say, to the cent and kind by kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Database, Transaction
from portal_app.features.reconciling import matters, policies, rules, statements
from portal_app.features.reconciling.matters import Matter
from portal_app.features.reconciling.views import JournalLine, LookView, PartView, PayoutView

Sums = Counter[tuple[str, rules.Group]]


async def look(database: Database, balances: Mapping[str, int]) -> None:
    """Write down how both sides stand, and file what cannot be explained by what is still coming."""
    async with database.act_as_system("reconciling.look") as tx:
        policy.require(tx.actor, policies.KEEP.name)
        theirs, ours = await _theirs(tx), await _ours(tx)
        currencies = {currency for currency, _group in [*theirs, *ours]} | set(balances)
        for currency in sorted(currencies):
            await _write(tx, currency, balances.get(currency, 0), theirs, ours)
        await _file_unmatched(tx)
        await _file_unheard(tx)


async def _theirs(tx: Transaction) -> Sums:
    sums: Sums = Counter()
    for row in await tx.all(statements.AT_PROCESSOR):
        sums[row.currency, rules.group_of_movement(row.kind)] += row.amount_minor
        sums[row.currency, "fees"] -= row.fee_minor
    return sums


async def _ours(tx: Transaction) -> Sums:
    sums: Sums = Counter()
    for row in await tx.all(statements.IN_BOOKS):
        sums[row.currency, rules.group_of_posting(row.kind)] += row.amount_minor
    return sums


async def _write(tx: Transaction, currency: str, balance: int, theirs: Sums, ours: Sums) -> None:
    look_id = uuid4()
    booked = sum(ours[currency, group] for group in rules.GROUPS)
    row = {"id": look_id, "currency": currency, "now": clock.now()}
    await tx.execute(statements.LOOK, row | {"at_processor_minor": balance, "in_books_minor": booked})
    # What the processor has and has not listed is among the rest, so that the parts always come to the whole.
    listed = sum(theirs[currency, group] for group in rules.GROUPS)
    for group in rules.GROUPS:
        there = theirs[currency, group] + (balance - listed if group == "other" else 0)
        part = {"id": look_id, "kind": group, "at_processor_minor": there, "in_books_minor": ours[currency, group]}
        await tx.execute(statements.PART, part)
    name = f"{currency}:{clock.now().date()}"
    if booked != balance:
        await matters.file(tx, Matter("drift", name, booked - balance, currency))
    else:
        await matters.settle(tx, "drift", name, "agrees")


async def _file_unmatched(tx: Transaction) -> None:
    """File payments that are of no attempt of ours, and take off what was matched meanwhile."""
    for row in await tx.all(statements.UNMATCHED, {"before": clock.now() - rules.STILL_COMING}):
        await matters.file(tx, Matter("unmatched", row.id, row.amount_minor, row.currency))
    for row in await tx.all(statements.MATCHED):
        await matters.settle(tx, "unmatched", row.ref, "matched")


async def _file_unheard(tx: Transaction) -> None:
    """File what the processor told and nobody could see to, and take off what was seen to meanwhile."""
    for row in await tx.all(statements.UNHEARD, {"before": clock.now() - rules.STILL_COMING}):
        await matters.file(tx, Matter("unheard", row.event_id))
    for row in await tx.all(statements.HEARD):
        await matters.settle(tx, "unheard", row.ref, "heard")


async def looks(tx: Transaction) -> Sequence[LookView]:
    """Return the last look at each currency, with the kinds in which both sides differ."""
    policy.require(tx.actor, policies.WORK.name)
    return [
        LookView(row.currency, row.made_at, row.at_processor_minor, row.in_books_minor, await _parts(tx, row.id))
        for row in await tx.all(statements.LAST_LOOKS)
    ]


async def _parts(tx: Transaction, look_id: UUID) -> tuple[PartView, ...]:
    rows: Any = await tx.all(statements.PARTS, {"id": look_id})
    parts = [PartView(row.kind, row.at_processor_minor, row.in_books_minor) for row in rows]
    return tuple(sorted((one for one in parts if one.drift_minor), key=lambda one: rules.GROUPS.index(one.kind)))


async def zone(tx: Transaction) -> str:
    """Return the zone in which billing reads moments: that of the practice's first location."""
    policy.require(tx.actor, policies.WORK.name)
    return str(await tx.scalar(statements.ZONE) or "UTC")


async def payouts(tx: Transaction) -> Sequence[PayoutView]:
    """Return the last payouts, the newest first."""
    policy.require(tx.actor, policies.WORK.name)
    return [PayoutView(**row._asdict()) for row in await tx.all(statements.PAYOUTS)]


async def journal(tx: Transaction, since: datetime, until: datetime) -> Sequence[JournalLine]:
    """Return every entry of the books in a time, without a name: what an accountant is given."""
    policy.require(tx.actor, policies.WORK.name)
    rows: Any = await tx.all(statements.JOURNAL, {"since": since, "until": until})
    await audit.record(tx, "reconciling.export", patient_id=None, entity="Ledger", entity_id=None)
    return [JournalLine(**row._asdict()) for row in rows]

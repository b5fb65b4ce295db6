"""What moved at the processor, read and written in the books: its fees, and what it sent to the bank."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from portal_app.core import clock, policy
from portal_app.core.db import Database, Transaction
from portal_app.features.billing import service as billing
from portal_app.features.reconciling import matters, policies, rules, statements
from portal_app.features.reconciling.matters import Matter
from portal_app.features.reconciling.ports import AccountPort, Movement, Payout

_BOOKS: Final = UUID("1f6d0d7e-8c1f-4a5c-9a26-3b0f4d6f7a11")
_FAILED: Final = frozenset({"failed", "canceled"})


async def fetch(database: Database, account: AccountPort) -> None:
    """Read what moved since the last time, with an overlap, and book what is the practice's own. May be repeated.

    Raises AccountAway: what was read before it stays.
    """
    since = await _last(database, statements.LAST_MOVED)
    moved = await account.movements_since(since)
    async with database.act_as_system("reconciling.fetch") as tx:
        await take(tx, moved)
        await _book(tx)
    payouts = await account.payouts_since(await _last(database, statements.LAST_PAYOUT))
    async with database.act_as_system("reconciling.fetch") as tx:
        await _take_payouts(tx, payouts)
        uncounted: Any = await tx.all(statements.UNCOUNTED)
    for payout in uncounted:
        parts = await account.movements_of(payout.id)
        async with database.act_as_system("reconciling.fetch") as tx:
            await take(tx, parts)
            await _count(tx, payout, parts)


async def _last(database: Database, statement: str) -> datetime:
    async with database.act_as_system("reconciling.fetch") as tx:
        last: datetime | None = await tx.scalar(statement)
    return last - rules.OVERLAP if last else datetime.fromtimestamp(0, UTC)


async def take(tx: Transaction, moved: Iterable[Movement]) -> None:
    """Keep movements, each once."""
    policy.require(tx.actor, policies.KEEP.name)
    for one in moved:
        await tx.execute(statements.TAKE_MOVEMENT, asdict(one))


async def _book(tx: Transaction) -> None:
    """Write fees and payouts in the books. Payments, refunds and disputes are written by whoever follows them."""
    for row in await tx.all(statements.UNBOOKED):
        group = rules.group_of_movement(row.kind)
        fee = row.fee_minor - (row.amount_minor if group == "fees" else 0)
        if fee:
            await _post(tx, "fee", fee, row)
        if group == "payouts":
            await _post(tx, "payout", -row.amount_minor, row)
        await tx.execute(statements.BOOKED, {"id": row.id, "now": clock.now()})


async def _post(tx: Transaction, kind: billing.Kind, amount: int, row: Any) -> None:
    key = uuid5(_BOOKS, f"{row.id}:{kind}")
    await billing.post_aside(tx, billing.AccountPosting(kind, amount, row.currency, key))


async def _take_payouts(tx: Transaction, payouts: Sequence[Payout]) -> None:
    for one in payouts:
        await tx.execute(statements.TAKE_PAYOUT, asdict(one) | {"now": clock.now()})
        if one.status in _FAILED:
            await matters.file(tx, Matter("payout_failed", one.id, one.amount_minor, one.currency))


async def _count(tx: Transaction, payout: Any, parts: Sequence[Movement]) -> None:
    """Note which movements a payout is made of, and file it where they do not come to it to the cent."""
    total = sum(one.amount_minor - one.fee_minor for one in parts)
    await tx.execute(statements.INTO_PAYOUT, {"payout_id": payout.id, "ids": [one.id for one in parts]})
    await tx.execute(statements.COUNTED, {"id": payout.id, "movements_minor": total})
    if total != payout.amount_minor:
        off = Matter("payout_differs", payout.id, payout.amount_minor - total, payout.currency)
        await matters.file(tx, off)

"""Who owes what and how long: each account by the days since its bills were due, the longest first."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.features.billing import policies
from portal_app.features.billing.account_statements import zone_of

BANDS: Final = (0, 30, 60, 90, 120)
"""From how many days after its due day on a bill stands in each column; what is not due yet is in the first."""
LISTED: Final = 50
_WRITTEN_AT_ONCE: Final = 500

_SUMS: Final = """
coalesce(sum(b.owed_minor) filter (where b.due_on > :d30), 0)::bigint as current,
  coalesce(sum(b.owed_minor) filter (where b.due_on <= :d30 and b.due_on > :d60), 0)::bigint as d30,
  coalesce(sum(b.owed_minor) filter (where b.due_on <= :d60 and b.due_on > :d90), 0)::bigint as d60,
  coalesce(sum(b.owed_minor) filter (where b.due_on <= :d90 and b.due_on > :d120), 0)::bigint as d90,
  coalesce(sum(b.owed_minor) filter (where b.due_on <= :d120), 0)::bigint as d120
"""
_IN_ALL: Final = f"""
select b.currency, {_SUMS} from bill_balance b where b.owed_minor > 0 group by b.currency order by b.currency
"""  # noqa: S608 - the sums above
# An account stands where its longest open bill does: that one is found along the index, and only for the accounts shown
# are the others summed up.
_ACCOUNTS: Final = f"""
select a.patient_id, a.currency, a.due_on, a.number, coalesce(billed_name(a.patient_id, 'N'), '') as name, s.*
from (
  select k.patient_id, k.currency, k.due_on, k.number from bill_balance k
  where k.owed_minor > 0 and (k.due_on, k.number) > (cast(:day as date), cast(:number as bigint)) and not exists (
    select from bill_balance o where o.patient_id = k.patient_id and o.currency = k.currency and o.owed_minor > 0
      and (o.due_on, o.number) < (k.due_on, k.number))
  order by k.due_on, k.number limit :most) a
cross join lateral (
  select {_SUMS} from bill_balance b
  where b.patient_id = a.patient_id and b.currency = a.currency and b.owed_minor > 0) s
order by a.due_on, a.number
"""  # noqa: S608 - the sums above

Place = tuple[date, int]
"""Where an account stands: when its longest open bill was due, and that bill's number."""
FIRST: Final[Place] = (date.min, 0)


@dataclass(frozen=True, slots=True)
class Aged:
    """What is owed in one currency, by `BANDS`."""

    currency: str
    owed_minor: tuple[int, ...]

    def sum_minor(self) -> int:
        """Return what it comes to."""
        return sum(self.owed_minor)


@dataclass(frozen=True, slots=True)
class AgedAccount:
    """What one patient owes in one currency; `place` is where the account stands in the list."""

    patient_id: UUID
    name: str
    place: Place
    aged: Aged


async def aging_totals(tx: Transaction) -> Sequence[Aged]:
    """Return what all accounts together owe, currency by currency."""
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    return [_aged(row) for row in await tx.all(_IN_ALL, await _days(tx))]


async def aging(
    tx: Transaction, after: Place = FIRST, most: int = LISTED, *, is_repeated: bool = False
) -> tuple[Sequence[AgedAccount], bool]:
    """Return the accounts that owe longest, after a place in that order, and whether there are more.

    That they were looked at is recorded, unless `is_repeated` says that an open page keeps itself up to date.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    found = await _accounts(tx, after, most + 1)
    if not is_repeated:
        await audit.record_each(tx, "billing.view_aging", {one.patient_id for one in found[:most]}, entity="Account")
    return found[:most], len(found) > most


async def aging_file(tx: Transaction) -> AsyncIterator[AgedAccount]:
    """Give every account that owes something, the longest first; that all of it was taken away is recorded for each."""
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    await audit.record(tx, "billing.export_aging", patient_id=None, entity="Account", entity_id=None)
    after = FIRST
    while found := await _accounts(tx, after, _WRITTEN_AT_ONCE):
        await audit.record_each(tx, "billing.export_aging", {one.patient_id for one in found}, entity="Account")
        for one in found:
            yield one
        after = found[-1].place


async def _accounts(tx: Transaction, after: Place, most: int) -> list[AgedAccount]:
    params = await _days(tx) | {"day": after[0], "number": after[1], "most": most}
    return [
        AgedAccount(row.patient_id, row.name, (row.due_on, row.number), _aged(row))
        for row in await tx.all(_ACCOUNTS, params)
    ]


async def _days(tx: Transaction) -> dict[str, date]:
    today = clock.now().astimezone(ZoneInfo(await zone_of(tx))).date()
    return {f"d{days}": today - timedelta(days=days) for days in BANDS[1:]}


def _aged(row: Any) -> Aged:
    return Aged(row.currency, (row.current, row.d30, row.d60, row.d90, row.d120))

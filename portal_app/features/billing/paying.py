"""Write what was paid online on several bills at once: a few statements, however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.features.billing import policies
from portal_app.features.billing.money import SIDES

# In one order, account by account, as statements are made: who waits for one of these holds none that is waited for.
_HOLD: Final = """
select pg_advisory_xact_lock(hashtextextended('bill:' || b.id::text, 0))
from (select i.id from invoice i where i.id = any (:bills) order by i.patient_id, i.id) b
"""
_BILLS: Final = """
select i.id, i.patient_id, i.confidentiality, i.currency, coalesce(b.owed_minor, 0) as owed_minor
from invoice i left join bill_balance b on b.invoice_id = i.id where i.id = any (:bills)
"""
_STANDING: Final = """
select p.request_key, -e.amount_minor as amount_minor
from ledger_posting p join ledger_entry e on e.posting_id = p.id and e.account = 'receivable'
where p.request_key = any (:keys)
"""
_POST: Final = """
insert into ledger_posting (id, kind, patient_id, confidentiality, currency, made_by, request_key)
select n.id, 'online_payment', n.patient_id, n.confidentiality, n.currency, :person_id, n.request_key
from unnest(cast(:ids as uuid[]), cast(:patients as uuid[]), cast(:levels as text[]), cast(:currencies as text[]),
  cast(:keys as uuid[])) n (id, patient_id, confidentiality, currency, request_key)
"""
_ENTER: Final = """
insert into ledger_entry (posting_id, line, account, invoice_id, patient_id, confidentiality, amount_minor)
select n.id, l.line, l.account, n.bill_id, n.patient_id, n.confidentiality, l.sign * n.amount_minor
from unnest(cast(:ids as uuid[]), cast(:patients as uuid[]), cast(:levels as text[]), cast(:bills as uuid[]),
  cast(:amounts as bigint[])) n (id, patient_id, confidentiality, bill_id, amount_minor)
cross join (values (0, cast(:more as text), 1), (1, cast(:less as text), -1)) l (line, account, sign)
"""


@dataclass(frozen=True, slots=True)
class PartPaid:
    """What of a payment is for one bill; the key makes it one posting."""

    bill_id: UUID
    amount_minor: int
    request_key: UUID


async def pay_bills(tx: Transaction, parts: Sequence[PartPaid]) -> list[int]:
    """Write each part on its bill as far as that is still owed; return how much of each part that was."""
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    wanted = {"bills": list({one.bill_id for one in parts}), "keys": [one.request_key for one in parts]}
    await tx.all(_HOLD, wanted)
    bills: dict[UUID, Any] = {row.id: row for row in await tx.all(_BILLS, wanted)}
    standing = {row.request_key: row.amount_minor for row in await tx.all(_STANDING, wanted)}
    owed = {bill.id: max(bill.owed_minor, 0) for bill in bills.values()}
    paid, new = [], []
    for one in parts:
        amount = standing.get(one.request_key)
        if amount is None:
            amount = min(one.amount_minor, owed.get(one.bill_id, 0))
            if amount:
                owed[one.bill_id] -= amount
                new.append((bills[one.bill_id], one.request_key, amount))
        paid.append(amount)
    await _write(tx, new)
    return paid


async def _write(tx: Transaction, new: Sequence[tuple[Any, UUID, int]]) -> None:
    if not new:
        return
    more, less = SIDES["online_payment"]
    rows = {
        "ids": [uuid4() for _ in new], "patients": [bill.patient_id for bill, _, _ in new],
        "levels": [bill.confidentiality for bill, _, _ in new], "currencies": [bill.currency for bill, _, _ in new],
        "bills": [bill.id for bill, _, _ in new], "keys": [key for _, key, _ in new],
        "amounts": [amount for _, _, amount in new], "person_id": tx.actor.person_id, "more": more, "less": less,
    }  # fmt: skip
    await tx.execute(_POST, rows)
    await tx.execute(_ENTER, rows)
    for bill, _, _ in new:
        await audit.record(
            tx, "billing.post_online_payment", patient_id=bill.patient_id, entity="Invoice", entity_id=bill.id
        )

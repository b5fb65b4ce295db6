"""Spend what a patient has with us already: what was paid too much, or for a visit before its bill was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from portal_app.core import audit, policy
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import NotFound
from portal_app.features.billing import service as billing
from portal_app.features.payments import attempts, closing, policies, statements
from portal_app.features.payments.errors import NothingOwed
from portal_app.features.payments.views import PayableBill

_CREDIT: Final = """
select p.currency, e.confidentiality as level, -sum(e.amount_minor)::bigint as amount_minor
from ledger_entry e join ledger_posting p on p.id = e.posting_id
where e.account = 'credit' and e.patient_id = :patient_id
group by p.currency, e.confidentiality having sum(e.amount_minor) <> 0
"""
_SPENT: Final = """
select coalesce(-sum(e.amount_minor), 0)::bigint from ledger_posting p join ledger_entry e on e.posting_id = p.id
where p.request_key = any (:keys) and e.account = 'receivable'
"""
_OF_BILL: Final = "select patient_id, currency from invoice where id = :bill_id"


Levels = Mapping[str, int]
"""Amounts by the confidentiality that they have in the books."""


@dataclass(frozen=True, slots=True)
class CreditWish:
    """Bills on which somebody who may pay them wants the chart's credit spent. Two taps have one `request_key`.

    `most` is the credit that they saw, by currency, of which no more is spent; None for whoever spends it themselves.
    """

    patient_id: UUID
    bill_ids: tuple[UUID, ...]
    request_key: UUID
    most: Mapping[str, Levels] | None = None


async def my_credit(tx: Transaction) -> Mapping[str, int]:
    """Return what the chart acted for has with the practice, by currency, as far as the actor may see it."""
    policy.require(tx.actor, policies.PAY.name)
    return {currency: sum(levels.values()) for currency, levels in (await _credit(tx, tx.actor.patient_id)).items()}


async def credit_of_bill(tx: Transaction, bill_id: UUID) -> int:
    """Return what the patient of a bill has with the practice in its currency; for billing."""
    policy.require(tx.actor, "billing.keep_books")
    bill: Any = await tx.first(_OF_BILL, {"bill_id": bill_id})
    return sum((await _credit(tx, bill.patient_id)).get(bill.currency, {}).values()) if bill else 0


async def ask_to_use_credit(tx: Transaction, bill_ids: Sequence[UUID], request_key: UUID) -> CreditWish:
    """Return the wish to spend the credit on these bills, or on all that the actor can pay; `use_credit` does it."""
    policy.require(tx.actor, policies.PAY.name)
    patient_id = tx.actor.patient_id
    if patient_id is None:
        raise NothingOwed
    found = await attempts.payable(tx, bill_ids)
    await audit.record(tx, "payments.ask_to_use_credit", patient_id=patient_id, entity="Account", entity_id=patient_id)
    most = await _credit(tx, patient_id)
    return CreditWish(patient_id, tuple(one.id for due in found for one in due.bills), request_key, most)


async def use_credit(database: Database, wish: CreditWish) -> int:
    """Spend a chart's credit on its bills, the first due first, and return how much; the same wish again spends none.

    Raises:
        NothingOwed: if there is no credit, or nothing to spend it on.
    """
    async with database.act_as_system("payments.use_credit") as tx:
        return await _spend(tx, wish)


async def use_credit_at_desk(tx: Transaction, bill_id: UUID, request_key: UUID) -> int:
    """Do the same on one bill, as billing.

    Raises:
        NotFound: if the actor sees no such bill.
        NothingOwed: if there is no credit, or nothing owed.
    """
    policy.require(tx.actor, "billing.keep_books")
    bill: Any = await tx.first(_OF_BILL, {"bill_id": bill_id})
    if bill is None:
        raise NotFound
    return await _spend(tx, CreditWish(bill.patient_id, (bill_id,), request_key))


async def _spend(tx: Transaction, wish: CreditWish) -> int:
    policy.require(tx.actor, "billing.keep_books")
    await tx.one(statements.LOCK_ACCOUNT, {"patient_id": wish.patient_id})
    keys = {bill_id: uuid5(wish.request_key, str(bill_id)) for bill_id in wish.bill_ids}
    if before := int(await tx.scalar(_SPENT, {"keys": list(keys.values())}) or 0):
        return before
    credit, spent = await _spendable(tx, wish), 0
    for due in await attempts.payable_of(tx, wish.patient_id, wish.bill_ids) if wish.bill_ids else ():
        left = credit.get(due.currency, {})
        for bill in due.bills:
            part = min(sum(left.values()), await billing.owed_now(tx, bill.id), bill.payable_minor)
            if part > 0:
                await _use(tx, wish.patient_id, bill, _take(left, part, bill.confidentiality), keys[bill.id])
                await closing.close_attempts(tx, bill.id)
                spent += part
    if not spent:
        raise NothingOwed
    return spent


async def _use(tx: Transaction, patient_id: UUID, bill: PayableBill, parts: Levels, key: UUID) -> None:
    """Debit the credit at the levels at which it stands, and the bill at its own.

    An entry has the confidentiality of its bill and follows it, so the credit is debited beside the bill. In between
    it is with the processor, where both come to nothing.
    """
    for level, part in parts.items():
        taken = (billing.Entry("credit", part), billing.Entry("processor", -part))
        await billing.post_aside(tx, billing.AccountPosting(
            "credit_used", part, bill.currency, uuid5(key, level), patient_id, entries=taken, confidentiality=level,
        ))  # fmt: skip
    amount = sum(parts.values())
    put = (billing.Entry("processor", amount), billing.Entry("receivable", -amount))
    await billing.post(tx, billing.Posting(bill.id, "credit_used", amount, key, entries=put))


def _take(left: dict[str, int], amount_minor: int, of_bill: str) -> Levels:
    """Take an amount that is there out of the levels: the bill's own first, then the most private."""
    taken: dict[str, int] = {}
    for level in sorted(left, key=lambda one: (one == of_bill, "NRV".index(one)), reverse=True):
        if part := min(left[level], amount_minor - sum(taken.values())):
            taken[level] = part
            left[level] -= part
    return taken


async def _spendable(tx: Transaction, wish: CreditWish) -> dict[str, dict[str, int]]:
    credit = await _credit(tx, wish.patient_id)
    if wish.most is None:
        return credit
    most = {currency: wish.most.get(currency, {}) for currency in credit}
    return {
        currency: {level: min(amount, most[currency].get(level, 0)) for level, amount in levels.items()}
        for currency, levels in credit.items()
    }


async def _credit(tx: Transaction, patient_id: UUID | None) -> dict[str, dict[str, int]]:
    """Return what is left by currency and level; what was taken from another level than it stood at is gone there."""
    rows: Sequence[Any] = await tx.all(_CREDIT, {"patient_id": patient_id})
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.currency, {})[row.level] = row.amount_minor
    return {currency: left for currency, levels in found.items() if (left := _without_debts(levels))}


def _without_debts(levels: Levels) -> dict[str, int]:
    missing = -sum(amount for amount in levels.values() if amount < 0)
    left: dict[str, int] = {}
    for level in sorted(levels, key="NRV".index):
        if (amount := levels[level]) > 0:
            gone = min(amount, missing)
            missing -= gone
            if amount > gone:
                left[level] = amount - gone
    return left

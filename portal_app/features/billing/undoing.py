"""Take a bill back, and give money back: both by further entries, never by changing those that stand."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import insert, update
from sqlmodel import col

from portal_app.core import clock, policy
from portal_app.core.actor import Role
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.billing import books, money, policies, questions
from portal_app.features.billing.books_tables import Invoice
from portal_app.features.billing.desk_rules import desk_rules
from portal_app.features.billing.desk_tables import Refund
from portal_app.features.billing.errors import BillPaidOn, ManagerNeeded, MoreThanPaid, PaymentDisputed
from portal_app.features.billing.money import Entry
from portal_app.features.payments import service as payments

_BALANCES: Final = """
select account, sum(amount_minor)::bigint as amount_minor from ledger_entry where invoice_id = :bill_id
group by account having sum(amount_minor) <> 0 order by account
"""
_PAID_INTO: Final = frozenset({"desk", "processor", "credit", "disputed"})
_VOIDED: Final = "select voided_at is not null as is_void, patient_id, currency from invoice where id = :bill_id"
_PAYMENT: Final = """
select p.kind, p.currency, p.patient_id, p.confidentiality, e.invoice_id as bill_id, -e.amount_minor as paid,
  exists (select from ledger_posting c where c.corrects = p.id) as is_corrected,
  (select coalesce(sum(d.amount_minor), 0) from ledger_entry d
   where d.invoice_id = e.invoice_id and d.account = 'disputed') as disputed,
  (select coalesce(sum(r.amount_minor), 0) from refund r
   where r.payment_id = p.id and r.status <> 'failed') as given_back
from ledger_posting p join ledger_entry e on e.posting_id = p.id and e.account = 'receivable'
where p.id = :payment_id
"""
_STANDING: Final = "select payment_id, amount_minor from refund where id = :id"


@dataclass(frozen=True, slots=True)
class RefundWish:
    """Money to give back of one payment. `is_owed_again`: the patient owes it once more, else the bill is lowered.

    `request_key` is made with the form, and makes two taps one.
    """

    payment_id: UUID
    amount_minor: int
    reason: str
    request_key: UUID
    is_owed_again: bool


async def void_bill(tx: Transaction, bill_id: UUID, reason: str, request_key: UUID) -> None:
    """Take a bill back: all that is in the books for it is undone by one posting, its questions and pages are closed.

    A bill that was taken back already is left as it is.

    Raises:
        NotFound: if the actor sees no such bill.
        InputRefused: without a reason.
        BillPaidOn: while money that somebody paid is on it: that is given back first.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    why = books.said_reason(reason, is_needed=True)
    await payments.hold_account(tx, bill_id)  # before the bill, as whoever settles a payment of it
    await books.hold(tx, bill_id)
    bill: Any = await tx.first(_VOIDED, {"bill_id": bill_id})
    if bill is None:
        raise NotFound
    if bill.is_void:
        return
    balances = await tx.all(_BALANCES, {"bill_id": bill_id})
    if any(row.account in _PAID_INTO for row in balances):
        raise BillPaidOn
    if balances:
        charged = next(-row.amount_minor for row in balances if row.account == "revenue")
        undone = money.opposite(Entry(row.account, row.amount_minor) for row in balances)
        await books.post(tx, books.Posting(bill_id, "void", charged, request_key, why, undone))
    voided = update(Invoice).where(col(Invoice.id) == bill_id).values(voided_at=clock.now())
    await tx.execute(voided)
    await questions.close_of_bill(tx, bill_id)
    await payments.close_attempts(tx, bill_id)


async def refund_at_desk(tx: Transaction, wish: RefundWish) -> UUID:
    """Write down that money was given back in hand, of a payment made at the desk; return the refund.

    Raises:
        NotFound: if the actor sees no such payment.
        InputRefused: if the amount or the reason cannot be.
        MoreThanPaid: if more would be given back than is left of that payment.
        PaymentDisputed: while a bank looks into a payment of that bill.
        ManagerNeeded: if it is more than billing gives back by itself.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    why = books.said_reason(wish.reason, is_needed=True)
    standing: Any = await tx.first(_STANDING, {"id": wish.request_key})
    if standing is not None:
        return wish.request_key
    payment = await checked(tx, wish, "payment")
    if (await tx.first(_STANDING, {"id": wish.request_key})) is not None:  # the other tap, waited for
        return wish.request_key
    posting_id = await _post(tx, payment, wish, why, "desk")
    values = refund_row(tx, wish, payment, why) | {
        "channel": "desk", "status": "succeeded", "ended_at": clock.now(), "posting_id": posting_id,
    }  # fmt: skip
    await tx.execute(insert(Refund).values(values))
    return wish.request_key


async def checked(tx: Transaction, wish: RefundWish, kind: str) -> Any:
    """Return the payment of a kind that a wish is about, of which so much may be given back; its bill is held.

    Raises as `refund_at_desk` does.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    payment: Any = await tx.first(_PAYMENT, {"payment_id": wish.payment_id})
    if payment is None or payment.kind != kind:
        raise NotFound
    if not 0 < wish.amount_minor <= money.AMOUNT_MAX_MINOR:
        raise InputRefused("amount", N_("Type an amount above nothing, like 25.00."))
    await books.hold(tx, payment.bill_id)
    payment = await tx.first(_PAYMENT, {"payment_id": wish.payment_id})  # again, now that nobody else posts
    if payment is None:
        raise NotFound
    if payment.is_corrected or wish.amount_minor > payment.paid - payment.given_back:
        raise MoreThanPaid
    if payment.disputed:
        raise PaymentDisputed
    limit = (await desk_rules(tx)).refund_limit * 10 ** money.decimals_of(payment.currency)
    if wish.amount_minor > limit and Role.manager not in tx.actor.roles:
        raise ManagerNeeded
    return payment


async def _post(tx: Transaction, payment: Any, wish: RefundWish, why: str, account: money.Account) -> UUID:
    """Give back out of an account, and lower the bill by as much where it is not owed again."""
    back = (Entry("receivable", wish.amount_minor), Entry(account, -wish.amount_minor))
    refund = books.Posting(payment.bill_id, "refund", wish.amount_minor, wish.request_key, why, back)
    posting_id = await books.post(tx, refund)
    if not wish.is_owed_again:
        lowered = uuid5(wish.request_key, "lowered")
        await books.post(tx, books.Posting(payment.bill_id, "adjustment", wish.amount_minor, lowered, why))
    return posting_id


def refund_row(tx: Transaction, wish: RefundWish, payment: Any, why: str) -> dict[str, Any]:
    """Return the row of a refund that somebody asks for now, without how it goes."""
    return {
        "id": wish.request_key, "payment_id": wish.payment_id, "invoice_id": payment.bill_id,
        "patient_id": payment.patient_id, "confidentiality": payment.confidentiality,
        "amount_minor": wish.amount_minor, "is_owed_again": wish.is_owed_again, "reason": why,
        "asked_by": tx.actor.person_id, "asked_at": clock.now(),
    }  # fmt: skip

"""Give back of a payment: in hand what came in hand, and online to where it was paid from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.billing import books, policies, undoing
from portal_app.features.billing.desk_tables import Refund
from portal_app.features.billing.errors import PaymentDisputed
from portal_app.features.billing.undoing import RefundWish
from portal_app.features.payments import service as payments
from portal_app.features.reconciling import service as reconciling

_KIND: Final = "select kind from ledger_posting where id = :payment_id"
_STANDING: Final = "select id from refund where id = :id"
_OF_BILL: Final = """
select r.id, r.amount_minor, r.channel, r.status, r.asked_at, r.posting_id from refund r
where r.invoice_id = :bill_id order by r.asked_at, r.id
"""


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money given back: `channel` is desk or stripe, `status` pending, succeeded or failed.

    Without `posting_id` the books say nothing of it: it is being sent, or was never taken.
    """

    id: UUID
    amount_minor: int
    channel: str
    status: str
    asked_at: datetime
    posting_id: UUID | None


async def give_back(tx: Transaction, wish: RefundWish) -> bool:
    """Give back of a payment the way it came, and tell whether it goes online; the wish's key makes two taps one.

    Raises as `undoing.refund_at_desk` and `pay_back_online` do.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    is_online = bool(await tx.scalar(_KIND, {"payment_id": wish.payment_id}) == "online_payment")
    await (pay_back_online if is_online else undoing.refund_at_desk)(tx, wish)
    return is_online


async def pay_back_online(tx: Transaction, wish: RefundWish) -> UUID:
    """Have money paid back to where it was paid from, after the commit; return the refund, which waits until then.

    Raises:
        NotFound: if the actor sees no such payment made online.
        InputRefused: if the amount or the reason cannot be.
        MoreThanPaid: if more would be given back than is left of that payment.
        PaymentDisputed: while a bank looks into it.
        ManagerNeeded: if it is more than billing gives back by itself.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    why = books.said_reason(wish.reason, is_needed=True)
    if await tx.scalar(_STANDING, {"id": wish.request_key}):
        return wish.request_key
    payment = await undoing.checked(tx, wish, "online_payment")
    if await tx.scalar(_STANDING, {"id": wish.request_key}):  # the other tap, waited for
        return wish.request_key
    paid = await payments.paid_with(tx, wish.payment_id)
    if paid is None:
        raise NotFound
    if await reconciling.is_disputed(tx, paid.attempt_id):
        raise PaymentDisputed
    if payments.step_of(payment.currency) > 1 and wish.amount_minor % payments.step_of(payment.currency):
        raise InputRefused("amount", N_("In this currency the last digit must be 0."))
    values = undoing.refund_row(tx, wish, payment, why) | {"channel": "stripe", "status": "pending"}
    await tx.execute(insert(Refund).values(values))
    await audit.record(
        tx, "billing.ask_refund", patient_id=payment.patient_id, entity="Refund", entity_id=wish.request_key
    )
    from portal_app.features.billing.jobs import send_refund  # noqa: PLC0415 - the job works by this module

    await enqueue(tx, send_refund, refund_id=wish.request_key)
    return wish.request_key


async def refunds_of_bill(tx: Transaction, bill_id: UUID) -> Sequence[RefundView]:
    """Return what was given back of a bill's payments, the first first; for the patient's side and for billing."""
    policy.require(tx.actor, (policies.KEEP_BOOKS if tx.actor.is_staff() else policies.SEE_BILLS).name)
    rows: Sequence[Any] = await tx.all(_OF_BILL, {"bill_id": bill_id})
    return [RefundView(**row._asdict()) for row in rows]

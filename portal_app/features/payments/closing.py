"""What billing does with payments of a bill: close those that are open, and find what one was paid with."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from portal_app.core import policy
from portal_app.core.db import Transaction
from portal_app.core.jobs import Workplace, enqueue, long_job
from portal_app.features.payments import following, settling
from portal_app.features.payments.ports import PaymentPort

_REPLACE: Final = "select replace_attempts_of_bill(:bill_id) as id"
# The account before its bill, as whoever settles a payment takes them.
_HOLD: Final = """
select pg_advisory_xact_lock(hashtextextended('account:' || i.patient_id::text, 0)) from invoice i where i.id = :bill_id
"""
_IS_STALE: Final = "select has_stale_attempts(:bill_id)"
_POSTED: Final = """
select p.request_key, e.invoice_id from ledger_posting p join ledger_entry e on e.posting_id = p.id
where p.id = :posting_id and p.kind = 'online_payment' and e.account = 'processor'
"""
_PAID: Final = """
select a.id, a.intent_id, a.amount_minor, a.currency, a.person_id
from payment_share s join payment_attempt a on a.id = s.attempt_id
where s.invoice_id = :bill_id and a.intent_id is not null
"""


@dataclass(frozen=True, slots=True)
class PaidWith:
    """The payment at the processor from which an entry in the books came: the whole of it, for one bill or several."""

    attempt_id: UUID
    intent_id: str
    amount_minor: int
    currency: str
    person_id: UUID | None = None


async def close_attempts(tx: Transaction, bill_id: UUID) -> int:
    """Let nobody begin to pay a bill any more on a page that is open; return how many there were.

    Part of another use case of billing's. The pages at the processor are closed after the commit; what is paid there
    before that becomes the patient's credit.
    """
    policy.require(tx.actor, "billing.keep_books")
    await following.close_failed(tx, [bill_id])
    rows: Any = await tx.all(_REPLACE, {"bill_id": bill_id})
    for row in rows:
        await enqueue(tx, close_page, attempt_id=row.id)
    return len(rows)


async def hold_account(tx: Transaction, bill_id: UUID) -> None:
    """Let no payment of a bill's account begin or be settled before this transaction ends. Part of billing's."""
    policy.require(tx.actor, "billing.keep_books")
    await tx.all(_HOLD, {"bill_id": bill_id})


async def close_stale(tx: Transaction, bill_id: UUID) -> int:
    """Close the pages on which more of a bill would be paid than is owed by now; return how many there were.

    What a bank did not pay of it is no task any more once nothing is owed.

    Part of another use case of billing's. A page on which a part is paid that is owed still stays open.
    """
    policy.require(tx.actor, "billing.keep_books")
    if await tx.scalar(_IS_STALE, {"bill_id": bill_id}):
        return await close_attempts(tx, bill_id)
    await following.close_failed(tx, [bill_id])
    return 0


@long_job("payments.close_page", policy="payments.settle")
async def close_page(work: Workplace, attempt_id: str) -> None:
    """Close the page of an attempt that was replaced, and write what became of it."""
    processor = work.port(PaymentPort)  # type: ignore[type-abstract]  # ports are protocols
    if processor is not None:
        await settling.settle(work.database, processor, UUID(attempt_id))


async def paid_with(tx: Transaction, posting_id: UUID) -> PaidWith | None:
    """Return the payment of which a posting is, None where it was not made online."""
    policy.require(tx.actor, "billing.keep_books")
    posted: Any = await tx.first(_POSTED, {"posting_id": posting_id})
    if posted is None:
        return None
    for row in await tx.all(_PAID, {"bill_id": posted.invoice_id}):
        if uuid5(row.id, str(posted.invoice_id)) == posted.request_key:
            return PaidWith(row.id, row.intent_id, row.amount_minor, row.currency, row.person_id)
    return None

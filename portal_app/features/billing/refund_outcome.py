"""What becomes of money that is paid back: asked of the processor, compared, and written in the books once.

The job that sends it, the processor's events and the poller all come here, in any order and as often as they like.
"""

from typing import Any, Final
from uuid import UUID, uuid5

import structlog

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Database, Transaction
from portal_app.features.billing import books, messages, policies
from portal_app.features.billing.money import Entry
from portal_app.features.payments import service as payments
from portal_app.features.payments.service import PaidWith, PaymentPort, RefundFacts, WantedRefund
from portal_app.features.reconciling import service as reconciling

log = structlog.get_logger(__name__)

_REFUND: Final = """
select r.id, r.payment_id, r.invoice_id, r.patient_id, r.confidentiality, r.amount_minor, r.status, r.is_owed_again,
  r.reason, r.asked_at, r.posting_id, r.processor_ref, i.currency, i.voided_at is not null as is_void
from refund r join invoice i on i.id = r.invoice_id
"""
_ONE: Final = f"{_REFUND} where r.id = :id and r.channel = 'stripe'"
_LOCKED: Final = f"{_ONE} for update of r"
_BY_NAME: Final = f"{_REFUND} where r.processor_ref = :ref"
_TAKEN: Final = """
update refund set processor_ref = :ref, posting_id = :posting_id, status = :status, checked_at = :now,
  ended_at = case when :status <> 'pending' then cast(:now as timestamptz) end
where id = :id
"""
_LOWERED: Final = "select id from ledger_posting where request_key = :key"
_WAITING: Final = """
select id from refund where status = 'pending' and coalesce(checked_at, asked_at) < case
  when processor_ref is null then cast(:soon as timestamptz) else cast(:later as timestamptz) end
order by coalesce(checked_at, asked_at) limit :most
"""


async def settle_refund(database: Database, processor: PaymentPort, refund_id: UUID) -> str:
    """Ask the processor for a refund, or how it stands, write what follows, and return its status.

    Raises:
        ProcessorAway, ProcessorRefused: nothing was written; ask again.
    """
    async with database.act_as_system("billing.settle_refunds") as tx:
        policy.require(tx.actor, policies.SETTLE_REFUNDS.name)
        refund: Any = await tx.one(_ONE, {"id": refund_id})
        paid = await payments.paid_with(tx, refund.payment_id)
    if refund.status == "failed" or paid is None:
        return str(refund.status)
    facts = await _asked(processor, refund, paid)
    async with database.act_as_system("billing.settle_refunds") as tx:
        return await _apply(tx, processor, refund_id, paid, facts)


async def about(database: Database, processor: PaymentPort, told: Any) -> str:
    """Settle the refund that an event is about; what claims something else than was asked is set aside."""
    facts = await processor.refund(told.object_id)
    async with database.act_as_system("billing.settle_refunds") as tx:
        refund = await _refund_of(tx, facts)
        if refund is None:
            await _file(tx, "refund_elsewhere", facts.refund_id, facts.amount, facts.currency)
            return "filed"
        amount = facts.amount if told.amount_minor is None else told.amount_minor
        seen = payments.Seen(facts.our_id, amount, told.currency or facts.currency, told.is_live)
        paid = await payments.paid_with(tx, refund.payment_id)
        if await _differs(tx, processor, refund, paid, facts, seen):
            return "quarantined"
    return f"refund {await settle_refund(database, processor, refund.id)}"


async def waiting(tx: Transaction, soon: Any, later: Any, most: int) -> list[UUID]:
    """Return refunds of which nothing was heard: since `soon` if they were not sent, since `later` if they were."""
    policy.require(tx.actor, policies.SETTLE_REFUNDS.name)
    return [row.id for row in await tx.all(_WAITING, {"soon": soon, "later": later, "most": most})]


async def _asked(processor: PaymentPort, refund: Any, paid: PaidWith) -> RefundFacts | None:
    """Return how a refund stands, asking for it where we never heard of it; None where it was refused for good.

    A refusal is believed only where the processor has no such refund: an answer of it may have been lost before.
    """
    if refund.processor_ref:
        return await processor.refund(refund.processor_ref)
    is_old = refund.asked_at + payments.KEY_LASTS < clock.now()  # it may have forgotten the key by now
    found = await processor.refund_of(paid.intent_id, refund.id) if is_old else None
    if found is not None:
        return found
    try:
        return await processor.pay_back(WantedRefund(refund.id, paid.intent_id, refund.amount_minor))
    except payments.ProcessorRefused as error:
        log.warning("refund_refused", refund_id=str(refund.id), reason=str(error))
        return await processor.refund_of(paid.intent_id, refund.id)


async def _refund_of(tx: Transaction, facts: RefundFacts) -> Any:
    known: Any = await tx.first(_BY_NAME, {"ref": facts.refund_id})
    try:
        return known or await tx.first(_ONE, {"id": UUID(facts.our_id)})
    except ValueError:
        return None


async def _differs(
    tx: Transaction, processor: PaymentPort, refund: Any, paid: PaidWith | None, facts: RefundFacts, seen: payments.Seen
) -> bool:
    """Set aside what is not the refund that we asked for, and tell whether it is."""
    wanted = payments.Seen(str(refund.id), refund.amount_minor, refund.currency, processor.is_live)
    reason = payments.difference(wanted, seen)
    of_another = refund.processor_ref not in (None, facts.refund_id)
    of_another = of_another or paid is None or facts.intent_id not in ("", paid.intent_id)
    if reason := reason or ("attempt" if of_another else ""):
        await payments.quarantine(tx, paid.attempt_id if paid else None, facts.refund_id, reason, seen)
    return bool(reason)


async def _apply(
    tx: Transaction, processor: PaymentPort, refund_id: UUID, paid: PaidWith, facts: RefundFacts | None
) -> str:
    refund: Any = await tx.one(_ONE, {"id": refund_id})
    await books.hold(tx, refund.invoice_id)
    refund = await tx.one(_LOCKED, {"id": refund_id})
    if facts is not None:
        seen = payments.Seen(facts.our_id, facts.amount, facts.currency, processor.is_live)
        if await _differs(tx, processor, refund, paid, facts, seen):
            return str(refund.status)
    to = "failed" if facts is None else facts.status
    if refund.status == "failed" or (refund.status == "succeeded" and to == "pending"):
        return str(refund.status)
    posting_id = refund.posting_id
    if posting_id is None and to != "failed":
        posting_id = await _post(tx, refund)
        await messages.tell_refund(tx, messages.REFUND_SENT, refund, paid.person_id)
    elif to == "failed":
        await _undo(tx, refund, paid)
    name = facts.refund_id if facts else refund.processor_ref
    row = {"id": refund.id, "ref": name, "posting_id": posting_id, "status": to, "now": clock.now()}
    await tx.execute(_TAKEN, row)
    if to != refund.status:
        await audit.record(
            tx, f"billing.refund_{to}", patient_id=refund.patient_id, entity="Refund", entity_id=refund.id
        )
    return to


async def _post(tx: Transaction, refund: Any) -> UUID:
    """Write in the books that it left the processor, and lower the bill where it is not owed again."""
    amount, why = refund.amount_minor, crypto.decrypt(refund.reason)
    posting_id = await books.post(tx, books.Posting(refund.invoice_id, "refund", amount, refund.id, why))
    if not refund.is_owed_again:
        key = uuid5(refund.id, "lowered")
        await books.post(tx, books.Posting(refund.invoice_id, "adjustment", amount, key, why))
    return posting_id


async def _undo(tx: Transaction, refund: Any, paid: PaidWith) -> None:
    """Put the books right: the money is with us again, on the bill as far as that is owed, else as credit."""
    await _file(
        tx, "refund_failed", str(refund.id), refund.amount_minor, refund.currency, refund.patient_id,
        refund.confidentiality,
    )  # fmt: skip
    if refund.posting_id is None:
        return
    why, key = crypto.decrypt(refund.reason), uuid5(refund.id, "failed")
    amount = refund.amount_minor
    if refund.is_void:
        back = (Entry("processor", amount), Entry("credit", -amount))
        aside = books.AccountPosting(
            "refund_failed", amount, refund.currency, key, refund.patient_id, entries=back,
            confidentiality=refund.confidentiality,
        )  # fmt: skip
        await books.post_aside(tx, aside)
    else:
        lowered = await tx.scalar(_LOWERED, {"key": uuid5(refund.id, "lowered")})
        if lowered is not None:
            await books.take_back(tx, lowered, why, uuid5(refund.id, "raised"))
        on_bill = min(amount, max(await books.owed_now(tx, refund.invoice_id), 0))
        parts = (Entry("processor", amount), Entry("receivable", -on_bill), Entry("credit", on_bill - amount))
        entries = tuple(one for one in parts if one.amount_minor)
        await books.post(tx, books.Posting(refund.invoice_id, "refund_failed", amount, key, why, entries))
    await messages.tell_refund(tx, messages.REFUND_FAILED, refund, paid.person_id)


async def _file(
    tx: Transaction, kind: str, ref: str, amount: int, currency: str, patient_id: UUID | None = None, level: str = "N"
) -> None:
    matter = reconciling.Matter(kind, ref, amount, currency, patient_id, level)
    await reconciling.file(tx, matter)

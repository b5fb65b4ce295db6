"""Disputes: what a bank asks back leaves the books' account with the processor until it is decided."""

from typing import Any
from uuid import UUID, uuid4, uuid5

from portal_app.core import audit, clock, policy
from portal_app.core.db import Database, Transaction
from portal_app.features.billing import service as billing
from portal_app.features.reconciling import matters, policies, statements
from portal_app.features.reconciling.matters import Matter
from portal_app.features.reconciling.ports import Dispute


async def follow(database: Database, told: Dispute) -> str:
    """Write what the processor has just said of a dispute, once, in whatever order it is told; return its status."""
    async with database.act_as_system("reconciling.follow_dispute") as tx:
        policy.require(tx.actor, policies.KEEP.name)
        await tx.one(statements.LOCK_DISPUTE, {"dispute_id": told.id})
        known: Any = await tx.first(statements.DISPUTE, {"dispute_id": told.id})
        if known is None:
            known = await _open(tx, told)
        if told.status == "open" or known.status != "open":
            return str(known.status)
        await _decide(tx, known, told)
        return told.status


async def attempt_of(database: Database, told: Dispute) -> UUID | None:
    """Return the attempt that paid what is disputed, None where it is none of ours."""
    async with database.act_as_system("reconciling.follow_dispute") as tx:
        attempt: Any = await tx.first(statements.ATTEMPT, {"intent_id": told.intent_id})
        return UUID(str(attempt.id)) if attempt else None


async def is_disputed(tx: Transaction, attempt_id: UUID) -> bool:
    """Tell whether a bank is asked to decide about a payment, so that nothing of it may be paid back."""
    return bool(await tx.scalar(statements.IS_DISPUTED, {"id": attempt_id}))


async def _open(tx: Transaction, told: Dispute) -> Any:
    attempt: Any = await tx.first(statements.ATTEMPT, {"intent_id": told.intent_id})
    patient_id = attempt.patient_id if attempt else None
    confidentiality = attempt.confidentiality if attempt else "N"
    row = {
        "id": uuid4(), "dispute_id": told.id, "attempt_id": attempt.id if attempt else None, "patient_id": patient_id,
        "confidentiality": confidentiality, "amount_minor": told.amount_minor, "currency": told.currency,
        "opened_at": told.opened_at, "respond_by": told.respond_by,
    }  # fmt: skip
    await tx.execute(statements.OPEN_DISPUTE, row)
    found: Any = await tx.one(statements.DISPUTE, {"dispute_id": told.id})
    if attempt is not None:
        await _take_out(tx, found, attempt.id, told)
    await matters.file(tx, Matter(
        "dispute", told.id, told.amount_minor, told.currency, patient_id, confidentiality, told.respond_by,
    ))  # fmt: skip
    await audit.record(
        tx, "reconciling.dispute_opened", patient_id=patient_id, entity="PaymentDispute", entity_id=found.id
    )
    return found


async def _take_out(tx: Transaction, dispute: Any, attempt_id: UUID, told: Dispute) -> None:
    """Post what is disputed against what the payment paid: its bills in their order, then the patient's credit."""
    left = told.amount_minor
    bills = [row.invoice_id for row in await tx.all(statements.SHARES, {"id": attempt_id})]
    keys = [uuid5(attempt_id, str(bill_id)) for bill_id in bills]
    paid: dict[UUID, int] = {}
    for row in await _entries(tx, keys, "processor"):
        paid[row.invoice_id] = row.amount_minor
    for bill_id in bills:
        part = min(left, paid.get(bill_id, 0))
        if part > 0:
            key = uuid5(dispute.id, f"{bill_id}:opened")
            await billing.post(tx, billing.Posting(bill_id, "dispute", part, key))
            left -= part
    if left > 0:
        key = uuid5(dispute.id, "credit:opened")
        aside = billing.AccountPosting(
            "dispute", left, told.currency, key, dispute.patient_id, confidentiality=dispute.confidentiality
        )
        await billing.post_aside(tx, aside)


async def _decide(tx: Transaction, dispute: Any, told: Dispute) -> None:
    if dispute.attempt_id is not None:
        await _put_back(tx, dispute, told)
    await tx.execute(statements.DECIDE_DISPUTE, {"id": dispute.id, "status": told.status, "now": clock.now()})
    await matters.settle(tx, "dispute", told.id, "decided")
    row: Any = await tx.first(statements.ATTEMPT, {"intent_id": told.intent_id})
    confidentiality = row.confidentiality if row else "N"
    kind = f"dispute_{told.status}"
    await matters.file(tx, Matter(kind, told.id, told.amount_minor, told.currency, dispute.patient_id, confidentiality))
    await audit.record(
        tx, f"reconciling.{kind}", patient_id=dispute.patient_id, entity="PaymentDispute", entity_id=dispute.id
    )


async def _put_back(tx: Transaction, dispute: Any, told: Dispute) -> None:
    """Post the decision, part by part: won, the money is back; lost, the bill is owed again."""
    bills = [row.invoice_id for row in await tx.all(statements.SHARES, {"id": dispute.attempt_id})]
    keys = [uuid5(dispute.id, f"{bill_id}:opened") for bill_id in bills]
    kind: billing.Kind = "dispute_won" if told.status == "won" else "dispute_lost"
    for row in await _entries(tx, keys, "disputed"):
        key = uuid5(dispute.id, f"{row.invoice_id}:{told.status}")
        await billing.post(tx, billing.Posting(row.invoice_id, kind, row.amount_minor, key))
    for row in await _entries(tx, [uuid5(dispute.id, "credit:opened")], "disputed"):
        key = uuid5(dispute.id, f"credit:{told.status}")
        back = billing.Entry("processor" if told.status == "won" else "credit", row.amount_minor)
        entries = (back, billing.Entry("disputed", -row.amount_minor))
        aside = billing.AccountPosting(
            kind, row.amount_minor, told.currency, key, dispute.patient_id, entries=entries,
            confidentiality=dispute.confidentiality,
        )  # fmt: skip
        await billing.post_aside(tx, aside)


async def _entries(tx: Transaction, keys: list[UUID], account: str) -> list[Any]:
    rows: Any = await tx.all(statements.STANDING, {"keys": keys})
    return [row for row in rows if row.account == account]

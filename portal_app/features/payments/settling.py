"""What becomes of an attempt: asked of the processor, compared, and posted once in the transaction that says so.

The webhook, the page people come back to and the poller all come here, in any order and as often as they like.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

import structlog

from portal_app.core import audit, clock
from portal_app.core.db import Database, Transaction
from portal_app.features.billing import service as billing
from portal_app.features.payments import following, receipts, rules, statements
from portal_app.features.payments.ports import Facts, PaymentPort
from portal_app.features.tasks import service as tasks

QUARANTINED: Final = "payment_quarantined"
SURPLUS: Final = "payment_surplus"
_FINAL: Final = ("paid", "failed", "expired")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Step:
    """How an attempt goes on, and what the processor said of it; nothing where that was set aside."""

    attempt: Any
    to: str
    facts: Facts | None


async def settle(database: Database, processor: PaymentPort, attempt_id: UUID, object_id: str = "") -> str:
    """Ask the processor how an attempt stands, write what follows, and return its status.

    `object_id` is the processor's name for its page, or for a plan's charge, where we never heard of it.

    Raises:
        ProcessorAway: nothing was written; ask again.
    """
    async with database.act_as_system("payments.settle") as tx:
        attempt: Any = await tx.one(statements.ATTEMPT, {"id": attempt_id})
    if attempt.status == "paid":
        return "paid"
    facts = await ask(processor, attempt, object_id)
    if facts is None:
        return await _without_page(database, attempt)
    return await apply(database, processor, attempt_id, facts)


async def settle_for(database: Database, processor: PaymentPort, attempt_id: UUID) -> str:
    """Do what `settle` does for whoever waits for the answer: "unclear" where what was said of it was set aside.

    Raises:
        ProcessorAway: ask again.
    """
    status = await settle(database, processor, attempt_id)
    async with database.act_as_system("payments.settle") as tx:
        is_set_aside = status in ("new", "open") and await tx.scalar(statements.IS_SET_ASIDE, {"id": attempt_id})
    return "unclear" if is_set_aside else status


async def ask(processor: PaymentPort, attempt: Any, object_id: str = "") -> Facts | None:
    """Ask the processor how an attempt stands; None where it has nothing that we could name.

    Raises:
        ProcessorAway: ask again.
    """
    if attempt.via == "plan":
        intent_id = attempt.intent_id or object_id
        return await processor.intent(intent_id) if intent_id else None
    if known := attempt.session_id or object_id:
        return await (processor.close_session if attempt.status == "replaced" else processor.session)(known)
    return None


async def apply(database: Database, processor: PaymentPort, attempt_id: UUID, facts: Facts) -> str:
    """Write what the processor has just said of an attempt, in one transaction with the books; return its status."""
    async with database.act_as_system("payments.settle") as tx:
        return await apply_in(tx, processor, attempt_id, facts)


async def apply_in(tx: Transaction, processor: PaymentPort, attempt_id: UUID, facts: Facts) -> str:
    """Do what `apply` does as a part of a transaction of the system."""
    return (await apply_all(tx, processor, {attempt_id: facts}))[attempt_id]


async def apply_all(tx: Transaction, processor: PaymentPort, said: Mapping[UUID, Facts]) -> dict[UUID, str]:
    """Write what the processor has said of several attempts, all or none; return the status of each."""
    steps = [await _step(tx, processor, one, said[one.id]) for one in await locked_all(tx, said)]
    moved = [step for step in steps if step.to != step.attempt.status]
    await _post(tx, [step.attempt for step in moved if step.to == "paid"])
    await _go_on(tx, [step for step in steps if step.facts])
    parts = {row.attempt_id for row in await tx.all(statements.PARTS, {"ids": [one.attempt.id for one in moved]})}
    for step in moved:
        if step.attempt.id in parts:
            await following.follow(tx, step.attempt, step.to, step.facts)
        elif step.attempt.status == "processing" and step.to == "failed":  # after whoever paid had left the page
            await tasks.open_task(tx, following.PAYMENT_FAILED, step.attempt.id, patient_id=step.attempt.patient_id)
        elif step.attempt.status == "failed" and step.to in ("processing", "paid"):  # the bank makes it after all
            await tasks.close_task(tx, following.PAYMENT_FAILED, step.attempt.id, "paid")
    told = [(step.attempt, step.to) for step in moved if step.to in ("paid", "failed") and step.attempt.person_id]
    await receipts.tell_all(tx, told)
    return {step.attempt.id: step.to for step in steps}


async def _step(tx: Transaction, processor: PaymentPort, attempt: Any, facts: Facts) -> _Step:
    """Return how an attempt goes on; what is not what was asked is set aside, and it stays where it was."""
    seen = rules.Seen(facts.attempt, facts.amount, facts.currency, facts.is_live)
    reason = rules.difference(wanted_of(attempt, processor), seen)
    if reason:
        await quarantine(tx, attempt.id, facts.session_id or facts.intent_id, reason, seen)
        return _Step(attempt, attempt.status, None)
    to = facts.status if rules.can_go(attempt.status, facts.status) else attempt.status
    return _Step(attempt, "replaced" if attempt.status == "replaced" and facts.status == "open" else to, facts)


async def fail(tx: Transaction, attempt: Any, reason: str) -> None:
    """Write that a charge without a page was declined, and tell whoever pays."""
    if not rules.can_go(attempt.status, "failed"):
        return
    facts = Facts(
        str(attempt.id), "", "", "failed", attempt.amount_minor, attempt.currency, is_live=False, problem=reason
    )
    await go_on(tx, attempt, "failed", facts)
    await following.follow(tx, attempt, "failed", None)
    await receipts.tell(tx, attempt, "failed")


async def locked(tx: Transaction, attempt_id: UUID) -> Any:
    """Return an attempt that nobody else changes now.

    Raises ValueError for what is no attempt: the caller knows it by its id.
    """
    (attempt,) = await locked_all(tx, [attempt_id])
    return attempt


async def locked_all(tx: Transaction, ids: Iterable[UUID]) -> Sequence[Any]:
    """Return attempts that nobody else changes now. Their accounts first: whoever begins one locks that first too."""
    wanted = {"ids": list(ids)}
    await tx.all(statements.LOCK_ACCOUNTS, wanted)
    return await tx.all(statements.ATTEMPTS_LOCKED, wanted)


def wanted_of(attempt: Any, processor: PaymentPort) -> rules.Seen:
    """Return what we asked of the processor in an attempt."""
    return rules.Seen(str(attempt.id), attempt.amount_minor, attempt.currency, processor.is_live)


async def go_on(tx: Transaction, attempt: Any, to: str, facts: Facts | None = None) -> None:
    """Write an attempt's status and what is known of it."""
    await _go_on(tx, [_Step(attempt, to, facts)])


async def _go_on(tx: Transaction, steps: Sequence[_Step]) -> None:
    params = {
        "ids": [one.attempt.id for one in steps], "statuses": [one.to for one in steps], "now": clock.now(),
        "sessions": [one.facts.session_id if one.facts else "" for one in steps],
        "intents": [one.facts.intent_id if one.facts else "" for one in steps],
        "problems": [one.facts.problem if one.facts else "" for one in steps],
        "settled": [one.to != one.attempt.status and one.to in _FINAL for one in steps],
    }  # fmt: skip
    await tx.execute(statements.GO_ON, params)
    for attempt, to in ((one.attempt, one.to) for one in steps):
        if to != attempt.status:
            await audit.record(
                tx, f"payments.{to}", patient_id=attempt.patient_id, entity="PaymentAttempt", entity_id=attempt.id
            )


async def quarantine(tx: Transaction, attempt_id: UUID | None, object_id: str, reason: str, seen: rules.Seen) -> None:
    """Set aside what the processor says that is not what we asked; billing gets a task, the books nothing."""
    quarantine_id = uuid5(attempt_id or UUID(int=0), f"{object_id}:{reason}")
    params = {
        "id": quarantine_id, "attempt_id": attempt_id, "object_id": object_id, "reason": reason,
        "amount_minor": seen.amount_minor, "currency": seen.currency, "is_live": seen.is_live, "now": clock.now(),
    }  # fmt: skip
    if await tx.execute(statements.QUARANTINE, params):
        log.warning("payment_quarantined", quarantine_id=str(quarantine_id), reason=reason)
        await tasks.open_task(tx, QUARANTINED, quarantine_id)


async def customer_of(database: Database, processor: PaymentPort, attempt: Any) -> str:
    """Return under which customer an attempt is made: where its payer keeps methods, or wants to; "" else."""
    if attempt.customer_id:
        return str(attempt.customer_id)
    whose = {"patient_id": attempt.patient_id, "person_id": attempt.person_id}
    async with database.act_as_system("payments.open_page") as tx:
        if attempt.keeps_method:
            await tx.execute(statements.MAKE_CUSTOMER, whose | {"id": uuid4(), "now": clock.now()})
        customer: Any = await tx.first(statements.CUSTOMER, whose)
    if customer is None:
        return ""
    customer_id = customer.customer_id or await processor.open_customer(customer.id)
    async with database.act_as_system("payments.open_page") as tx:
        await tx.execute(statements.NAME_CUSTOMER, {"id": customer.id, "customer_id": customer_id})
        await tx.execute(statements.UNDER_CUSTOMER, {"id": attempt.id, "customer_id": customer_id})
    return str(customer_id)


async def _without_page(database: Database, attempt: Any) -> str:
    """Give up an attempt of whose page we never heard: nobody has its address, so nobody can pay on it."""
    async with database.act_as_system("payments.settle") as tx:
        now = await locked(tx, attempt.id)
        is_over = now.status in ("new", "replaced") and now.expires_at < clock.now() and not now.session_id
        to = "expired" if is_over else now.status
        await go_on(tx, now, to)
    return str(to)


async def _post(tx: Transaction, attempts: Sequence[Any]) -> None:
    """Write payments in the books: on their bills as far as they still owe it, the rest as the patient's credit."""
    if not attempts:
        return
    left = {one.id: one.amount_minor for one in attempts}
    shares: Any = await tx.all(statements.SHARES, {"ids": list(left)})
    wanted = [
        billing.PartPaid(one.invoice_id, one.amount_minor, uuid5(one.attempt_id, str(one.invoice_id))) for one in shares
    ]
    for share, part in zip(shares, await billing.pay_bills(tx, wanted), strict=True):
        left[share.attempt_id] -= part
    await following.close_failed(tx, {one.invoice_id for one in shares})
    for attempt in attempts:
        if left[attempt.id]:
            await _keep_surplus(tx, attempt, left[attempt.id])


async def _keep_surplus(tx: Transaction, attempt: Any, amount_minor: int) -> None:
    key = uuid5(attempt.id, "credit")
    surplus = billing.AccountPosting(
        "credit", amount_minor, attempt.currency, key, attempt.patient_id, confidentiality=attempt.confidentiality
    )
    await billing.post_aside(tx, surplus)
    if attempt.purpose != "copay":
        await tasks.open_task(tx, SURPLUS, attempt.id, patient_id=attempt.patient_id)

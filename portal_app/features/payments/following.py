"""What the outcome of an attempt means for the plan it is a part of, and for what billing was asked to see to."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock
from portal_app.core.db import Transaction
from portal_app.features.payments import rules
from portal_app.features.payments.ports import Facts
from portal_app.features.tasks import service as tasks

PLAN_PAUSED: Final = "plan_paused"
PAYMENT_FAILED: Final = "payment_failed"

_PART: Final = """
select i.id, i.plan_id, i.number, i.tries, i.patient_id, p.status as plan_status
from plan_instalment i join payment_plan p on p.id = i.plan_id where i.attempt_id = :attempt_id for update
"""
_PAID: Final = "update plan_instalment set status = 'paid' where id = :id"
_CHARGING: Final = "update plan_instalment set status = 'charging' where id = :id"
_REFUSED: Final = """
update plan_instalment set status = 'planned', tries = tries + 1, due_on = :again_on, attempt_id = null where id = :id
"""
_BEGIN: Final = """
update payment_plan set status = 'active', customer_id = :customer_id, method_id = :method_id, changed_at = :now
where id = :plan_id and status = 'new' and not exists (
  select from payment_plan o where o.patient_id = :patient_id and o.person_id = payment_plan.person_id
    and o.status in ('active', 'paused'))
"""
END: Final = """
update payment_plan set status = 'done', changed_at = :now where id = :plan_id and status in ('active', 'paused')
  and not exists (select from plan_instalment i where i.plan_id = :plan_id and i.status in ('planned', 'charging'))
"""
PAUSE: Final = """
update payment_plan set status = 'paused', paused_because = :because, changed_at = :now
where id = :plan_id and status = 'active'
"""
_STATUS: Final = "select status from payment_plan where id = :id"
# A payment as private as billing may not see is not found, and its task stays for whoever may.
_MADE_GOOD: Final = """
select distinct s.attempt_id from payment_share s join payment_attempt a on a.id = s.attempt_id
where s.invoice_id = any (:bills) and a.status in ('failed', 'paid') and not exists (
  select from payment_share o join bill_balance b on b.invoice_id = o.invoice_id
  where o.attempt_id = s.attempt_id and b.owed_minor > 0)
"""


async def follow(tx: Transaction, attempt: Any, to: str, facts: Facts | None) -> None:
    """Write what became of the part that this attempt was a try of, and what it means for its plan."""
    part: Any = await tx.first(_PART, {"attempt_id": attempt.id})
    if part is None:
        return
    now = {"id": part.id, "plan_id": part.plan_id, "patient_id": part.patient_id, "now": clock.now()}
    if to == "processing":
        await tx.execute(_CHARGING, now)
    elif to == "failed" and part.number > 1:
        again = (clock.now() + rules.TRY_AGAIN_AFTER).date()
        await tx.execute(_REFUSED, now | {"again_on": again})
        if part.tries + 1 >= rules.TRIES_MOST:
            await pause(tx, part, "declined")
    elif to == "paid":
        await tx.execute(_PAID, now)
        if part.number == 1 and facts is not None and facts.method_id and facts.customer_id:
            known = {"customer_id": facts.customer_id, "method_id": facts.method_id}
            await tx.execute(_BEGIN, now | known)
        await tx.execute(END, now)
        await close_paused(tx, part.plan_id)


async def pause(tx: Transaction, part: Any, because: str) -> None:
    """Charge nothing more of a plan until whoever pays says so; where they did not do it themself, billing is told."""
    if await tx.execute(PAUSE, {"plan_id": part.plan_id, "because": because, "now": clock.now()}):
        await audit.record(
            tx, "payments.pause_plan", patient_id=part.patient_id, entity="PaymentPlan", entity_id=part.plan_id
        )
        if tx.actor.patient_id is None:
            await tasks.open_task(tx, PLAN_PAUSED, part.plan_id, patient_id=part.patient_id)


async def close_paused(tx: Transaction, plan_id: UUID) -> None:
    """Let billing ask nobody any more about a plan that stands still no longer."""
    status = await tx.scalar(_STATUS, {"id": plan_id})
    if status != "paused":
        await tasks.close_task(tx, PLAN_PAUSED, plan_id, "stopped" if status == "cancelled" else "went_on")


async def close_failed(tx: Transaction, bill_ids: Iterable[UUID]) -> None:
    """Let billing see no more to a payment of these bills that a bank did not make, once nothing is owed on them."""
    made_good = {row.attempt_id for row in await tx.all(_MADE_GOOD, {"bills": list(bill_ids)})}
    for attempt_id in await tasks.open_about(tx, PAYMENT_FAILED, made_good) if made_good else ():
        await tasks.close_task(tx, PAYMENT_FAILED, attempt_id, "paid")

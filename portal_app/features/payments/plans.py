"""Pay in equal parts: begun by whoever pays, charged by the clock, told beforehand, stopped at any time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

import structlog

from portal_app.core import audit, clock, policy
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.jobs import Workplace, enqueue, job, long_job
from portal_app.features.payments import attempts, following, policies, receipts, rules, settling, statements
from portal_app.features.payments.errors import (
    ChargeDeclined,
    CurrencyNotTaken,
    NothingOwed,
    ProcessorAway,
    ProcessorRefused,
    TooLittleToPay,
)
from portal_app.features.payments.ports import PaymentPort, WantedCharge
from portal_app.features.payments.views import PartView, Payable, PlanView, WantedPayment

log = structlog.get_logger(__name__)

_PLANS: Final = """
select id, status, currency, total_minor, paused_because from payment_plan
where patient_id = :patient_id and (cast(:is_own as boolean) is false or person_id = own_person())
  and status in ('active', 'paused', 'done', 'cancelled')
order by status in ('active', 'paused') desc, begun_at desc limit 1
"""
_PARTS: Final = "select number, amount_minor, due_on, status from plan_instalment where plan_id = :id order by number"
_BEGIN: Final = """
insert into payment_plan (id, patient_id, person_id, confidentiality, currency, total_minor, status, begun_at,
  changed_at)
values (:id, :patient_id, :person_id, :level, :currency, :total_minor, 'new', :now, :now)
"""
_PART: Final = """
insert into plan_instalment (id, plan_id, patient_id, confidentiality, number, amount_minor, due_on, status, attempt_id,
  noticed_at)
values (:part_id, :id, :patient_id, :level, :number, :amount_minor, :due_on, 'planned', :attempt_id, :noticed_at)
"""
_OF_ATTEMPT: Final = "select plan_id from plan_instalment where attempt_id = :attempt_id"
_STOP: Final = """
update payment_plan set status = 'cancelled', changed_at = :now
where patient_id = :patient_id and person_id = own_person() and status in ('active', 'paused') returning id
"""
_RESUME: Final = """
update payment_plan set status = 'active', paused_because = '', changed_at = :now
where patient_id = :patient_id and person_id = own_person() and status = 'paused' returning id
"""
# Up to which level a plan pays today: nothing more private than itself, and no more than whoever pays may. 0 once they
# may pay nothing: nobody is charged for what they can neither see nor stop.
_UP_TO: Final = """
least(position(p.confidentiality in 'NRV'), coalesce((select max(position(g.up_to in 'NRV')) from access_grant g
  where g.grantee = p.person_id and g.patient_id = i.patient_id and g.basis in ('self', 'caregiver')
    and 'bills' = any (g.sections) and 'act' = any (g.verbs)
    and (g.valid_until is null or g.valid_until > now())), 0)) as up_to
"""
_TO_TELL: Final = f"""
select i.id, i.plan_id, i.amount_minor, i.due_on, p.currency, p.person_id, p.patient_id, {_UP_TO}
from plan_instalment i join payment_plan p on p.id = i.plan_id
where p.status = 'active' and i.status = 'planned' and i.noticed_at is null and i.due_on <= :until
order by i.due_on, i.id for update of i skip locked
"""  # noqa: S608 - written here
_TOLD: Final = "update plan_instalment set noticed_at = :now, due_on = greatest(due_on, :least) where id = :id"
_DUE: Final = """
select i.id from plan_instalment i join payment_plan p on p.id = i.plan_id
where p.status = 'active' and i.status = 'planned' and i.noticed_at < :told_before and i.due_on <= :today
order by i.due_on, i.id
"""
# A caregiver's plan pays nothing that they may not see: it may have become private since.
_LOCK: Final = f"""
select i.id, i.plan_id, i.patient_id, i.amount_minor, i.tries, i.attempt_id, p.currency, p.person_id, p.customer_id,
  p.method_id, (select person.locale from person where person.id = p.person_id) as locale, {_UP_TO}
from plan_instalment i join payment_plan p on p.id = i.plan_id
where i.id = :id and i.status = 'planned' and p.status = 'active' for update of i
"""  # noqa: S608 - written here
# A part whose charge was asked for and not answered yet. The first is paid on a page, as any payment.
_ASKED: Final = """
select exists (select from plan_instalment i join payment_plan p on p.id = i.plan_id
  where i.patient_id = :patient_id and i.id <> :id and i.attempt_id is not null and i.status = 'planned'
    and p.status = 'active')
"""
_TRY: Final = "update plan_instalment set attempt_id = :attempt_id where id = :id"
_SKIP: Final = "update plan_instalment set status = 'skipped' where id = :id"


def ways(total_minor: int, currency: str) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return in how many parts as much of a sum as the processor takes can be paid, and how much each is."""
    step, total = rules.step_of(currency), rules.whole_steps(total_minor, currency)
    found = [(count, rules.parts_of(total, count, step)) for count in rules.COUNTS]
    return tuple((n, parts) for n, parts in found if all(rules.is_chargeable(one, currency) for one in parts))


async def begin_plan(tx: Transaction, count: int, request_key: UUID, locale: str) -> UUID:
    """Begin a plan for all that is owed and return the attempt of its first part; the same key gets the same one.

    Raises:
        NothingOwed, CurrencyNotTaken, TooLittleToPay: if it cannot be paid so.
        InputRefused: if it cannot be divided so, or a plan of theirs runs.
    """
    policy.require(tx.actor, policies.PAY.name)
    found = await attempts.payable(tx)
    if not found:
        raise NothingOwed
    if len(found) > 1:
        raise CurrencyNotTaken
    parts = dict(ways(found[0].online_minor, found[0].currency)).get(count)
    if parts is None:
        raise TooLittleToPay if count in rules.COUNTS else InputRefused("count", N_("Choose one from the list."))
    if (running := await plan(tx)) is not None and running.status in ("active", "paused"):
        raise InputRefused("count", N_("You have a plan already. Stop it first, or go on with it."))
    first = await attempts.start_payment(tx, WantedPayment(request_key, (), parts[0], keeps_method=True, locale=locale))
    if not await tx.scalar(_OF_ATTEMPT, {"attempt_id": first}):
        await _write(tx, first, found[0], parts)
    return first


async def _write(tx: Transaction, first: UUID, due: Payable, parts: Sequence[int]) -> None:
    """Write a plan as private as the most private bill that it is for."""
    now, plan_id, level = clock.now(), uuid4(), max((one.confidentiality for one in due.bills), key="NRV".index)
    plan = {"id": plan_id, "patient_id": tx.actor.patient_id, "level": level, "now": now}
    begun = {"person_id": tx.actor.person_id, "currency": due.currency, "total_minor": sum(parts)}
    await tx.execute(_BEGIN, plan | begun)
    for n, (amount, day) in enumerate(zip(parts, rules.due_dates(now.date(), len(parts)), strict=True), 1):
        part = {"part_id": uuid4(), "number": n, "amount_minor": amount, "due_on": day}
        is_first = {"attempt_id": first if n == 1 else None, "noticed_at": now if n == 1 else None}
        await tx.execute(_PART, plan | part | is_first)
    await audit.record(
        tx, "payments.begin_plan", patient_id=tx.actor.patient_id, entity="PaymentPlan", entity_id=plan_id
    )


async def plan(tx: Transaction, patient_id: UUID | None = None) -> PlanView | None:
    """Return the actor's own plan for the chart acted for that runs, or the last one; for billing anybody's."""
    asked = {"patient_id": patient_id or tx.actor.patient_id, "is_own": patient_id is None}
    found: Any = await tx.first(_PLANS, asked)
    if found is None:
        return None
    parts = tuple(PartView(**one._asdict()) for one in await tx.all(_PARTS, {"id": found.id}))
    return PlanView(found.id, found.status, found.currency, found.total_minor, found.paused_because, parts)


async def stop_plan(tx: Transaction) -> None:
    """Stop the actor's own plan for the chart acted for: nothing more is charged, and what is owed stays owed."""
    await _change(tx, _STOP, "payments.stop_plan")


async def resume_plan(tx: Transaction) -> None:
    """Go on with the actor's own plan that was paused."""
    await _change(tx, _RESUME, "payments.resume_plan")


async def _change(tx: Transaction, statement: str, action: str) -> None:
    policy.require(tx.actor, policies.PAY.name)
    changed: Any = await tx.first(statement, {"patient_id": tx.actor.patient_id, "now": clock.now()})
    if changed is None:
        raise NotFound
    await audit.record(tx, action, patient_id=tx.actor.patient_id, entity="PaymentPlan", entity_id=changed.id)
    await enqueue(tx, see_to_task, plan_id=changed.id)


@job("payments.see_to_task", policy="payments.settle")
async def see_to_task(tx: Transaction, plan_id: str) -> None:
    """Close what billing was asked to see to while a plan stood still, unless it stands still again."""
    await following.close_paused(tx, UUID(plan_id))


@long_job("payments.charge_due", policy="payments.settle", every="*/10 * * * *")
async def charge_due(work: Workplace) -> None:
    """Tell who will be charged soon, and charge what is due."""
    processor = work.port(PaymentPort)  # type: ignore[type-abstract]  # ports are protocols
    if processor is not None:
        await run_plans(work.database, processor)


async def run_plans(database: Database, processor: PaymentPort) -> None:
    """Do what `charge_due` does; as often as it likes: each part is told once and charged once."""
    now = clock.now()
    async with database.act_as_system("payments.charge_due") as tx:
        least = (now + rules.NOTICE).date()
        to_tell: Any = await tx.all(_TO_TELL, {"until": least})
        for part in to_tell:
            if not part.up_to:
                await following.pause(tx, part, "ended")
                continue
            await tx.execute(_TOLD, {"id": part.id, "now": now, "least": least})
            await receipts.announce(tx, part, max(part.due_on, least))
        told_before = now - rules.NOTICE + timedelta(hours=1)
        due: Any = await tx.all(_DUE, {"told_before": told_before, "today": now.date()})
    for part in due:
        try:
            await _charge(database, processor, part.id)
        except (ProcessorAway, ProcessorRefused) as error:
            log.warning("instalment_waits", part_id=str(part.id), reason=str(error))


async def _charge(database: Database, processor: PaymentPort, part_id: UUID) -> None:
    """Charge one part: its attempt is written first, and the charge carries that attempt's key."""
    async with database.act_as_system("payments.charge_due") as tx:
        part: Any = await tx.first(_LOCK, {"id": part_id})
        wanted = await _attempt_of(tx, part) if part else None
    if wanted is None:
        return
    try:
        facts = await processor.charge_kept(wanted)
    except ChargeDeclined as error:
        async with database.act_as_system("payments.charge_due") as tx:
            attempt = await settling.locked(tx, wanted.attempt_id)
            await settling.fail(tx, attempt, error.reason)
        return
    await settling.apply(database, processor, wanted.attempt_id, facts)


async def _attempt_of(tx: Transaction, part: Any) -> WantedCharge | None:
    """Return the charge of a part's next try: the one that was begun, or a new one for what is still owed."""
    if not part.up_to:
        await following.pause(tx, part, "ended")
        return None
    attempt_id = part.attempt_id or uuid5(part.id, f"try {part.tries}")
    if part.attempt_id:
        begun: Any = await tx.one(statements.ATTEMPT, {"id": attempt_id})
        if begun.created_at + rules.KEY_LASTS < clock.now():
            await following.pause(tx, part, "unclear")
            return None
        amount = begun.amount_minor
    else:
        await tx.one(statements.LOCK_ACCOUNT, {"patient_id": part.patient_id})
        if await tx.scalar(_ASKED, {"patient_id": part.patient_id, "id": part.id}):
            return None  # what is left to pay shows once that is known
        amount = await attempts.make_instalment(tx, attempt_id, part)
        if not amount:
            await tx.execute(_SKIP, {"id": part.id})
            await tx.execute(following.END, {"plan_id": part.plan_id, "now": clock.now()})
            return None
        await tx.execute(_TRY, {"id": part.id, "attempt_id": attempt_id})
    return WantedCharge(attempt_id, amount, part.currency, part.customer_id, part.method_id)

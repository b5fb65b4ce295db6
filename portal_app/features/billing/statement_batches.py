"""The statements of a month for every account: piece by piece, resumed where it stopped, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.billing import account_statements, messages, policies
from portal_app.features.billing.account_statements import Period, month_of, zone_of
from portal_app.features.billing.errors import BatchRunning
from portal_app.features.billing.statement_tables import StatementBatch
from portal_app.features.notify import service as notify
from portal_app.features.payments import service as payments
from portal_app.features.practice import service as practice

CHUNK: Final = 25
"""How many accounts one transaction takes: what a killed worker does over again."""
LISTED: Final = 12

# What is owed now or has moved since the month began: all that could stand on its statements, and little else. The next
# accounts are read along one index, so that the last ones of ten thousand cost what the first ones did.
_STANDS: Final = "i.issued_at < :until and (b.owed_minor <> 0 or b.moved_at >= :from)"
_COUNT: Final = f"""
select count(distinct b.patient_id) from bill_balance b join invoice i on i.id = b.invoice_id where {_STANDS}
"""  # noqa: S608 - the words above
_NEXT: Final = f"""
select distinct b.patient_id from bill_balance b join invoice i on i.id = b.invoice_id
where {_STANDS} and b.patient_id > cast(:after as uuid) order by b.patient_id limit :chunk
"""  # noqa: S608 - the words above
_FIRST: Final = UUID(int=0)
_LOCK: Final = "select month, status, after_patient from statement_batch where id = :id for update"
_ON: Final = """
update statement_batch set done = least(total, done + :count), made = made + :made, after_patient = :after
where id = :id
"""
_END: Final = """
update statement_batch set status = :status, ended_at = :now, done = case when :status = 'done' then total else done end
where id = :id and status = 'running'
"""
_ALL: Final = """
select b.id, b.month, b.status, b.total, b.done, b.made, b.asked_at, b.ended_at
from statement_batch b order by b.asked_at desc limit :most
"""
_READERS: Final = """
select p.id from person p
where p.disabled_at is null and p.email is not null and exists (
  select from access_grant g join statement s on s.id = :statement_id
  where g.grantee = p.id and g.patient_id = s.patient_id and g.basis in ('self', 'caregiver')
    and 'bills' = any (g.sections) and 'view' = any (g.verbs) and (g.valid_until is null or g.valid_until > now())
    and position(s.confidentiality in 'NRV') <= position(g.up_to in 'NRV'))
order by p.id
"""


@dataclass(frozen=True, slots=True)
class BatchView:
    """How far a batch has come: so many accounts of all, and so many statements made."""

    id: UUID
    month: date
    status: str
    total: int
    done: int
    made: int
    asked_at: datetime
    ended_at: datetime | None


async def start_batch(tx: Transaction, month: date, request_key: UUID) -> UUID:
    """Begin to make the statements of a month that is over; the key makes two taps one.

    Raises:
        InputRefused: if the month is not over, or lies too far back.
        BatchRunning: while another is being made.
    """
    from portal_app.features.billing.jobs import make_statements  # noqa: PLC0415 - the job works by this module

    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    period = month_of(month, await zone_of(tx))
    today = clock.now().astimezone(ZoneInfo(period.zone)).date()
    if not period.until_on < today or period.from_on.year < today.year - 2:
        raise InputRefused("month", N_("Choose a month that is over."))
    total = await tx.scalar(_COUNT, _span(period))
    values = {"id": request_key, "month": period.from_on, "total": total, "asked_by": tx.actor.person_id,
              "asked_at": clock.now()}  # fmt: skip
    added = insert(StatementBatch).values(**values).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if not await tx.execute(added):
        if await tx.scalar("select true from statement_batch where id = :id", {"id": request_key}):
            return request_key
        raise BatchRunning
    await audit.record(tx, "billing.start_statements", patient_id=None, entity="Statement", entity_id=request_key)
    await enqueue(tx, make_statements, batch_id=request_key)
    return request_key


async def cancel_batch(tx: Transaction, batch_id: UUID) -> None:
    """Stop a batch; what is made stays. Nothing happens if it is over."""
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    if await tx.execute(_END, {"id": batch_id, "status": "cancelled", "now": clock.now()}):
        await audit.record(tx, "billing.cancel_statements", patient_id=None, entity="Statement", entity_id=batch_id)


async def batches(tx: Transaction) -> Sequence[BatchView]:
    """Return the last batches, the newest first."""
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    rows: Sequence[Any] = await tx.all(_ALL, {"most": LISTED})
    return [BatchView(*row) for row in rows]


async def make_next(tx: Transaction, batch_id: UUID, *, chunk: int = CHUNK) -> bool:
    """Make the statements of the next accounts of a batch, and tell whether there may be more. Part of the job."""
    policy.require(tx.actor, policies.MAKE_STATEMENTS.name)
    batch: Any = await tx.first(_LOCK, {"id": batch_id})
    if batch is None or batch.status != "running":
        return False
    period = month_of(batch.month, await zone_of(tx))
    accounts = await tx.all(_NEXT, _span(period) | {"after": batch.after_patient or _FIRST, "chunk": chunk})
    if not accounts:
        await tx.execute(_END, {"id": batch_id, "status": "done", "now": clock.now()})
        return False
    made = 0
    for row in accounts:
        made += await _make(tx, row.patient_id, period, batch_id)
    params = {"id": batch_id, "count": len(accounts), "made": made, "after": accounts[-1].patient_id}
    await tx.execute(_ON, params)
    return True


async def _make(tx: Transaction, patient_id: UUID, period: Period, batch_id: UUID) -> int:
    # One of each month for ever, whichever batch makes it: the month is its key.
    key = uuid5(NAMESPACE_URL, f"statements:{period.from_on:%Y-%m}")
    made = await account_statements.make_statements(tx, patient_id, period, key, batch_id=batch_id)
    us, line = await practice.practice(tx), await practice.phone_line(tx, "billing")
    for statement_id in made:
        for person in await tx.all(_READERS, {"statement_id": statement_id}):
            pay = await payments.make_link(tx, statement_id, person.id)
            said = {"practice": us.name, "phone": line.number, "link": f"/bills?about={statement_id}"}
            said |= {"pay": pay} if pay else {}
            await notify.enqueue_message(
                tx, person.id, messages.STATEMENT_READY.name, f"statement:{statement_id}:{person.id}", said,
                patient_id=patient_id,
            )  # fmt: skip
    return len(made)


def _span(period: Period) -> dict[str, Any]:
    return {"from": period.begins_at(), "until": period.ends_at()}

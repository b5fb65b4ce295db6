"""The clock of alerts: who hears of one that nobody has taken, or that is taken and not closed."""

from datetime import datetime, timedelta
from uuid import UUID

from portal_app.core import audit, clock
from portal_app.core.db import Transaction
from portal_app.core.jobs import enqueue, job
from portal_app.features.alerts import calling, rules, statements
from portal_app.features.alerts.messages import ALERTS_PAGE, WAITING
from portal_app.features.notify import service as notify

LATE = timedelta(minutes=2)
"""An alert so long past its time has lost its job, and the sweep escalates it."""


async def watch(tx: Transaction, alert_id: UUID, level: int, due_at: datetime) -> None:
    """Have the clock look at an alert when its time is over, in the transaction that sets that time."""
    await enqueue(tx, escalate, run_at=due_at, alert_id=alert_id, level=level)


async def tell_later(tx: Transaction, alert_id: UUID, level: int) -> None:
    """Have the people of an alert's level written to once this transaction commits."""
    await enqueue(tx, tell, alert_id=alert_id, level=level)


@job("alerts.escalate", policy="alerts.escalate")
async def escalate(tx: Transaction, alert_id: str, level: int) -> None:
    """Take an alert to more people if its time is over."""
    await take_further(tx, UUID(alert_id), level)


async def take_further(tx: Transaction, alert_id: UUID, level: int) -> None:
    """Take an alert to more people; nothing happens if it was seen to, or escalated, or its time is not over."""
    now = clock.now()
    found = await tx.first(statements.LOCK, {"id": alert_id})
    if found is None or found.closed_at is not None or found.level != level or level >= rules.MAX_LEVEL:
        return
    if found.due_at > now:  # taken, or taken anew, meanwhile: its new time has a look of its own
        return
    row = await tx.one(statements.ESCALATE, {"id": found.id, "now": now})
    params = {
        "id": found.id, "patient_id": found.patient_id, "confidentiality": found.confidentiality,
        "kind": "escalated", "severity": found.severity, "now": now, "person_id": tx.actor.person_id, "name": "",
    }  # fmt: skip
    await tx.execute(statements.EVENT, params)
    await audit.record(tx, "alerts.escalate", patient_id=found.patient_id, entity="Flag", entity_id=found.id)
    await watch(tx, found.id, row.level, row.due_at)
    if rules.is_written(found.severity, row.level):
        await tell_later(tx, found.id, row.level)


@job("alerts.tell", policy="alerts.escalate")
async def tell(tx: Transaction, alert_id: str, level: int) -> None:
    """Write to everybody of an alert's level that one waits."""
    await write_to_pool(tx, UUID(alert_id), level)


async def write_to_pool(tx: Transaction, alert_id: UUID, level: int) -> None:
    """Call whoever is on call, and leave a message for everybody else of an alert's level.

    Nothing where it is closed, or somebody has it in time.
    """
    found = await tx.first(statements.TO_TELL, {"id": alert_id})
    if found is None or found.status == "closed" or found.level != level:
        return
    if found.status == "acknowledged" and level == 0:
        return
    called = await calling.call(tx, found)
    for row in await tx.all(statements.MEMBERS, {"roles": list(rules.pool(level))}):
        if row.person_id not in called:
            key = f"alert:{calling.occasion(found)}:{row.person_id}"
            await notify.enqueue_message(tx, row.person_id, WAITING.name, key, {"link": ALERTS_PAGE})


@job("alerts.sweep", policy="alerts.escalate", every="* * * * *")
async def sweep(tx: Transaction) -> None:
    """Look again at each alert whose time is over."""
    await find_lost(tx)


async def find_lost(tx: Transaction) -> None:
    """Have each alert looked at whose time is over and that nothing has looked at: its job was lost."""
    params = {"cut": clock.now() - LATE, "most": rules.MAX_LEVEL}
    for row in await tx.all(statements.OVERDUE, params):
        await enqueue(tx, escalate, alert_id=row.id, level=row.level)

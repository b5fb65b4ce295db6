"""Call whoever is on call about an alert: by text message, by notification and by mail, once each time it comes so far.

Who was called stands in the alert; that nobody was on call stands there too.
"""

from typing import Any
from uuid import UUID

from portal_app.core import audit, clock
from portal_app.core.db import Transaction
from portal_app.features.alerts import rules, statements
from portal_app.features.alerts.messages import ALERTS_PAGE, ON_CALL
from portal_app.features.notify import service as notify


def occasion(alert: Any) -> str:
    """Name one time at a level: an alert that was taken and lapsed comes to the same level again."""
    return f"{alert.id}:{alert.level}:{int(alert.due_at.timestamp())}"


async def call(tx: Transaction, alert: Any) -> frozenset[UUID]:
    """Call who on call is to hear of an alert at its level, and return whom this time at it has called.

    A rank that nobody has at this moment is answered by the other.
    """
    ranks = rules.ranks_called(alert.severity, alert.level)
    if not ranks:
        return frozenset()
    there = await tx.all(statements.ON_CALL_NOW, {"now": clock.now()})
    time = {"alert_id": alert.id, "level": alert.level, "due_at": alert.due_at}
    if not await tx.scalar(statements.HAS_CALLED, time):
        for one in [one for one in there if one.rank in ranks] or there:
            await _call(tx, alert, time, one)
        if not there:
            nobody: dict[str, Any] = {"rank": ranks[0], "person_id": None, "name": "", "ways": [], "now": clock.now()}
            await tx.execute(statements.CALL, time | nobody)
    return frozenset(row.person_id for row in await tx.all(statements.CALLED, time))


async def _call(tx: Transaction, alert: Any, time: dict[str, Any], one: Any) -> None:
    ways: list[notify.Channel] = ["text"] if one.phone and notify.can_text() else []
    if await notify.takes_notifications(tx, one.person_id):
        ways.append("push")
    ways.append("mail")
    said = {"rank": one.rank, "person_id": one.person_id, "name": one.name, "ways": ways, "now": clock.now()}
    await tx.execute(statements.CALL, time | said)
    for way in ways:
        await notify.enqueue_message(
            tx, one.person_id, ON_CALL[alert.severity].name, f"call:{occasion(alert)}:{one.person_id}:{way}",
            {"link": ALERTS_PAGE}, channel=way, to=one.phone if way == "text" else None,
        )  # fmt: skip
    await audit.record(
        tx, "alerts.call", patient_id=alert.patient_id, entity="Flag", entity_id=alert.id,
        detail={"person": str(one.person_id)},
    )  # fmt: skip


async def _is_called_for(tx: Transaction, key: str) -> bool:
    """Tell, just before a call goes out, whether the alert still waits and its reader still works here."""
    alert_id, person_id = key.split(":")[1], key.split(":")[4]
    found: bool = await tx.scalar(statements.IS_CALLED_FOR, {"alert_id": UUID(alert_id), "person_id": UUID(person_id)})
    return found


for _template in ON_CALL.values():
    notify.check_before_sending(_template, _is_called_for)

"""What has changed since people booked: a visit that was moved, some who say they come, a mail that did not arrive."""

from datetime import datetime

from portal_app.core.db import Transaction
from portal_app.features.access.service import demo_people
from portal_app.features.tasks import service as tasks
from portal_app.operations.demo_practice import demo_id

_MOVED = """
update appointment set moved_from = starts_at - interval '1 day', moved_at = cast(:now as timestamptz), sequence = 1
where patient_id = :patient_id and status = 'booked' and moved_at is null
"""

_SAY_THEY_COME = """
update appointment set confirmed_at = starts_at - interval '23 hours'
where status = 'booked' and confirmed_at is null and created_by = actor_person()
  and starts_at between cast(:now as timestamptz) and cast(:now as timestamptz) + interval '23 hours'
  and get_byte(uuid_send(id), 0) < 110
"""


async def make_changes(tx: Transaction, now: datetime) -> None:
    """Move the visit of the first of the demo's patients, and leave the front desk somebody to call."""
    await tx.execute(_MOVED, {"patient_id": demo_id("patient", demo_people()[0].person_id), "now": now})
    unreachable = demo_id("patient", demo_id("person", 7))
    await tasks.open_task(tx, "undelivered", unreachable, patient_id=unreachable)


async def let_people_answer(tx: Transaction, now: datetime) -> None:
    """Have some of those who come within a day say so, as from the mail that reminds them."""
    await tx.execute(_SAY_THEY_COME, {"now": now})

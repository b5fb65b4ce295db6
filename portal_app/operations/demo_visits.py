"""What has changed since people booked: one moved, some who say they come, a lost mail, one squeezed in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.features.access.service import demo_people
from portal_app.features.tasks import service as tasks
from portal_app.operations.demo_practice import ZONES, DemoPractitioner, demo_id

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

_SQUEEZE_IN = """
with beside as (
  select a.* from appointment a where a.practitioner_id = :who and a.status = 'booked'
    and a.starts_at between cast(:now as timestamptz) + interval '30 minutes'
      and cast(:now as timestamptz) + interval '3 days'
    and not exists (select from appointment o where o.id = :id)
  order by a.starts_at limit 1
), somebody as (
  select c.id, c.zone, c.confidentiality from patient c, beside b
  where c.confidentiality = 'N' and not exists (select from access_grant g where g.patient_id = c.id
      and g.grantee = any (cast(:shown as uuid[])))
    and not exists (select from appointment o where o.patient_id = c.id
      and o.starts_at between b.starts_at - interval '1 day' and b.starts_at + interval '1 day')
  order by c.id limit 1
), taken as (
  insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status, is_overbooked)
  select :id, b.practitioner_id, b.location_id, b.starts_at, b.ends_at, 'busy', true from beside b, somebody
  returning id
)
insert into appointment (id, patient_id, confidentiality, status, practitioner_id, location_id, visit_type_id,
  modality, starts_at, ends_at, patient_zone, reason, slot_id, request_key, created_by, created_at, changed_at)
select :id, c.id, c.confidentiality, 'booked', b.practitioner_id, b.location_id, b.visit_type_id, b.modality,
  b.starts_at, b.ends_at, c.zone, b.reason, t.id, :id, :system, :now, :now
from beside b, somebody c, taken t
"""


async def make_changes(tx: Transaction, now: datetime) -> None:
    """Move the visit of the first of the demo's patients, and leave the front desk somebody to call."""
    await tx.execute(_MOVED, {"patient_id": demo_id("patient", demo_people()[0].person_id), "now": now})
    unreachable = demo_id("patient", demo_id("person", 7))
    await tasks.open_task(tx, "undelivered", unreachable, patient_id=unreachable)


async def let_people_answer(tx: Transaction, now: datetime) -> None:
    """Have some of those who come within a day say so, as from the mail that reminds them."""
    await tx.execute(_SAY_THEY_COME, {"now": now})


async def squeeze_in(tx: Transaction, who: DemoPractitioner, now: datetime) -> None:
    """Book one more patient beside the next one of a practitioner, as the desk does; once for each day of theirs."""
    day = now.astimezone(ZoneInfo(ZONES[who.place])).date()
    shown = [one.person_id for one in demo_people()]
    params = {"id": demo_id("squeezed in", who.id, day), "who": who.id, "shown": shown, "now": now}
    await tx.execute(_SQUEEZE_IN, params | {"system": SYSTEM_PERSON_ID})

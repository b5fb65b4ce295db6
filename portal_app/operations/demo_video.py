"""The demo's video visits of today: one about now for the first patient, some who wait, and clinicians' licences."""

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from portal_app.core import crypto
from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.features.access.service import demo_people
from portal_app.operations.demo_practice import ZONES, DemoPractitioner, demo_id

SOON: Final = timedelta(minutes=10)
REGIONS: Final = ("US-NY", "US-NY", "US-IL")

_LICENSED: Final = """
insert into practitioner_licence (id, practitioner_id, region, valid_from, valid_until, set_by, set_at)
select gen_random_uuid(), :who, :region, cast(:now as date) - 400, cast(:now as date) + 330, :system, :now
on conflict do nothing
"""
_BOOK: Final = """
with like_it as (
  select a.location_id, a.visit_type_id, c.zone, c.id as patient_id, c.confidentiality
  from patient c, appointment a where c.id = :patient_id and a.practitioner_id = :who
    and not exists (select from appointment o where o.id = :id)
    and not exists (select from appointment o where o.patient_id = c.id and o.status in ('booked', 'arrived')
      and o.starts_at < cast(:ends_at as timestamptz) and o.ends_at > cast(:starts_at as timestamptz))
  order by a.starts_at desc, a.id limit 1
), taken as (
  insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status, is_overbooked)
  select :id, :who, l.location_id, :starts_at, :ends_at, 'busy', true from like_it l returning id
)
insert into appointment (id, patient_id, confidentiality, status, practitioner_id, location_id, visit_type_id,
  modality, starts_at, ends_at, patient_zone, slot_id, request_key, created_by, created_at, changed_at)
select :id, l.patient_id, l.confidentiality, 'booked', :who, l.location_id, l.visit_type_id, 'video', :starts_at,
  :ends_at, l.zone, t.id, :id, :system, cast(:now as timestamptz) - interval '2 days',
  cast(:now as timestamptz) - interval '2 days'
from like_it l, taken t
"""
_BY_VIDEO: Final = """
update appointment set modality = 'video' where id in (
  select a.id from appointment a where a.practitioner_id = :who and a.status = 'booked' and a.modality = 'in_person'
    and a.starts_at between cast(:now as timestamptz) - interval '30 minutes'
      and cast(:now as timestamptz) + interval '3 hours'
    and a.patient_id <> all (cast(:shown as uuid[]))
  order by a.starts_at, a.id limit :most)
"""
_WAITING: Final = """
select a.id, a.patient_id, a.confidentiality, p.person_id as host_id, g.grantee as person_id,
  c.given_name || ' ' || c.family_name as name
from appointment a join patient c on c.id = a.patient_id join practitioner p on p.id = a.practitioner_id
join access_grant g on g.patient_id = c.id and g.basis = 'self' and g.min_assurance = 1
where a.practitioner_id = :who and a.status = 'booked' and a.modality = 'video'
  and a.starts_at between cast(:now as timestamptz) - interval '40 minutes'
    and cast(:now as timestamptz) + interval '30 minutes'
  and a.patient_id <> all (cast(:shown as uuid[])) and not exists (select from visit v where v.appointment_id = a.id)
order by a.starts_at, a.id limit 3
"""
_WAITS: Final = (
    """
insert into visit (id, appointment_id, patient_id, confidentiality, practitioner_id, host_id, status, modality,
  address, region, call_back_number, company, said_at, consented_at, opened_at, waiting_since)
values (:visit_id, :id, :patient_id, :confidentiality, :who, :host_id, 'waiting', 'video', :address, :region, :number,
  :company, :since, :since, :since, :since)
""",
    """
insert into visit_participant (id, visit_id, patient_id, confidentiality, person_id, role, name, state, waiting_since)
values (gen_random_uuid(), :visit_id, :patient_id, :confidentiality, :person_id, 'patient', :name, 'waiting', :since)
""",
    """
insert into visit_device_check (id, visit_id, patient_id, confidentiality, checked_by, checked_at, camera, microphone,
  speaker, round_trip_ms, down_kbit, up_kbit)
select gen_random_uuid(), :visit_id, :patient_id, :confidentiality, actor_person(), :since, 'works', 'works', 'works',
  :round_trip, 4000, 1800
""",
)


async def make_video_visits(tx: Transaction, who: DemoPractitioner, now: datetime) -> None:
    """Give a clinician video visits today, once for each hour of theirs, and some patients who wait by now."""
    shown = [demo_id("patient", one.person_id) for one in demo_people()]
    local = now.astimezone(ZoneInfo(ZONES[who.place]))
    starts_at = (now + SOON).replace(second=0, microsecond=0)
    ends_at = starts_at + timedelta(minutes=20)
    params = {
        "id": demo_id("video", who.id, local.date(), local.hour), "who": who.id, "patient_id": shown[0], "now": now,
        "starts_at": starts_at, "ends_at": ends_at, "system": SYSTEM_PERSON_ID,
    }  # fmt: skip
    if ends_at.astimezone(local.tzinfo).date() != local.date() or not await tx.execute(_BOOK, params):
        return
    about = {"who": who.id, "now": now, "shown": shown}
    await tx.execute(_BY_VIDEO, about | {"most": 5})
    for number, row in enumerate(await tx.all(_WAITING, about)):
        await _wait(tx, row._asdict() | {"who": who.id}, number, now)


async def license_clinicians(tx: Transaction, people: tuple[DemoPractitioner, ...], now: datetime) -> None:
    """Write down where each may treat by video: the state of their place."""
    by = {"system": SYSTEM_PERSON_ID, "now": now}
    for who in people:
        await tx.execute(_LICENSED, {"who": who.id, "region": REGIONS[who.place]} | by)


async def _wait(tx: Transaction, columns: dict[str, object], number: int, now: datetime) -> None:
    has_no_licence, is_weak = number == 1, number == 0
    region = "US-NJ" if has_no_licence else "US-NY"
    said = {
        "address": crypto.encrypt(f"{40 + number} Elm Street"), "region": crypto.encrypt(region),
        "number": crypto.encrypt("(718) 555-0143"), "company": crypto.encrypt("alone"),
    }  # fmt: skip
    since = now - timedelta(minutes=13 - 5 * number)
    facts = {"visit_id": uuid4(), "since": since, "round_trip": 900 if is_weak else 60}
    for statement in _WAITS:
        await tx.execute(statement, columns | said | facts)

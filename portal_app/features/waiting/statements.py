"""The SQL of waiting, offers and requests. Which rows anyone sees is row-level security's business."""

from typing import Final

from sqlalchemy import text

from portal_app.core.crypto import EncryptedText

# The visit that somebody wants to come earlier is held still meanwhile: whoever cancels it at this moment waits and
# finds the wish, or was first, and then there is nothing to wait instead of.
ASK: Final = """
with held as (
  select a.id, a.starts_at from appointment a
  where a.id = cast(:appointment_id as uuid) and a.patient_id = :patient_id and a.status = 'booked'
    and a.starts_at > :now
  for share
)
insert into waitlist_entry (id, patient_id, confidentiality, visit_type_id, modality, practitioner_id, location_id,
  weekdays, parts, notice_min, appointment_id, until_at, zone, language, channel, waiting_since, request_key,
  created_by, changed_at)
select :id, c.id, c.confidentiality, :visit_type_id, :modality, cast(:practitioner_id as uuid),
  cast(:location_id as uuid), :weekdays, :parts, :notice_min, a.id, coalesce(a.starts_at, :until_at), c.zone,
  coalesce(cast(:language as text), c.language),
  :channel, :now, :request_key, :person_id, :now
from patient c left join held a on true
where c.id = :patient_id and (cast(:appointment_id as uuid) is null or a.id is not null)
on conflict do nothing
"""

# Whoever asks for a patient, and whoever books for them, comes after the other: two wishes of the same kind that are
# made at once, with a key each, would both find none standing.
WAIT_FOR_PATIENT: Final = "select pg_advisory_xact_lock(uuid_hash_extended(cast(:patient_id as uuid), 0))"

STANDING: Final = """
select id, request_key from waitlist_entry
where patient_id = :patient_id and (request_key = :request_key or (status = 'active'
  and visit_type_id = :visit_type_id and modality = :modality
  and appointment_id is not distinct from cast(:appointment_id as uuid)))
order by request_key = :request_key desc limit 1
"""

MY_WAITING: Final = """
select w.id, w.status, v.names as visit_type_names, w.modality, coalesce(p.name, '') as practitioner_name,
  coalesce(l.name, '') as location_name, w.weekdays, w.parts, w.notice_min, w.appointment_id, w.until_at, w.zone,
  w.waiting_since, w.offer_id
from waitlist_entry w join visit_type v on v.id = w.visit_type_id
  left join practitioner p on p.id = w.practitioner_id left join location l on l.id = w.location_id
where w.patient_id = :patient_id and w.status = 'active' and w.until_at > :now
order by w.waiting_since, w.id
"""

WITHDRAW: Final = """
update waitlist_entry set status = 'withdrawn', changed_at = :now
where id = :id and patient_id = :patient_id and status = 'active' returning id, offer_id
"""

TAKE_OFF: Final = """
update waitlist_entry set status = 'withdrawn', changed_at = :now where id = :id and status = 'active'
returning patient_id, offer_id
"""

LINE: Final = """
select w.id, w.patient_id, said_name(c.given_name, c.called) as given_name, c.family_name,
  c.birth_date, c.language, v.names as visit_type_names,
  w.modality, coalesce(p.name, '') as practitioner_name, coalesce(l.name, '') as location_name, w.priority,
  w.waiting_since, w.offer_id
from waitlist_entry w join patient c on c.id = w.patient_id join visit_type v on v.id = w.visit_type_id
  left join practitioner p on p.id = w.practitioner_id left join location l on l.id = w.location_id
where w.status = 'active' and w.until_at > :now
order by w.priority, w.waiting_since, w.id limit :limit
"""

SET_PRIORITY: Final = """
update waitlist_entry set priority = :priority, changed_at = :now where id = :id and status = 'active'
returning patient_id
"""

BEGINNINGS: Final = "select starts_at from beginnings_in(:practitioner_id, :location_id, :starts_at, :ends_at)"

KEEP_FOR_LINE: Final = (
    "keep_for_line(:slot_id, :practitioner_id, :location_id, :starts_at, :ends_at, :earliest, :now, :horizon, :until)"
)

# What was kept only a moment ago still belongs to whoever may take their cancellation back.
LET_GO_KEPT: Final = """
delete from slot s where s.practitioner_id = :practitioner_id and s.is_kept
  and s.starts_at < :ends_at and s.ends_at > :starts_at and s.held_until <= :settled
"""

NEXT: Final = "select * from next_in_line(:practitioner_id, :location_id, :starts_at, :now, :horizon)"

CLAIM_ENTRY: Final = """
update waitlist_entry set offer_id = :offer_id, changed_at = :now
where id = :entry_id and status = 'active' and offer_id is null
"""

FREE_ENTRY: Final = "update waitlist_entry set offer_id = null where offer_id = :offer_id"

# Before a place in the line is claimed: whoever moves or cancels with this practitioner holds this lock and then asks
# for places in the line, so that asking the other way round would be a deadlock.
WAIT_FOR_PRACTITIONER: Final = "select pg_advisory_xact_lock(uuid_hash_extended(cast(:practitioner_id as uuid), 0))"

KEEP_TIME: Final = """
select keep_time(:slot_id, :practitioner_id, :location_id, :visit_type_id, :modality, :starts_at, :held_until, :now)
"""

ADD_OFFER: Final = """
insert into time_offer (id, entry_id, request_id, patient_id, confidentiality, practitioner_id, location_id,
  visit_type_id, modality, starts_at, ends_at, slot_id, answer_by, offered_at, waiting_since, language, channel)
select :offer_id, cast(:entry_id as uuid), cast(:request_id as uuid), :patient_id, :confidentiality, :practitioner_id,
  :location_id, v.id, :modality, cast(:starts_at as timestamptz),
  cast(:starts_at as timestamptz) + make_interval(mins => v.duration_min), :slot_id, :answer_by, :now, :waiting_since,
  :language, 'mail'
from visit_type v where v.id = :visit_type_id
"""

BY_PHONE: Final = "update time_offer set channel = 'phone' where id = :id"

LOCK_OFFER: Final = """
select o.id, o.entry_id, o.request_id, o.patient_id, o.status, o.practitioner_id, o.location_id, o.visit_type_id,
  o.modality, o.starts_at, o.ends_at, o.slot_id, o.answer_by, o.appointment_id
from time_offer o where o.id = :id for update
"""

# In the order in which `take_time` and `move_time` wait for the same people, and before the kept time is given up: who
# books waits for the time's row while it holds these.
WAIT_FOR: Final = """
select pg_advisory_xact_lock(k.key) from (
  select distinct uuid_hash_extended(party, 0) as key from (
    select unnest(array[cast(:patient_id as uuid), cast(:practitioner_id as uuid)])
    union all
    select a.practitioner_id from waitlist_entry e join appointment a on a.id = e.appointment_id
      where e.id = cast(:entry_id as uuid)
  ) p (party) order by 1) k
"""
DROP_SLOT: Final = "delete from slot where id = :slot_id"

CLOSE_OFFER: Final = """
update time_offer set status = :status, slot_id = null, answered_at = :now,
  appointment_id = coalesce(cast(:appointment_id as uuid), appointment_id)
where id = :id
"""

ENTRY: Final = "select id, status, appointment_id from waitlist_entry where id = :id for update"

SERVE_ENTRY: Final = """
update waitlist_entry set status = 'served', offer_id = null, changed_at = :now where id = :id
"""

OTHER_OFFERS: Final = """
select id from time_offer where request_id = :request_id and status = 'open' and id <> :id order by id for update
"""

# An offer is over when its hold is, and when whoever it is for does not wait any more or has something sooner by now.
OVERDUE: Final = """
select o.id from time_offer o left join waitlist_entry e on e.id = o.entry_id
  left join time_request r on r.id = o.request_id
where o.status = 'open' and (o.answer_by <= :now or e.status <> 'active' or e.until_at <= o.starts_at
  or r.status in ('withdrawn', 'closed', 'booked'))
order by o.answer_by limit 200
"""

EXPIRE: Final = """
update waitlist_entry set status = 'expired', changed_at = :now where status = 'active' and until_at <= :now
"""

_OFFER = """
select o.id, o.patient_id, o.entry_id, o.request_id, o.status, p.name as practitioner_name,
  p.title as practitioner_title, p.initials as practitioner_initials, p.specialty, l.name as location_name, l.address,
  l.phone, v.names as visit_type_names, o.modality, l.zone, c.zone as patient_zone, o.starts_at, o.ends_at, o.answer_by,
  o.appointment_id, a.id as replaces_id, a.starts_at as replaces_at, coalesce(e.status, '') as entry_status
from time_offer o join practitioner p on p.id = o.practitioner_id join location l on l.id = o.location_id
  join visit_type v on v.id = o.visit_type_id join patient c on c.id = o.patient_id
  left join waitlist_entry e on e.id = o.entry_id
  left join appointment a on a.id = e.appointment_id and a.status = 'booked' and o.status <> 'accepted'
"""

ONE_OFFER: Final = _OFFER + "where o.id = :id"

MY_OFFERS: Final = (
    _OFFER
    + """
where o.patient_id = :patient_id and o.status = 'open' and o.answer_by > :now order by o.starts_at, o.id
"""
)

REQUEST_OFFERS: Final = _OFFER + "where o.request_id = :request_id order by o.starts_at, o.id"

RECIPIENTS: Final = """
select p.id, p.locale from person p
where p.disabled_at is null and p.email is not null and exists (
  select from access_grant g where g.grantee = p.id and g.patient_id = :patient_id
    and 'booking' = any (g.sections) and 'act' = any (g.verbs) and (g.valid_until is null or g.valid_until > now())
    and (g.basis = 'self' or (g.basis = 'caregiver' and p.id = :created_by)))
order by p.id
"""

ASK_IN_WORDS: Final = """
insert into time_request (id, patient_id, confidentiality, visit_type_id, practitioner_id, modality, words,
  asked_at, answer_by, language, request_key, created_by)
select :id, c.id, c.confidentiality, cast(:visit_type_id as uuid), cast(:practitioner_id as uuid), :modality, :words,
  :now, :answer_by, :language, :request_key, :person_id
from patient c where c.id = :patient_id
on conflict do nothing
"""

SAME_REQUEST: Final = """
select id from time_request where patient_id = :patient_id and request_key = :request_key
"""

_REQUEST = """
select r.id, r.patient_id, r.status, said_name(c.given_name, c.called) as given_name, c.family_name,
  c.birth_date, c.language, r.visit_type_id,
  coalesce(v.names, '{}') as visit_type_names, r.practitioner_id, coalesce(p.name, '') as practitioner_name,
  coalesce(r.modality, '') as modality, r.words, r.answer, r.answer_phone, r.asked_at, r.answer_by, r.answered_at,
  r.appointment_id, c.zone
from time_request r join patient c on c.id = r.patient_id left join visit_type v on v.id = r.visit_type_id
  left join practitioner p on p.id = r.practitioner_id
"""

ONE_REQUEST: Final = text(_REQUEST + "where r.id = :id").columns(words=EncryptedText, answer=EncryptedText)

MY_REQUESTS: Final = text(
    _REQUEST + "where r.patient_id = :patient_id order by r.asked_at desc, r.id limit 20"
).columns(words=EncryptedText, answer=EncryptedText)

LOCK_REQUEST: Final = """
select id, patient_id, confidentiality, status, visit_type_id, modality, asked_at, language, created_by
from time_request where id = :id for update
"""

ANSWER_REQUEST: Final = """
update time_request set status = 'answered', answer = :answer, answer_phone = :phone, answered_at = :now,
  answered_by = :person_id
where id = :id
"""

CLOSE_REQUEST: Final = """
update time_request
set status = :status, appointment_id = coalesce(cast(:appointment_id as uuid), appointment_id)
where id = :id
"""

TIMES_TO_OFFER: Final = """
select t.practitioner_id, t.location_id, t.zone, t.starts_at, t.ends_at
from visit_type v cross join lateral free_time(
  cast(:from_day as date), 31, cast(:practitioner_ids as uuid[]), null, :modality, v.duration_min,
  cast(:now as timestamptz) + make_interval(mins => greatest(v.lead_min, 60)), :now, '{}', v.id) t
where v.id = :visit_type_id and v.is_active order by t.starts_at, t.practitioner_id limit :limit
"""

FAIRNESS: Final = "select * from waitlist_fairness(:since)"

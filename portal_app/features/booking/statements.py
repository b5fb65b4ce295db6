"""The SQL of what is booked. Times come from the caller; which rows anyone sees is row-level security's business."""

# ruff: noqa: S608 - the parts put together are constants of this module; values are parameters
from sqlalchemy import TextualSelect, text

from portal_app.core.crypto import EncryptedText


def _typed(sql: str) -> TextualSelect:
    return text(sql).columns(reason=EncryptedText)


LOCK_HOLD = text("""
select a.created_at, a.slot_id from appointment a join slot s on s.id = a.slot_id
where a.id = :id and a.patient_id = :patient_id and a.status = 'pending' for update of s
""")

EXTEND_HOLD = text("update slot set held_until = :held_until where id = :slot_id")

RELEASE_HOLD = text("""
with dropped as (
  delete from appointment where id = :id and patient_id = :patient_id and status = 'pending' returning slot_id
)
delete from slot using dropped where slot.id = dropped.slot_id
""")

SWEEP_LAPSED = text("""
with lapsed as (
  delete from appointment a using slot s
  where a.status = 'pending' and s.id = a.slot_id and s.held_until < :now returning a.slot_id
), forgotten as (
  delete from appointment where status = 'pending' and slot_id is null returning id
), freed as (
  delete from slot s using lapsed where s.id = lapsed.slot_id returning s.id
), kept as (
  delete from slot where is_kept and held_until < :now returning id
)
select (select count(*) from lapsed) + (select count(*) from forgotten)
""")

PROMISED_OUTSIDE = text("""
select a.id, a.patient_id, a.practitioner_id, a.location_id, a.starts_at
from slot s join appointment a on a.slot_id = s.id join location l on l.id = a.location_id
where s.id = :slot_id and a.status = 'booked' and a.starts_at > :now and not exists (
  select from open_at(a.practitioner_id, a.location_id, a.modality, l.zone, a.starts_at, a.ends_at))
""")

_SEEN = "select s.* from appointment_seen s"

ONE_APPOINTMENT = f"{_SEEN} where s.id = %(id)s"
"""For the driver itself: every tap on an appointment asks it."""

STANDING_HOLD = _typed(f"""
{_SEEN} join appointment a on a.id = s.id
where a.patient_id = :patient_id and a.request_key = :request_key and a.status = 'pending' and s.held_until > :now
""")

# A hold that lapsed, or whose time somebody else took since, is over: it is on no list.
OWN_APPOINTMENTS = _typed(f"""
{_SEEN} where s.patient_id = :patient_id and (s.status <> 'pending' or s.held_until > :now)
order by s.starts_at, s.id
""")

PAST_VISITS = text("""
select s.id, s.starts_at, s.modality, case when s.modality = 'video' then s.patient_zone else s.zone end as zone,
  s.practitioner_name
from appointment_seen s where s.patient_id = :patient_id and s.status in ('arrived', 'fulfilled')
  and s.starts_at between :since and :until
order by s.starts_at, s.id
""")

OVERBOOKED = text("""
select a.id from appointment a join slot s on s.id = a.slot_id where a.patient_id = :patient_id and s.is_overbooked
""")

LOCK_APPOINTMENT = text("""
select a.id, a.patient_id, a.status, a.starts_at, v.notice_h, l.phone
from appointment a join visit_type v on v.id = a.visit_type_id join location l on l.id = a.location_id
where a.id = :id and a.status <> 'pending' for update of a
""")

CANCELLED = text("""
select a.id, a.patient_id, a.status, a.starts_at, a.cancelled_at, a.cancelled_by, a.cancel_reason
from appointment a where a.id = :id and a.status <> 'pending'
""")

# Looks again at the row once it holds the locks, in the order in which everybody takes them.
RESTORE = text("select restore_time(:id, :slot_id, :now)")

MEANWHILE = text("""
select exists (
  select from appointment a where a.patient_id = :patient_id and a.id <> :id and a.status <> 'pending'
    and a.slot_id is not null and a.starts_at < :ends_at and a.ends_at > :starts_at)
""")

PROPOSED = text("""
select p.id as practitioner_id, p.name as practitioner_name, p.title as practitioner_title,
  p.initials as practitioner_initials, p.specialty, l.id as location_id, l.name as location_name, l.address, l.zone,
  l.phone, l.directions, l.directions_url, v.notice_h, v.duration_min
from practitioner p, location l, visit_type v
where p.id = :practitioner_id and l.id = :location_id and v.id = :visit_type_id
""")

CANCEL = text("""
with given_up as (
  update appointment a set status = 'cancelled', slot_id = null, cancelled_at = :now, changed_at = :now,
    cancelled_by = :person_id, cancel_reason = :reason, cancel_code = :code, cancel_words = :words,
    sequence = a.sequence + 1
  from (select id, slot_id from appointment where id = :id) before
  where a.id = before.id returning before.slot_id
)
delete from slot s using given_up where s.id = given_up.slot_id
""")

CHANGE_STATUS = text("""
update appointment set status = :status, changed_at = :now,
  arrived_at = case when :status = 'arrived' then coalesce(arrived_at, :now)
                    when :status = 'booked' then null else arrived_at end
where id = :id
""")

# Days are counted as each location's own clock does.
_OF_DAYS = """
  and (cast(:practitioner_id as uuid) is null or x.practitioner_id = :practitioner_id)
  and (cast(:location_id as uuid) is null or x.location_id = :location_id)
  and x.starts_at >= cast(:day as date) - interval '1 day'
  and x.starts_at < cast(:day as date) + cast(:days as int) + interval '1 day'
  and (x.starts_at at time zone l.zone)::date >= :day
  and (x.starts_at at time zone l.zone)::date < cast(:day as date) + cast(:days as int)
"""

DAY = _typed(f"""
select x.id, x.patient_id, said_name(c.given_name, c.called) as given_name, c.family_name,
  c.birth_date, c.language, x.status, x.starts_at, x.ends_at,
  x.modality, l.zone, x.patient_zone, x.reason, x.practitioner_id, p.name as practitioner_name,
  p.initials as practitioner_initials, x.location_id, l.name as location_name, v.names as visit_type_names,
  x.arrived_at, x.cancel_reason, x.confirmed_at, x.sequence, x.room_id, coalesce(r.name, '') as room_name,
  coalesce(s.is_overbooked, false) as is_overbooked, i.started_at as checking_in_at, i.finished_at as checked_in_at,
  coalesce(i.missing, '{{}}') as missing
from appointment x left join check_in i on i.appointment_id = x.id
join patient c on c.id = x.patient_id join practitioner p on p.id = x.practitioner_id
join location l on l.id = x.location_id join visit_type v on v.id = x.visit_type_id
left join room r on r.id = x.room_id left join slot s on s.id = x.slot_id
where x.status <> 'pending' and (cast(:room_id as uuid) is null or x.room_id = :room_id) {_OF_DAYS}
order by x.starts_at, p.name, x.id
""")

# With what is kept for whoever waits, whether it is about to be offered or has been; `now` says what has lapsed.
BLOCKED = text(f"""
select x.id, x.practitioner_id, p.name as practitioner_name, x.location_id, l.zone, x.starts_at, x.ends_at,
  coalesce(b.reason, '') as reason, x.held_until
from slot x join location l on l.id = x.location_id join practitioner p on p.id = x.practitioner_id
left join blocked_time b on b.slot_id = x.id
where (x.status = 'busy-unavailable' or (x.status = 'busy-tentative' and x.held_until > :now and (x.is_kept or exists (
    select from time_offer o where o.slot_id = x.id))))
  and cast(:room_id as uuid) is null {_OF_DAYS}
order by x.starts_at, x.practitioner_id
""")

COUNTS = text(f"""
select (x.starts_at at time zone l.zone)::date as day,
  count(*) filter (where x.status <> 'cancelled') as booked, count(*) filter (where s.is_overbooked) as overbooked
from appointment x join location l on l.id = x.location_id left join slot s on s.id = x.slot_id
where x.status <> 'pending' and (cast(:room_id as uuid) is null or x.room_id = :room_id) {_OF_DAYS}
group by 1 order by 1
""")

# What is kept for whoever waits gives way to staff, and to whoever gave it up and takes that back.
DROP_KEPT = text("""
delete from slot s using visit_type v
where v.id = :visit_type_id and s.is_kept and s.practitioner_id = :practitioner_id
  and s.starts_at < cast(:starts_at as timestamptz) + make_interval(mins => v.duration_min + v.buffer_after_min)
  and s.ends_at > cast(:starts_at as timestamptz) - make_interval(mins => v.buffer_before_min)
returning s.practitioner_id, s.location_id, s.starts_at, s.ends_at
""")

DURATION = text("select duration_min from visit_type where id = :id")

DROP_KEPT_AGAIN = text("""
delete from slot s using appointment a
where a.id = :id and s.is_kept and s.practitioner_id = a.practitioner_id and s.starts_at = a.starts_at
  and s.ends_at = a.ends_at
""")

CLEAR_LAPSED = text("""
delete from slot s where s.practitioner_id = :practitioner_id and s.starts_at < :ends_at and s.ends_at > :starts_at
  and s.starts_at > cast(:starts_at as timestamptz) - interval '1 day'
  and s.status = 'busy-tentative' and (s.held_until < :now or s.is_kept)
""")

# Looked for at each place, along its index of times. Whoever sleeps through the moment is reminded up to twelve hours
# from it, so the whole day around it is looked at; `rules.remind_at` decides.
DUE = text("""
select a.id, a.starts_at, a.patient_zone, m.before_min, coalesce(a.moved_at, a.created_at) as set_at
from location l
cross join lateral (
  select * from appointment a where a.location_id = l.id and a.status = 'booked'
    and a.starts_at > :now and a.starts_at <= cast(:now as timestamptz) + interval '31 days') a
join visit_type v on v.id = a.visit_type_id
cross join lateral unnest(v.remind_before_min) m (before_min)
where a.starts_at - make_interval(mins => m.before_min) between cast(:now as timestamptz) - interval '12 hours'
    and cast(:now as timestamptz) + interval '12 hours'
  and coalesce(a.moved_at, a.created_at) < cast(:now as timestamptz) - cast(:settled as interval)
  and not exists (select from reminder r where r.appointment_id = a.id and r.starts_at = a.starts_at
    and r.before_min = m.before_min)
order by a.starts_at, a.id limit 2000
""")

STILL_DUE = text("""
select exists (select from reminder r join appointment a on a.id = r.appointment_id
  where r.id = :id and a.status = 'booked' and a.starts_at = r.starts_at and a.starts_at > :now)
""")

BEGIN_AS_LINK = text("""
select reminder_id, person_id, patient_id, appointment_id, starts_at from begin_as_link(:secret_hash, :now)
""")

CONFIRM = text("""
update appointment set confirmed_at = coalesce(confirmed_at, :now) where id = :id and status = 'booked'
  and starts_at > :now
""")

ANSWERED = text("update reminder set answer = :answer, answered_at = :now where id = :id")

WAIT_FOR = text("""
select pg_advisory_xact_lock(k.key) from (
  select distinct uuid_hash_extended(party::uuid, 0) as key from unnest(cast(:parties as text[])) party order by 1) k
""")

JOIN_SERIES = text("update appointment set series_id = :series_id where id = any (cast(:ids as uuid[]))")

REST_OF_SERIES = text("""
select id from appointment where series_id = :series_id and starts_at > :after and status = 'booked'
order by starts_at, id
""")

CANCELLED_TOGETHER = text("""
select id from appointment where series_id = :series_id and status = 'cancelled'
  and cancelled_at = timestamptz '1970-01-01 00:00+00' + cast(:cancelled_us as bigint) * interval '1 microsecond'
order by starts_at, id
""")

# What one person cancelled in one tap, this one among them.
CANCELLED_WITH = text("""
select o.id, o.practitioner_id from appointment a join appointment o on o.series_id = a.series_id
  and o.status = 'cancelled' and o.cancelled_at = a.cancelled_at and o.cancelled_by = a.cancelled_by
where a.id = :id and a.status = 'cancelled' order by o.starts_at, o.id
""")

WHOLE_SERIES = text("""
select id from appointment where series_id = :series_id and status = 'booked' order by starts_at, id
""")

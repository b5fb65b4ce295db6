"""The SQL of booking. Times come from the caller's clock; the rows anyone sees are row-level security's business."""

# ruff: noqa: S608 - the parts put together are constants of this module; values are parameters
from sqlalchemy import TextualSelect, text

from portal_app.core.crypto import EncryptedText


def _typed(sql: str) -> TextualSelect:
    return text(sql).columns(reason=EncryptedText)


# `day_zone` is where days are counted for video: the patient's. In person each location counts its own.
_WANTED = """
wanted as materialized (
  select v.duration_min, cast(:now as timestamptz) + make_interval(mins => v.lead_min) as earliest,
    c.general_practitioner_id as own_practitioner_id,
    case when cast(:modality as text) = 'video' then c.zone end as day_zone,
    array(select h.slot_id from appointment h
          where h.patient_id = :patient_id and h.status = 'pending' and h.slot_id is not null) as own_holds
  from visit_type v left join patient c on c.id = :patient_id
  where v.id = :visit_type_id and v.is_active and cast(:modality as text) = any (v.modalities)
), bounds as materialized (
  select w.*,
    case when w.day_zone is null then '-infinity' else cast(:from_day as date)::timestamp at time zone w.day_zone end
      as from_at,
    case when w.day_zone is null then 'infinity'
      else (cast(:from_day as date) + cast(:days as int))::timestamp at time zone w.day_zone end as until_at,
    cast(:from_day as date) - case when w.day_zone is null then 0 else 1 end as first_day,
    cast(:days as int) + case when w.day_zone is null then 0 else 2 end as all_days
  from wanted w
), free as (
  select t.*, b.own_practitioner_id, b.day_zone
  from bounds b cross join lateral free_time(
    b.first_day, b.all_days, cast(:practitioner_ids as uuid[]), cast(:location_ids as uuid[]),
    cast(:modality as text), b.duration_min, b.earliest, cast(:now as timestamptz), b.own_holds) t
  where t.starts_at >= b.from_at and t.starts_at < b.until_at and t.starts_at <= :horizon
)
"""

FREE_TIMES = text(f"""
with {_WANTED}
select practitioner_id, location_id, zone, starts_at, ends_at from free
order by starts_at, practitioner_id is distinct from own_practitioner_id, practitioner_id
""")

FREE_DAYS = text(f"""
with {_WANTED}, counted as (
  select (starts_at at time zone coalesce(day_zone, zone))::date as day, count(*) as free_count,
         min(starts_at) as first_at
  from free group by 1
), opened as (
  select distinct (greatest(h.opens_at, b.from_at) at time zone coalesce(b.day_zone, h.zone))::date as day
  from bounds b cross join lateral open_hours(
    b.first_day, b.all_days, cast(:practitioner_ids as uuid[]), cast(:location_ids as uuid[]),
    cast(:modality as text)) h
  where h.closes_at > b.earliest and h.closes_at > b.from_at and h.opens_at < least(b.until_at, :horizon)
)
select day, coalesce(free_count, 0) as free_count, first_at from opened full join counted using (day) order by day
""")

SOONEST = text(f"""
with {_WANTED}, soonest as (
  select distinct on (practitioner_id) practitioner_id, location_id, zone, starts_at, ends_at, own_practitioner_id
  from free order by practitioner_id, starts_at
)
select practitioner_id, location_id, zone, starts_at, ends_at from soonest
order by practitioner_id is distinct from own_practitioner_id, starts_at, practitioner_id
""")

NEAREST = text(f"""
with {_WANTED}
select practitioner_id, location_id, zone, starts_at, ends_at from free
order by greatest(starts_at - cast(:wanted_at as timestamptz), cast(:wanted_at as timestamptz) - starts_at), starts_at
limit :limit
""")

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
)
select (select count(*) from lapsed) + (select count(*) from forgotten)
""")

ONE_APPOINTMENT = _typed("""
select * from appointment_seen where id = :id
""")

# A hold that lapsed, or whose time somebody else took since, is over: it is on no list.
OWN_APPOINTMENTS = _typed("""
select * from appointment_seen
where patient_id = :patient_id and (status <> 'pending' or held_until > :now)
order by starts_at, id
""")

LOCK_APPOINTMENT = text("""
select a.id, a.patient_id, a.status, a.starts_at, v.notice_h, l.phone
from appointment a join visit_type v on v.id = a.visit_type_id join location l on l.id = a.location_id
where a.id = :id and a.status <> 'pending' for update of a
""")

CANCEL = text("""
with given_up as (
  update appointment a set status = 'cancelled', slot_id = null, cancelled_at = :now, changed_at = :now,
    cancelled_by = :person_id, cancel_reason = :reason, sequence = a.sequence + 1
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

DAY = _typed("""
select a.id, a.patient_id, c.given_name, c.family_name, c.birth_date, c.language, a.status, a.starts_at, a.ends_at,
  a.modality, l.zone, a.patient_zone, a.reason, a.practitioner_id, p.name as practitioner_name,
  p.initials as practitioner_initials, a.location_id, l.name as location_name, v.names as visit_type_names,
  a.arrived_at, a.cancel_reason
from appointment a
join patient c on c.id = a.patient_id join practitioner p on p.id = a.practitioner_id
join location l on l.id = a.location_id join visit_type v on v.id = a.visit_type_id
where a.status <> 'pending'
  and (cast(:practitioner_id as uuid) is null or a.practitioner_id = :practitioner_id)
  and (cast(:location_id as uuid) is null or a.location_id = :location_id)
  and a.starts_at >= cast(:day as date) - interval '1 day' and a.starts_at < cast(:day as date) + interval '2 days'
  and (a.starts_at at time zone l.zone)::date = :day
order by a.starts_at, p.name, a.id
""")

BLOCKED = text("""
select s.practitioner_id, s.location_id, s.starts_at, s.ends_at
from slot s join location l on l.id = s.location_id
where s.status = 'busy-unavailable'
  and (cast(:practitioner_id as uuid) is null or s.practitioner_id = :practitioner_id)
  and (cast(:location_id as uuid) is null or s.location_id = :location_id)
  and s.starts_at >= cast(:day as date) - interval '1 day' and s.starts_at < cast(:day as date) + interval '2 days'
  and (s.starts_at at time zone l.zone)::date = :day
order by s.starts_at, s.practitioner_id
""")

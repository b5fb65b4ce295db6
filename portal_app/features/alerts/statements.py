"""The SQL of alerts. Which rows anyone sees or changes is row-level security's business."""

from typing import Final

from sqlalchemy import text

from portal_app.core.crypto import EncryptedText

RAISE: Final = """
select r.alert_id, r.is_new, r.is_worse, r.due_at, r.level from raise_alert(:id, :patient_id, :section, :problem,
  :severity, :confidentiality, :source_id, :facts, :now) r
"""

LIST: Final = text("""
select a.id, a.patient_id, coalesce(p.name, '') as name, p.birth_date, coalesce(p.language, '') as language,
  nullif(p.phone, '') as phone, a.problem, a.severity, a.status, a.level, a.times, e.facts, a.opened_at,
  coalesce(e.at, a.opened_at) as added_at, a.due_at, a.owner_id, a.owner_name, a.closed_at, a.outcome,
  e.withdrawn_at is not null as is_taken_back,
  c.called_at, c.called
from alert a left join alerted_people(:since) p on p.patient_id = a.patient_id
  left join lateral (select x.facts, x.at, x.withdrawn_at from alert_event x
    where x.alert_id = a.id and x.kind in ('raised', 'added')
    order by x.withdrawn_at is not null, x.at desc, x.id limit 1) e on true
  left join lateral (
    select k.at as called_at,
      jsonb_agg(jsonb_build_object('name', k.person_name, 'ways', k.ways) order by k.rank) as called
    from alert_call k where k.alert_id = a.id group by k.at order by k.at desc limit 1) c on true
where a.closed_at is null or a.closed_at > :since
order by a.closed_at desc nulls first, array_position(array['critical', 'urgent', 'routine'], a.severity),
  a.status <> 'open', a.level desc, a.opened_at, a.id
""").columns(phone=EncryptedText, facts=EncryptedText)

WAITING: Final = """
select count(*) filter (where status = 'open') as open, count(*) as all_open from alert where closed_at is null
"""

LOCK: Final = """
select id, patient_id, confidentiality, severity, status, level, times, owner_id, due_at, closed_at from alert
where id = :id for update
"""

TAKE: Final = """
update alert a set status = 'acknowledged', owner_id = :person_id, owner_name = :name, acknowledged_at = :now,
  changed_at = :now, level = 0,
  due_at = :now + (select make_interval(mins => c.close_min) from alert_clock c where c.severity = a.severity)
where a.id = :id returning a.due_at
"""

GIVE_BACK: Final = """
update alert a set status = 'open', owner_id = null, owner_name = '', acknowledged_at = null, changed_at = :now,
  due_at = :now + (select make_interval(mins => c.take_min) from alert_clock c where c.severity = a.severity)
where a.id = :id returning a.due_at
"""

CLOSE: Final = """
update alert set status = 'closed', closed_at = :now, closed_by = :person_id, due_at = null, outcome = :outcome,
  owner_id = coalesce(owner_id, :person_id), owner_name = case when owner_id is null then :name else owner_name end,
  acknowledged_at = coalesce(acknowledged_at, :now), changed_at = :now
where id = :id
"""

ESCALATE: Final = """
update alert a set level = a.level + 1, changed_at = :now,
  due_at = :now + (select make_interval(mins => c.take_min) from alert_clock c where c.severity = a.severity)
where a.id = :id returning a.level, a.due_at
"""

EVENT: Final = """
insert into alert_event (alert_id, patient_id, confidentiality, kind, severity, at, person_id, person_name)
values (:id, :patient_id, :confidentiality, :kind, :severity, :now, :person_id, :name)
"""

STANDING: Final = """
select a.id, a.problem, a.status, a.opened_at, a.due_at, a.owner_name, a.acknowledged_at, a.closed_at, a.outcome,
  a.severity, a.level, o.take_min, o.called_at, coalesce(o.is_rung, false) as is_rung,
  coalesce(o.was_given_back, false) as was_given_back, coalesce(o.has_now, false) as has_now,
  coalesce(o.has_then, false) as has_then
from alert a left join lateral alert_on_call(a.id, :now) o on true
where a.patient_id = :patient_id and a.problem = any (:problems) and (a.closed_at is null or a.closed_at > :since)
order by a.opened_at desc, a.id
"""

OVERDUE: Final = "select id, level from alert where closed_at is null and due_at < :cut and level < :most"

MEMBERS: Final = """
select distinct r.person_id from person_role r join person p on p.id = r.person_id
where r.role = any (:roles) and p.disabled_at is null
"""

WITHDRAW: Final = "select w.alert_id, w.patient_id, w.is_closed from withdraw_from_alert(:source_id, :outcome, :now) w"

TO_TELL: Final = "select id, patient_id, severity, status, level, due_at from alert where id = :id for update"

ON_CALL_NOW: Final = text("""
select r.person_id, r.name, r.rank, r.phone from on_call_roster(:now) r where r.starts_at <= :now and r.is_fit
order by r.rank
""").columns(phone=EncryptedText)

CALL: Final = """
insert into alert_call (alert_id, level, due_at, rank, person_id, person_name, ways, at)
values (:alert_id, :level, :due_at, :rank, :person_id, :name, :ways, :now)
on conflict do nothing
"""

HAS_CALLED: Final = """
select exists (select from alert_call where alert_id = :alert_id and level = :level and due_at = :due_at)
"""

CALLED: Final = """
select person_id from alert_call
where alert_id = :alert_id and level = :level and due_at = :due_at and person_id is not null
"""

IS_CALLED_FOR: Final = """
select exists (select from alert a join person p on p.id = :person_id
  where a.id = :alert_id and a.closed_at is null and (a.status = 'open' or a.level > 0) and p.disabled_at is null)
"""

ROSTER: Final = text("""
select r.id, r.person_id, r.name, r.rank, r.starts_at, r.ends_at, r.phone, r.has_phone, r.is_fit
from on_call_roster(:now) r
""").columns(phone=EncryptedText)

STAFF: Final = text("""
select p.id as person_id, p.display_name as name, p.email, c.roles, c.locations, d.specialty
from person p left join practitioner d on d.person_id = p.id, lateral (
  select array_agg(distinct r.role) as roles,
    coalesce(array_agg(distinct l.name) filter (where l.name is not null), '{}') as locations
  from person_role r left join location l on l.id = r.location_id
  where r.person_id = p.id and r.role in ('nurse', 'clinician')) c
where p.disabled_at is null and c.roles is not null
order by p.display_name, p.id
""").columns(email=EncryptedText)

LOCK_ROSTER: Final = "select pg_advisory_xact_lock(hashtext('on_call_turn'))"

CLASHES: Final = """
select t.rank, t.person_id from on_call_turn t
where t.id <> :id and (t.rank = :rank or t.person_id = :person_id)
  and tstzrange(t.starts_at, t.ends_at) && tstzrange(:starts_at, :ends_at)
order by t.person_id = :person_id limit 1
"""

ADD_TURN: Final = """
insert into on_call_turn (id, person_id, rank, starts_at, ends_at, phone, added_by, added_at)
values (:id, :person_id, :rank, :starts_at, :ends_at, :phone, :added_by, :now)
on conflict (id) do nothing
"""

END_TURN: Final = """
update on_call_turn t set ends_at = :now from on_call_turn was
where t.id = :id and was.id = t.id and t.starts_at < :now and t.ends_at > :now
returning was.person_id, was.rank, was.starts_at, was.ends_at
"""
REMOVE_TURN: Final = """
delete from on_call_turn where id = :id and starts_at >= :now returning person_id, rank, starts_at, ends_at
"""
"""Both return the turn as it was."""

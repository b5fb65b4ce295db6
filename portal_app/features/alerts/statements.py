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
  exists (select from alert_event x where x.alert_id = a.id and x.kind = 'withdrawn') as is_taken_back
from alert a left join alerted_people(:since) p on p.patient_id = a.patient_id
  left join lateral (select x.facts, x.at from alert_event x where x.alert_id = a.id and x.kind in ('raised', 'added')
    order by x.at desc, x.id limit 1) e on true
where a.closed_at is null or a.closed_at > :since
order by a.closed_at desc nulls first, array_position(array['critical', 'urgent', 'routine'], a.severity),
  a.status <> 'open', a.level desc, a.opened_at, a.id
""").columns(phone=EncryptedText, facts=EncryptedText)

WAITING: Final = """
select count(*) filter (where status = 'open') as open, count(*) as all_open from alert where closed_at is null
"""

LOCK: Final = """
select id, patient_id, confidentiality, severity, status, level, owner_id, due_at, closed_at from alert
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
select a.id, a.problem, a.status, a.opened_at, a.due_at, a.owner_name, a.acknowledged_at, a.closed_at, a.outcome
from alert a
where a.patient_id = :patient_id and a.problem = any (:problems) and (a.closed_at is null or a.closed_at > :since)
order by a.opened_at desc, a.id
"""

OVERDUE: Final = "select id, level from alert where closed_at is null and due_at < :cut and level < :most"

MEMBERS: Final = """
select distinct r.person_id from person_role r join person p on p.id = r.person_id
where r.role = any (:roles) and p.disabled_at is null
"""

WITHDRAW: Final = "select w.alert_id, w.patient_id, w.is_closed from withdraw_from_alert(:source_id, :outcome, :now) w"

"""The SQL of check-in. Which rows anyone sees is row-level security's business."""

from typing import Final

RULE: Final = "select days, marks_arrived from check_in_rule"
SET_RULE: Final = """
insert into check_in_rule (days, marks_arrived, set_by, set_at) values (:days, :marks_arrived, :person_id, :now)
on conflict (only_one) do update set days = excluded.days, marks_arrived = excluded.marks_arrived,
  set_by = excluded.set_by, set_at = excluded.set_at
"""
ONE: Final = """
select c.missing, c.finished_at, c.finished_name, c.side from check_in c where c.appointment_id = :id
"""
CAN: Final = """
select coalesce((select r.days from check_in_rule r), :days) as days,
  exists (select from check_in c where c.appointment_id = :id and c.finished_at is not null) as is_done
"""
STEPS: Final = """
select s.task, s.answer, s.done_name, s.side, s.done_at from check_in_step s where s.appointment_id = :id
"""
START: Final = """
insert into check_in (appointment_id, patient_id, confidentiality, started_by, started_at)
select a.id, a.patient_id, a.confidentiality, :person_id, :now from appointment a where a.id = :id
on conflict (appointment_id) do nothing
"""
STEP: Final = """
insert into check_in_step (appointment_id, task, patient_id, confidentiality, answer, done_by, done_name, side, done_at)
select a.id, :task, a.patient_id, a.confidentiality, :answer, :person_id, :name, :side, :now
from appointment a where a.id = :id
on conflict (appointment_id, task) do update set answer = excluded.answer, done_by = excluded.done_by,
  done_name = excluded.done_name, side = excluded.side, done_at = excluded.done_at
where check_in_step.answer <> excluded.answer
"""
MISSING: Final = """
update check_in set missing = :missing where appointment_id = :id and missing <> cast(:missing as text[])
"""
FINISH: Final = """
update check_in set finished_by = :person_id, finished_name = :name, finished_at = :now, side = :side
where appointment_id = :id and finished_at is null
"""
UNDO: Final = """
update check_in set finished_by = null, finished_name = '', finished_at = null, side = ''
where appointment_id = :id and finished_at is not null
"""
SHARED: Final = """
select exists (select from access_grant g where g.grantee = own_person() and g.patient_id = :patient_id
  and g.basis in ('self', 'caregiver') and cast(:section as text) = any (g.sections) and 'act' = any (g.verbs)
  and (g.valid_until is null or g.valid_until > :now))
"""
NAME: Final = """
select said_name(c.given_name, c.called) || ' ' || c.family_name from patient c where c.id = :id
"""
TODAY: Final = """
select a.id, a.status, a.starts_at, a.ends_at from appointment a join location l on l.id = a.location_id
where a.patient_id = :patient_id and a.status in ('booked', 'arrived') and a.modality = 'in_person'
  and (a.starts_at at time zone l.zone)::date = (cast(:now as timestamptz) at time zone l.zone)::date
  and a.ends_at > :now
order by a.starts_at, a.id limit 1
"""

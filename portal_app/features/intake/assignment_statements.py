"""The SQL of forms that are asked of a person. Which rows anyone sees is row-level security's business."""

# ruff: noqa: S608 - the parts put together are constants of this module; values are parameters

from typing import Final

from sqlalchemy import text

_NEWEST: Final = """
join lateral (select q.id, q.resource from questionnaire q where q.url = f.url order by q.added_at desc, q.id limit 1) n
  on true
left join questionnaire_response r on r.assignment_id = f.id and r.occurrence = f.occurrence
left join questionnaire b on b.id = r.questionnaire_id
"""
_COLUMNS: Final = """
f.id, f.url, f.patient_id, f.confidentiality, f.occurrence, f.every_days, f.until, f.opens_at, f.due_at,
coalesce(b.id, n.id) as questionnaire_id, coalesce(b.resource, n.resource) as resource, r.id as response_id, r.status
"""
REACHES: Final = text("select public.reads_answers(:patient_id, :confidentiality)")
ZONE: Final = text("select zone from patient where id = :patient_id")
ASSIGN: Final = text("""
insert into form_assignment (id, url, patient_id, confidentiality, every_days, until, opens_at, due_at, assigned_by,
  assigned_at)
values (:id, :url, :patient_id, :confidentiality, :every_days, :until, :now, :due_at, :person_id, :now)
on conflict do nothing
""")
END: Final = text("update form_assignment set ended_at = :now where id = :id and ended_at is null returning patient_id")
OWN: Final = text(f"""
select {_COLUMNS}, public.fills_in(f.patient_id, f.confidentiality) as fills_in from form_assignment f {_NEWEST}
where f.patient_id = :patient_id and f.ended_at is null and f.opens_at <= :now
  and r.status is distinct from 'completed'
order by f.due_at, f.id
""")
OUTSTANDING: Final = text(f"""
select {_COLUMNS}, said_name(c.given_name, c.called) || ' ' || c.family_name as patient_name, c.zone
from form_assignment f {_NEWEST} join patient c on c.id = f.patient_id
where f.ended_at is null and f.opens_at <= :now and r.status is distinct from 'completed'
  and (cast(:patient_id as uuid) is null or f.patient_id = :patient_id)
order by f.due_at, f.id limit 200
""")
START: Final = text("""
insert into questionnaire_response (id, questionnaire_id, url, patient_id, confidentiality, assignment_id, occurrence,
  locale, started_by, started_at)
values (:id, :questionnaire_id, :url, :patient_id, :confidentiality, :assignment_id, :occurrence, :locale, :person_id,
  :now)
on conflict do nothing
""")
STARTED: Final = text(
    "select id from questionnaire_response where assignment_id = :assignment_id and occurrence = :occurrence"
)
MOVING: Final = text("""
select f.id, f.every_days, f.until, f.opens_at, c.zone from form_assignment f join patient c on c.id = f.patient_id
where f.ended_at is null and f.every_days is not null and f.opens_at + f.every_days * interval '1 day' <= :now
for update of f skip locked
""")
MOVE: Final = text("""
update form_assignment set occurrence = occurrence + :steps, opens_at = :opens_at, due_at = :due_at where id = :id
""")
FINISH: Final = text("update form_assignment set ended_at = :now where id = :id and ended_at is null")
DONE: Final = text("""
update form_assignment f set ended_at = :now where f.ended_at is null and f.every_days is null
  and exists (select from questionnaire_response r where r.assignment_id = f.id and r.status = 'completed')
""")
TO_TELL: Final = text("""
select f.id from form_assignment f
where f.ended_at is null and ((f.opens_at between :since and :now) or (f.due_at between :since and :now))
  and not exists (select from questionnaire_response r
    where r.assignment_id = f.id and r.occurrence = f.occurrence and r.status = 'completed')
""")
ONE: Final = text(f"select {_COLUMNS} from form_assignment f {_NEWEST} where f.id = :id and f.ended_at is null")
RECIPIENTS: Final = text("""
select distinct p.id from person p join access_grant g on g.grantee = p.id
where g.patient_id = :patient_id and p.disabled_at is null and p.email is not null
  and (g.basis = 'self' or (g.basis = 'caregiver' and not :is_self_report))
  and 'forms' = any (g.sections) and 'act' = any (g.verbs) and (g.valid_until is null or g.valid_until > :now)
  and position(:confidentiality in 'NRV') <= position(g.up_to in 'NRV')
order by p.id
""")

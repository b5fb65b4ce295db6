"""The SQL of forms. Which rows anyone sees is row-level security's business."""

from typing import Any, Final

from sqlalchemy import bindparam, text

from portal_app.core.crypto import EncryptedJSON


def _typed(sql: str, **types: Any) -> Any:
    return text(sql).columns(**types)


VISIT: Final = text("""
select a.id, a.patient_id, a.confidentiality, a.status, a.starts_at, a.ends_at, a.visit_type_id,
  public.may('view', 'forms', a.patient_id, a.confidentiality) as sees_forms,
  public.fills_in(a.patient_id, a.confidentiality) as fills_in
from appointment a where a.id = :id and a.patient_id = :patient_id and a.status <> 'pending'
""")
DUE: Final = text("""
select distinct on (q.url) q.url, q.id, q.resource, r.id as response_id, r.status, r.submitted_at
from form_rule u join questionnaire q on q.url = u.url
  left join questionnaire_response r on r.appointment_id = :appointment_id and r.url = q.url
where (u.visit_type_id is null or u.visit_type_id = :visit_type_id)
order by q.url, (q.id = r.questionnaire_id) desc nulls last, q.added_at desc, q.id
""")
STARTED: Final = text("""
select q.url, q.id, q.resource, r.id as response_id, r.status, r.submitted_at
from questionnaire_response r join questionnaire q on q.id = r.questionnaire_id where r.appointment_id = :appointment_id
""")
START: Final = text("""
insert into questionnaire_response (id, questionnaire_id, url, patient_id, confidentiality, appointment_id, locale,
  started_by, started_at)
values (:id, :questionnaire_id, :url, :patient_id, :confidentiality, :appointment_id, :locale, :person_id, :now)
on conflict do nothing
""")
FORM: Final = text("""
select r.id, r.questionnaire_id, r.patient_id, r.confidentiality, r.appointment_id, r.locale, r.status, r.place,
  r.latest, r.submitted_at, q.resource, public.fills_in(r.patient_id, r.confidentiality) as fills_in
from questionnaire_response r join questionnaire q on q.id = r.questionnaire_id
where r.id = :id and r.patient_id = :patient_id
""")
LOCK_FORM: Final = text("select r.latest, r.confidentiality from questionnaire_response r where r.id = :id for update")
ANSWERS: Final = _typed(
    """
select distinct on (key) key, number, value, client_id from form_answer
where response_id = :id and standing = 'kept' order by key, number desc
""",
    value=EncryptedJSON,
)
BEFORE: Final = text("""
select coalesce(max(sequence), 0) from form_answer where response_id = :id and client_id = :client_id
""")
STANDING: Final = _typed(
    """
select distinct on (key) key, number, value, client_id from form_answer
where response_id = :id and key = any (:keys) and standing = 'kept' order by key, number desc
""",
    value=EncryptedJSON,
)
ADD_ANSWER: Final = text("""
insert into form_answer (response_id, number, patient_id, confidentiality, client_id, sequence, key, value, standing,
  given_by, given_at, saved_at)
values (:id, :number, :patient_id, :confidentiality, :client_id, :sequence, :key, :value, :standing, :person_id,
  :given_at, :now)
""").bindparams(bindparam("value", type_=EncryptedJSON))
MOVE_ON: Final = text("update questionnaire_response set latest = :latest, place = :place where id = :id")
SEND: Final = text("""
update questionnaire_response set status = 'completed', content = :content, locale = :locale,
  submitted_by = :person_id, submitted_at = :now where id = :id and status = 'in-progress'
""").bindparams(bindparam("content", type_=EncryptedJSON))
SENT: Final = _typed(
    """
select r.id, r.patient_id, r.appointment_id, r.locale, r.content, r.submitted_at, r.reviewed_at, q.resource,
  q.id as questionnaire_id,
  said_name(c.given_name, c.called) || ' ' || c.family_name as patient_name, coalesce(l.zone, c.zone) as zone,
  r.reviewed_name as reviewed_by
from questionnaire_response r join questionnaire q on q.id = r.questionnaire_id
  join patient c on c.id = r.patient_id left join appointment a on a.id = r.appointment_id
  left join location l on l.id = a.location_id
where r.id = :id and r.status = 'completed'
""",
    content=EncryptedJSON,
)
SENT_OF_PATIENT: Final = text("""
select r.id, q.id as questionnaire_id, q.resource, r.submitted_at, coalesce(l.zone, c.zone) as zone,
  r.reviewed_at is not null as is_reviewed
from questionnaire_response r join questionnaire q on q.id = r.questionnaire_id join patient c on c.id = r.patient_id
  left join appointment a on a.id = r.appointment_id left join location l on l.id = a.location_id
where r.patient_id = :patient_id and r.status = 'completed' order by r.submitted_at desc limit 50
""")
REVIEW: Final = text("""
update questionnaire_response set reviewed_by = :person_id, reviewed_name = :name, reviewed_at = :now
where id = :id and status = 'completed' and reviewed_by is null
""")
ADD_QUESTIONNAIRE: Final = text("""
insert into questionnaire (id, url, version, resource, added_by, added_at)
values (:id, :url, :version, :resource, :person_id, :now) on conflict do nothing
""")
VERSIONS: Final = text("select version, resource from questionnaire where url = :url order by added_at desc, id")
NEWEST: Final = text("""
select distinct on (url) id, url, resource from questionnaire order by url, added_at desc, id
""")
ADD_RULE: Final = text("""
insert into form_rule (id, url, visit_type_id, set_by, set_at) values (:id, :url, :visit_type_id, :person_id, :now)
on conflict do nothing
""")
END_RULE: Final = text(
    "delete from form_rule where url = :url and visit_type_id is not distinct from cast(:visit_type_id as uuid)"
)
ASKED: Final = text("""
select url, visit_type_id is null as is_always from form_rule
where visit_type_id is null or visit_type_id = cast(:visit_type_id as uuid)
""")
SENT_OF_OWN: Final = _typed(
    """
select r.locale, r.content, r.submitted_at, q.id as questionnaire_id, q.resource
from questionnaire_response r join questionnaire q on q.id = r.questionnaire_id
where r.patient_id = :patient_id and r.status = 'completed' order by r.submitted_at desc, r.id
""",
    content=EncryptedJSON,
)

"""What estimates ask the database."""

from typing import Final

from sqlalchemy import text

from portal_app.core.crypto import EncryptedJSON, EncryptedText

_ESTIMATES: Final = """
select e.id, e.appointment_id, e.status, coalesce(e.kind, '') as kind, e.asked_at, e.give_by, e.given_at,
  coalesce(e.currency, '') as currency, coalesce(e.fee_minor, 0) as fee_minor, e.patient_minor, e.content,
  e.patient_id, a.starts_at, case when a.modality = 'video' then a.patient_zone else l.zone end as zone,
  w.title as practitioner_title, w.name as practitioner_name,
  not exists (select from estimate n where n.appointment_id = e.appointment_id and n.status = 'given'
    and n.sequence > e.sequence) as is_newest
from estimate e join appointment a on a.id = e.appointment_id
join practitioner w on w.id = a.practitioner_id join location l on l.id = a.location_id
"""
OF_PATIENT: Final = text(f"""{_ESTIMATES}
where e.patient_id = :patient_id and (cast(:visit as uuid) is null or e.appointment_id = :visit)
order by e.asked_at desc limit :most
""").columns(content=EncryptedJSON)
ONE: Final = text(f"{_ESTIMATES} where e.id = :id").columns(content=EncryptedJSON)
VISIT: Final = """
select a.id, a.patient_id, a.confidentiality, a.visit_type_id, a.status, a.starts_at,
  case when a.modality = 'video' then a.patient_zone else l.zone end as zone,
  w.title as practitioner_title, w.name as practitioner_name,
  coalesce((select max(e.sequence) from estimate e where e.appointment_id = a.id), 0) as last,
  exists (select from estimate e where e.appointment_id = a.id and e.status = 'asked') as is_asked
from appointment a join practitioner w on w.id = a.practitioner_id join location l on l.id = a.location_id
where a.id = :id
"""
ASK: Final = """
insert into estimate (id, patient_id, confidentiality, appointment_id, visit_type_id, sequence, asked_by, asked_at,
  request_key, give_by)
values (:id, :patient_id, :confidentiality, :appointment_id, :visit_type_id, :sequence, :person_id, :now,
  :request_key, :give_by)
on conflict do nothing
"""
# All that an estimate is made of, as the system sees it.
FACTS: Final = text("""
select e.id, e.patient_id, a.starts_at, l.zone, p.given_name, p.family_name, p.birth_date,
  w.title as practitioner_title, w.name as practitioner_name, coalesce(i.npi, '') as npi, l.name as location_name,
  l.address, x.service_code, s.words as service_words, f.amount_minor, f.currency,
  c.payer_name, c.is_insured, c.answered_at, c.answer, c.has_second
from estimate e join appointment a on a.id = e.appointment_id join patient p on p.id = e.patient_id
join practitioner w on w.id = a.practitioner_id join location l on l.id = a.location_id
left join billing_identity i on i.practitioner_id = a.practitioner_id
join expected_service x on x.visit_type_id = e.visit_type_id join service_code s on s.code = x.service_code
join lateral (
  select f.amount_minor, f.currency from fee f
  where f.service_code = x.service_code and f.valid_from <= (a.starts_at at time zone l.zone)::date
  order by f.valid_from desc limit 1) f on true
left join lateral (
  select v.payer_name, v.kind = 'insurance' as is_insured, k.answered_at, k.answer,
    exists (select from coverage o where o.patient_id = v.patient_id and o.status = 'active' and o.precedence > 1)
      as has_second
  from coverage v left join lateral (
    select k.answered_at, k.answer from eligibility_check k
    where k.coverage_id = v.id and k.coverage_sequence = v.sequence and k.outcome = 'active'
    and not exists (select from eligibility_check n where n.coverage_id = v.id and n.asked_at > k.asked_at
      and n.outcome in ('inactive', 'not_found'))
    order by k.asked_at desc limit 1) k on true
  where v.patient_id = e.patient_id and v.status = 'active'
    and coalesce(v.valid_from <= (a.starts_at at time zone l.zone)::date, true)
    and coalesce(v.valid_until >= (a.starts_at at time zone l.zone)::date, true)
  order by v.precedence limit 1) c on true
where e.id = :id and e.status = 'asked' for update of e
""").columns(payer_name=EncryptedText, answer=EncryptedJSON)
GIVE: Final = """
update estimate set status = 'given', kind = :kind, given_at = :now, currency = :currency, fee_minor = :fee_minor,
  patient_minor = :patient_minor, content = :content
where id = :id and status = 'asked'
"""
# Of those who pay for themselves, who has booked and was told nothing yet.
DUE: Final = """
select a.id, a.patient_id, a.confidentiality, a.visit_type_id, (a.created_at at time zone l.zone)::date as booked_on,
  (a.starts_at at time zone l.zone)::date as visit_on
from appointment a join location l on l.id = a.location_id
join coverage c on c.patient_id = a.patient_id and c.status = 'active' and c.kind = 'self_pay'
where a.status = 'booked' and a.starts_at > :now
  and not exists (select from estimate e where e.appointment_id = a.id)
limit 200
"""
ASKED: Final = "select id from estimate where status = 'asked' order by give_by limit 500"
WAITING: Final = """
select e.id, e.patient_id, e.give_by, t.names, (covered_person(e.patient_id, e.confidentiality)).name as patient_name
from estimate e join visit_type t on t.id = e.visit_type_id
where e.status = 'asked' order by e.give_by limit 100
"""
EXPECTED: Final = """
select t.id, t.names, coalesce(x.service_code, '') as service_code, coalesce(s.words, '') as words,
  coalesce(f.currency, '') as currency, coalesce(f.amount_minor, 0) as amount_minor
from visit_type t left join expected_service x on x.visit_type_id = t.id
left join service_code s on s.code = x.service_code
left join lateral (
  select f.amount_minor, f.currency from fee f where f.service_code = x.service_code and f.valid_from <= :today
  order by f.valid_from desc limit 1) f on true
where t.is_active order by t.duration_min, t.code
"""
SET: Final = """
insert into expected_service (visit_type_id, service_code, set_by, set_at)
values (:visit_type_id, :service_code, :person_id, :now)
on conflict (visit_type_id) do update set service_code = excluded.service_code, set_by = excluded.set_by,
  set_at = excluded.set_at
"""
COPAY: Final = text("""
select c.payer_name, k.answer, k.answered_at, a.patient_id, a.confidentiality, a.status, a.starts_at from appointment a
join location l on l.id = a.location_id
join coverage c on c.patient_id = a.patient_id and c.status = 'active' and c.kind = 'insurance'
  and coalesce(c.valid_from <= (a.starts_at at time zone l.zone)::date, true)
  and coalesce(c.valid_until >= (a.starts_at at time zone l.zone)::date, true)
join lateral (
  select k.outcome, k.answer, k.answered_at from eligibility_check k
  where k.coverage_id = c.id and k.coverage_sequence = c.sequence and k.outcome in ('active', 'inactive', 'not_found')
  order by k.asked_at desc limit 1) k on k.outcome = 'active'
where a.id = :id order by c.precedence limit 1
""").columns(payer_name=EncryptedText, answer=EncryptedJSON)

"""What bills ask the database."""

from typing import Final

CHARGE: Final = """
select c.id, c.patient_id, c.appointment_id, c.confidentiality, c.sequence, c.served_at, c.practitioner_id,
  c.location_id, c.modifier, s.code, s.words, f.amount_minor, f.currency,
  (select i.id from invoice i where i.charge_item_id = c.id) as bill_id
from charge_item c
join location l on l.id = c.location_id
left join service_code s on s.code = c.service_code
left join lateral (
  select f.amount_minor, f.currency from fee f
  where f.service_code = c.service_code and f.valid_from <= (c.served_at at time zone l.zone)::date
  order by f.valid_from desc limit 1) f on true
where c.id = :charge_id
"""
CLOSE: Final = """
update charge_item set status = 'billed', entered_by = :person_id, entered_at = :now
where id = :charge_id and status = 'billable' and review = 'ready' and sequence = :corrections
returning confidentiality
"""
ISSUE: Final = """
insert into invoice (id, charge_item_id, appointment_id, patient_id, confidentiality, currency, service_code, words,
  served_at, practitioner_id, location_id, modality, issued_by, due_on)
values (:id, :charge_id, :appointment_id, :patient_id, :confidentiality, :currency, :code, :words, :served_at,
  :practitioner_id, :location_id, :modality, :person_id, :due_on)
"""
BILLS: Final = """
select i.id, i.number, i.patient_id, i.confidentiality, i.currency, i.words, i.modality, i.served_at, i.due_on,
  i.issued_at, i.voided_at is not null as is_void, i.location_id, l.zone,
  l.name as location_name, w.title as practitioner_title, w.name as practitioner_name,
  coalesce(b.owed_minor, 0) as owed_minor, coalesce(b.charged_minor, 0) as charged_minor,
  coalesce(b.insured_minor, 0) as insured_minor, coalesce(b.reduced_minor, 0) as reduced_minor,
  coalesce(b.paid_minor, 0) as paid_minor
from invoice i
join practitioner w on w.id = i.practitioner_id
join location l on l.id = i.location_id
left join bill_balance b on b.invoice_id = i.id
"""
TO_BILL: Final = """
select c.id, c.patient_id, c.sequence as corrections, c.served_at, l.zone, coalesce(s.words, '') as words,
  f.amount_minor, f.currency,
  w.title as practitioner_title, w.name as practitioner_name,
  billed_name(c.patient_id, c.confidentiality) as patient_name
from charge_item c
join location l on l.id = c.location_id
join practitioner w on w.id = c.practitioner_id
left join service_code s on s.code = c.service_code
left join lateral (
  select f.amount_minor, f.currency from fee f
  where f.service_code = c.service_code and f.valid_from <= (c.served_at at time zone l.zone)::date
  order by f.valid_from desc limit 1) f on true
where c.status = 'billable' and c.review = 'ready' order by c.served_at limit :most
"""
# Which ones is asked of what is kept, in the order of its indexes: so many rows are read as are shown.
OPEN: Final = f"""{BILLS}
where i.id = any (array(
  select k.invoice_id from bill_balance k where k.owed_minor > 0 order by k.due_on, k.number limit :most))
order by i.due_on, i.number
"""  # noqa: S608 - the words above
BY_NUMBER: Final = f"{BILLS} where i.number = :number"
OPEN_OF_PATIENT: Final = f"""{BILLS}
where i.id = any (array(
  select k.invoice_id from bill_balance k where k.patient_id = :patient_id and k.owed_minor > 0
    and (k.due_on, k.number) > (cast(:day as date), cast(:number as bigint))
  order by k.due_on, k.number limit :most))
order by i.due_on, i.number
"""  # noqa: S608 - the words above
SETTLED_OF_PATIENT: Final = f"""{BILLS}
where i.id = any (array(
  select k.invoice_id from bill_balance k where k.patient_id = :patient_id and k.owed_minor <= 0
    and (k.served_at, k.number) < (cast(:at as timestamptz), cast(:number as bigint))
  order by k.served_at desc, k.number desc limit :most))
order by i.served_at desc, i.number desc
"""  # noqa: S608 - the words above
OWED_BY_PATIENT: Final = """
select k.currency, sum(k.owed_minor)::bigint as owed_minor from bill_balance k
where k.patient_id = :patient_id and k.owed_minor > 0 group by k.currency order by min(k.due_on), k.currency
"""
ONE: Final = f"{BILLS} where i.id = :bill_id"
ASKED_ABOUT: Final = f"""
select b.confidentiality, b.location_id, b.charged_minor as charged, b.insured_minor as insured,
  b.reduced_minor as reduced, b.paid_minor as paid, b.owed_minor as owed
from ({ONE}) b where b.patient_id = actor_patient()
"""  # noqa: S608 - the statement above
NAMES: Final = (
    "select i.id, billed_name(i.patient_id, i.confidentiality) as name from invoice i where i.id = any (:ids)"
)

POSTINGS: Final = """
select p.id, p.kind, p.made_at, p.reason, -e.amount_minor as off_minor, p.corrects,
  (select coalesce(sum(r.amount_minor), 0)::bigint from refund r where r.payment_id = p.id and r.status <> 'failed')
    as given_back_minor,
  exists (select from ledger_posting c where c.corrects = p.id) as is_corrected,
  (select o.kind from ledger_posting o where o.id = p.corrects) as corrected_kind
from ledger_entry e join ledger_posting p on p.id = e.posting_id
where e.invoice_id = :bill_id and e.account = 'receivable' order by p.made_at, p.id
"""
FILL: Final = """
insert into fee (service_code, valid_from, currency, amount_minor, entered_by)
values (:code, :valid_from, :currency, :amount_minor, :person_id)
"""

"""What payments ask the database."""

from typing import Final

# What is on its way counts as paid here: a bank debit takes days, and nobody should pay twice meanwhile.
PAYABLE: Final = """
select b.invoice_id as id, b.number, b.currency, b.confidentiality, b.due_on,
  (b.owed_minor - (select coalesce(sum(s.amount_minor), 0) from payment_share s
     join payment_attempt a on a.id = s.attempt_id
     where s.invoice_id = b.invoice_id and a.status = 'processing'))::bigint as payable_minor
from bill_balance b
where b.patient_id = :patient_id and b.owed_minor > 0
  and (cast(:bill_ids as uuid[]) is null or b.invoice_id = any (cast(:bill_ids as uuid[])))
order by b.due_on, b.number
"""
LOCK_ACCOUNT: Final = "select pg_advisory_xact_lock(hashtextextended('account:' || cast(:patient_id as text), 0))"
REPLACE: Final = "select replace_attempts(:patient_id)"

_ATTEMPT: Final = """
select a.id, a.patient_id, a.confidentiality, a.purpose, a.via, a.amount_minor, a.currency, a.status, a.request_key,
  a.person_id, a.locale, a.keeps_method, a.customer_id, a.session_id, a.session_url, a.intent_id, a.problem,
  a.created_at, a.expires_at, a.settled_at, a.appointment_id
from payment_attempt a
"""
ATTEMPT: Final = f"{_ATTEMPT} where a.id = :id"
ATTEMPT_LOCKED: Final = f"{ATTEMPT} for update"
ATTEMPTS_LOCKED: Final = f"{_ATTEMPT} where a.id = any (:ids) order by a.id for update"
# In one order for whoever takes several: the account first, since whoever begins an attempt locks it first too.
LOCK_ACCOUNTS: Final = """
select pg_advisory_xact_lock(hashtextextended('account:' || w.patient_id::text, 0))
from (select distinct a.patient_id from payment_attempt a where a.id = any (:ids) order by a.patient_id) w
"""
ATTEMPTS_OF: Final = f"{_ATTEMPT} where a.id = any (:ids)"
PARTS: Final = "select attempt_id from plan_instalment where attempt_id = any (:ids)"
BY_REQUEST: Final = f"{_ATTEMPT} where a.request_key = :request_key"
BY_OBJECT: Final = f"{_ATTEMPT} where a.session_id = :object_id or a.intent_id = :object_id"
_ITS_BILLS: Final = "array(select s.invoice_id from payment_share s where s.attempt_id = a.id order by s.invoice_id)"
STANDING: Final = f"""{_ATTEMPT}
where a.patient_id = :patient_id and a.status in ('new', 'open') and a.via = :via
  and a.person_id is not distinct from :person_id
  and a.amount_minor = :amount_minor and a.currency = :currency and a.keeps_method = :keeps_method
  and a.locale = :locale and a.expires_at > :until and a.purpose = :purpose
  and (a.status = 'open' or a.created_at > :asked_since)
  and a.appointment_id is not distinct from :appointment_id
  and {_ITS_BILLS} = cast(:bill_ids as uuid[])
"""
REPLACED: Final = f"{_ATTEMPT} where a.patient_id = :patient_id and a.status = 'replaced' and a.session_id is not null"
PENDING: Final = f"""{_ATTEMPT}
where a.status in ('new', 'open', 'processing', 'replaced') and coalesce(a.checked_at, a.created_at) < :before
order by coalesce(a.checked_at, a.created_at) limit :most
"""
MAKE: Final = """
insert into payment_attempt (id, patient_id, confidentiality, purpose, via, amount_minor, currency, status, request_key,
  person_id, locale, keeps_method, customer_id, created_at, expires_at, appointment_id)
values (:id, :patient_id, :confidentiality, :purpose, :via, :amount_minor, :currency, 'new', :request_key, :person_id,
  :locale, :keeps_method, :customer_id, :now, :expires_at, :appointment_id)
"""
SHARE: Final = """
insert into payment_share (attempt_id, invoice_id, patient_id, confidentiality, amount_minor)
values (:id, :bill_id, :patient_id, :confidentiality, :amount_minor)
"""
SHARES: Final = """
select attempt_id, invoice_id, amount_minor from payment_share where attempt_id = any (:ids)
order by attempt_id, invoice_id
"""
OPENED: Final = """
update payment_attempt set status = 'open', session_id = :session_id, session_url = :url, checked_at = :now
where id = :id and status = 'new'
"""
OPENED_TOO_LATE: Final = "update payment_attempt set session_id = :session_id where id = :id and session_id is null"
GO_ON: Final = """
update payment_attempt a set status = n.status, session_id = coalesce(a.session_id, nullif(n.session_id, '')),
  intent_id = coalesce(a.intent_id, nullif(n.intent_id, '')), problem = nullif(n.problem, ''), checked_at = :now,
  settled_at = case when n.is_settled then :now else a.settled_at end
from unnest(cast(:ids as uuid[]), cast(:statuses as text[]), cast(:sessions as text[]), cast(:intents as text[]),
  cast(:problems as text[]), cast(:settled as boolean[])) n (id, status, session_id, intent_id, problem, is_settled)
where a.id = n.id
"""
ITEMS: Final = """
select i.id as bill_id, i.number, i.served_at, l.zone, trim(w.title || ' ' || w.name) as practitioner, s.amount_minor
from payment_share s join invoice i on i.id = s.invoice_id join location l on l.id = i.location_id
join practitioner w on w.id = i.practitioner_id
where s.attempt_id = :id order by i.due_on, i.number
"""
QUARANTINE: Final = """
insert into quarantined_payment (id, attempt_id, object_id, reason, amount_minor, currency, is_live, seen_at)
values (:id, :attempt_id, :object_id, :reason, :amount_minor, :currency, :is_live, :now) on conflict do nothing
"""
IS_SET_ASIDE: Final = "select exists (select from quarantined_payment where attempt_id = :id)"
TAKE_EVENTS: Final = """
insert into processor_event (id, event_id, type, object_id, attempt, amount_minor, currency, is_live, happened_at,
  received_at, found_by)
select n.*, :now, :found_by
from unnest(cast(:ids as uuid[]), cast(:events as text[]), cast(:types as text[]), cast(:objects as text[]),
  cast(:attempts as text[]), cast(:amounts as bigint[]), cast(:currencies as text[]), cast(:live as boolean[]),
  cast(:happened as timestamptz[])) n
on conflict do nothing
"""
_EVENT: Final = """
select id, event_id, type, object_id, attempt, amount_minor, currency, is_live, happened_at, done_at
from processor_event
"""
EVENT: Final = f"{_EVENT} where id = :id"
EVENTS_UNDONE: Final = f"{_EVENT} where id = any (:ids) and done_at is null order by id"
EVENTS_DONE: Final = """
update processor_event e set outcome = n.outcome, done_at = :now
from unnest(cast(:ids as uuid[]), cast(:outcomes as text[])) n (id, outcome) where e.id = n.id and e.done_at is null
"""
EVENT_DONE: Final = """
update processor_event set outcome = :outcome, done_at = :now where id = :id and done_at is null
"""
WAITING: Final = """
select id from processor_event where done_at is null and received_at < :before order by received_at limit :most
"""
LAST_HEARD: Final = "select max(happened_at) from processor_event"
CUSTOMER: Final = """
select c.id, c.customer_id from payment_customer c where c.patient_id = :patient_id and c.person_id = :person_id
"""
COPAID: Final = """
select coalesce(sum(amount_minor), 0)::bigint from payment_attempt
where appointment_id = :appointment_id and status in ('processing', 'paid')
"""
MAKE_CUSTOMER: Final = """
insert into payment_customer (id, patient_id, person_id, made_at) values (:id, :patient_id, :person_id, :now)
on conflict do nothing
"""
NAME_CUSTOMER: Final = "update payment_customer set customer_id = :customer_id where id = :id and customer_id is null"
UNDER_CUSTOMER: Final = """
update payment_attempt set customer_id = :customer_id where id = :id and customer_id is null
"""
PERSON: Final = "select p.id, p.locale from person p where p.id = :id and p.disabled_at is null and p.email is not null"
PEOPLE: Final = """
select p.id, p.locale from person p where p.id = any (:ids) and p.disabled_at is null and p.email is not null
"""

"""What reconciling asks the database."""

from typing import Final

TAKE_MOVEMENT: Final = """
insert into processor_movement (id, kind, source_id, intent_id, amount_minor, fee_minor, currency, happened_at)
values (:id, :kind, :source_id, :intent_id, :amount_minor, :fee_minor, :currency, :happened_at)
on conflict do nothing
"""
LAST_MOVED: Final = "select max(happened_at) from processor_movement"
UNBOOKED: Final = """
select id, kind, amount_minor, fee_minor, currency from processor_movement where booked_at is null
order by happened_at, id
"""
BOOKED: Final = "update processor_movement set booked_at = :now where id = :id and booked_at is null"
TAKE_PAYOUT: Final = """
insert into processor_payout (id, amount_minor, currency, status, arrives_at, seen_at)
values (:id, :amount_minor, :currency, :status, :arrives_at, :now)
on conflict (id) do update set status = excluded.status, arrives_at = excluded.arrives_at
"""
INTO_PAYOUT: Final = "update processor_movement set payout_id = :payout_id where id = any (:ids)"
COUNTED: Final = "update processor_payout set movements_minor = :movements_minor where id = :id"
UNCOUNTED: Final = "select id, amount_minor, currency from processor_payout where movements_minor is null"
LAST_PAYOUT: Final = "select max(arrives_at) from processor_payout"

AT_PROCESSOR: Final = """
select currency, kind, sum(amount_minor)::bigint as amount_minor, sum(fee_minor)::bigint as fee_minor
from processor_movement group by currency, kind
"""
IN_BOOKS: Final = """
select p.currency, p.kind, sum(e.amount_minor)::bigint as amount_minor
from ledger_entry e join ledger_posting p on p.id = e.posting_id where e.account = 'processor'
group by p.currency, p.kind
"""
LOOK: Final = """
insert into reconciliation (id, currency, made_at, at_processor_minor, in_books_minor)
values (:id, :currency, :now, :at_processor_minor, :in_books_minor)
"""
PART: Final = """
insert into reconciliation_part (reconciliation_id, kind, at_processor_minor, in_books_minor)
values (:id, :kind, :at_processor_minor, :in_books_minor)
"""
LAST_LOOKS: Final = """
select distinct on (r.currency) r.id, r.currency, r.made_at, r.at_processor_minor, r.in_books_minor
from reconciliation r order by r.currency, r.made_at desc
"""
PARTS: Final = """
select kind, at_processor_minor, in_books_minor from reconciliation_part where reconciliation_id = :id
"""
UNMATCHED: Final = """
select m.id, m.amount_minor, m.currency from processor_movement m
where m.kind in ('charge', 'payment') and m.happened_at < :before and not exists (
  select from payment_attempt a where a.intent_id = m.intent_id and a.status = 'paid'
    and a.amount_minor = m.amount_minor and a.currency = m.currency)
"""
MATCHED: Final = """
select x.id, x.ref from money_matter x join processor_movement m on m.id = x.ref
join payment_attempt a on a.intent_id = m.intent_id and a.status = 'paid' and a.amount_minor = m.amount_minor
where x.kind = 'unmatched' and x.resolved_at is null
"""

UNHEARD: Final = "select event_id from processor_event where done_at is null and received_at < :before limit 200"
HEARD: Final = """
select x.ref from money_matter x join processor_event e on e.event_id = x.ref
where x.kind = 'unheard' and x.resolved_at is null and e.done_at is not null
"""

ATTEMPT: Final = """
select id, patient_id, confidentiality, status from payment_attempt where intent_id = :intent_id and intent_id <> ''
"""
SHARES: Final = "select invoice_id from payment_share where attempt_id = :id order by invoice_id"
LOCK_DISPUTE: Final = "select pg_advisory_xact_lock(hashtextextended('dispute:' || cast(:dispute_id as text), 0))"
DISPUTE: Final = """
select id, attempt_id, patient_id, confidentiality, status from payment_dispute where dispute_id = :dispute_id
"""
OPEN_DISPUTE: Final = """
insert into payment_dispute (id, dispute_id, attempt_id, patient_id, confidentiality, amount_minor, currency, status,
  opened_at, respond_by)
values (:id, :dispute_id, :attempt_id, :patient_id, :confidentiality, :amount_minor, :currency, 'open', :opened_at,
  :respond_by)
"""
DECIDE_DISPUTE: Final = """
update payment_dispute set status = :status, decided_at = :now where id = :id and status = 'open'
"""
STANDING: Final = """
select p.request_key, p.patient_id, p.currency, e.invoice_id, e.account, e.amount_minor
from ledger_posting p join ledger_entry e on e.posting_id = p.id where p.request_key = any (:keys)
"""
IS_DISPUTED: Final = "select exists (select from payment_dispute where attempt_id = :id and status = 'open')"

FILE: Final = """
insert into money_matter (id, kind, ref, patient_id, confidentiality, amount_minor, currency, opened_at, act_by)
values (:id, :kind, :ref, :patient_id, :confidentiality, :amount_minor, :currency, :now, :act_by)
on conflict do nothing
"""
SETTLE: Final = """
update money_matter set resolved_at = :now, resolution = :resolution where kind = :kind and ref = :ref
  and resolved_at is null
"""
MATTERS: Final = """
select m.id, m.kind, m.ref, m.patient_id, m.amount_minor, m.currency, m.opened_at, m.act_by, m.seen_at, m.resolved_at,
  m.resolved_by, m.resolution, coalesce(public.billed_name(m.patient_id, m.confidentiality), '') as patient_name
from money_matter m
where (m.resolved_at is null) = :is_open
order by m.resolved_at desc nulls last, m.act_by nulls last, m.opened_at, m.id limit 100
"""
SEE: Final = """
update money_matter set seen_at = :now, seen_by = :person_id where id = :id and seen_at is null and resolved_at is null
"""
RESOLVE: Final = """
update money_matter set resolved_at = :now, resolved_by = :person_id, resolution = :resolution,
  seen_at = coalesce(seen_at, :now), seen_by = coalesce(seen_by, :person_id)
where id = :id and resolved_at is null
"""
MATTER: Final = "select kind, ref, patient_id, resolved_at from money_matter where id = :id"
PAYOUTS: Final = """
select id, amount_minor, currency, status, arrives_at, movements_minor from processor_payout
order by arrives_at desc, id limit 30
"""
ZONE: Final = "select zone from location order by name, id limit 1"
JOURNAL: Final = """
select p.made_at, p.kind, e.account, coalesce(i.number::text, '') as bill, e.amount_minor, p.currency
from ledger_entry e join ledger_posting p on p.id = e.posting_id left join invoice i on i.id = e.invoice_id
where p.made_at >= :since and p.made_at < :until
order by p.made_at, p.id, e.line
"""

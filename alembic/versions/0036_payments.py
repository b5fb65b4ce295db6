"""Attempts at paying, what Stripe told, methods kept and plans of instalments.

Why it is built so: docs/decisions/0071-paying.md.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# Money at the processor, its fees, the practice's bank, what a patient has too much, and what a bank disputes. Payouts
# and fees are of nobody's chart; a patient's credit is of no bill.
WIDER_BOOKS = """
alter table ledger_posting alter column patient_id drop not null,
  drop constraint ledger_posting_kind,
  add constraint ledger_posting_kind check (
    kind in ('charge', 'insurance', 'adjustment', 'write_off', 'payment', 'correction', 'online_payment', 'refund',
      'dispute', 'dispute_won', 'dispute_lost', 'payout', 'fee', 'void', 'credit', 'credit_used')),
  add constraint ledger_posting_whose check (patient_id is not null or kind in ('payout', 'fee', 'correction'));
alter table ledger_entry alter column patient_id drop not null, alter column invoice_id drop not null,
  drop constraint ledger_entry_account,
  add constraint ledger_entry_account check (
    account in ('receivable', 'revenue', 'insurance', 'adjustment', 'write_off', 'desk', 'processor', 'fee', 'bank',
      'credit', 'disputed')),
  add constraint ledger_entry_bill check (invoice_id is not null or account not in ('receivable', 'revenue'));

create or replace function guard_entry() returns trigger language plpgsql as $$
begin
  if not exists (
    select from public.ledger_posting p left join public.invoice i on i.id = new.invoice_id
    where p.id = new.posting_id and p.mark = pg_current_xact_id()::text::bigint
      and p.patient_id is not distinct from new.patient_id
      and case when new.invoice_id is null then new.confidentiality = p.confidentiality
        else i.patient_id = new.patient_id and i.currency = p.currency and i.confidentiality = new.confidentiality end
  ) then
    raise insufficient_privilege using message = 'an entry belongs to a posting of this transaction and to its bill';
  end if;
  return new;
end $$;

create or replace function announce_posting() returns trigger language plpgsql as $$
begin
  perform public.note_change(variadic array_remove(array['bills:' || new.patient_id, 'charges'], null));
  return null;
end $$;

create function sees_books(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return case when p_patient is not null then public.sees_bills('view', p_patient, p_confidentiality)
    else public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing')) end;

create function writes_books(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return case when p_patient is not null then public.keeps_books(p_patient, p_confidentiality)
    else public.actor_has('system') end;

alter policy ledger_posting_view on ledger_posting using (public.sees_books(patient_id, confidentiality));
alter policy ledger_posting_add on ledger_posting with check (public.writes_books(patient_id, confidentiality));
alter policy ledger_entry_view on ledger_entry using (public.sees_books(patient_id, confidentiality));
alter policy ledger_entry_add on ledger_entry with check (public.writes_books(patient_id, confidentiality));
"""

# One attempt is one payment at the processor, which knows it by its random id alone. Who pays never marks it paid: only
# the system does, after asking the processor.
ATTEMPTS = """
create table payment_attempt (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint payment_attempt_confidentiality check (confidentiality in ('N', 'R', 'V')),
  purpose text not null constraint payment_attempt_purpose check (purpose in ('bills', 'copay', 'instalment')),
  via text not null constraint payment_attempt_via check (via in ('portal', 'link', 'plan')),
  amount_minor bigint not null constraint payment_attempt_amount check (amount_minor between 1 and 100000000000),
  currency text not null constraint payment_attempt_currency check (currency ~ '^[A-Z]{3}$'),
  status text not null constraint payment_attempt_status check (
    status in ('new', 'open', 'processing', 'paid', 'failed', 'expired', 'replaced')),
  request_key uuid not null, person_id uuid references person, locale text not null, keeps_method boolean not null,
  customer_id text, session_id text, session_url text, intent_id text, problem text,
  created_at timestamptz not null, expires_at timestamptz not null, checked_at timestamptz, settled_at timestamptz,
  constraint payment_attempt_request unique (request_key),
  constraint payment_attempt_session unique (session_id),
  constraint payment_attempt_intent unique (intent_id),
  constraint payment_attempt_payer check (via = 'link' or person_id is not null)
);
create unique index payment_attempt_one_open on payment_attempt (patient_id)
  where status in ('new', 'open') and via <> 'plan';
create index payment_attempt_pending on payment_attempt (checked_at)
  where status in ('new', 'open', 'processing', 'replaced');
create index ix_payment_attempt_patient_id on payment_attempt (patient_id, created_at);

alter table payment_attempt enable row level security;
alter table payment_attempt force row level security;
create policy payment_attempt_view on payment_attempt for select using (
  public.sees_bills('view', patient_id, confidentiality));
create policy payment_attempt_make on payment_attempt for insert with check (
  public.actor_has('system') or (public.actor_patient() = patient_id
    and public.sees_bills('act', patient_id, confidentiality) and person_id = public.actor_person()
    and status = 'new' and via = 'portal'));
create policy payment_attempt_go_on on payment_attempt for update using (public.actor_has('system'));
grant select, insert, update (status, session_id, session_url, intent_id, customer_id, problem, checked_at, settled_at)
  on payment_attempt to portal_app;

-- What of an attempt is for which bill.
create table payment_share (
  attempt_id uuid not null references payment_attempt, invoice_id uuid not null references invoice,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint payment_share_confidentiality check (confidentiality in ('N', 'R', 'V')),
  amount_minor bigint not null constraint payment_share_amount check (amount_minor between 1 and 100000000000),
  primary key (attempt_id, invoice_id)
);
create index ix_payment_share_invoice_id on payment_share (invoice_id);
create index ix_payment_share_patient_id on payment_share (patient_id);
alter table payment_share enable row level security;
alter table payment_share force row level security;
create policy payment_share_view on payment_share for select using (
  public.sees_bills('view', patient_id, confidentiality));
create policy payment_share_make on payment_share for insert with check (
  (public.actor_has('system') or (public.actor_patient() = patient_id
    and public.sees_bills('act', patient_id, confidentiality)))
  and exists (select from public.payment_attempt a where a.id = attempt_id and a.patient_id = payment_share.patient_id
    and a.status = 'new')
  and exists (select from public.invoice i where i.id = invoice_id and i.patient_id = payment_share.patient_id
    and i.confidentiality = payment_share.confidentiality));
grant select, insert on payment_share to portal_app;

-- A chart has one open attempt, whoever began it: the older ones give way, and their pages at the processor are closed.
create function replace_attempts(p_patient uuid) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not (actor_has('system') or (actor_patient() = p_patient and sees_bills('act', p_patient, 'N'))) then
    raise insufficient_privilege using message = 'who does not pay for a chart closes no payment of it';
  end if;
  perform set_config('portal.maintenance', 'payments', true);
  perform pg_advisory_xact_lock(hashtextextended('account:' || p_patient::text, 0));
  update payment_attempt set status = 'replaced'
    where patient_id = p_patient and status in ('new', 'open') and via <> 'plan';
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function replace_attempts(uuid) from public;
grant execute on function replace_attempts(uuid) to portal_app;

-- A bill that is taken back is paid no more: what is open for it gives way as well.
create function replace_attempts_of_bill(p_invoice uuid) returns setof uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'payments', true);
  if not exists (select from invoice i where i.id = p_invoice and keeps_books(i.patient_id, i.confidentiality)) then
    raise insufficient_privilege using message = 'who does not keep the books closes no payment of a bill';
  end if;
  return query update payment_attempt a set status = 'replaced' where a.status in ('new', 'open')
    and exists (select from payment_share s where s.attempt_id = a.id and s.invoice_id = p_invoice) returning a.id;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function replace_attempts_of_bill(uuid) from public;
grant execute on function replace_attempts_of_bill(uuid) to portal_app;

create function follow_bill_shares() returns trigger language plpgsql as $$
begin
  update public.payment_share set confidentiality = new.confidentiality where invoice_id = new.id;
  return null;
end $$;
create trigger invoice_confidentiality_of_shares after update of confidentiality on invoice
  for each row when (old.confidentiality is distinct from new.confidentiality) execute function follow_bill_shares();

create function announce_attempt() returns trigger language plpgsql as $$
begin
  perform public.note_change('bills:' || new.patient_id, 'charges');
  return null;
end $$;
create trigger payment_attempt_announced after update of status on payment_attempt
  for each row when (old.status is distinct from new.status) execute function announce_attempt();
"""

# What the processor told, as facts: no name, no address, nothing of the payer's is kept.
TOLD = """
create table processor_event (
  id uuid primary key, event_id text not null, type text not null, object_id text not null,
  attempt text not null default '', amount_minor bigint, currency text not null default '', is_live boolean not null,
  happened_at timestamptz not null, received_at timestamptz not null,
  found_by text not null constraint processor_event_found_by check (found_by in ('webhook', 'poll')),
  outcome text not null default '', done_at timestamptz,
  constraint processor_event_once unique (event_id)
);
create index processor_event_waiting on processor_event (received_at) where done_at is null;
alter table processor_event enable row level security;
alter table processor_event force row level security;
create policy processor_event_view on processor_event for select using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing')));
create policy processor_event_take on processor_event for insert with check (public.actor_has('system'));
create policy processor_event_done on processor_event for update using (public.actor_has('system'));
grant select, insert, update (outcome, done_at) on processor_event to portal_app;

create table quarantined_payment (
  id uuid primary key, attempt_id uuid references payment_attempt, object_id text not null, reason text not null
    constraint quarantined_payment_reason check (reason in ('amount', 'currency', 'mode', 'attempt')),
  amount_minor bigint, currency text not null default '', is_live boolean not null, seen_at timestamptz not null,
  resolved_at timestamptz, resolved_by uuid references person, resolution text,
  constraint quarantined_payment_once unique (object_id, reason)
);
alter table quarantined_payment enable row level security;
alter table quarantined_payment force row level security;
create policy quarantined_payment_view on quarantined_payment for select using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing')));
create policy quarantined_payment_put on quarantined_payment for insert with check (public.actor_has('system'));
create policy quarantined_payment_solve on quarantined_payment for update using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing')));
grant select, insert, update (resolved_at, resolved_by, resolution) on quarantined_payment to portal_app;
select set_config('portal.maintenance', '0036', true);
insert into task_kind (code, roles, is_open_to_patient) values
  ('payment_quarantined', '{billing}', false), ('payment_surplus', '{billing}', false);
select set_config('portal.maintenance', '', true);
"""

# Methods kept at the processor: of one person for one chart, and only where they ticked it.
PAYERS = """
create table payment_customer (
  id uuid primary key, patient_id uuid not null references patient, person_id uuid not null references person,
  confidentiality text not null default 'N'
    constraint payment_customer_confidentiality check (confidentiality in ('N', 'R', 'V')),
  customer_id text, made_at timestamptz not null,
  constraint payment_customer_once unique (patient_id, person_id),
  constraint payment_customer_id unique (customer_id)
);
alter table payment_customer enable row level security;
alter table payment_customer force row level security;
create policy payment_customer_view on payment_customer for select using (
  public.actor_has('system') or (person_id = public.actor_person()
    and public.sees_bills('view', patient_id, confidentiality)));
create policy payment_customer_make on payment_customer for insert with check (
  public.actor_has('system') or (person_id = public.actor_person() and customer_id is null
    and public.sees_bills('act', patient_id, confidentiality)));
create policy payment_customer_known on payment_customer for update using (public.actor_has('system'));
grant select, insert, update (customer_id) on payment_customer to portal_app;
"""

# A plan begins with its first payment, on which the method is kept. Each try of an instalment is an attempt whose id
# follows from the instalment and the number of the try: a job that runs twice asks for the same charge.
PLANS = """
create table payment_plan (
  id uuid primary key, patient_id uuid not null references patient, person_id uuid not null references person,
  confidentiality text not null default 'N'
    constraint payment_plan_confidentiality check (confidentiality in ('N', 'R', 'V')),
  currency text not null constraint payment_plan_currency check (currency ~ '^[A-Z]{3}$'),
  total_minor bigint not null constraint payment_plan_total check (total_minor between 1 and 100000000000),
  status text not null constraint payment_plan_status check (
    status in ('new', 'active', 'paused', 'cancelled', 'done')),
  customer_id text, method_id text, paused_because text not null default '',
  begun_at timestamptz not null, changed_at timestamptz not null
);
create unique index payment_plan_one_running on payment_plan (patient_id) where status in ('active', 'paused');
alter table payment_plan enable row level security;
alter table payment_plan force row level security;
create policy payment_plan_view on payment_plan for select using (
  public.sees_bills('view', patient_id, confidentiality));
create policy payment_plan_begin on payment_plan for insert with check (
  public.actor_patient() = patient_id and public.sees_bills('act', patient_id, confidentiality)
  and person_id = public.actor_person() and status = 'new');
create policy payment_plan_go_on on payment_plan for update using (
  public.actor_has('system') or (public.actor_patient() = patient_id
    and public.sees_bills('act', patient_id, confidentiality)));
grant select, insert, update (status, customer_id, method_id, paused_because, changed_at) on payment_plan to portal_app;

create table plan_instalment (
  id uuid primary key, plan_id uuid not null references payment_plan, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint plan_instalment_confidentiality check (confidentiality in ('N', 'R', 'V')),
  number smallint not null, amount_minor bigint not null
    constraint plan_instalment_amount check (amount_minor between 1 and 100000000000),
  due_on date not null, status text not null
    constraint plan_instalment_status check (status in ('planned', 'charging', 'paid', 'skipped')),
  tries smallint not null default 0, noticed_at timestamptz, attempt_id uuid references payment_attempt,
  constraint plan_instalment_once unique (plan_id, number),
  constraint plan_instalment_attempt unique (attempt_id)
);
create index plan_instalment_due on plan_instalment (due_on) where status in ('planned', 'charging');
alter table plan_instalment enable row level security;
alter table plan_instalment force row level security;
create policy plan_instalment_view on plan_instalment for select using (
  public.sees_bills('view', patient_id, confidentiality));
create policy plan_instalment_begin on plan_instalment for insert with check (
  public.actor_patient() = patient_id and public.sees_bills('act', patient_id, confidentiality) and exists (
    select from public.payment_plan p where p.id = plan_id and p.patient_id = plan_instalment.patient_id
      and p.status = 'new'));
create policy plan_instalment_go_on on plan_instalment for update using (public.actor_has('system'));
grant select, insert, update (status, due_on, tries, noticed_at, attempt_id) on plan_instalment to portal_app;
create trigger payment_plan_announced after update of status on payment_plan
  for each row when (old.status is distinct from new.status) execute function announce_attempt();
"""

NARROWER_BOOKS = """
alter policy ledger_posting_view on ledger_posting using (public.sees_bills('view', patient_id, confidentiality));
alter policy ledger_posting_add on ledger_posting with check (public.keeps_books(patient_id, confidentiality));
alter policy ledger_entry_view on ledger_entry using (public.sees_bills('view', patient_id, confidentiality));
alter policy ledger_entry_add on ledger_entry with check (public.keeps_books(patient_id, confidentiality));
drop function sees_books(uuid, text), writes_books(uuid, text);

create or replace function announce_posting() returns trigger language plpgsql as $$
begin
  perform public.note_change('bills:' || new.patient_id, 'charges');
  return null;
end $$;

create or replace function guard_entry() returns trigger language plpgsql as $$
begin
  if not exists (
    select from public.ledger_posting p join public.invoice i on i.id = new.invoice_id
    where p.id = new.posting_id and p.mark = pg_current_xact_id()::text::bigint and p.patient_id = new.patient_id
      and i.patient_id = new.patient_id and i.currency = p.currency and i.confidentiality = new.confidentiality
  ) then
    raise insufficient_privilege using message = 'an entry belongs to a posting of this transaction and to its bill';
  end if;
  return new;
end $$;

alter table ledger_entry alter column patient_id set not null, alter column invoice_id set not null,
  drop constraint ledger_entry_bill, drop constraint ledger_entry_account,
  add constraint ledger_entry_account check (
    account in ('receivable', 'revenue', 'insurance', 'adjustment', 'write_off', 'desk'));
alter table ledger_posting alter column patient_id set not null,
  drop constraint ledger_posting_whose, drop constraint ledger_posting_kind,
  add constraint ledger_posting_kind check (
    kind in ('charge', 'insurance', 'adjustment', 'write_off', 'payment', 'correction'));
"""


def upgrade() -> None:
    """Make room for money that moves online."""
    for script in (WIDER_BOOKS, ATTEMPTS, TOLD, PAYERS, PLANS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Keep books of the desk alone."""
    op.execute("""
    drop trigger invoice_confidentiality_of_shares on invoice;
    drop table plan_instalment, payment_plan, payment_customer, quarantined_payment, processor_event, payment_share,
      payment_attempt
      cascade;
    select set_config('portal.maintenance', '0036', true);
    delete from task where code in ('payment_quarantined', 'payment_surplus');
    delete from task_kind where code in ('payment_quarantined', 'payment_surplus');
    select set_config('portal.maintenance', '', true);
    drop function replace_attempts(uuid), replace_attempts_of_bill(uuid), follow_bill_shares(), announce_attempt();
    """)
    op.execute(NARROWER_BOOKS)

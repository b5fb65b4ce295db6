"""Questions about bills, statements in batches, bills taken back and money given back.

Why it is built so: docs/decisions/0074-billing-desk.md.
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# What somebody asks about a bill, or about money at all, and what they were told. `line` is the amount it is about, as
# it stood then. Without a bill it is a wish for help that whoever asked reads alone, because nothing says how private.
QUESTIONS = """
create table bill_question (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint bill_question_confidentiality check (confidentiality in ('N', 'R', 'V')),
  invoice_id uuid references invoice,
  kind text not null constraint bill_question_kind check (kind in ('unclear', 'wrong', 'help')),
  line text not null default '' constraint bill_question_line check (
    line in ('', 'charged', 'insured', 'reduced', 'paid', 'owed')),
  line_minor bigint, words text not null,
  status text not null default 'new' constraint bill_question_status check (status in ('new', 'answered', 'closed')),
  outcome text not null default '' constraint bill_question_outcome check (outcome in ('', 'spoken', 'taken_back')),
  asked_by uuid not null references person, asked_at timestamptz not null default now(),
  due_at timestamptz not null, zone text not null,
  answer text, ended_at timestamptz, ended_by uuid references person,
  constraint bill_question_ended check ((status = 'new') = (ended_at is null)),
  constraint bill_question_answered check ((status = 'answered') = (answer is not null)),
  constraint bill_question_closed check ((status = 'closed') = (outcome <> '')),
  constraint bill_question_about check (invoice_id is not null or (kind = 'help' and line = ''))
);
create index ix_bill_question_patient_id on bill_question (patient_id, asked_at);
create index bill_question_of_bill on bill_question (invoice_id) where status = 'new';
create index bill_question_ended_at on bill_question (ended_at);

alter table bill_question enable row level security;
alter table bill_question force row level security;
create policy bill_question_view on bill_question for select using (
  public.sees_bills('view', patient_id, confidentiality)
  and (invoice_id is not null or asked_by = public.actor_person() or public.actor_patient() is null));
create policy bill_question_ask on bill_question for insert with check (
  patient_id = public.actor_patient() and asked_by = public.actor_person() and status = 'new'
  and public.may('act', 'bills', patient_id, confidentiality)
  and (invoice_id is null or exists (select from public.invoice i where i.id = invoice_id
    and i.patient_id = bill_question.patient_id and i.confidentiality = bill_question.confidentiality)));
create policy bill_question_end on bill_question for update using (
  public.keeps_books(patient_id, confidentiality)) with check (public.keeps_books(patient_id, confidentiality));
grant select, insert, update (status, outcome, answer, ended_at, ended_by) on bill_question to portal_app;

select set_config('portal.maintenance', '0039', true);
insert into task_kind (code, roles, is_open_to_patient) values ('bill_question', '{billing}', true);
select set_config('portal.maintenance', '', true);

create function announce_bill_question() returns trigger language plpgsql as $$
begin
  perform public.note_change('bills:' || new.patient_id, 'charges');
  return null;
end $$;
create trigger bill_question_announced after insert or update on bill_question
  for each row execute function announce_bill_question();

-- What is asked about a bill is as private as the bill, and both as the visit.
create function follow_bill() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update bill_question set confidentiality = new.confidentiality where invoice_id = new.id;
  update refund set confidentiality = new.confidentiality where invoice_id = new.id;
  update statement s set confidentiality = new.confidentiality where new.confidentiality <> 'N'
    and s.confidentiality = 'N'
    and exists (select from statement_bill b where b.statement_id = s.id and b.invoice_id = new.id);
  update statement_bill b set confidentiality = s.confidentiality from statement s
    where s.id = b.statement_id and b.confidentiality <> s.confidentiality
      and exists (select from statement_bill o where o.statement_id = s.id and o.invoice_id = new.id);
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function follow_bill() from public;
create trigger invoice_confidentiality_of_questions after update of confidentiality on invoice
  for each row when (old.confidentiality is distinct from new.confidentiality) execute function follow_bill();
"""

# A bill that was taken back stays, with what undid it in the books.
VOID = """
alter table invoice add voided_at timestamptz;
create policy invoice_void on invoice for update using (public.keeps_books(patient_id, confidentiality))
  with check (public.keeps_books(patient_id, confidentiality));
grant update (voided_at) on invoice to portal_app;
"""

# Money given back, always of one payment; what is pending or done counts against it, what failed does not.
REFUNDS = """
create table refund (
  id uuid primary key, payment_id uuid not null references ledger_posting, invoice_id uuid not null references invoice,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint refund_confidentiality check (confidentiality in ('N', 'R', 'V')),
  amount_minor bigint not null constraint refund_amount check (amount_minor between 1 and 100000000000),
  channel text not null constraint refund_channel check (channel in ('desk', 'stripe')),
  status text not null constraint refund_status check (status in ('pending', 'succeeded', 'failed')),
  is_owed_again boolean not null, reason text not null,
  asked_by uuid not null references person, asked_at timestamptz not null default now(),
  ended_at timestamptz, posting_id uuid references ledger_posting, processor_ref text,
  constraint refund_ended check ((status = 'pending') = (ended_at is null)),
  constraint refund_posted check ((status = 'succeeded') = (posting_id is not null)),
  constraint refund_processor_ref unique (processor_ref)
);
create index refund_of_payment on refund (payment_id);
create index refund_of_bill on refund (invoice_id);
create index ix_refund_patient_id on refund (patient_id);
alter table refund enable row level security;
alter table refund force row level security;
create policy refund_view on refund for select using (public.sees_bills('view', patient_id, confidentiality));
create policy refund_ask on refund for insert with check (
  public.keeps_books(patient_id, confidentiality) and asked_by = public.actor_person()
  and exists (select from public.ledger_entry e where e.posting_id = payment_id and e.invoice_id = refund.invoice_id
    and e.patient_id = refund.patient_id and e.confidentiality = refund.confidentiality));
create policy refund_end on refund for update using (public.keeps_books(patient_id, confidentiality))
  with check (public.keeps_books(patient_id, confidentiality));
grant select, insert, update (status, ended_at, posting_id, processor_ref) on refund to portal_app;
create function announce_refund() returns trigger language plpgsql as $$
begin
  perform public.note_change('bills:' || new.patient_id, 'charges');
  return null;
end $$;
create trigger refund_announced after insert or update on refund for each row execute function announce_refund();
"""

# What the practice itself says about help with money, by language, and how much billing gives back by itself: whole
# units of whatever currency a bill is in.
RULES = """
create table billing_rule (
  id boolean primary key default true constraint billing_rule_one check (id),
  help_words jsonb not null default '{}', refund_limit integer not null default 100
    constraint billing_rule_refund_limit check (refund_limit between 0 and 1000000),
  changed_by uuid not null references person, changed_at timestamptz not null default now()
);
alter table billing_rule enable row level security;
alter table billing_rule force row level security;
create policy billing_rule_view on billing_rule for select using (
  public.actor_person() is not null or public.actor_has('system'));
create policy billing_rule_make on billing_rule for insert with check (
  changed_by = public.actor_person() and (public.actor_has('manager') or public.actor_has('system')));
create policy billing_rule_change on billing_rule for update using (
  public.actor_has('manager') or public.actor_has('system')) with check (changed_by = public.actor_person());
grant select, insert, update (help_words, refund_limit, changed_by, changed_at) on billing_rule to portal_app;
"""

# What an account was told. What is private stands on a statement of its own, and a statement on which a visit stands
# that is made private later becomes as private.
STATEMENTS = """
create table statement_batch (
  id uuid primary key, month date not null constraint statement_batch_month check (extract(day from month) = 1),
  status text not null default 'running' constraint statement_batch_status check (
    status in ('running', 'done', 'cancelled')),
  total integer not null, done integer not null default 0, made integer not null default 0, after_patient uuid,
  asked_by uuid not null references person, asked_at timestamptz not null default now(), ended_at timestamptz,
  constraint statement_batch_ended check ((status = 'running') = (ended_at is null))
);
create unique index statement_batch_one_running on statement_batch (status) where status = 'running';
create index statement_batch_asked_at on statement_batch (asked_at);
alter table statement_batch enable row level security;
alter table statement_batch force row level security;
create policy statement_batch_view on statement_batch for select using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing')));
create policy statement_batch_start on statement_batch for insert with check (
  asked_by = public.actor_person() and public.actor_patient() is null and public.actor_has('billing'));
create policy statement_batch_go on statement_batch for update using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing')));
grant select, insert, update (status, done, made, after_patient, ended_at) on statement_batch to portal_app;

create table statement (
  id uuid primary key, number bigint not null generated always as identity (start with 1001),
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint statement_confidentiality check (confidentiality in ('N', 'R', 'V')),
  currency text not null constraint statement_currency check (currency ~ '^[A-Z]{3}$'),
  from_on date not null, until_on date not null, owed_minor bigint not null, locale text not null,
  content text not null, batch_id uuid references statement_batch,
  made_by uuid not null references person, made_at timestamptz not null default now(),
  constraint statement_period check (from_on <= until_on)
);
create unique index statement_number on statement (number);
create index ix_statement_patient_id on statement (patient_id, made_at);
alter table statement enable row level security;
alter table statement force row level security;
create policy statement_view on statement for select using (public.sees_bills('view', patient_id, confidentiality));
create policy statement_make on statement for insert with check (
  made_by = public.actor_person() and public.sees_bills('view', patient_id, confidentiality));
grant select, insert on statement to portal_app;

create table statement_bill (
  statement_id uuid not null references statement, invoice_id uuid not null references invoice,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint statement_bill_confidentiality check (confidentiality in ('N', 'R', 'V')),
  primary key (statement_id, invoice_id)
);
create index statement_bill_invoice on statement_bill (invoice_id);
alter table statement_bill enable row level security;
alter table statement_bill force row level security;
create policy statement_bill_view on statement_bill for select using (
  public.sees_bills('view', patient_id, confidentiality));
create policy statement_bill_make on statement_bill for insert with check (
  public.sees_bills('view', patient_id, confidentiality)
  and exists (select from public.invoice i where i.id = invoice_id and i.patient_id = statement_bill.patient_id
    and (i.confidentiality = 'N') = (statement_bill.confidentiality = 'N'))
  and exists (select from public.statement s where s.id = statement_id and s.patient_id = statement_bill.patient_id
    and s.confidentiality = statement_bill.confidentiality));
grant select, insert on statement_bill to portal_app;

create function announce_statement() returns trigger language plpgsql as $$
begin
  perform public.note_change('bills:' || new.patient_id);
  return null;
end $$;
create trigger statement_announced after insert on statement for each row execute function announce_statement();
create function announce_statement_batch() returns trigger language plpgsql as $$
begin
  perform public.note_change('statements');
  return null;
end $$;
create trigger statement_batch_announced after insert or update on statement_batch
  for each row execute function announce_statement_batch();
"""


def upgrade() -> None:
    """Give billing its desk."""
    for script in (QUESTIONS, VOID, REFUNDS, RULES, STATEMENTS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Take it all back."""
    op.execute("""
    drop trigger invoice_confidentiality_of_questions on invoice;
    select set_config('portal.maintenance', '0039', true);
    delete from task where code = 'bill_question';
    delete from task_kind where code = 'bill_question';
    select set_config('portal.maintenance', '', true);
    drop table statement_bill, statement, statement_batch, billing_rule, refund, bill_question cascade;
    drop policy invoice_void on invoice;
    alter table invoice drop column voided_at;
    drop function announce_statement_batch(), announce_statement(), announce_refund(), follow_bill(),
      announce_bill_question();
    """)

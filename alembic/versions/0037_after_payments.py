"""Disputes, payouts and what is counted against them each day.

Why it is built so: docs/decisions/0072-money-that-comes-and-goes.md.
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# What moved on the practice's account with the processor, as it tells it. Nothing of a payer's is in it.
MOVEMENTS = """
create table processor_movement (
  id text primary key, kind text not null, source_id text not null default '', intent_id text not null default '',
  amount_minor bigint not null, fee_minor bigint not null,
  currency text not null constraint processor_movement_currency check (currency ~ '^[A-Z]{3}$'),
  happened_at timestamptz not null, payout_id text not null default '', booked_at timestamptz
);
create index processor_movement_payout on processor_movement (payout_id) where payout_id <> '';
create index processor_movement_unbooked on processor_movement (happened_at) where booked_at is null;
create index processor_movement_intent on processor_movement (intent_id) where intent_id <> '';

create table processor_payout (
  id text primary key, amount_minor bigint not null,
  currency text not null constraint processor_payout_currency check (currency ~ '^[A-Z]{3}$'),
  status text not null, arrives_at timestamptz not null, seen_at timestamptz not null,
  movements_minor bigint
);
create index processor_payout_arrives_at on processor_payout (arrives_at);
"""

# One look at the account: what is there by the processor's word and by the books, and by which kinds they differ.
LOOKS = """
create table reconciliation (
  id uuid primary key, currency text not null constraint reconciliation_currency check (currency ~ '^[A-Z]{3}$'),
  made_at timestamptz not null, at_processor_minor bigint not null, in_books_minor bigint not null
);
create index reconciliation_made_at on reconciliation (made_at);
create table reconciliation_part (
  reconciliation_id uuid not null references reconciliation on delete cascade,
  kind text not null constraint reconciliation_part_kind check (
    kind in ('payments', 'refunds', 'disputes', 'payouts', 'fees', 'other')),
  at_processor_minor bigint not null, in_books_minor bigint not null,
  primary key (reconciliation_id, kind)
);
"""

DISPUTES = """
create table payment_dispute (
  id uuid primary key, dispute_id text not null, attempt_id uuid, patient_id uuid references patient,
  confidentiality text not null default 'N'
    constraint payment_dispute_confidentiality check (confidentiality in ('N', 'R', 'V')),
  amount_minor bigint not null constraint payment_dispute_amount check (amount_minor > 0),
  currency text not null constraint payment_dispute_currency check (currency ~ '^[A-Z]{3}$'),
  status text not null constraint payment_dispute_status check (status in ('open', 'won', 'lost')),
  opened_at timestamptz not null, respond_by timestamptz, decided_at timestamptz,
  constraint payment_dispute_once unique (dispute_id),
  constraint payment_dispute_whose check ((attempt_id is null) = (patient_id is null))
);
create index payment_dispute_open on payment_dispute (attempt_id) where status = 'open';
create index ix_payment_dispute_patient_id on payment_dispute (patient_id);
"""

# What somebody of billing has to look at. Once for each thing, and it stays when it is settled.
MATTERS = """
create table money_matter (
  id uuid primary key, kind text not null constraint money_matter_kind check (
    kind in ('quarantined', 'dispute', 'dispute_won', 'dispute_lost', 'payout_failed', 'payout_differs', 'unmatched',
      'drift', 'unheard')),
  ref text not null, patient_id uuid references patient,
  confidentiality text not null default 'N'
    constraint money_matter_confidentiality check (confidentiality in ('N', 'R', 'V')),
  amount_minor bigint, currency text not null default '',
  opened_at timestamptz not null default now(), act_by timestamptz, seen_at timestamptz,
  seen_by uuid references person, resolved_at timestamptz, resolved_by uuid references person, resolution text,
  constraint money_matter_once unique (kind, ref),
  constraint money_matter_resolved check ((resolved_at is null) = (resolution is null))
);
create index money_matter_open on money_matter (opened_at) where resolved_at is null;
create index ix_money_matter_patient_id on money_matter (patient_id);

create function announce_money() returns trigger language plpgsql as $$
begin
  perform public.note_change('money');
  return null;
end $$;
create trigger money_matter_announced after insert or update on money_matter
  for each row execute function announce_money();
create trigger reconciliation_announced after insert on reconciliation
  for each row execute function announce_money();
"""

# What was set aside is worked on here, and settled in both places at once.
QUARANTINE = """
create function file_quarantined() returns trigger language plpgsql as $$
begin
  insert into public.money_matter (id, kind, ref, amount_minor, currency, opened_at)
  values (new.id, 'quarantined', new.object_id || ' ' || new.reason, new.amount_minor, new.currency, new.seen_at)
  on conflict do nothing;
  return null;
end $$;
create trigger quarantined_payment_filed after insert on quarantined_payment
  for each row execute function file_quarantined();

create function settle_quarantined() returns trigger language plpgsql as $$
begin
  update public.quarantined_payment
    set resolved_at = new.resolved_at, resolved_by = new.resolved_by, resolution = new.resolution
    where id = new.id and resolved_at is null;
  return null;
end $$;
create trigger money_matter_settled after update of resolved_at on money_matter
  for each row when (old.resolved_at is null and new.resolved_at is not null and new.kind = 'quarantined')
  execute function settle_quarantined();
"""

# What is owed is summed over all bills at once, without asking of each row who may see it: that is asked of the few
# that come out, by whoever reads them.
OPEN_BILLS = """
create function open_bill_ids(p_most int) returns setof uuid
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not (actor_has('system') or (actor_patient() is null and actor_has('billing'))) then
    return;
  end if;
  perform set_config('portal.maintenance', 'balances', true);
  return query
    select i.id from (
      select e.invoice_id from ledger_entry e where e.account = 'receivable' and e.invoice_id is not null
      group by e.invoice_id having sum(e.amount_minor) > 0) s
    join invoice i on i.id = s.invoice_id order by i.due_on, i.number limit p_most;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function open_bill_ids(int) from public;
grant execute on function open_bill_ids(int) to portal_app;
"""

FACTS = ("processor_movement", "processor_payout", "reconciliation", "reconciliation_part")
OF_PATIENTS = ("payment_dispute", "money_matter")
COLUMNS = {
    "processor_movement": "kind, amount_minor, fee_minor, payout_id, booked_at",
    "processor_payout": "status, arrives_at, movements_minor",
    "payment_dispute": "status, decided_at, respond_by",
    "money_matter": "seen_at, seen_by, resolved_at, resolved_by, resolution",
}


def upgrade() -> None:
    """Hold the books against the processor's."""
    for script in (MOVEMENTS, LOOKS, DISPUTES, MATTERS, QUARANTINE, OPEN_BILLS):
        op.execute(script)
    for table in (*FACTS, *OF_PATIENTS):
        whose = "patient_id, confidentiality" if table in OF_PATIENTS else "null, 'N'"
        op.execute(f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy {table}_view on {table} for select using (public.sees_books({whose}));
        create policy {table}_add on {table} for insert with check (public.actor_has('system'));
        grant select, insert on {table} to portal_app;
        """)
    for table, columns in COLUMNS.items():
        who = "public.actor_has('system')"
        if table == "money_matter":
            who = f"{who} or (public.actor_patient() is null and public.actor_has('billing'))"
        op.execute(f"create policy {table}_go_on on {table} for update using ({who});")
        op.execute(f"grant update ({columns}) on {table} to portal_app;")
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget what the processor said."""
    op.execute("""
    drop trigger quarantined_payment_filed on quarantined_payment;
    drop table money_matter, payment_dispute, reconciliation_part, reconciliation, processor_payout,
      processor_movement cascade;
    drop function open_bill_ids(int), announce_money(), file_quarantined(), settle_quarantined();
    """)

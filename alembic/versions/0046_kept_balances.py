"""What is owed on a bill is kept beside the ledger, by the ledger's own triggers and by nobody else.

Why it is built so: docs/decisions/0080-kept-balances.md.
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

SUMS = """
  coalesce(sum(e.amount_minor) filter (where e.account = 'receivable'), 0)::bigint as owed_minor,
  coalesce(-sum(e.amount_minor) filter (where e.account = 'revenue'), 0)::bigint as charged_minor,
  coalesce(sum(e.amount_minor) filter (where e.account = 'insurance'), 0)::bigint as insured_minor,
  coalesce(sum(e.amount_minor) filter (where e.account in ('adjustment', 'write_off')), 0)::bigint as reduced_minor,
  coalesce(sum(e.amount_minor) filter (where e.account in ('desk', 'processor', 'credit', 'disputed')), 0)::bigint
    as paid_minor
"""

# What never changes of a bill and what lists are ordered by stands here too, so that a page reads one index.
TABLE = """
create table bill_balance (
  invoice_id uuid primary key references invoice, patient_id uuid not null references patient,
  confidentiality text not null
    constraint bill_balance_confidentiality check (confidentiality in ('N', 'R', 'V')),
  currency text not null, number bigint not null, served_at timestamptz not null, due_on date not null,
  owed_minor bigint not null, charged_minor bigint not null, insured_minor bigint not null,
  reduced_minor bigint not null, paid_minor bigint not null, moved_at timestamptz not null
);
create index ix_bill_balance_patient_id on bill_balance (patient_id, moved_at) include (owed_minor);
create index bill_balance_settled on bill_balance (patient_id, served_at, number) where owed_minor <= 0;
create index bill_balance_open on bill_balance (patient_id, due_on, number)
  include (currency, confidentiality, owed_minor) where owed_minor > 0;
create index bill_balance_due on bill_balance (due_on, number) where owed_minor > 0;
"""

FILL = f"""
insert into bill_balance (invoice_id, patient_id, confidentiality, currency, number, served_at, due_on,
  owed_minor, charged_minor, insured_minor, reduced_minor, paid_minor, moved_at)
select i.id, i.patient_id, i.confidentiality, i.currency, i.number, i.served_at, i.due_on, s.owed_minor,
  s.charged_minor, s.insured_minor, s.reduced_minor, s.paid_minor, s.moved_at
from invoice i join (
  select e.invoice_id, max(p.made_at) as moved_at, {SUMS}
  from ledger_entry e join ledger_posting p on p.id = e.posting_id group by e.invoice_id) s on s.invoice_id = i.id
"""  # noqa: S608 - the words above

# As the owner: who posts to a bill need not be somebody who may write a balance, and nobody is.
KEPT = f"""
create function keep_balances() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'balances', true);
  insert into bill_balance as b (invoice_id, patient_id, confidentiality, currency, number, served_at, due_on,
    owed_minor, charged_minor, insured_minor, reduced_minor, paid_minor, moved_at)
  select i.id, i.patient_id, i.confidentiality, i.currency, i.number, i.served_at, i.due_on, s.owed_minor,
    s.charged_minor, s.insured_minor, s.reduced_minor, s.paid_minor, now()
  from (select e.invoice_id, {SUMS} from added e where e.invoice_id is not null group by e.invoice_id) s
  join invoice i on i.id = s.invoice_id order by i.id
  on conflict (invoice_id) do update set
    owed_minor = b.owed_minor + excluded.owed_minor, charged_minor = b.charged_minor + excluded.charged_minor,
    insured_minor = b.insured_minor + excluded.insured_minor, reduced_minor = b.reduced_minor + excluded.reduced_minor,
    paid_minor = b.paid_minor + excluded.paid_minor, moved_at = greatest(b.moved_at, excluded.moved_at);
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function keep_balances() from public;
create trigger ledger_entry_kept_as_balance after insert on ledger_entry
  referencing new table as added for each statement execute function keep_balances();

create function follow_bill_balance() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update bill_balance set confidentiality = new.confidentiality where invoice_id = new.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function follow_bill_balance() from public;
create trigger invoice_confidentiality_of_balance after update of confidentiality on invoice
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function follow_bill_balance();

-- Below every right, the owner's too: a balance is written from within the triggers above alone.
create function guard_balance() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' or pg_trigger_depth() < 2 then
    raise insufficient_privilege using message = 'a balance follows the ledger; post to the ledger instead';
  end if;
  return null;
end $$;
create trigger bill_balance_guard before insert or update or delete or truncate on bill_balance
  for each statement execute function guard_balance();
"""  # noqa: S608 - the sums above

# The first two conditions compare, and ask once for a list (as for bills); each is true only where `sees_bills` is.
RIGHTS = """
alter table bill_balance enable row level security;
alter table bill_balance force row level security;
create policy bill_balance_view on bill_balance for select using (
  (patient_id = (select public.actor_patient())
    and position(confidentiality in 'NRV') <= (select public.own_limit('view', 'bills')))
  or ((select public.actor_patient() is null and public.actor_has('billing'))
    and position(confidentiality in 'NRV') <= (select public.role_limit('view', 'bills')))
  or public.sees_bills('view', patient_id, confidentiality));
create policy yes_maintenance on bill_balance for select to portal_owner using ((select public.is_maintained()));
grant select on bill_balance to portal_app;
"""

# What a balance and the entries it stands for differ by: nothing, ever. For the system, which asks each night.
DRIFT = f"""
create function balance_drift() returns table (invoice_id uuid, kept_minor bigint, entered_minor bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not actor_has('system') then
    raise insufficient_privilege using message = 'balances are held against the ledger by the system';
  end if;
  perform set_config('portal.maintenance', 'balances', true);
  return query
    select coalesce(s.invoice_id, b.invoice_id), coalesce(b.owed_minor, 0), coalesce(s.owed_minor, 0)
    from (select e.invoice_id, {SUMS} from ledger_entry e where e.invoice_id is not null group by e.invoice_id) s
    full join bill_balance b on b.invoice_id = s.invoice_id
    left join invoice i on i.id = s.invoice_id
    where (s.owed_minor, s.charged_minor, s.insured_minor, s.reduced_minor, s.paid_minor, i.patient_id,
        i.confidentiality, i.currency, i.number, i.served_at, i.due_on)
      is distinct from (b.owed_minor, b.charged_minor, b.insured_minor, b.reduced_minor, b.paid_minor, b.patient_id,
        b.confidentiality, b.currency, b.number, b.served_at, b.due_on);
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function balance_drift() from public;
grant execute on function balance_drift() to portal_app;
"""  # noqa: S608 - the sums above

OPEN_BILLS = """
drop function open_bill_ids(int);
"""
OPEN_BILLS_BEFORE = """
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


def upgrade() -> None:
    """Keep what is owed, beginning with what the books say now."""
    # What is posted between the sum and the trigger would be in neither.
    op.execute("lock table ledger_posting, ledger_entry, invoice in share row exclusive mode")
    op.execute(TABLE)
    op.execute("select set_config('portal.maintenance', '0046', true)")
    op.execute(FILL)
    op.execute("select set_config('portal.maintenance', '', true)")
    for script in (KEPT, RIGHTS, DRIFT, OPEN_BILLS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Sum up each time."""
    op.execute(OPEN_BILLS_BEFORE)
    op.execute("""
    drop trigger ledger_entry_kept_as_balance on ledger_entry;
    drop trigger invoice_confidentiality_of_balance on invoice;
    drop table bill_balance;
    drop function balance_drift(), guard_balance(), follow_bill_balance(), keep_balances();
    """)

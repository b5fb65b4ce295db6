"""Bills, and the double-entry ledger from which every balance is derived.

Why it is built so: docs/decisions/0070-ledger.md.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# The patient's side sees bills by the section `bills` of the chart acted for; staff only as billing.
WHO = """
create function sees_bills(p_verb text, p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system') or (
    (public.actor_patient() = p_patient or (public.actor_patient() is null and public.actor_has('billing')))
    and public.may(p_verb, 'bills', p_patient, p_confidentiality));

create function keeps_books(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing')
    and public.may('act', 'bills', p_patient, p_confidentiality));
"""

# What a service costs from a day on: the practice's own list, of which none is shipped.
FEES = """
create table fee (
  service_code text not null references service_code on delete cascade, valid_from date not null,
  currency text not null constraint fee_currency check (currency ~ '^[A-Z]{3}$'),
  amount_minor bigint not null constraint fee_amount check (amount_minor between 1 and 100000000000),
  entered_by uuid not null references person, entered_at timestamptz not null default now(),
  primary key (service_code, valid_from)
);
alter table fee enable row level security;
alter table fee force row level security;
create policy fee_view on fee for select using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_person() is not null));
create policy fee_fill on fee for insert with check (
  entered_by = public.actor_person() and (public.actor_has('system') or public.actor_has('manager')));
create policy fee_empty on fee for delete using (public.actor_has('system'));
grant select, insert, delete on fee to portal_app;
"""

# `number` is what people say on the telephone. A bill's sums are not in it: they are in the ledger.
BILLS = """
create table invoice (
  id uuid primary key, number bigint not null generated always as identity (start with 100001),
  charge_item_id uuid not null references charge_item, appointment_id uuid not null references appointment,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint invoice_confidentiality check (confidentiality in ('N', 'R', 'V')),
  currency text not null constraint invoice_currency check (currency ~ '^[A-Z]{3}$'),
  service_code text not null, words text not null, served_at timestamptz not null,
  practitioner_id uuid not null references practitioner, location_id uuid not null references location,
  modality text not null constraint invoice_modality check (modality in ('in_person', 'video', 'audio')),
  issued_at timestamptz not null default now(), issued_by uuid not null references person, due_on date not null,
  constraint invoice_number unique (number),
  constraint invoice_once unique (charge_item_id)
);
create index ix_invoice_patient_id on invoice (patient_id, issued_at);

alter table invoice enable row level security;
alter table invoice force row level security;
create policy invoice_view on invoice for select using (public.sees_bills('view', patient_id, confidentiality));
create policy invoice_issue on invoice for insert with check (
  public.keeps_books(patient_id, confidentiality) and issued_by = public.actor_person()
  and exists (select from public.charge_item c where c.id = charge_item_id and c.patient_id = invoice.patient_id
    and c.appointment_id = invoice.appointment_id and c.confidentiality = invoice.confidentiality));
grant select, insert on invoice to portal_app;
"""

# Amounts are minor units; what somebody owes or holds is positive, where it comes from negative. A posting is complete
# in the transaction that begins it: `mark` says which, and nothing is added to it later.
LEDGER = """
create table ledger_posting (
  id uuid primary key,
  kind text not null constraint ledger_posting_kind check (
    kind in ('charge', 'insurance', 'adjustment', 'write_off', 'payment', 'correction')),
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint ledger_posting_confidentiality check (confidentiality in ('N', 'R', 'V')),
  currency text not null constraint ledger_posting_currency check (currency ~ '^[A-Z]{3}$'),
  reason text, made_by uuid not null references person, made_at timestamptz not null default now(),
  request_key uuid not null, corrects uuid references ledger_posting,
  mark bigint not null default pg_current_xact_id()::text::bigint,
  constraint ledger_posting_request unique (request_key),
  constraint ledger_posting_corrected_once unique (corrects),
  constraint ledger_posting_correction check ((kind = 'correction') = (corrects is not null))
);
create index ix_ledger_posting_patient_id on ledger_posting (patient_id, made_at);

create table ledger_entry (
  posting_id uuid not null references ledger_posting, line smallint not null,
  account text not null constraint ledger_entry_account check (
    account in ('receivable', 'revenue', 'insurance', 'adjustment', 'write_off', 'desk')),
  invoice_id uuid not null references invoice, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint ledger_entry_confidentiality check (confidentiality in ('N', 'R', 'V')),
  amount_minor bigint not null constraint ledger_entry_amount check (
    amount_minor <> 0 and abs(amount_minor) <= 100000000000),
  primary key (posting_id, line)
);
create index ledger_entry_invoice on ledger_entry (invoice_id) include (account, amount_minor);
create index ix_ledger_entry_patient_id on ledger_entry (patient_id) include (account, amount_minor);

-- Nobody changes or removes what is in the books, whatever right they hold; only the confidentiality follows the visit.
create function guard_books() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - 'confidentiality' = to_jsonb(old) - 'confidentiality' then
    return new;
  end if;
  raise insufficient_privilege using message = 'what is in the books stays; correct it by another posting';
end $$;
create trigger ledger_posting_stays before update or delete on ledger_posting
  for each row execute function guard_books();
create trigger ledger_entry_stays before update or delete on ledger_entry
  for each row execute function guard_books();
create trigger ledger_posting_kept before truncate on ledger_posting execute function guard_books();
create trigger ledger_entry_kept before truncate on ledger_entry execute function guard_books();

create function stamp_posting() returns trigger language plpgsql as $$
begin
  new.mark := pg_current_xact_id()::text::bigint;
  new.made_at := now();
  new.made_by := public.actor_person();
  return new;
end $$;
create trigger ledger_posting_stamped before insert on ledger_posting
  for each row execute function stamp_posting();

create function guard_entry() returns trigger language plpgsql as $$
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
create trigger ledger_entry_guard before insert on ledger_entry
  for each row execute function guard_entry();

-- At the commit, bill by bill. As the owner, so that no policy hides an entry from the sum.
create function check_posting() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  is_balanced boolean;
begin
  perform set_config('portal.maintenance', 'books', true);
  select coalesce(bool_and(s.total = 0 and s.lines >= 2), false) into is_balanced from (
    select sum(e.amount_minor) as total, count(*) as lines
    from ledger_entry e where e.posting_id = new.id group by e.invoice_id) s;
  perform set_config('portal.maintenance', before, true);
  if not is_balanced then
    raise check_violation using message = 'the entries of a posting do not sum to zero', constraint = 'ledger_balance';
  end if;
  return null;
end $$;
revoke execute on function check_posting() from public;
create constraint trigger ledger_posting_balanced after insert on ledger_posting
  deferrable initially deferred for each row execute function check_posting();

alter table ledger_posting enable row level security;
alter table ledger_posting force row level security;
create policy ledger_posting_view on ledger_posting for select using (
  public.sees_bills('view', patient_id, confidentiality));
create policy ledger_posting_add on ledger_posting for insert with check (
  public.keeps_books(patient_id, confidentiality));
grant select, insert on ledger_posting to portal_app;

alter table ledger_entry enable row level security;
alter table ledger_entry force row level security;
create policy ledger_entry_view on ledger_entry for select using (
  public.sees_bills('view', patient_id, confidentiality));
create policy ledger_entry_add on ledger_entry for insert with check (
  public.keeps_books(patient_id, confidentiality));
grant select, insert on ledger_entry to portal_app;
"""

LIVE = """
create function announce_posting() returns trigger language plpgsql as $$
begin
  perform public.note_change('bills:' || new.patient_id, 'charges');
  return null;
end $$;
create trigger ledger_posting_announced after insert on ledger_posting
  for each row execute function announce_posting();

create function follow_visit_bills() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  -- Whoever posts to one of these bills now is waited for, and seen.
  perform pg_advisory_xact_lock(hashtextextended('bill:' || i.id::text, 0)) from invoice i
    where i.appointment_id = new.id order by i.id;
  update invoice set confidentiality = new.confidentiality where appointment_id = new.id;
  update ledger_entry e set confidentiality = new.confidentiality
    from invoice i where i.id = e.invoice_id and i.appointment_id = new.id;
  update ledger_posting p set confidentiality = new.confidentiality
    where exists (select from ledger_entry e join invoice i on i.id = e.invoice_id
      where e.posting_id = p.id and i.appointment_id = new.id);
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function follow_visit_bills() from public;
-- By its name it comes after `appointment_confidentiality_of_visit`, which waits for whoever bills the charge.
create trigger appointment_confidentiality_then_of_bills after update of confidentiality on appointment
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function follow_visit_bills();
"""


# Billing has no right to charts, and needs to know whose bill it speaks of: the name, and no more.
NAMES = """
create function billed_name(p_patient uuid, p_confidentiality text) returns text
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  found text;
begin
  if not keeps_books(p_patient, p_confidentiality) then
    return null;
  end if;
  perform set_config('portal.maintenance', 'names', true);
  select p.given_name || ' ' || p.family_name into found from patient p where p.id = p_patient;
  perform set_config('portal.maintenance', before, true);
  return found;
end $$;
revoke execute on function billed_name(uuid, text) from public;
grant execute on function billed_name(uuid, text) to portal_app;
"""


def upgrade() -> None:
    """Keep books."""
    for script in (WHO, FEES, BILLS, LEDGER, LIVE, NAMES):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget the books."""
    op.execute("""
    drop trigger appointment_confidentiality_then_of_bills on appointment;
    drop table ledger_entry, ledger_posting, invoice, fee cascade;
    drop function billed_name(uuid, text), follow_visit_bills(), announce_posting(), check_posting(), guard_entry(),
      stamp_posting(), guard_books(), keeps_books(uuid, text), sees_bills(text, uuid, text);
    """)

"""Insurance and its cards, what insurers answered when they were asked, and estimates.

Why it is built so: docs/decisions/0073-insurance.md.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# The patient's side by the section `bills` of the chart acted for. Of staff, billing and the front desk, who see a
# card but neither bills nor charts by it.
WHO = """
create function sees_coverage(p_verb text, p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system')
    or (public.actor_patient() = p_patient and public.may(p_verb, 'bills', p_patient, p_confidentiality))
    or (public.actor_patient() is null and (
      (public.actor_has('billing') and public.may(p_verb, 'bills', p_patient, p_confidentiality))
      or (public.actor_has('front_desk') and public.may(p_verb, 'profile', p_patient, p_confidentiality))));
"""

# Insurers to choose from: the practice's own list, none is shipped. `code` is how the clearing house calls one.
PAYERS = """
create table payer (
  id uuid primary key, name text not null constraint payer_name unique, code text not null default '',
  added_at timestamptz not null
);
alter table payer enable row level security;
alter table payer force row level security;
create policy payer_view on payer for select using (public.actor_person() is not null);
create policy payer_fill on payer for insert with check (public.actor_has('system'));
create policy payer_mend on payer for update using (public.actor_has('system'));
grant select, insert, update (code) on payer to portal_app;
"""

CARDS_OF = """
create function is_card_of(p_file uuid, p_patient uuid, p_confidentiality text) returns boolean
language plpgsql stable parallel safe as $$
begin
  return exists (select from public.stored_file f where f.id = p_file and f.patient_id = p_patient
    and f.section = 'bills' and f.confidentiality = p_confidentiality);
end $$;
"""

# `precedence` 1 pays first. What is typed, whose card it is and the member's number are encrypted.
COVERAGES = """
create table coverage (
  id uuid primary key, patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint coverage_confidentiality check (confidentiality in ('N', 'R', 'V')),
  kind text not null constraint coverage_kind check (kind in ('insurance', 'self_pay')),
  status text not null default 'active' constraint coverage_status check (status in ('active', 'cancelled')),
  precedence smallint not null constraint coverage_precedence check (precedence between 1 and 3),
  payer_id uuid references payer, payer_name text, plan_name text, member_id text, group_number text,
  relation text not null default 'self'
    constraint coverage_relation check (relation in ('self', 'spouse', 'child', 'other')),
  subscriber_given text, subscriber_family text, subscriber_born text,
  valid_from date, valid_until date,
  front_file_id uuid references stored_file on delete set null,
  back_file_id uuid references stored_file on delete set null,
  sequence int not null default 0,
  entered_by uuid not null references person, entered_at timestamptz not null, request_key uuid not null,
  reviewed_by uuid references person, reviewed_at timestamptz,
  constraint coverage_request unique (entered_by, request_key),
  constraint coverage_days check (valid_until >= valid_from),
  constraint coverage_insured check (kind = 'self_pay' or (payer_name is not null and member_id is not null)),
  constraint coverage_reviewed check ((reviewed_by is null) = (reviewed_at is null)),
  constraint coverage_one_pays_first exclude using btree (patient_id with =, precedence with =)
    where (status = 'active') deferrable initially immediate
);
create index ix_coverage_patient_id on coverage (patient_id);
create index coverage_unseen on coverage (entered_at) where (status = 'active' and reviewed_at is null);

create table coverage_change (
  id uuid primary key default gen_random_uuid(), coverage_id uuid not null references coverage on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint coverage_change_confidentiality check (confidentiality in ('N', 'R', 'V')),
  sequence int not null, status text not null, precedence smallint not null, payer_name text, plan_name text,
  member_id text, group_number text, relation text not null, subscriber_given text, subscriber_family text,
  subscriber_born text, valid_from date, valid_until date, entered_by uuid not null references person,
  entered_at timestamptz not null, changed_at timestamptz not null default now(),
  constraint coverage_change_once unique (coverage_id, sequence)
);
create index ix_coverage_change_patient_id on coverage_change (patient_id);

-- A change counts up, is its maker's, keeps what was there before, and is to be looked at again.
create function guard_coverage() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  loose text[] := '{reviewed_by,reviewed_at,front_file_id,back_file_id,sequence,entered_by,entered_at,confidentiality}';
  is_changed boolean := to_jsonb(new) - loose <> to_jsonb(old) - loose;
  has_new_card boolean := (new.front_file_id, new.back_file_id) is distinct from (old.front_file_id, old.back_file_id);
begin
  if is_maintained() then
    return new;  -- a key is rotated, or the confidentiality follows
  end if;
  if (is_changed or has_new_card) and actor_patient() is null and not actor_has('system') then
    raise insufficient_privilege using message = 'what insurance somebody has is for them to say';
  end if;
  if new.reviewed_by is not null and new.reviewed_by is distinct from old.reviewed_by
    and (actor_patient() is not null or new.reviewed_by <> actor_person()) then
    raise insufficient_privilege using message = 'nobody confirms their own card';
  end if;
  new.sequence := old.sequence;
  new.entered_by := old.entered_by;
  new.entered_at := old.entered_at;
  if is_changed or has_new_card then
    new.reviewed_by := null;
    new.reviewed_at := null;
  end if;
  if is_changed then
    new.sequence := old.sequence + 1;
    new.entered_by := actor_person();
    new.entered_at := now();
    perform set_config('portal.maintenance', 'history', true);
    insert into coverage_change (coverage_id, patient_id, confidentiality, sequence, status, precedence, payer_name,
      plan_name, member_id, group_number, relation, subscriber_given, subscriber_family, subscriber_born, valid_from,
      valid_until, entered_by, entered_at)
    values (old.id, old.patient_id, old.confidentiality, old.sequence, old.status, old.precedence, old.payer_name,
      old.plan_name, old.member_id, old.group_number, old.relation, old.subscriber_given, old.subscriber_family,
      old.subscriber_born, old.valid_from, old.valid_until, old.entered_by, old.entered_at);
    perform set_config('portal.maintenance', before, true);
  end if;
  return new;
end $$;
revoke execute on function guard_coverage() from public;
create trigger coverage_guard before update on coverage for each row execute function guard_coverage();

create function announce_coverage() returns trigger language plpgsql as $$
begin
  perform public.note_change('coverage:' || new.patient_id, 'coverages');
  return null;
end $$;
create trigger coverage_announced after insert or update on coverage
  for each row execute function announce_coverage();

alter table coverage enable row level security;
alter table coverage force row level security;
create policy coverage_view on coverage for select using (
  public.sees_coverage('view', patient_id, confidentiality));
create policy coverage_add on coverage for insert with check (
  public.sees_coverage('act', patient_id, confidentiality) and reviewed_by is null
  and (public.actor_has('system') or (public.actor_patient() = patient_id and entered_by = public.actor_person())));
create policy coverage_change on coverage for update using (
  public.sees_coverage('act', patient_id, confidentiality))
  with check (public.sees_coverage('act', patient_id, confidentiality)
    and not exists (select from unnest(array[front_file_id, back_file_id]) as card (id)
      where card.id is not null and not public.is_card_of(card.id, patient_id, confidentiality)));
grant select, insert, update (status, precedence, payer_id, payer_name, plan_name, member_id, group_number, relation,
  subscriber_given, subscriber_family, subscriber_born, valid_from, valid_until, front_file_id, back_file_id,
  reviewed_by, reviewed_at) on coverage to portal_app;

alter table coverage_change enable row level security;
alter table coverage_change force row level security;
create policy coverage_change_view on coverage_change for select using (
  public.sees_coverage('view', patient_id, confidentiality));
grant select on coverage_change to portal_app;
"""

# A card is a file of the same chart in the section `bills`; the front desk, which sees no bills, sees it as a card.
CARDS = """
create function is_card(p_file uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from public.coverage c where p_file in (c.front_file_id, c.back_file_id));
end $$;
create index coverage_front on coverage (front_file_id);
create index coverage_back on coverage (back_file_id);
create policy stored_file_card on stored_file for select using (
  section = 'bills' and public.actor_patient() is null and public.actor_has('front_desk') and public.is_card(id));
"""

# What an insurer was asked and what it answered. An answer stays what it was; who asks again gets another row.
ELIGIBILITY = """
create table eligibility_check (
  id uuid primary key, coverage_id uuid not null references coverage on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint eligibility_check_confidentiality check (confidentiality in ('N', 'R', 'V')),
  coverage_sequence int not null,
  status text not null default 'waiting'
    constraint eligibility_check_status check (status in ('waiting', 'answered', 'failed')),
  outcome text constraint eligibility_check_outcome check (
    outcome in ('active', 'inactive', 'not_found', 'unclear', 'away', 'unreadable', 'refused', 'not_asked')),
  asked_by uuid not null references person, asked_at timestamptz not null, request_key uuid not null,
  answered_at timestamptz, answer text,
  constraint eligibility_check_request unique (asked_by, request_key),
  constraint eligibility_check_answered check ((status = 'waiting') = (answered_at is null and outcome is null))
);
create index ix_eligibility_check_coverage_id on eligibility_check (coverage_id, asked_at);
create index ix_eligibility_check_patient_id on eligibility_check (patient_id);
create unique index eligibility_check_one_waits on eligibility_check (coverage_id, coverage_sequence)
  where (status = 'waiting');

create trigger eligibility_check_announced after insert or update on eligibility_check
  for each row execute function announce_coverage();

alter table eligibility_check enable row level security;
alter table eligibility_check force row level security;
create policy eligibility_check_view on eligibility_check for select using (
  public.sees_coverage('view', patient_id, confidentiality));
create policy eligibility_check_ask on eligibility_check for insert with check (
  public.sees_coverage('act', patient_id, confidentiality) and asked_by = public.actor_person() and status = 'waiting'
  and exists (select from public.coverage c where c.id = coverage_id and c.patient_id = eligibility_check.patient_id
    and c.confidentiality = eligibility_check.confidentiality and c.status = 'active' and c.kind = 'insurance'));
create policy eligibility_check_answer on eligibility_check for update using (
  public.actor_has('system') and status = 'waiting') with check (public.actor_has('system'));
grant select, insert, update (status, outcome, answered_at, answer) on eligibility_check to portal_app;
"""

# How the practice, and each of its clinicians, is known to insurers. Without a clinician it is the practice's own.
IDENTITIES = """
create table billing_identity (
  id uuid primary key, practitioner_id uuid references practitioner on delete cascade,
  legal_name text not null default '',
  npi text not null default '' constraint billing_identity_npi check (npi ~ '^([12][0-9]{9})?$'),
  taxonomy text not null default ''
    constraint billing_identity_taxonomy check (taxonomy ~ '^([0-9]{3}[0-9A-Z]{6}X)?$'),
  tax_id text not null default '' constraint billing_identity_tax_id check (tax_id ~ '^([0-9]{9})?$'),
  set_by uuid not null references person, set_at timestamptz not null,
  constraint billing_identity_once unique nulls not distinct (practitioner_id)
);
alter table billing_identity enable row level security;
alter table billing_identity force row level security;
create policy billing_identity_view on billing_identity for select using (
  public.actor_has('system')
  or (public.actor_patient() is null and (public.actor_has('billing') or public.actor_has('manager'))));
create policy billing_identity_add on billing_identity for insert with check (
  set_by = public.actor_person()
  and (public.actor_has('system') or (public.actor_patient() is null and public.actor_has('manager'))));
create policy billing_identity_mend on billing_identity for update using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('manager')))
  with check (set_by = public.actor_person());
grant select, insert, update (legal_name, npi, taxonomy, tax_id, set_by, set_at) on billing_identity to portal_app;
"""

# What a kind of visit usually is, as a service with a fee: what an estimate is made of.
EXPECTED = """
create table expected_service (
  visit_type_id uuid primary key references visit_type on delete cascade,
  service_code text not null references service_code on delete cascade,
  set_by uuid not null references person, set_at timestamptz not null
);
alter table expected_service enable row level security;
alter table expected_service force row level security;
create policy expected_service_view on expected_service for select using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_person() is not null));
create policy expected_service_set on expected_service for insert with check (
  set_by = public.actor_person()
  and (public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing'))));
create policy expected_service_mend on expected_service for update using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('billing')))
  with check (set_by = public.actor_person());
grant select, insert, update (service_code, set_by, set_at) on expected_service to portal_app;
"""

# An estimate is asked for and then given, once; what was given is never changed, and a newer one counts instead.
ESTIMATES = """
create table estimate (
  id uuid primary key, patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint estimate_confidentiality check (confidentiality in ('N', 'R', 'V')),
  appointment_id uuid not null references appointment on delete cascade,
  visit_type_id uuid not null references visit_type, sequence int not null,
  kind text constraint estimate_kind check (kind in ('good_faith', 'insured')),
  status text not null default 'asked' constraint estimate_status check (status in ('asked', 'given')),
  asked_by uuid not null references person, asked_at timestamptz not null, request_key uuid not null,
  give_by date not null, given_at timestamptz,
  currency text constraint estimate_currency check (currency ~ '^[A-Z]{3}$'),
  fee_minor bigint constraint estimate_fee check (fee_minor between 0 and 100000000000),
  patient_minor bigint constraint estimate_part check (patient_minor between 0 and fee_minor), content text,
  constraint estimate_once unique (appointment_id, sequence),
  constraint estimate_request unique (asked_by, request_key),
  constraint estimate_given check ((status = 'given') = (given_at is not null and kind is not null
    and currency is not null and fee_minor is not null and content is not null))
);
create index ix_estimate_patient_id on estimate (patient_id, asked_at);
create index estimate_waiting on estimate (give_by) where (status = 'asked');
create unique index estimate_one_waits on estimate (appointment_id) where (status = 'asked');

create function guard_estimate() returns trigger language plpgsql as $$
begin
  if old.status = 'given' and not public.is_maintained() then
    raise insufficient_privilege using message = 'an estimate stays as it was given';
  end if;
  return new;
end $$;
create trigger estimate_stays before update on estimate for each row execute function guard_estimate();
create trigger estimate_announced after insert or update on estimate
  for each row execute function announce_coverage();

alter table estimate enable row level security;
alter table estimate force row level security;
create policy estimate_view on estimate for select using (
  public.sees_coverage('view', patient_id, confidentiality));
create policy estimate_ask on estimate for insert with check (
  public.sees_coverage('act', patient_id, confidentiality) and asked_by = public.actor_person() and status = 'asked'
  and exists (select from public.appointment a where a.id = appointment_id and a.patient_id = estimate.patient_id
    and a.confidentiality = estimate.confidentiality and a.visit_type_id = estimate.visit_type_id));
create policy estimate_give on estimate for update using (public.actor_has('system'));
grant select, insert, update (status, kind, given_at, currency, fee_minor, patient_minor, content)
  on estimate to portal_app;

create function follow_visit_estimates() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update estimate set confidentiality = new.confidentiality where appointment_id = new.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function follow_visit_estimates() from public;
create trigger appointment_confidentiality_then_of_estimates after update of confidentiality on appointment
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function follow_visit_estimates();
"""

# The front desk and billing need to know whose card it is: the name and the birth date, and no more.
NAMES = """
create function covered_person(p_patient uuid, p_confidentiality text, out name text, out born date)
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not sees_coverage('view', p_patient, p_confidentiality) then
    return;
  end if;
  perform set_config('portal.maintenance', 'names', true);
  select p.given_name || ' ' || p.family_name, p.birth_date into name, born from patient p where p.id = p_patient;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function covered_person(uuid, text) from public;
grant execute on function covered_person(uuid, text) to portal_app;
"""


def upgrade() -> None:
    """Make room for insurance."""
    for script in (WHO, PAYERS, CARDS_OF, COVERAGES, CARDS, ELIGIBILITY, IDENTITIES, EXPECTED, ESTIMATES, NAMES):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget it."""
    op.execute("""
    drop function covered_person(uuid, text);
    drop policy stored_file_card on stored_file;
    drop trigger appointment_confidentiality_then_of_estimates on appointment;
    drop table estimate, expected_service;
    drop function follow_visit_estimates(), guard_estimate();
    drop table billing_identity, eligibility_check, coverage_change, coverage, payer cascade;
    drop function is_card(uuid), is_card_of(uuid, uuid, text), announce_coverage(), guard_coverage(),
      sees_coverage(text, uuid, text);
    """)

"""Activations, tries at them, who claims one, and the first steps."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = """
create table activation (
  id uuid primary key, patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint activation_confidentiality check (confidentiality in ('N', 'R', 'V')),
  channel text not null constraint activation_channel check (channel in ('card', 'mail')),
  link_hash text not null unique, code_hash text unique, email text, locale text not null default 'en',
  request_key uuid not null unique, created_by uuid not null references person, created_at timestamptz not null,
  expires_at timestamptz not null, opened_at timestamptz, used_at timestamptz, revoked_at timestamptz,
  constraint activation_email check ((channel = 'mail') = (email is not null))
);
create index activation_patient on activation (patient_id, created_at desc);
create unique index activation_open on activation (patient_id) where used_at is null and revoked_at is null;

create function attends() returns boolean language sql stable parallel safe
  return public.actor_has('front_desk') or public.actor_has('nurse') or public.actor_has('clinician');

-- Tries are counted for whatever was typed, whether or not there is such an activation: so nothing tells the two apart.
create table activation_try (
  subject text primary key, tries smallint not null, seen_at timestamptz not null
);

-- A browser that has said whose chart it is, and has yet to prove an e-mail address.
create table activation_claim (
  id uuid primary key, activation_id uuid not null references activation on delete cascade,
  browser_hash text not null, is_by_link boolean not null, email text, code_hash text,
  code_tries smallint not null default 0, codes_sent smallint not null default 0, code_expires_at timestamptz,
  created_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz
);
create index activation_claim_browser on activation_claim (browser_hash);
create index activation_claim_activation on activation_claim (activation_id);

-- Many invited together, by a job that keeps what it has done.
create table activation_batch (
  id uuid primary key, request_key uuid not null unique, created_by uuid not null references person,
  created_at timestamptz not null
);
create table activation_batch_item (
  batch_id uuid not null references activation_batch on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint activation_batch_item_confidentiality check (confidentiality in ('N', 'R', 'V')),
  activation_id uuid references activation on delete set null, done_at timestamptz,
  outcome text constraint activation_batch_item_outcome check (outcome in ('card', 'mail', 'left_out')),
  primary key (batch_id, patient_id)
);
create index patient_by_name on patient (family_name, given_name, id);

create table onboarding (
  person_id uuid primary key references person on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  done text[] not null default '{}', channel text
    constraint onboarding_channel check (channel in ('mail', 'phone')),
  created_at timestamptz not null, finished_at timestamptz
);
create index onboarding_patient on onboarding (patient_id);
"""

# Staff who attend to a chart issue its activation. Whoever holds one is nobody yet, so no grant could let them in: what
# they do runs as the system, in one module (docs/decisions/0046-activation.md).
POLICIES = """
alter table activation enable row level security;
alter table activation force row level security;
create policy activation_view on activation for select using ((select public.actor_has('system'))
  or ((select public.attends())
    and public.may('view', 'booking', patient_id, confidentiality)));
create policy activation_add on activation for insert with check (
  (public.attends() or public.actor_has('system'))
  and created_by = public.actor_person() and public.may('act', 'booking', patient_id, confidentiality));
create policy activation_change on activation for update using ((select public.actor_has('system'))
  or ((select public.attends())
    and public.may('act', 'booking', patient_id, confidentiality)));
create policy activation_remove on activation for delete using (public.actor_has('system'));
grant select, insert, update (opened_at, used_at, revoked_at), delete on activation to portal_app;

alter table activation_try enable row level security;
alter table activation_try force row level security;
create policy activation_try_count on activation_try using (public.actor_has('system'));
create policy activation_try_view on activation_try for select using (
  public.attends());
grant select, insert, update (tries, seen_at), delete on activation_try to portal_app;

alter table activation_claim enable row level security;
alter table activation_claim force row level security;
create policy activation_claim_work on activation_claim using (public.actor_has('system'));
grant select, insert, update (email, code_hash, code_tries, codes_sent, code_expires_at, used_at), delete
  on activation_claim to portal_app;

alter table activation_batch enable row level security;
alter table activation_batch force row level security;
create policy activation_batch_view on activation_batch for select using (
  created_by = public.actor_person() or public.actor_has('system'));
create policy activation_batch_add on activation_batch for insert with check (created_by = public.actor_person());
create policy activation_batch_remove on activation_batch for delete using (public.actor_has('system'));
grant select, insert, delete on activation_batch to portal_app;

alter table activation_batch_item enable row level security;
alter table activation_batch_item force row level security;
create policy activation_batch_item_view on activation_batch_item for select using (
  (select public.actor_has('system'))
  or ((select public.attends()) and public.may('view', 'booking', patient_id, confidentiality)));
create policy activation_batch_item_add on activation_batch_item for insert with check (
  public.attends() and public.may('act', 'booking', patient_id, confidentiality) and exists (
    select from public.activation_batch b where b.id = batch_id and b.created_by = public.actor_person()));
create policy activation_batch_item_change on activation_batch_item for update using (public.actor_has('system'));
create policy activation_batch_item_remove on activation_batch_item for delete using (public.actor_has('system'));
grant select, insert, update (activation_id, done_at, outcome), delete on activation_batch_item to portal_app;

alter table onboarding enable row level security;
alter table onboarding force row level security;
create policy onboarding_view on onboarding for select using (
  person_id = (select public.actor_person()) or (select public.actor_has('system'))
  or ((select public.attends())
    and public.may('view', 'booking', patient_id, 'N')));
create policy onboarding_add on onboarding for insert with check (public.actor_has('system'));
create policy onboarding_change on onboarding for update using (person_id = (select public.actor_person()));
create policy onboarding_remove on onboarding for delete using (public.actor_has('system'));
grant select, insert, update (done, channel, finished_at), delete on onboarding to portal_app;
"""

# Who signs in for a chart, so that a nurse does not invite somebody who is in already.
WHOSE = """
alter policy access_grant_whose on access_grant
  using (basis = 'self' and (select public.attends()));
"""
WHOSE_BEFORE = """
alter policy access_grant_whose on access_grant using (basis = 'self' and (select public.actor_has('front_desk')));
"""


def upgrade() -> None:
    """Make room for activations and for how far somebody has come."""
    for script in (TABLES, POLICIES, WHOSE):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget who was invited."""
    op.execute(WHOSE_BEFORE)
    op.execute("drop index patient_by_name")
    op.execute("drop table onboarding, activation_batch_item, activation_batch, activation_claim, activation_try")
    op.execute("drop table activation; drop function attends()")

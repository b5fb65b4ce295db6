"""People, charts, sessions, grants, and the functions every row-level policy calls."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
create table person (
  id uuid primary key, display_name text not null, email text, email_index text unique,
  locale text not null default 'en', created_at timestamptz not null default now(), disabled_at timestamptz
);
create table person_role (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  role text not null check (role in
    ('patient', 'caregiver', 'nurse', 'clinician', 'front_desk', 'billing', 'manager', 'system')),
  location_id uuid,
  constraint person_role_once unique nulls not distinct (person_id, role, location_id)
);
create table patient (
  id uuid primary key, family_name text not null, given_name text not null, birth_date date not null,
  language text not null default 'en', zone text not null default 'UTC', general_practitioner_id uuid,
  confidentiality text not null default 'N'
    constraint patient_confidentiality check (confidentiality in ('N', 'R', 'V')),
  created_at timestamptz not null default now()
);
create table session (
  id uuid primary key, secret_hash text not null unique,
  person_id uuid not null references person on delete cascade,
  patient_id uuid references patient on delete cascade,
  assurance smallint not null, user_agent text not null default '',
  created_at timestamptz not null default now(), expires_at timestamptz not null, ended_at timestamptz
);
create index ix_session_person_id on session (person_id);
create table sign_in_code (
  id uuid primary key, browser_hash text not null, email_index text not null,
  person_id uuid references person on delete cascade, code_hash text, locale text not null default 'en',
  tries smallint not null default 0, created_at timestamptz not null default now(),
  expires_at timestamptz not null, used_at timestamptz
);
create index ix_sign_in_code_browser_hash on sign_in_code (browser_hash);
create index ix_sign_in_code_email_index on sign_in_code (email_index);
create table access_grant (
  id uuid primary key default gen_random_uuid(), grantee uuid not null,
  patient_id uuid references patient on delete cascade,
  sections text[] not null, verbs text[] not null,
  up_to text not null default 'N' constraint access_grant_up_to check (up_to in ('N', 'R', 'V')),
  min_assurance smallint not null default 1,
  basis text not null constraint access_grant_basis
    check (basis in ('self', 'caregiver', 'care_team', 'appointment', 'role')),
  valid_until timestamptz, created_at timestamptz not null default now(),
  constraint access_grant_once unique nulls not distinct (grantee, patient_id, basis, min_assurance)
);
create index access_grant_patient on access_grant (patient_id);
"""

FUNCTIONS = """
create function actor_person() returns uuid language sql stable parallel safe
  return nullif(current_setting('portal.person_id', true), '')::uuid;
create function actor_patient() returns uuid language sql stable parallel safe
  return nullif(current_setting('portal.patient_id', true), '')::uuid;
create function actor_grantees() returns uuid[] language sql stable parallel safe
  return coalesce(nullif(current_setting('portal.grantees', true), ''), '{}')::uuid[];
create function actor_has(p_role text) returns boolean language sql stable parallel safe
  return p_role = any (coalesce(nullif(current_setting('portal.roles', true), ''), '{}')::text[]);

create function role_grantee(p_role text) returns uuid language sql immutable parallel safe
  return uuid(overlay(overlay(md5('portal role ' || p_role) placing '4' from 13) placing '8' from 17));

create function may(p_verb text, p_section text, p_patient uuid, p_confidentiality text) returns boolean
language plpgsql stable parallel safe as $$
declare
  assurance int := coalesce(nullif(current_setting('portal.assurance', true), '')::int, 0);
  grantees uuid[] := public.actor_grantees();
begin
  -- Names carry their schema: pg_dump calls this with an empty search path.
  -- A person's own grants count only for the chart they act for, so that no page mixes two charts.
  return exists (
    select from public.access_grant g
    where g.grantee = any (grantees) and g.patient_id = p_patient
      and p_section = any (g.sections) and p_verb = any (g.verbs)
      and position(p_confidentiality in 'NRV') <= position(g.up_to in 'NRV')
      and g.min_assurance <= assurance and (g.valid_until is null or g.valid_until > now())
      and (g.basis not in ('self', 'caregiver') or g.patient_id = public.actor_patient())
  ) or exists (
    select from public.access_grant g
    where g.grantee = any (grantees) and g.patient_id is null
      and p_section = any (g.sections) and p_verb = any (g.verbs)
      and position(p_confidentiality in 'NRV') <= position(g.up_to in 'NRV')
      and g.min_assurance <= assurance and (g.valid_until is null or g.valid_until > now())
  );
end $$;

create function begin_as_nobody(p_address text) returns void language plpgsql as $$
begin
  perform set_config('portal.person_id', '', true), set_config('portal.patient_id', '', true),
          set_config('portal.session_id', '', true), set_config('portal.session_hash', '', true),
          set_config('portal.browser_hash', '', true), set_config('portal.email_index', '', true),
          set_config('portal.grantees', '', true), set_config('portal.roles', '', true),
          set_config('portal.assurance', '', true), set_config('portal.task', '', true),
          set_config('portal.address', p_address, true);
end $$;

create function begin_as(p_secret_hash text, p_address text) returns table (
  person_id uuid, session_id uuid, patient_id uuid, assurance int, roles text[], locale text, display_name text
) language plpgsql as $$
declare
  s record;
  acts_for_a_chart boolean;
begin
  perform begin_as_nobody(p_address);
  perform set_config('portal.session_hash', p_secret_hash, true);
  select x.id, x.person_id, x.patient_id, x.assurance into s from session x
    where x.secret_hash = p_secret_hash and x.ended_at is null and x.expires_at > now();
  if not found then
    return query select null::uuid, null::uuid, null::uuid, 0, '{}'::text[], 'en', '';
    return;
  end if;
  perform set_config('portal.person_id', s.person_id::text, true);
  acts_for_a_chart := s.patient_id is not null;
  return query
    with held as (
      -- Acting for a chart, a person is a patient or a caregiver and nothing else: staff hats stay off.
      select r.role, r.location_id from person_role r
      where r.person_id = s.person_id and (r.role in ('patient', 'caregiver')) = acts_for_a_chart
    ), sums as (
      select coalesce(array_agg(distinct h.role), '{}') as roles,
             array_agg(distinct g.grantee) filter (where g.grantee is not null) as grantees
      from held h cross join lateral (values
        (s.person_id), (role_grantee(h.role)),
        (case when h.role in ('nurse', 'clinician') then h.location_id end)) g (grantee)
    ), told as (
      select set_config('portal.roles', u.roles::text, true),
             set_config('portal.grantees', coalesce(u.grantees, '{}')::text, true),
             set_config('portal.patient_id', coalesce(s.patient_id::text, ''), true),
             set_config('portal.session_id', s.id::text, true),
             set_config('portal.assurance', s.assurance::text, true), u.roles as held_roles
      from sums u
    )
    select case when p.disabled_at is null then p.id end, s.id::uuid, s.patient_id::uuid, s.assurance::int,
           t.held_roles, p.locale, p.display_name
    from told t join person p on p.id = s.person_id;
end $$;

create function begin_as_system(p_task text) returns void language plpgsql as $$
begin
  perform begin_as_nobody('');
  perform set_config('portal.person_id', '00000000-0000-4000-8000-000000000001', true),
          set_config('portal.roles', '{system}', true), set_config('portal.assurance', '2', true),
          set_config('portal.grantees', array[role_grantee('system')]::text, true),
          set_config('portal.task', p_task, true);
end $$;

create function begin_as_visitor(p_browser_hash text, p_address text) returns void language plpgsql as $$
begin
  perform begin_as_nobody(p_address);
  perform set_config('portal.browser_hash', p_browser_hash, true);
end $$;

create function announce_session_end() returns trigger language plpgsql as $$
begin
  perform pg_notify('portal_change', json_build_object('topics', json_build_array('session:' || new.id))::text);
  return null;
end $$;
create trigger session_ended after update of ended_at on session
  for each row when (old.ended_at is null and new.ended_at is not null) execute function announce_session_end();
"""

# `to portal_owner`: triggers that must write a grant on a patient's behalf run as the owner, and may do no more
# than these policies say, because the owner is under row-level security too.
POLICIES = """
alter table person enable row level security;
alter table person force row level security;
create policy person_view on person for select using (
  id = actor_person() or actor_has('system') or actor_has('manager') or actor_has('front_desk')
  or email_index = nullif(current_setting('portal.email_index', true), ''));
create policy person_add on person for insert with check (actor_has('system') or actor_has('manager'));
create policy person_change on person for update
  using (id = actor_person() or actor_has('system') or actor_has('manager'));

alter table person_role enable row level security;
alter table person_role force row level security;
create policy person_role_view on person_role for select
  using (person_id = actor_person() or actor_has('system') or actor_has('manager'));
create policy person_role_add on person_role for insert with check (actor_has('system') or actor_has('manager'));
create policy person_role_remove on person_role for delete using (actor_has('system') or actor_has('manager'));

alter table patient enable row level security;
alter table patient force row level security;
create policy patient_view on patient for select using (
  may('view', 'booking', id, confidentiality) or may('view', 'profile', id, confidentiality));
create policy patient_add on patient for insert with check (actor_has('system') or actor_has('front_desk'));
create policy patient_change on patient for update using (may('act', 'profile', id, confidentiality));

alter table session enable row level security;
alter table session force row level security;
create policy session_view on session for select using (
  secret_hash = nullif(current_setting('portal.session_hash', true), '') or person_id = actor_person()
  or actor_has('system'));
create policy session_add on session for insert with check (
  person_id = actor_person() and (assurance = 1 or actor_has('system')));
create policy session_change on session for update using (person_id = actor_person() or actor_has('system'));
create policy session_remove on session for delete using (actor_has('system'));

alter table sign_in_code enable row level security;
alter table sign_in_code force row level security;
create policy sign_in_code_own on sign_in_code using (
  browser_hash = nullif(current_setting('portal.browser_hash', true), '') or actor_has('system'));

alter table access_grant enable row level security;
alter table access_grant force row level security;
create policy access_grant_view on access_grant for select using (
  grantee = any (actor_grantees()) or patient_id = actor_patient()
  or actor_has('system') or actor_has('manager'));
create policy access_grant_write on access_grant using (actor_has('system')) with check (actor_has('system'));
create policy access_grant_by_trigger on access_grant to portal_owner
  using (basis = 'appointment') with check (basis = 'appointment');

grant select on alembic_version to portal_app;
grant select, insert, update on person to portal_app;
grant select, insert, update (ended_at, expires_at) on session to portal_app;
grant delete on session to portal_app;
grant select, insert, delete on person_role to portal_app;
grant select, insert, update on patient to portal_app;
grant select, insert, update, delete on sign_in_code, access_grant to portal_app;
"""

# The rights of roles, from "Who is who" in the architecture: front desk sees demographics and appointments, never
# answers or notes; billing sees charges; managers see no clinical content. Nurses and clinicians get nothing here:
# their charts come from care teams and from appointments at their locations.
ROLE_GRANTS = """
alter table access_grant no force row level security;
insert into access_grant (grantee, sections, verbs, up_to, min_assurance, basis) values
  (role_grantee('system'),
   '{booking,forms,vitals,messages,results,notes,bills,visits,profile}', '{view,act}', 'V', 1, 'role'),
  (role_grantee('front_desk'), '{booking,profile}', '{view,act}', 'R', 1, 'role'),
  (role_grantee('billing'), '{bills}', '{view,act}', 'R', 1, 'role');
alter table access_grant force row level security;
alter table person no force row level security;
insert into person (id, display_name) values ('00000000-0000-4000-8000-000000000001', 'Sala');
alter table person force row level security;
"""


def upgrade() -> None:
    """Create the tables, the functions, the policies and the rights of roles."""
    for script in (TABLES, FUNCTIONS, POLICIES, ROLE_GRANTS):
        op.execute(script)


def downgrade() -> None:
    """Drop all of it."""
    op.execute("""
    drop table access_grant, sign_in_code, session, patient, person_role, person cascade;
    drop function announce_session_end(), begin_as_visitor(text, text), begin_as_system(text), begin_as(text, text),
      begin_as_nobody(text), may(text, text, uuid, text), role_grantee(text), actor_has(text), actor_grantees(),
      actor_patient(), actor_person();
    """)

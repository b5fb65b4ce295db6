"""The second factor of staff, and what a session knows of where it is and by what it was opened."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = """
create table authenticator_app (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  secret text not null, last_step bigint not null default 0,
  created_at timestamptz not null default now(), confirmed_at timestamptz, used_at timestamptz
);
create unique index authenticator_app_one on authenticator_app (person_id) where confirmed_at is not null;
create index ix_authenticator_app_person_id on authenticator_app (person_id);
create table recovery_code (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  code_hash text not null, created_at timestamptz not null default now(), used_at timestamptz
);
create index ix_recovery_code_person_id on recovery_code (person_id);
create table factor_invitation (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  code_hash text not null, created_at timestamptz not null default now(), expires_at timestamptz not null,
  opened_session_id uuid, used_at timestamptz
);
create index ix_factor_invitation_person_id on factor_invitation (person_id);
create table factor_try (
  id uuid primary key, person_id uuid not null references person on delete cascade, tried_at timestamptz not null
);
create index factor_try_recent on factor_try (person_id, tried_at);

alter table session add address text not null default '', add seen_at timestamptz, add proved_at timestamptz,
  add passkey_id uuid;
create index session_by_passkey on session (passkey_id) where passkey_id is not null;
grant update (seen_at, proved_at) on session to portal_app;
"""

# A session that another took the place of ends without a word to its pages: the one that proved it is on its way to the
# new one already, and the others find it when they next ask.
ANNOUNCE = """
create or replace function announce_session_end() returns trigger language plpgsql as $$
begin
  {unless}perform pg_notify('portal_change', json_build_object('topics', json_build_array('session:' || new.id))::text);
  return null;
end $$;
"""
UNLESS_REPLACED = """if current_setting('portal.replaces', true) = 'yes' then
    return null;
  end if;
  """

FUNCTIONS = """
create function actor_session() returns uuid language sql stable parallel safe
  return nullif(current_setting('portal.session_id', true), '')::uuid;
-- Managers see everybody's roles; anybody else only their own.
create function works_here(p_person uuid) returns boolean language sql stable
  return exists (select from public.person_role r
                 where r.person_id = p_person and r.role not in ('patient', 'caregiver', 'system'));
-- The session in which somebody typed the set-up code that another person gave them.
create function may_set_up() returns boolean language sql stable
  return exists (select from public.factor_invitation i where i.person_id = public.actor_person()
                 and i.opened_session_id = public.actor_session() and i.used_at is null and i.expires_at > now());
-- What makes a session of assurance 2: something of that person's answered in this very transaction.
create function has_proved_now(p_person uuid) returns boolean language sql stable
  return exists (select from public.passkey p where p.person_id = p_person and p.last_used_at = now())
    or exists (select from public.authenticator_app a where a.person_id = p_person and a.used_at = now())
    or exists (select from public.recovery_code c where c.person_id = p_person and c.used_at = now());
"""

POLICIES = """
alter table authenticator_app enable row level security;
alter table authenticator_app force row level security;
create policy authenticator_app_view on authenticator_app for select using (
  person_id = actor_person() or actor_has('system') or (actor_has('manager') and works_here(person_id)));
create policy authenticator_app_add on authenticator_app for insert with check (
  person_id = actor_person() and (not actor_has('unproven') or may_set_up()));
create policy authenticator_app_change on authenticator_app for update using (person_id = actor_person());
create policy authenticator_app_remove on authenticator_app for delete using (
  person_id = actor_person() or actor_has('system') or (actor_has('manager') and works_here(person_id)));
grant select, insert, update (last_step, confirmed_at, used_at), delete on authenticator_app to portal_app;

alter table recovery_code enable row level security;
alter table recovery_code force row level security;
create policy recovery_code_view on recovery_code for select using (
  person_id = actor_person() or actor_has('system') or (actor_has('manager') and works_here(person_id)));
create policy recovery_code_add on recovery_code for insert with check (
  person_id = actor_person() and not actor_has('unproven'));
create policy recovery_code_change on recovery_code for update using (person_id = actor_person());
create policy recovery_code_remove on recovery_code for delete using (
  person_id = actor_person() or actor_has('system') or (actor_has('manager') and works_here(person_id)));
grant select, insert, update (used_at), delete on recovery_code to portal_app;

alter table factor_invitation enable row level security;
alter table factor_invitation force row level security;
create policy factor_invitation_view on factor_invitation for select using (
  person_id = actor_person() or actor_has('system') or (actor_has('manager') and works_here(person_id)));
-- Nobody invites themself.
create policy factor_invitation_add on factor_invitation for insert with check (
  actor_has('system') or (actor_has('manager') and works_here(person_id) and person_id <> actor_person()));
create policy factor_invitation_change on factor_invitation for update using (person_id = actor_person());
create policy factor_invitation_remove on factor_invitation for delete using (
  actor_has('system') or (actor_has('manager') and works_here(person_id) and person_id <> actor_person()));
grant select, insert, update (opened_session_id, used_at), delete on factor_invitation to portal_app;

alter table factor_try enable row level security;
alter table factor_try force row level security;
create policy factor_try_view on factor_try for select using (person_id = actor_person() or actor_has('system'));
create policy factor_try_add on factor_try for insert with check (person_id = actor_person());
create policy factor_try_remove on factor_try for delete using (actor_has('system'));
grant select, insert, delete on factor_try to portal_app;

drop policy passkey_view on passkey;
create policy passkey_view on passkey for select using (
  person_id = actor_person() or external_id = nullif(current_setting('portal.passkey', true), '')
  or actor_has('system') or (actor_has('manager') and works_here(person_id)));
drop policy passkey_add on passkey;
create policy passkey_add on passkey for insert with check (
  person_id = actor_person() and (not actor_has('unproven') or may_set_up()));
drop policy passkey_remove on passkey;
create policy passkey_remove on passkey for delete using (
  person_id = actor_person() or actor_has('system') or (actor_has('manager') and works_here(person_id)));

drop policy session_view on session;
create policy session_view on session for select using (
  secret_hash = nullif(current_setting('portal.session_hash', true), '') or person_id = actor_person()
  or actor_has('system') or (actor_has('manager') and works_here(person_id)));
drop policy session_change on session;
create policy session_change on session for update using (
  person_id = actor_person() or actor_has('system') or (actor_has('manager') and works_here(person_id)));
drop policy session_add on session;
create policy session_add on session for insert with check (person_id = actor_person() and (
  assurance = 1 or actor_has('system') or has_proved_now(person_id)));
"""
POLICIES_BEFORE = """
drop policy passkey_view on passkey;
create policy passkey_view on passkey for select using (
  person_id = actor_person() or external_id = nullif(current_setting('portal.passkey', true), '')
  or actor_has('system'));
drop policy passkey_add on passkey;
create policy passkey_add on passkey for insert with check (person_id = actor_person());
drop policy passkey_remove on passkey;
create policy passkey_remove on passkey for delete using (person_id = actor_person() or actor_has('system'));
drop policy session_view on session;
create policy session_view on session for select using (
  secret_hash = nullif(current_setting('portal.session_hash', true), '') or person_id = actor_person()
  or actor_has('system'));
drop policy session_change on session;
create policy session_change on session for update using (person_id = actor_person() or actor_has('system'));
drop policy session_add on session;
create policy session_add on session for insert with check (person_id = actor_person() and (
  assurance = 1 or actor_has('system')
  or exists (select from passkey p where p.person_id = session.person_id and p.last_used_at = now())));
"""

BEGIN_AS = """
create or replace function begin_as(p_secret_hash text, p_address text) returns table (
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
    return query select null::uuid, null::uuid, null::uuid, 0, '{{}}'::text[], 'en', '';
    return;
  end if;
  perform set_config('portal.person_id', s.person_id::text, true);
  acts_for_a_chart := s.patient_id is not null;
  return query
    with held as (
      -- Acting for a chart, a person is a patient or a caregiver and nothing else: staff hats stay off.
      select r.role, r.location_id from person_role r
      where r.person_id = s.person_id and (r.role in ('patient', 'caregiver')) = acts_for_a_chart{held}
    ), sums as (
      select coalesce(array_agg(distinct h.role), {nothing_held}) as roles,
             array_agg(distinct g.grantee) filter (where g.grantee is not null) as grantees
      from held h cross join lateral (values
        (s.person_id), (role_grantee(h.role)),
        (case when h.role in ('nurse', 'clinician') then h.location_id end)) g (grantee)
    ), told as (
      select set_config('portal.roles', u.roles::text, true),
             set_config('portal.grantees', coalesce(u.grantees, '{{}}')::text, true),
             set_config('portal.patient_id', coalesce(s.patient_id::text, ''), true),
             set_config('portal.session_id', s.id::text, true),
             set_config('portal.assurance', s.assurance::text, true), u.roles as held_roles
      from sums u
    )
    select case when p.disabled_at is null then p.id end, s.id::uuid, s.patient_id::uuid, s.assurance::int,
           t.held_roles, p.locale, p.display_name
    from told t join person p on p.id = s.person_id;
end $$;
"""
# Staff hats are worn after a second factor only. Until then somebody who has one is "unproven", which opens the pages
# where they prove themselves and nothing else.
PROVED = """
        and (acts_for_a_chart or s.assurance >= 2)"""
UNPROVEN = """case
        when not acts_for_a_chart and works_here(s.person_id) then '{unproven}' else '{}' end::text[]"""


def upgrade() -> None:
    """Give staff no role before a second factor, and make room for the factors."""
    op.execute(ANNOUNCE.format(unless=UNLESS_REPLACED))
    for script in (TABLES, FUNCTIONS, POLICIES, BEGIN_AS.format(held=PROVED, nothing_held=UNPROVEN)):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Let a code alone do for staff again."""
    op.execute(BEGIN_AS.format(held="", nothing_held="'{}'"))
    op.execute(ANNOUNCE.format(unless=""))
    op.execute(POLICIES_BEFORE)
    op.execute("""
    drop table authenticator_app, recovery_code, factor_invitation, factor_try cascade; -- and the functions upon them
    drop function actor_session(), works_here(uuid);
    drop index session_by_passkey;
    alter table session drop address, drop seen_at, drop proved_at, drop passkey_id;
    """)

"""How long staff stay signed in while nobody is at the screen, and what stands behind a passkey."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# A session counts as a strong one until `idle_until`; whoever is at the screen moves that on. `locked_at` is when its
# pages were told. Null: it is not locked for idleness.
COLUMNS = """
alter table session add idle_until timestamptz, add locked_at timestamptz;
grant update (idle_until, locked_at) on session to portal_app;
create index session_idle on session (idle_until) where ended_at is null and locked_at is null;
create trigger session_locked after update of locked_at on session
  for each row when (old.locked_at is null and new.locked_at is not null) execute function announce_session_end();

alter table practice add staff_idle_min smallint not null default 15
  constraint practice_staff_idle_min check (staff_idle_min between 5 and 60);
grant update (staff_idle_min) on practice to portal_app;
"""

# Nobody at the screen for so long: the hats of the staff are off until a second factor puts them on again. Said where
# the session is read, and in no other place, so that whatever else that function does stays as it stands.
READ = "x.assurance into s"
READ_UNLESS_IDLE = (
    "case when x.patient_id is null and x.idle_until <= now() then 1 else x.assurance end as assurance into s"
)
REWRITE = """
do $rewrite$
declare
  written text := pg_get_functiondef('begin_as(text, text)'::regprocedure);
begin
  if position('{old}' in written) = 0 then
    raise exception 'begin_as reads sessions in another way';
  end if;
  execute replace(written, '{old}', '{new}');
end $rewrite$
"""

# A passkey is as strong as what its owner had proved when they added it (docs/decisions/0059-staying-in.md). Those from
# before this rule were added under another and stay what they were.
VOUCHED = """
alter table passkey add vouched_at timestamptz default now(), add added_in uuid references session on delete set null;
alter table passkey alter vouched_at drop default;
create index passkey_added_in on passkey (added_in) where added_in is not null;

create function is_vouched_for() returns boolean language sql stable
  return coalesce(nullif(current_setting('portal.assurance', true), '')::int, 0) >= 2 or public.may_set_up();

drop policy passkey_add on passkey;
create policy passkey_add on passkey for insert with check (
  person_id = actor_person() and (not actor_has('unproven') or may_set_up())
  and (vouched_at is null or is_vouched_for()) and (added_in is null or added_in = actor_session()));

create or replace function has_proved_now(p_person uuid) returns boolean language sql stable
  return exists (select from public.passkey p
                 where p.person_id = p_person and p.last_used_at = now() and p.vouched_at is not null)
    or exists (select from public.authenticator_app a where a.person_id = p_person and a.used_at = now())
    or exists (select from public.recovery_code c where c.person_id = p_person and c.used_at = now());

-- A second channel answered, or a code that staff gave was typed, in this very transaction and session: it stands
-- behind the passkey that opened the session, and behind those added in it.
create function vouch_for_passkeys() returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  found_count integer;
begin
  perform set_config('portal.maintenance', 'passkeys', true);
  update passkey p set vouched_at = now() from session s
    where s.id = actor_session() and s.person_id = actor_person() and p.person_id = s.person_id
      and (p.id = s.passkey_id or p.added_in = s.id) and p.vouched_at is null and p.flagged_at is null
      and (exists (select from contact_code c
                   where c.person_id = s.person_id and c.purpose = 'prove' and c.used_at = now())
           or exists (select from factor_invitation i where i.person_id = s.person_id and i.used_at = now()));
  get diagnostics found_count = row_count;
  perform set_config('portal.maintenance', before, true);
  return found_count;
end $$;
revoke execute on function vouch_for_passkeys() from public;
grant execute on function vouch_for_passkeys() to portal_app;
"""
NOBODY_ELSE = """and not exists (select from person_role r
                  where r.person_id = session.person_id and r.role not in ('patient', 'caregiver'))"""
# Older than this transaction: what is vouched for now is so because of that very text.
BY_TEXT = """
drop policy session_add_by_text on session;
create policy session_add_by_text on session for insert with check (
  person_id = actor_person() and assurance = 2
  and exists (select from contact_code c
              where c.person_id = session.person_id and c.purpose = 'prove' and c.used_at = now())
  and not exists (select from passkey k where k.person_id = session.person_id and k.flagged_at is null{vouched})
  {nobody_else});
"""
# The front desk, having made sure who it is, takes away how a patient signs in and gives them a code. That code, beside
# the one by e-mail, makes a session of assurance 2; never for staff, whom a manager lets in again.
RESET = """
create policy session_add_by_given_code on session for insert with check (
  person_id = actor_person() and assurance = 2
  and exists (select from factor_invitation i where i.person_id = session.person_id and i.used_at = now())
  {nobody_else});

create function reset_sign_in_of_chart(p_patient uuid, p_invitation uuid, p_code_hash text, p_until timestamptz)
returns uuid language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  is_attended boolean;
  owner uuid;
begin
  perform set_config('portal.maintenance', 'sign-in', true);
  select may('act', 'booking', p.id, p.confidentiality) into is_attended from patient p where p.id = p_patient;
  if actor_has('front_desk') and is_attended then
    select g.grantee into owner from access_grant g where g.patient_id = p_patient and g.basis = 'self' limit 1;
    if owner = actor_person() or exists (select from person_role r where r.person_id = owner
                                           and r.role not in ('patient', 'caregiver')) then
      owner := null;
    end if;
  end if;
  if owner is not null then
    delete from passkey where person_id = owner;
    delete from recovery_code where person_id = owner;
    delete from authenticator_app where person_id = owner;
    delete from factor_invitation where person_id = owner;
    delete from sign_in_code where person_id = owner and used_at is null;
    update session set ended_at = now() where person_id = owner and ended_at is null;
    insert into factor_invitation (id, person_id, code_hash, expires_at)
      values (p_invitation, owner, p_code_hash, p_until);
  end if;
  perform set_config('portal.maintenance', before, true);
  return owner;
end $$;
revoke execute on function reset_sign_in_of_chart(uuid, uuid, text, timestamptz) from public;
grant execute on function reset_sign_in_of_chart(uuid, uuid, text, timestamptz) to portal_app;
"""
# A manager parts the practice account of a colleague from the one here: whoever left there must not come in by it. What
# the provider says of people stays unseen; managers learn who has joined an account, and no more.
PARTED = """
create function joined_colleagues() returns setof uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'accounts', true);
  return query select distinct i.person_id from sign_on_identity i where actor_has('manager');
  perform set_config('portal.maintenance', before, true);
end $$;

create function part_colleague(p_person uuid) returns table (what text, id uuid)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'accounts', true);
  if actor_has('manager') and p_person <> actor_person() and works_here(p_person) then
    return query with ended as (
      update session s set ended_at = now() from sign_on_session o
      where o.session_id = s.id and o.person_id = p_person and s.ended_at is null returning s.id
    ) select 'session', e.id from ended e;
    return query with gone as (
      delete from sign_on_identity i where i.person_id = p_person returning i.id
    ) select 'identity', g.id from gone g;
  end if;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function joined_colleagues(), part_colleague(uuid) from public;
grant execute on function joined_colleagues(), part_colleague(uuid) to portal_app;
"""
VOUCHED_BEFORE = """
drop function joined_colleagues(), part_colleague(uuid);
drop policy session_add_by_given_code on session;
drop function reset_sign_in_of_chart(uuid, uuid, text, timestamptz), vouch_for_passkeys();
create or replace function has_proved_now(p_person uuid) returns boolean language sql stable
  return exists (select from public.passkey p where p.person_id = p_person and p.last_used_at = now())
    or exists (select from public.authenticator_app a where a.person_id = p_person and a.used_at = now())
    or exists (select from public.recovery_code c where c.person_id = p_person and c.used_at = now());
drop policy passkey_add on passkey;
create policy passkey_add on passkey for insert with check (
  person_id = actor_person() and (not actor_has('unproven') or may_set_up()));
drop function is_vouched_for();
alter table passkey drop vouched_at, drop added_in;
"""


def upgrade() -> None:
    """Lock the sessions of staff that nobody uses, and let a passkey be no stronger than what it was added with."""
    op.execute(COLUMNS)
    op.execute(REWRITE.format(old=READ, new=READ_UNLESS_IDLE))
    op.execute(VOUCHED)
    op.execute(BY_TEXT.format(vouched=" and k.vouched_at < now()", nobody_else=NOBODY_ELSE))
    op.execute(RESET.format(nobody_else=NOBODY_ELSE))
    op.execute(PARTED)


def downgrade() -> None:
    """Let a shift be the only limit again, and every passkey a strong one."""
    op.execute(BY_TEXT.format(vouched="", nobody_else=NOBODY_ELSE))
    op.execute(VOUCHED_BEFORE)
    op.execute(REWRITE.format(old=READ_UNLESS_IDLE, new=READ))
    op.execute("""
    alter table practice drop staff_idle_min;
    drop trigger session_locked on session;
    alter table session drop idle_until, drop locked_at;
    """)

"""Patients who do not want their pages looked at by support, and recovery codes that somebody has kept."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# A row is a refusal. Only the patient decides, as about who acts for them; the practice reads it and says so.
REFUSAL = """
create table look_refusal (
  id uuid primary key, patient_id uuid not null unique references patient on delete cascade,
  refused_by uuid not null references person, refused_at timestamptz not null default now()
);
alter table look_refusal enable row level security;
alter table look_refusal force row level security;
create policy look_refusal_view on look_refusal for select using (
  actor_has('system') or may('view', 'profile', patient_id, 'N') or may('view', 'booking', patient_id, 'N'));
create policy look_refusal_add on look_refusal for insert with check (
  patient_id = actor_patient() and refused_by = actor_person() and decides_on_proxies(patient_id, 'N'));
create policy look_refusal_remove on look_refusal for delete using (
  patient_id = actor_patient() and decides_on_proxies(patient_id, 'N'));
grant select, insert, delete on look_refusal to portal_app;

-- One after the other: a look that is about to begin either sees the refusal or is ended by it.
create function wait_for_looks(p_patient uuid) returns void language sql
  return pg_advisory_xact_lock(hashtextextended('look at ' || p_patient::text, 0));

create function end_refused_looks() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform wait_for_looks(new.patient_id);
  perform set_config('portal.maintenance', 'support', true);
  update support_view w set ended_at = least(now(), w.until) where w.patient_id = new.patient_id and w.ended_at is null;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
create trigger look_refusal_ends after insert on look_refusal for each row execute function end_refused_looks();
revoke execute on function end_refused_looks() from public;
"""
# Staff whose first factor is new, or whose last kept code is used, make ten codes and show that they have kept them.
# Until then their session counts as one of a code alone. Codes from before this rule count as kept.
CODES = """
alter table recovery_code add kept_at timestamptz default now();
alter table recovery_code alter kept_at drop default;
alter table session add owes_codes boolean not null default false;

create function owes_codes(p_person uuid) returns boolean language sql stable
  return (exists (select from public.passkey p
                  where p.person_id = p_person and p.flagged_at is null and p.vouched_at is not null)
          or exists (select from public.authenticator_app a
                     where a.person_id = p_person and a.confirmed_at is not null))
    and not exists (select from public.recovery_code r
                    where r.person_id = p_person and r.kept_at is not null and r.used_at is null);
create function may_make_codes() returns boolean language sql stable
  return exists (select from public.session s
                 where s.id = public.actor_session() and s.person_id = public.actor_person() and s.owes_codes
                   and s.assurance >= 2 and s.ended_at is null and (s.idle_until is null or s.idle_until > now()));
drop policy recovery_code_add on recovery_code;
create policy recovery_code_add on recovery_code for insert with check (
  person_id = actor_person() and kept_at is null and (not actor_has('unproven') or may_make_codes()));

-- One of the codes, typed from the copy, shows that they are kept.
create function keep_recovery_codes(p_code_hash text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  is_kept boolean := false;
begin
  perform set_config('portal.maintenance', 'codes', true);
  if not actor_has('unproven') or may_make_codes() then
    is_kept := exists (select from recovery_code r where r.person_id = actor_person() and r.used_at is null
                         and r.code_hash = p_code_hash);
  end if;
  if is_kept then
    update recovery_code r set kept_at = now() where r.person_id = actor_person() and r.kept_at is null;
    update session s set owes_codes = false where s.person_id = actor_person() and s.owes_codes;
  end if;
  perform set_config('portal.maintenance', before, true);
  return is_kept;
end $$;
revoke execute on function keep_recovery_codes(text) from public;
grant execute on function keep_recovery_codes(text) to portal_app;
"""
BEFORE_CODES = """
drop function keep_recovery_codes(text);
drop policy recovery_code_add on recovery_code;
create policy recovery_code_add on recovery_code for insert with check (
  person_id = actor_person() and not actor_has('unproven'));
drop function may_make_codes(), owes_codes(uuid);
alter table session drop owes_codes;
alter table recovery_code drop kept_at;
"""
# Said where a look begins, and where a session is read, so that whatever else those functions do stays as it stands.
_REWRITE = """
do $rewrite$
declare
  written text := pg_get_functiondef('{function}'::regprocedure);
begin
  if position($old${old}$old$ in written) = 0 then
    raise exception '{function} is written in another way';
  end if;
  execute replace(written, $old${old}$old$, $new${new}$new$);
end $rewrite$
"""
_BEGUN = "  perform set_config('portal.maintenance', 'support', true);\n"
_CHART = "    where c.id = p_patient\n"
_READ = "x.patient_id is null and x.idle_until <= now()"
_SEE, _BEGIN_AS = "see_as_patient(uuid, uuid, text, uuid, text)", "begin_as(text, text)"
_REWRITTEN = (
    (_SEE, _BEGUN, "  perform wait_for_looks(p_patient);\n" + _BEGUN),
    (_SEE, _CHART, _CHART + "      and not exists (select from look_refusal f where f.patient_id = c.id)\n"),
    (_BEGIN_AS, _READ, "x.patient_id is null and (x.owes_codes or x.idle_until <= now())"),
)


def upgrade() -> None:
    """Let patients refuse to be looked at, and insist on codes for the day on which a device is lost."""
    op.execute(REFUSAL)
    op.execute(CODES)
    for function, old, new in _REWRITTEN:
        op.execute(_REWRITE.format(function=function, old=old, new=new))
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget who refused, and who has kept their codes."""
    for function, old, new in _REWRITTEN:
        op.execute(_REWRITE.format(function=function, old=new, new=old))
    op.execute(BEFORE_CODES)
    op.execute("drop table look_refusal; drop function end_refused_looks(), wait_for_looks(uuid);")

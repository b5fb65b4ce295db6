"""Support sees a patient's own pages as the patient does: for minutes, read-only, and in the patient's trail."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Rows are written by the functions below alone: the application's role reads them and nothing else.
TABLES = """
create table support_view (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  from_session_id uuid not null references session on delete cascade,
  seen_person_id uuid references person on delete set null, roles text[] not null, locale text not null,
  kind text not null constraint support_view_kind check (kind in ('asked', 'present', 'mistake')),
  started_at timestamptz not null, until timestamptz not null, ended_at timestamptz,
  constraint support_view_brief check (until > started_at and until <= started_at + interval '15 minutes')
);
create index ix_support_view_patient_id on support_view (patient_id);
create index support_view_from_session on support_view (from_session_id);
create index support_view_open on support_view (person_id) where ended_at is null;
alter table support_view enable row level security;
alter table support_view force row level security;
create policy support_view_view on support_view for select using (
  person_id = actor_person() or actor_has('system') or actor_has('manager'));
grant select on support_view to portal_app;

alter table session add support_view_id uuid;
create index session_seeing on session (support_view_id) where support_view_id is not null;
create policy session_not_seeing on session as restrictive for insert to portal_app with check (
  support_view_id is null);
"""

# Whose own page it is: the person whose chart is looked at, where support sees it, else whoever acts.
PEOPLE = """
create function own_person() returns uuid language sql stable parallel safe
  return coalesce(nullif(current_setting('portal.seen_person', true), '')::uuid, public.actor_person());
create policy person_seen on person for select using (
  case when id = nullif(current_setting('portal.seen_person', true), '')::uuid
       then public.may('view', 'profile', public.actor_patient(), 'N') else false end);
"""

# By which name staff know a patient: the one to be called by first, the legal one always beside it.
NAMES = """
create function said_name(p_given text, p_called text) returns text language sql immutable parallel safe
  return case when p_called in ('', p_given) then p_given else p_called || ' (' || p_given || ')' end;
"""

# An onlooker's transaction is read-only, which PostgreSQL holds to whatever a statement or a function tries. What they
# see follows from grants that the view itself holds, and from nothing else of theirs.
BEGIN = """
create function begin_as_onlooker(p_person uuid, p_session uuid, p_view uuid, p_assurance int) returns table (
  person_id uuid, session_id uuid, patient_id uuid, assurance int, roles text[], locale text, display_name text
) language plpgsql as $$
declare
  v record;
  is_open boolean;
begin
  perform set_config('portal.person_id', p_person::text, true);
  select w.* into v from support_view w where w.id = p_view and w.person_id = p_person;
  is_open := found and v.ended_at is null and v.until > now() and exists (
    select from person_role r where r.person_id = p_person and r.role = any (v.roles));
  perform set_config('portal.roles', case when is_open then '{onlooker}' else '{looked}' end, true),
          set_config('portal.grantees', case when is_open then array[p_view]::text else '{}' end, true),
          set_config('portal.patient_id', case when is_open then v.patient_id::text else '' end, true),
          -- Nobody, where nobody signs in to the chart: never whoever looks.
          set_config('portal.seen_person',
                     coalesce(v.seen_person_id::text, '00000000-0000-0000-0000-000000000000'), true),
          set_config('portal.session_id', p_session::text, true),
          set_config('portal.assurance', p_assurance::text, true),
          set_config('transaction_read_only', 'on', true);
  return query
    select case when p.disabled_at is null then p.id end, p_session, case when is_open then v.patient_id::uuid end,
           p_assurance, case when is_open then '{onlooker}' else '{looked}' end::text[],
           coalesce(v.locale::text, p.locale), p.display_name
    from person p where p.id = p_person;
end $$;

-- In which the audit events of a look are written, under the hats of the staff member; nothing is seen in it.
create function begin_as_witness(p_secret_hash text, p_address text) returns void language plpgsql as $$
declare
  s record;
begin
  perform begin_as_nobody(p_address);
  perform set_config('portal.session_hash', p_secret_hash, true);
  select x.id, x.person_id, x.support_view_id into s from session x
    where x.secret_hash = p_secret_hash and x.ended_at is null and x.expires_at > now();
  perform set_config('portal.person_id', coalesce(s.person_id::text, ''), true),
          set_config('portal.session_id', coalesce(s.id::text, ''), true);
  perform set_config('portal.roles', w.roles::text, true) from support_view w where w.id = s.support_view_id;
end $$;
"""
_READ = "x.patient_id, x.assurance"
_READ_VIEW = "x.patient_id, x.support_view_id, x.assurance"
_KNOWN = "  perform set_config('portal.person_id', s.person_id::text, true);"
_SEEING = """  if s.support_view_id is not null then
    return query select * from begin_as_onlooker(s.person_id, s.id, s.support_view_id, s.assurance);
    return;
  end if;
"""
# Said where the session is read and in no other place, so that whatever else that function does stays as it stands.
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
# What single sign-on knows of a session goes with it to another chart, so that a fresh proof is still asked for.
_ENDED = "    update session set ended_at = now(), ended_because = 'switched' where id = old.id;"
_HANDED_ON = "    update sign_on_session o set session_id = p_id where o.session_id = old.id;\n"
_REWRITTEN = (
    ("begin_as(text, text)", _READ, _READ_VIEW),
    ("begin_as(text, text)", _KNOWN, _SEEING + _KNOWN),
    ("switch_chart(uuid, text, uuid)", _ENDED, _HANDED_ON + _ENDED),
)

SEEING = """
create function see_as_patient(
  p_view uuid, p_session uuid, p_secret_hash text, p_patient uuid, p_kind text
) returns table (locale text, look text, expires_at timestamptz) language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  me uuid := actor_person();
  own session;
  chart record;
begin
  if actor_patient() is not null or not (actor_has('front_desk') or actor_has('nurse') or actor_has('clinician')) then
    return;
  end if;
  perform set_config('portal.maintenance', 'support', true);
  select c.id, coalesce(p.locale, c.language) as locale, p.id as person_id,
         coalesce(p.text_size || '.' || p.contrast, '') as look into chart
    from patient c
    left join access_grant g on g.patient_id = c.id and g.basis = 'self'
    left join person p on p.id = g.grantee and p.disabled_at is null
    where c.id = p_patient
      and (may('view', 'booking', c.id, c.confidentiality) or may('view', 'profile', c.id, c.confidentiality))
      -- Whoever has a key of their own uses that; what an emergency opened ends with it.
      and not exists (select from access_grant x where x.patient_id = c.id and (
        (x.grantee = me and x.basis in ('self', 'caregiver'))
        or (x.grantee = any (actor_grantees()) and x.basis = 'emergency' and x.valid_until > now())))
    limit 1;
  select * into own from session s where s.id = actor_session() and s.person_id = me and s.support_view_id is null
    and s.ended_at is null and s.expires_at > now() for update;
  if chart.id is not null and own.id is not null then
    update support_view w set ended_at = least(now(), w.until) where w.person_id = me and w.ended_at is null;
    insert into support_view (id, person_id, patient_id, from_session_id, seen_person_id, roles, locale, kind,
        started_at, until)
      values (p_view, me, chart.id, own.id, chart.person_id, current_setting('portal.roles')::text[], chart.locale,
        p_kind, now(), now() + interval '15 minutes');
    -- What the staff member may see of this chart now, and to which limit; never to act. Rows of different limits
    -- differ in their assurance, because a grant is one per assurance; the session has it in any case.
    insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)
      select p_view, chart.id, array_agg(r.section), '{view}', substr('NRV', r.level, 1), r.level - 1, 'role',
             now() + interval '15 minutes'
      from (select s.section, max(l.level) as level
            from unnest('{booking,forms,vitals,messages,results,notes,bills,visits,profile}'::text[]) s (section),
                 generate_series(1, 3) l (level)
            where may('view', s.section, chart.id, substr('NRV', l.level, 1)) group by s.section) r
      group by r.level;
    insert into session select (jsonb_populate_record(null::session, to_jsonb(own) || jsonb_build_object(
      'id', p_session, 'secret_hash', p_secret_hash, 'patient_id', chart.id, 'support_view_id', p_view))).*;
    locale := chart.locale;
    look := chart.look;
    expires_at := own.expires_at;
    return next;
  end if;
  perform set_config('portal.maintenance', before, true);
end $$;

-- Back to work, proven by the secret of the session that looks, once, and only while the session it came from lasts.
create function stop_seeing(p_secret_hash text, p_id uuid, p_new_hash text) returns table (
  person_id uuid, locale text, look text, expires_at timestamptz
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  looking session;
  own session;
begin
  perform set_config('portal.maintenance', 'support', true);
  select * into looking from session s where s.secret_hash = p_secret_hash and s.support_view_id is not null
    and s.ended_at is null and s.expires_at > now() for update;
  if looking.id is not null then
    update support_view w set ended_at = least(now(), w.until)
      where w.id = looking.support_view_id and w.ended_at is null;
    update session s set ended_at = now(), ended_because = 'switched' where s.id = looking.id;
    select s.* into own from session s join support_view w on w.from_session_id = s.id
      where w.id = looking.support_view_id and w.until > now() - interval '15 minutes'
        and s.ended_at is null and s.expires_at > now() for update of s;
    if own.id is not null then
      insert into session select (jsonb_populate_record(null::session,
        to_jsonb(own) || jsonb_build_object('id', p_id, 'secret_hash', p_new_hash))).*;
      update sign_on_session o set session_id = p_id where o.session_id = own.id;
      update session s set ended_at = now(), ended_because = 'switched' where s.id = own.id;
      return query select p.id, p.locale, p.text_size || '.' || p.contrast, own.expires_at
        from person p where p.id = own.person_id;
    end if;
  end if;
  perform set_config('portal.maintenance', before, true);
end $$;

create function end_support_view() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'support', true);
  delete from access_grant g where g.grantee = new.id and g.patient_id = new.patient_id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
create trigger support_view_ended after update of ended_at on support_view
  for each row when (old.ended_at is null and new.ended_at is not null) execute function end_support_view();

create function end_views_of_session() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'support', true);
  update support_view w set ended_at = least(now(), w.until) where w.from_session_id = new.id and w.ended_at is null;
  update session s set ended_at = now() from support_view w
    where w.from_session_id = new.id and s.support_view_id = w.id and s.ended_at is null;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
create trigger session_ends_views after update of ended_at on session
  for each row when (old.ended_at is null and new.ended_at is not null and new.support_view_id is null)
  execute function end_views_of_session();

revoke execute on function see_as_patient(uuid, uuid, text, uuid, text), stop_seeing(text, uuid, text),
  end_support_view(), end_views_of_session() from public;
grant execute on function see_as_patient(uuid, uuid, text, uuid, text), stop_seeing(text, uuid, text) to portal_app;
"""


def upgrade() -> None:
    """Let support look, and nothing but look."""
    for script in (TABLES, PEOPLE, NAMES, BEGIN, SEEING):
        op.execute(script)
    for function, old, new in _REWRITTEN:
        op.execute(_REWRITE.format(function=function, old=old, new=new))
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget that anybody looked like this."""
    for function, old, new in _REWRITTEN:
        op.execute(_REWRITE.format(function=function, old=new, new=old))
    op.execute("""
    drop trigger session_ends_views on session;
    drop policy session_not_seeing on session;
    drop policy person_seen on person;
    set local portal.maintenance = 'support';
    delete from session where support_view_id is not null;
    delete from access_grant where basis = 'role' and patient_id is not null;
    set local portal.maintenance = '';
    drop index session_seeing;
    alter table session drop support_view_id;
    drop table support_view;
    drop function see_as_patient(uuid, uuid, text, uuid, text), stop_seeing(text, uuid, text), end_support_view(),
      end_views_of_session(), begin_as_witness(text, text), begin_as_onlooker(uuid, uuid, uuid, int), own_person(),
      said_name(text, text);
    """)

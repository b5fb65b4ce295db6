"""Who looked: patients read the trail of their chart; whoever opens one in an emergency says why and is reviewed."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Events from before have neither name nor roles; their seals stay true, because absent columns are not sealed.
COLUMNS = """
alter table audit_event add column person_name text, add column roles text[];
create index audit_event_chart_person on audit_event (patient_id, person_id, at) where patient_id is not null;

create or replace function stamp_audit_event() returns trigger language plpgsql as $$
declare
  named text := current_setting('portal.named', true);
begin
  new.person_id := actor_person();
  if new.person_id is null then
    raise exception 'an audit event needs an actor' using errcode = 'insufficient_privilege';
  end if;
  -- Looked up once in a transaction, however many events it has.
  if left(named, 36) is distinct from new.person_id::text then
    named := new.person_id || ' ' || coalesce((select p.display_name from person p where p.id = new.person_id), '');
    perform set_config('portal.named', named, true);
  end if;
  new.person_name := substr(named, 38);
  new.roles := coalesce(nullif(current_setting('portal.roles', true), ''), '{}')::text[];
  new.session_id := nullif(current_setting('portal.session_id', true), '')::uuid;
  new.address := coalesce(current_setting('portal.address', true), '');
  new.task := coalesce(current_setting('portal.task', true), '');
  new.tx := pg_current_xact_id()::text::bigint;
  new.cluster := this_cluster();
  new.at := clock_timestamp();
  return new;
end $$;
"""
COLUMNS_BEFORE = """
create or replace function stamp_audit_event() returns trigger language plpgsql as $$
begin
  new.person_id := actor_person();
  if new.person_id is null then
    raise exception 'an audit event needs an actor' using errcode = 'insufficient_privilege';
  end if;
  new.session_id := nullif(current_setting('portal.session_id', true), '')::uuid;
  new.address := coalesce(current_setting('portal.address', true), '');
  new.task := coalesce(current_setting('portal.task', true), '');
  new.tx := pg_current_xact_id()::text::bigint;
  new.cluster := this_cluster();
  new.at := clock_timestamp();
  return new;
end $$;
drop index audit_event_chart_person;
alter table audit_event drop column person_name, drop column roles;
"""

# Patients read the trail through the functions below and in no other way, so that address and session stay hidden.
# The functions run as the owner, whom row-level security holds to the chart acted for.
POLICY = """
drop policy audit_event_view on audit_event;
create policy audit_event_view on audit_event for select using (
  (select public.actor_has('manager') or public.actor_has('system')));
create policy audit_event_of_chart on audit_event for select to portal_owner using (
  patient_id = (select public.actor_patient())
  and (select public.may('view', 'profile', public.actor_patient(), 'N')));
"""
POLICY_BEFORE = """
drop policy audit_event_of_chart on audit_event;
drop policy audit_event_view on audit_event;
create policy audit_event_view on audit_event for select using (
  actor_has('manager') or actor_has('system')
  or (patient_id = actor_patient() and may('view', 'profile', patient_id, 'N')));
"""

# Whoever may not see all of a chart sees a line only if they may see what it is about now: what was made confidential
# later takes its lines along. What is not named here, or is gone, is not shown to them.
FUNCTIONS = """
create function is_line_shown(p_patient uuid, p_entity text, p_entity_id uuid) returns boolean
language sql stable as $$
  select case p_entity
    when 'Patient' then true
    when 'Appointment' then exists (
        select from public.appointment a where a.id = p_entity_id and a.patient_id = p_patient
          and public.may('view', 'booking', p_patient, a.confidentiality))
      or exists (
        select from public.time_request r where r.id = p_entity_id and r.patient_id = p_patient
          and public.may('view', 'booking', p_patient, r.confidentiality))
    when 'WaitlistEntry' then exists (
      select from public.waitlist_entry w where w.id = p_entity_id and w.patient_id = p_patient
        and public.may('view', 'booking', p_patient, w.confidentiality))
    when 'Slot' then exists (
      select from public.time_offer o where o.slot_id = p_entity_id and o.patient_id = p_patient
        and public.may('view', 'booking', p_patient, o.confidentiality))
    when 'Task' then exists (
        select from public.task t where t.id = p_entity_id and t.patient_id = p_patient
          and public.may('view', 'booking', p_patient, t.confidentiality))
      or exists (
        select from public.call_back c where c.id = p_entity_id and c.patient_id = p_patient
          and public.may('view', 'booking', p_patient, c.confidentiality))
    else false
  end
$$;

-- The days that a page of lines covers: whole ones, back from a moment, until about so many events are on it.
create function chart_days(p_before timestamptz, p_zone text, p_who text, p_person uuid, p_most int)
returns table (first_at timestamptz, has_more boolean)
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  chart uuid := actor_patient();
begin
  select date_trunc('day', min(x.at), p_zone) into first_at from (
    select e.at from audit_event e
    where e.patient_id = chart and e.at < p_before and (p_person is null or e.person_id = p_person)
      and (p_who = 'all' or (p_who = 'portal') = ('system' = any (coalesce(e.roles, '{}'))))
    order by e.at desc limit p_most) x;
  has_more := exists (
    select from audit_event e
    where e.patient_id = chart and e.at < first_at and (p_person is null or e.person_id = p_person)
      and (p_who = 'all' or (p_who = 'portal') = ('system' = any (coalesce(e.roles, '{}')))));
  return next;
end $$;

-- The lines of those days. Views (`p_views`) by one person within an hour of the clock are one line with a count.
create function chart_lines(
  p_from timestamptz, p_before timestamptz, p_zone text, p_who text, p_person uuid, p_views text[]
) returns table (
  id bigint, newest timestamptz, oldest timestamptz, times bigint, person_id uuid, person_name text, roles text[],
  action text, side text, emergency text
) language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  chart uuid := actor_patient();
  sees_all boolean := may('view', 'profile', chart, 'V');
begin
  return query
  select max(e.id), max(e.at), min(e.at), count(*), e.person_id, coalesce(e.person_name, ''),
    coalesce(e.roles, '{}'), e.action,
    case when e.person_id = actor_person() then 'own'
      when exists (select from access_grant g
        where g.patient_id = chart and g.basis = 'self' and g.grantee = e.person_id) then 'patient'
      when 'system' = any (coalesce(e.roles, '{}')) then 'portal'
      when coalesce(e.roles, '{}') && '{patient,caregiver}' then 'caregiver'
      else 'staff' end,
    coalesce(b.kind, '')
  from audit_event e
  left join lateral (
    select o.kind from emergency_access o
    where o.patient_id = chart and o.person_id = e.person_id and not coalesce(e.roles, '{}') && '{patient,caregiver}'
      and e.at >= o.opened_at and e.at < coalesce(o.ended_at, o.valid_until)
    order by o.opened_at desc limit 1) b on true
  where e.patient_id = chart and e.at >= p_from and e.at < p_before
    and (p_person is null or e.person_id = p_person)
    and (p_who = 'all' or (p_who = 'portal') = ('system' = any (coalesce(e.roles, '{}'))))
    and (sees_all or e.person_id = actor_person() or is_line_shown(chart, e.entity, e.entity_id))
  group by e.person_id, e.person_name, e.roles, e.action, b.kind, date_trunc('hour', e.at, p_zone),
    case when e.action = any (p_views) then 0 else e.id end
  order by 2 desc, 1 desc;
end $$;

-- One line, if it is shown to whoever asks.
create function chart_line(p_event bigint)
returns table (at timestamptz, person_name text, roles text[], action text)
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  chart uuid := actor_patient();
begin
  return query
  select e.at, coalesce(e.person_name, ''), coalesce(e.roles, '{}'), e.action from audit_event e
  where e.id = p_event and e.patient_id = chart
    and (may('view', 'profile', chart, 'V') or e.person_id = actor_person()
      or is_line_shown(chart, e.entity, e.entity_id));
end $$;

-- Everybody who is in the trail of the chart acted for, one look at the index for each. Whoever may not see all of
-- the chart is told nobody: even a name could say what a visit was for.
create function chart_people() returns table (person_id uuid, person_name text, roles text[])
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  chart uuid := actor_patient();
begin
  if not may('view', 'profile', chart, 'V') then
    return;
  end if;
  return query
  with recursive someone (id) as (
    (select e.person_id from audit_event e where e.patient_id = chart order by e.person_id limit 1)
    union all
    select (select e.person_id from audit_event e where e.patient_id = chart and e.person_id > s.id
      order by e.person_id limit 1)
    from someone s where s.id is not null
  )
  select s.id, coalesce(l.person_name, ''), coalesce(l.roles, '{}')
  from someone s cross join lateral (
    select e.person_name, e.roles from audit_event e where e.patient_id = chart and e.person_id = s.id
    order by e.at desc limit 1) l
  where s.id is not null;
end $$;

revoke execute on function chart_days(timestamptz, text, text, uuid, int),
  chart_lines(timestamptz, timestamptz, text, text, uuid, text[]), chart_line(bigint),
  chart_people() from public;
grant execute on function chart_days(timestamptz, text, text, uuid, int),
  chart_lines(timestamptz, timestamptz, text, text, uuid, text[]), chart_line(bigint),
  chart_people() to portal_app;
"""
FUNCTIONS_BEFORE = """
drop function chart_people(), chart_line(bigint), chart_lines(timestamptz, timestamptz, text, text, uuid, text[]),
  chart_days(timestamptz, text, text, uuid, int), is_line_shown(uuid, text, uuid);
"""

# `reason`, `words` and `answer` are encrypted. The grant of an opening is written by a trigger, as for appointments.
EMERGENCIES = """
create table emergency_access (
  id uuid primary key, person_id uuid not null references person, person_name text not null,
  patient_id uuid not null references patient on delete cascade,
  kind text not null constraint emergency_access_kind check (kind in ('emergency', 'covering', 'asked', 'other')),
  reason text not null, opened_at timestamptz not null, valid_until timestamptz not null,
  ended_at timestamptz, ended_by uuid references person,
  reviewed_at timestamptz, reviewed_by uuid references person,
  constraint emergency_access_brief check (valid_until > opened_at and valid_until <= opened_at + interval '4 hours')
);
create index emergency_access_chart on emergency_access (patient_id, person_id, opened_at);
create index emergency_access_opened on emergency_access (opened_at);
alter table emergency_access enable row level security;
alter table emergency_access force row level security;
create policy emergency_access_view on emergency_access for select using (
  (person_id = (select public.actor_person()) and (select public.actor_patient()) is null)
  or (select public.actor_has('manager') or public.actor_has('system')));
create policy emergency_access_open on emergency_access for insert with check (
  person_id = public.actor_person() and public.actor_patient() is null
  and (public.actor_has('nurse') or public.actor_has('clinician'))
  and opened_at between now() - interval '1 minute' and now() + interval '1 minute'
  and ended_at is null and reviewed_at is null);
create policy emergency_access_change on emergency_access for update using (
  (person_id = public.actor_person() and public.actor_patient() is null and reviewed_at is null)
  or public.actor_has('manager'))
  with check ((reviewed_at is null or public.actor_has('manager'))
    and (ended_by is null or ended_by = public.actor_person() or public.actor_has('manager')));
create policy emergency_access_of_chart on emergency_access for select to portal_owner using (
  patient_id = (select public.actor_patient())
  and (select public.may('view', 'profile', public.actor_patient(), 'N')));
grant select, insert, update (ended_at, ended_by, reviewed_at, reviewed_by) on emergency_access to portal_app;

alter table access_grant drop constraint access_grant_basis;
alter table access_grant add constraint access_grant_basis
  check (basis in ('self', 'caregiver', 'care_team', 'appointment', 'role', 'emergency'));
create policy access_grant_in_emergency on access_grant to portal_owner
  using (basis = 'emergency') with check (basis = 'emergency');
-- Whoever acts for a chart has left their work behind, and what it opened.
create policy access_grant_emergency_at_work on access_grant as restrictive for select using (
  basis <> 'emergency' or (select public.actor_patient()) is null or is_maintained());

create function grant_in_emergency() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)
      values (new.person_id, new.patient_id, '{booking,forms,vitals,visits,profile}', '{view,act}', 'R', 2, 'emergency',
        new.valid_until)
    on conflict on constraint access_grant_once do update set valid_until = excluded.valid_until;
  else
    update access_grant g set valid_until = least(g.valid_until, now())
    where g.grantee = new.person_id and g.patient_id = new.patient_id and g.basis = 'emergency';
  end if;
  return null;
end $$;
revoke execute on function grant_in_emergency() from public;
create trigger emergency_access_grants after insert on emergency_access
  for each row execute function grant_in_emergency();
create trigger emergency_access_ends after update of ended_at on emergency_access
  for each row when (old.ended_at is null and new.ended_at is not null) execute function grant_in_emergency();

-- Finding whom row-level security hides: who it is, and no more. Charts that are very restricted are not found.
create function find_outside(p_names text, p_dates text[], p_most int)
returns table (id uuid, given_name text, family_name text, birth_date date)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if actor_patient() is not null or not (actor_has('nurse') or actor_has('clinician')) then
    return;
  end if;
  perform set_config('portal.maintenance', 'emergency', true);
  return query
  with wanted as materialized (
    select w.token, w.low, w.high from wanted_words(p_names) w
    union all select 1000, d, d || chr(1) from unnest(p_dates) d
  ), hits as (
    select w.patient_id, count(distinct t.token) as answered
    from wanted t cross join lateral (
      select x.patient_id from patient_word x where x.word >= t.low and x.word < t.high offset 0) w
    group by w.patient_id
  )
  select c.id, c.given_name, c.family_name, c.birth_date from hits h join patient c on c.id = h.patient_id
  where h.answered = (select count(distinct t.token) from wanted t) and c.confidentiality <> 'V'
  order by c.family_name, c.given_name, c.birth_date, c.id limit p_most;
  perform set_config('portal.maintenance', before, true);
end $$;

create function is_found_outside(p_patient uuid) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  found boolean;
begin
  perform set_config('portal.maintenance', 'emergency', true);
  found := exists (select from patient c where c.id = p_patient and c.confidentiality <> 'V');
  perform set_config('portal.maintenance', before, true);
  return found and actor_patient() is null and (actor_has('nurse') or actor_has('clinician'));
end $$;

-- Managers see no charts; here they read whose it was that was opened, or who asks.
create function privacy_names() returns table (patient_id uuid, name text)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not actor_has('manager') then
    return;
  end if;
  perform set_config('portal.maintenance', 'privacy', true);
  return query
    select c.id, c.given_name || ' ' || c.family_name from patient c
    where c.id in (select o.patient_id from emergency_access o union select q.patient_id from privacy_question q);
  perform set_config('portal.maintenance', before, true);
end $$;

create table privacy_question (
  id uuid primary key, patient_id uuid not null references patient on delete cascade,
  event_id bigint not null, words text not null default '', asked_by uuid not null references person,
  asked_at timestamptz not null, answer text, answered_at timestamptz, answered_by uuid references person,
  constraint privacy_question_answered check ((answer is null) = (answered_at is null))
);
create index ix_privacy_question_patient_id on privacy_question (patient_id, asked_at);
alter table privacy_question enable row level security;
alter table privacy_question force row level security;
create policy privacy_question_view on privacy_question for select using (
  (select public.actor_has('manager') or public.actor_has('system'))
  or (asked_by = (select public.actor_person()) and patient_id = (select public.actor_patient())));
create policy privacy_question_ask on privacy_question for insert with check (
  asked_by = public.actor_person() and patient_id = public.actor_patient() and answered_at is null
  and public.may('view', 'profile', patient_id, 'N'));
create policy privacy_question_answer on privacy_question for update using (public.actor_has('manager'));
grant select, insert, update (answer, answered_at, answered_by) on privacy_question to portal_app;

select set_config('portal.maintenance', '0019', true);
insert into task_kind (code, roles, is_open_to_patient) values
  ('emergency_access', '{manager}', false), ('privacy_question', '{manager}', true);
select set_config('portal.maintenance', '', true);

revoke execute on function find_outside(text, text[], int), is_found_outside(uuid), privacy_names() from public;
grant execute on function find_outside(text, text[], int), is_found_outside(uuid), privacy_names() to portal_app;
"""
EMERGENCIES_BEFORE = """
select set_config('portal.maintenance', '0019', true);
delete from task where code in ('emergency_access', 'privacy_question');
delete from task_kind where code in ('emergency_access', 'privacy_question');
drop table privacy_question, emergency_access;
drop function privacy_names(), is_found_outside(uuid), find_outside(text, text[], int), grant_in_emergency();
drop policy access_grant_emergency_at_work on access_grant;
drop policy access_grant_in_emergency on access_grant;
delete from access_grant where basis = 'emergency';
alter table access_grant drop constraint access_grant_basis;
alter table access_grant add constraint access_grant_basis
  check (basis in ('self', 'caregiver', 'care_team', 'appointment', 'role'));
select set_config('portal.maintenance', '', true);
"""


def upgrade() -> None:
    """Stamp names and roles, let patients read the trail of their chart, and keep openings in an emergency."""
    for script in (COLUMNS, POLICY, EMERGENCIES, FUNCTIONS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget it all, and close the reading again."""
    for script in (FUNCTIONS_BEFORE, EMERGENCIES_BEFORE, POLICY_BEFORE, COLUMNS_BEFORE):
        op.execute(script)

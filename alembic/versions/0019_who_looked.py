"""Who looked: the trail says by name and role who it was, and a patient reads the lines of their own chart."""

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
  action text, side text
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
      else 'staff' end
  from audit_event e
  where e.patient_id = chart and e.at >= p_from and e.at < p_before
    and (p_person is null or e.person_id = p_person)
    and (p_who = 'all' or (p_who = 'portal') = ('system' = any (coalesce(e.roles, '{}'))))
    and (sees_all or e.person_id = actor_person() or is_line_shown(chart, e.entity, e.entity_id))
  group by e.person_id, e.person_name, e.roles, e.action, date_trunc('hour', e.at, p_zone),
    case when e.action = any (p_views) then 0 else e.id end
  order by 2 desc, 1 desc;
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
  chart_lines(timestamptz, timestamptz, text, text, uuid, text[]), chart_people() from public;
grant execute on function chart_days(timestamptz, text, text, uuid, int),
  chart_lines(timestamptz, timestamptz, text, text, uuid, text[]), chart_people() to portal_app;
"""
FUNCTIONS_BEFORE = """
drop function chart_people(), chart_lines(timestamptz, timestamptz, text, text, uuid, text[]),
  chart_days(timestamptz, text, text, uuid, int), is_line_shown(uuid, text, uuid);
"""


def upgrade() -> None:
    """Stamp names and roles, and let patients read the trail of their chart."""
    for script in (COLUMNS, POLICY, FUNCTIONS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget names and roles, and close the reading again."""
    for script in (FUNCTIONS_BEFORE, POLICY_BEFORE, COLUMNS_BEFORE):
        op.execute(script)

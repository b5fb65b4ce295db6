"""Do what every transaction does in fewer steps: say who acts, ask what they may see, keep the trail, leave jobs.

What each step cost and why it is still safe: docs/decisions/0055-lean-writes.md.
"""

import re
import runpy
from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# The same as in 0016, in short statements where one long one was. Whoever acts is named to the audit trail here, where
# their row is read anyway. Later migrations change two lines of it in place, so those keep their words.
BEGIN_AS = """
create or replace function begin_as(p_secret_hash text, p_address text) returns table (
  person_id uuid, session_id uuid, patient_id uuid, assurance int, roles text[], locale text, display_name text
) language plpgsql as $$
declare
  s record;
  acts_for_a_chart boolean;
  is_disabled boolean;
  grantees uuid[] := '{}';
begin
  perform begin_as_nobody(p_address), set_config('portal.session_hash', p_secret_hash, true);
  select x.id, x.person_id, x.patient_id, x.assurance into s from session x
    where x.secret_hash = p_secret_hash and x.ended_at is null and x.expires_at > now();
  if not found then
    return query select null::uuid, null::uuid, null::uuid, 0, '{}'::text[], 'en', '';
    return;
  end if;
  perform set_config('portal.person_id', s.person_id::text, true);
  acts_for_a_chart := s.patient_id is not null;
  -- Acting for a chart, a person is a patient or a caregiver and nothing else: staff hats stay off, and they are worn
  -- after a second factor only.
  select p.locale, p.display_name, p.disabled_at is not null, array(
      select distinct r.role from person_role r
      where r.person_id = p.id and (r.role in ('patient', 'caregiver')) = acts_for_a_chart
        and (acts_for_a_chart or s.assurance >= 2))
    into locale, display_name, is_disabled, roles
    from person p where p.id = s.person_id;
  if not found then
    return;
  end if;
  if roles <> '{}' and acts_for_a_chart then
    grantees := array_remove(array[s.person_id, role_grantee(roles[1]), role_grantee(roles[2])], null);
  elsif roles <> '{}' then
    grantees := array(
      select distinct g.grantee from person_role r cross join lateral (values
        (s.person_id), (role_grantee(r.role)),
        (case when r.role in ('nurse', 'clinician') then r.location_id end)) g (grantee)
      where r.person_id = s.person_id and r.role = any (roles) and g.grantee is not null);
  elsif not acts_for_a_chart and works_here(s.person_id) then
    roles := '{unproven}';
  end if;
  perform set_config('portal.roles', roles::text, true), set_config('portal.grantees', grantees::text, true),
          set_config('portal.patient_id', coalesce(s.patient_id::text, ''), true),
          set_config('portal.session_id', s.id::text, true), set_config('portal.assurance', s.assurance::text, true),
          set_config('portal.named', s.person_id || ' ' || display_name, true);
  person_id := case when not is_disabled then s.person_id end;
  session_id := s.id;
  patient_id := s.patient_id;
  assurance := s.assurance;
  return next;
end $$;
"""

# As in 0001, but what a role allows is looked for only where nothing of this chart's allows it.
MAY = """
create or replace function may(p_verb text, p_section text, p_patient uuid, p_confidentiality text) returns boolean
language plpgsql stable parallel safe as $$
declare
  assurance int := coalesce(nullif(current_setting('portal.assurance', true), '')::int, 0);
  grantees uuid[] := public.actor_grantees();
begin
  -- Names carry their schema: pg_dump calls this with an empty search path.
  -- A person's own grants count only for the chart they act for, so that no page mixes two charts.
  if exists (
    select from public.access_grant g
    where g.grantee = any (grantees) and g.patient_id = p_patient
      and p_section = any (g.sections) and p_verb = any (g.verbs)
      and position(p_confidentiality in 'NRV') <= position(g.up_to in 'NRV')
      and g.min_assurance <= assurance and (g.valid_until is null or g.valid_until > now())
      and (g.basis not in ('self', 'caregiver') or g.patient_id = public.actor_patient())
  ) then
    return true;
  end if;
  return exists (
    select from public.access_grant g
    where g.grantee = any (grantees) and g.patient_id is null
      and p_section = any (g.sections) and p_verb = any (g.verbs)
      and position(p_confidentiality in 'NRV') <= position(g.up_to in 'NRV')
      and g.min_assurance <= assurance and (g.valid_until is null or g.valid_until > now())
  );
end $$;
"""

# A subquery in a policy is made ready whenever the table is read, even if it is never asked; a function is not.
POLICIES = """
create function is_seen_by_cancelled(p_patient uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from public.appointment a
    where a.patient_id = p_patient and public.is_seen_cancelled(a.status, a.location_id, a.starts_at));
end $$;
alter policy patient_view on patient using (
  case when (select actor_patient()) is null
       then position(confidentiality in 'NRV') <= (select greatest(reach('view', 'booking'), reach('view', 'profile')))
       else false end
  or may('view', 'booking', id, confidentiality) or may('view', 'profile', id, confidentiality)
  or is_seen_by_cancelled(id));
alter policy access_grant_emergency_at_work on access_grant using (
  basis <> 'emergency' or actor_patient() is null or is_maintained());
"""
POLICIES_BEFORE = """
alter policy access_grant_emergency_at_work on access_grant using (
  basis <> 'emergency' or (select actor_patient()) is null or is_maintained());
alter policy patient_view on patient using (
  case when (select actor_patient()) is null
       then position(confidentiality in 'NRV') <= (select greatest(reach('view', 'booking'), reach('view', 'profile')))
       else false end
  or may('view', 'booking', id, confidentiality) or may('view', 'profile', id, confidentiality)
  or exists (select from appointment a
    where a.patient_id = patient.id and is_seen_cancelled(a.status, a.location_id, a.starts_at)));
drop function is_seen_by_cancelled(uuid);
"""

# An insert inside a function is planned once a connection, not once a tap.
TRAIL_AND_JOBS = """
create function record_event(p_action text, p_patient uuid, p_entity text, p_entity_id uuid, p_detail jsonb)
returns void language plpgsql as $$
begin
  insert into public.audit_event (action, patient_id, entity, entity_id, detail)
    values (p_action, p_patient, p_entity, p_entity_id, p_detail);
end $$;

-- What procrastinate_defer_jobs_v1 does for one job.
create function enqueue_job(p_task text, p_args jsonb, p_run_at timestamptz) returns void language plpgsql as $$
begin
  insert into public.procrastinate_jobs (queue_name, task_name, priority, args, scheduled_at)
    values ('portal', p_task, 0, p_args, p_run_at);
end $$;
"""

# What a booking leaves behind, in the statement that takes the time; nothing where the time was not taken now.
BOOKING = """
create function note_booking(p_verdict text, p_action text, p_patient uuid, p_appointment uuid, p_task text)
returns void language plpgsql as $$
begin
  if p_verdict in ('taken', 'kept') then
    insert into public.audit_event (action, patient_id, entity, entity_id, detail)
      values (p_action, p_patient, 'Appointment', p_appointment, '{}');
    insert into public.procrastinate_jobs (queue_name, task_name, priority, args)
      values ('portal', p_task, 0, jsonb_build_object('appointment_id', p_appointment));
  end if;
end $$;
"""

# A single row is inserted at a time: a check that is made ready and not asked costs more than one that is asked.
SLOT_POLICIES = """
alter policy slot_take on slot with check (
  actor_person() is not null and (status <> 'busy-unavailable' or works_here()));
alter policy slot_keep on slot with check (not is_kept or actor_has('system'));
alter policy slot_overbook on slot with check (
  not is_overbooked or actor_has('clinician') or actor_has('front_desk') or actor_has('manager')
  or actor_has('system'));
"""
SLOT_POLICIES_BEFORE = """
alter policy slot_take on slot with check (
  (select actor_person()) is not null and (status <> 'busy-unavailable' or (select works_here())));
alter policy slot_keep on slot with check (not is_kept or (select actor_has('system')));
alter policy slot_overbook on slot with check (not is_overbooked or (select (
  actor_has('clinician') or actor_has('front_desk') or actor_has('manager') or actor_has('system'))));
"""

ANNOUNCE = """
create or replace function announce_appointment() returns trigger language plpgsql as $$
begin
  insert into public.announcement (topics) values (array[
    'patient:' || new.patient_id, 'practitioner:' || new.practitioner_id, 'location:' || new.location_id]);
  perform set_config('portal.changed', 'yes', true);
  return null;
end $$;
"""

# The first visit somewhere writes the grant, the others look at it; only a later one moves its end.
GRANT = """
create or replace function grant_by_appointment() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  until_at timestamptz := new.starts_at + interval '30 days';
  held timestamptz;
begin
  if new.status = 'cancelled' then
    update access_grant g set valid_until = coalesce(
      (select max(a.starts_at) + interval '30 days' from appointment a where a.patient_id = new.patient_id
        and a.location_id = new.location_id and a.status not in ('pending', 'cancelled')), now())
    where g.grantee = new.location_id and g.patient_id = new.patient_id and g.basis = 'appointment';
    return null;
  end if;
  select g.valid_until into held from access_grant g
    where g.grantee = new.location_id and g.patient_id = new.patient_id and g.basis = 'appointment'
      and g.min_assurance = 1
    order by g.valid_until desc limit 1;
  if not found then
    insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)
      values (new.location_id, new.patient_id, '{booking,forms,vitals,visits}', '{view,act}', 'R', 1, 'appointment',
        until_at)
      on conflict do nothing;
    if found then
      return null;
    end if;
  end if;
  if held is null or held < until_at then
    update access_grant g set valid_until = until_at
      where g.grantee = new.location_id and g.patient_id = new.patient_id and g.basis = 'appointment'
        and g.min_assurance = 1 and g.valid_until < until_at;
  end if;
  return null;
end $$;
"""


def upgrade() -> None:
    """Do the same in fewer steps."""
    for script in (BEGIN_AS, MAY, POLICIES, TRAIL_AND_JOBS, BOOKING, SLOT_POLICIES, ANNOUNCE, GRANT):
        op.execute(script)


def downgrade() -> None:
    """Take the longer way again."""
    op.execute(SLOT_POLICIES_BEFORE)
    booking = runpy.run_path(str(Path(__file__).with_name("0004_leaner_booking.py")))
    op.execute(booking["GRANT"].format(otherwise=booking["LOOK_FIRST"]))
    taking = runpy.run_path(str(Path(__file__).with_name("0012_lean_taking.py")))["ANNOUNCEMENTS"]
    (announce,) = re.findall(r"create or replace function announce_appointment\(.*?\$\$.*?\$\$;", taking, re.DOTALL)
    op.execute(announce)
    op.execute("drop function note_booking(text, text, uuid, uuid, text)")
    op.execute("drop function enqueue_job(text, jsonb, timestamptz), record_event(text, uuid, text, uuid, jsonb)")
    op.execute(POLICIES_BEFORE)
    first = runpy.run_path(str(Path(__file__).with_name("0001_people_and_grants.py")))["FUNCTIONS"]
    (may,) = re.findall(r"create function (may\(.*?\$\$.*?\$\$;)", first, re.DOTALL)
    op.execute(f"create or replace function {may}")
    factors = runpy.run_path(str(Path(__file__).with_name("0016_second_factor.py")))
    op.execute(factors["BEGIN_AS"].format(held=factors["PROVED"], nothing_held=factors["UNPROVEN"]))

"""Lead whoever acts for several patients to the right chart; keep private all that a private visit brings with it."""

from alembic import context, op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# What is asked for may lie in a chart that is not the one acted for, where row-level security shows nothing of it. The
# answer is a chart that the person may open anyway, and none for a row that they would not see in it: whoever tries
# ids learns no more than by opening each of their charts.
CHART_BEHIND = """
create function chart_behind(p_kind text, p_id uuid) returns uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  found_chart uuid;
begin
  perform set_config('portal.maintenance', 'caregivers', true);
  select x.patient_id into found_chart from (
    select a.patient_id, a.confidentiality from appointment a where p_kind = 'Appointment' and a.id = p_id
    union all
    select o.patient_id, o.confidentiality from time_offer o where p_kind = 'TimeOffer' and o.id = p_id
    union all
    select r.patient_id, r.confidentiality from time_request r where p_kind = 'TimeRequest' and r.id = p_id) x
  where exists (
    select from access_grant g
    where g.grantee = actor_person() and g.patient_id = x.patient_id and g.basis in ('self', 'caregiver')
      and g.sections && '{booking,visits}'::text[] and 'view' = any (g.verbs)
      and position(x.confidentiality in 'NRV') <= position(g.up_to in 'NRV')
      and (g.valid_until is null or g.valid_until > now()));
  perform set_config('portal.maintenance', before, true);
  return found_chart;
end $$;
revoke execute on function chart_behind(text, uuid) from public;
grant execute on function chart_behind(text, uuid) to portal_app;
"""

# A row about an appointment is as confidential as the appointment, whatever the statement that writes it says: a wish
# for an earlier time, a task, a note of a visit that was kept private a moment ago. Where a row can come first for an
# appointment, the lock makes whoever keeps it private at the same moment wait, and find the row.
INHERITED = """
create function inherit_confidentiality() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  about uuid := (to_jsonb(new) ->> tg_argv[0])::uuid;
  level text;
begin
  if about is null then
    return new;
  end if;
  perform set_config('portal.maintenance', 'confidentiality', true);
  if tg_argv[1] = 'locks' then
    perform from appointment a where a.id = about for share;
  end if;
  select a.confidentiality into level from appointment a where a.id = about;
  perform set_config('portal.maintenance', before, true);
  if position(level in 'NRV') > position(new.confidentiality in 'NRV') then
    new.confidentiality := level;
  end if;
  return new;
end $$;
revoke execute on function inherit_confidentiality() from public;
"""
_ABOUT = {
    "visit": "appointment_id", "clinical_note": "appointment_id", "encounter": "appointment_id",
    "encounter_diagnosis": "appointment_id", "visit_summary": "appointment_id", "visit_rating": "appointment_id",
    "charge_item": "appointment_id", "reminder": "appointment_id", "displaced_offer": "appointment_id",
    "waitlist_entry": "appointment_id", "task": "focus_id",
}  # fmt: skip
"""The tables of what is about an appointment, and the column that says which."""
_LOCKS = {"visit", "clinical_note", "waitlist_entry", "reminder"}
"""Those written before anything else of their kind, and by nobody who changes the appointment afterwards."""

# As in 0023, and besides: what led to the appointment (a request in words with its offers, a place on the waiting
# list), and whatever waits to be sent about any of it, by whichever of their ids it is known.
FOLLOW = """
create or replace function follow_confidentiality() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  entries uuid[];
  requests uuid[];
  known_by uuid[];
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  entries := array(select e.id from waitlist_entry e where e.appointment_id = new.id
    union select o.entry_id from time_offer o where o.appointment_id = new.id and o.entry_id is not null);
  requests := array(select r.id from time_request r where r.appointment_id = new.id
    union select o.request_id from time_offer o where o.appointment_id = new.id and o.request_id is not null);
  update reminder set confidentiality = new.confidentiality where appointment_id = new.id;
  update waitlist_entry set confidentiality = new.confidentiality where id = any (entries);
  update time_request set confidentiality = new.confidentiality where id = any (requests);
  update time_offer set confidentiality = new.confidentiality
    where entry_id = any (entries) or request_id = any (requests);
  update displaced_offer set confidentiality = new.confidentiality where appointment_id = new.id;
  update task set confidentiality = new.confidentiality where focus_id = new.id or focus_id = any (requests);
  known_by := array[new.id] || entries || requests
    || array(select r.id from reminder r where r.appointment_id = new.id)
    || array(select o.id from time_offer o where o.entry_id = any (entries) or o.request_id = any (requests));
  delete from outbox_message m
    where m.status = 'queued'
      and exists (select from unnest(known_by) k (id) where position(k.id::text in m.dedupe_key) > 0)
      and exists (select from related_person r where r.person_id = m.person_id and r.patient_id = new.patient_id)
      and not exists (select from access_grant g where g.grantee = m.person_id and g.patient_id = new.patient_id
                        and 'booking' = any (g.sections)
                        and position(new.confidentiality in 'NRV') <= position(g.up_to in 'NRV'));
  perform set_config('portal.maintenance', before, true);
  perform note_change('patient:' || new.patient_id);
  return null;
end $$;
"""

# What another state's rule would change for whoever acts for a patient: it is written down, looked at, and taken back
# within the statement, so that nothing can answer otherwise than the change itself would. Only staff change a state:
# a chart's own phone may not widen what a rule leaves of it.
STATE = """
create function preview_state(p_patient uuid, p_state text)
returns table (relation_id uuid, section text, before date, after date)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  maintained text := coalesce(current_setting('portal.maintenance', true), '');
  is_theirs boolean;
  as_it_is jsonb;
  as_it_would_be jsonb;
begin
  perform set_config('portal.maintenance', 'ages', true);
  select actor_patient() is null and actor_has('front_desk') and may('act', 'profile', c.id, c.confidentiality)
    into is_theirs from patient c where c.id = p_patient;
  if coalesce(is_theirs, false) then
    as_it_is := closings_of_chart(p_patient);
    begin
      update patient set state = nullif(p_state, '') where id = p_patient;
      as_it_would_be := closings_of_chart(p_patient);
      raise exception using errcode = 'PV001';
    exception when sqlstate 'PV001' then
      null;
    end;
  end if;
  perform set_config('portal.maintenance', maintained, true);
  return query
    select n.relation_id, n.section, n.closes_on, w.closes_on
    from jsonb_to_recordset(as_it_is) n (relation_id uuid, section text, closes_on date)
      join jsonb_to_recordset(as_it_would_be) w (relation_id uuid, section text, closes_on date)
        on w.relation_id = n.relation_id and w.section = n.section
    where n.closes_on is distinct from w.closes_on order by 1, 2;
end $$;
create function closings_of_chart(p_patient uuid) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'relation_id', r.id, 'section', n.section, 'closes_on', n.closes_on)), '[]')
  from related_person r cross join lateral closings(r, null) n
  where r.patient_id = p_patient and r.status in ('invited', 'active')
    and (r.valid_until is null or r.valid_until > now())
$$;
revoke execute on function preview_state(uuid, text), closings_of_chart(uuid) from public;
grant execute on function preview_state(uuid, text) to portal_app;

create function guard_patient_state() returns trigger language plpgsql as $$
begin
  if public.actor_patient() is not null and not public.is_maintained() then
    raise insufficient_privilege using message = 'staff say whose rule by age counts';
  end if;
  return new;
end $$;
create trigger patient_state_guard before update of state on patient
  for each row when (old.state is distinct from new.state) execute function guard_patient_state();
"""


def upgrade() -> None:
    """Say in whose chart something lies, and let what is about an appointment be as private as that."""
    op.execute(CHART_BEHIND)
    op.execute(INHERITED)
    for table, column in _ABOUT.items():
        op.execute(
            f"create trigger {table}_as_confidential before insert on {table} for each row"
            f" execute function inherit_confidentiality('{column}', '{'locks' if table in _LOCKS else ''}')"
        )
    op.execute(FOLLOW)
    op.execute(STATE)


def downgrade() -> None:
    """Leave people to find the chart by themselves, and each statement to say how private a row is."""
    op.execute("drop function preview_state(uuid, text), closings_of_chart(uuid)")
    op.execute("drop function guard_patient_state() cascade")
    before = context.script.get_revision("0023").module.FOLLOW
    op.execute("create or replace" + before[before.index(" function") : before.index("revoke execute")])
    op.execute("drop function inherit_confidentiality() cascade")
    op.execute("drop function chart_behind(text, uuid)")

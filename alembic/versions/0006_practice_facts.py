"""What people need to know of the practice and of whom they choose, and call-backs."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Words that people read are keyed by language. A number or a fact that nobody has checked has no moment of a check.
TABLES = """
alter table practice
  add column country text not null default 'US' constraint practice_country check (country ~ '^[A-Z]{2}$');
alter table location add column parking jsonb not null default '{}';
alter table practitioner
  add column specialty_codes text[] not null default '{}',
  add column biography jsonb not null default '{}', add column treats jsonb not null default '{}',
  add column treats_not jsonb not null default '{}',
  add column age_from smallint, add column age_until smallint, add column accepts_new boolean not null default true,
  add column photo_id uuid references stored_file on delete set null,
  add constraint practitioner_ages check (coalesce(age_from, 0) >= 0 and coalesce(age_until, 150) <= 150
    and coalesce(age_from, 0) <= coalesce(age_until, 150));

create table phone_line (
  id uuid primary key, location_id uuid references location on delete cascade,
  purpose text not null constraint phone_line_purpose check (purpose in ('bookings', 'billing', 'nurse')),
  number text not null, checked_at timestamptz, checked_by uuid references person on delete set null,
  is_answered boolean,
  constraint phone_line_once unique nulls not distinct (location_id, purpose),
  constraint phone_line_checked check ((checked_at is null) = (is_answered is null))
);
create table opening_hours (
  id uuid primary key, location_id uuid not null references location on delete cascade,
  weekday smallint not null constraint opening_hours_weekday check (weekday between 1 and 7),
  opens time not null, closes time not null,
  constraint opening_hours_order check (closes > opens)
);
create index ix_opening_hours_location_id on opening_hours (location_id, weekday);
create table fact_check (
  location_id uuid references location on delete cascade,
  subject text constraint fact_check_subject check (subject in ('hours', 'way')),
  checked_at timestamptz not null, checked_by uuid references person on delete set null,
  primary key (location_id, subject)
);
create table call_back (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint call_back_confidentiality check (confidentiality in ('N', 'R', 'V')),
  purpose text not null constraint call_back_purpose check (purpose in ('bookings', 'billing', 'nurse')),
  number text not null, words text,
  status text not null constraint call_back_status check (status in ('requested', 'completed', 'cancelled')),
  request_key uuid not null, asked_by uuid not null references person, asked_at timestamptz not null,
  due_at timestamptz not null, zone text not null, tried_at timestamptz, tries smallint not null default 0,
  ended_at timestamptz, ended_by uuid references person,
  constraint call_back_request unique (patient_id, request_key),
  constraint call_back_ended check ((status = 'requested') = (ended_at is null))
);
create unique index call_back_one_open on call_back (patient_id) where status = 'requested';
"""

# The number under which a place or the practice is reached for bookings is what every dead end shows; it is kept with
# the place itself, so that nobody has to look it up. A patient is new to somebody who is not their own clinician and
# with whom they have had no appointment.
FUNCTIONS = """
create function show_bookings_line() returns trigger language plpgsql as $$
begin
  if new.location_id is null then
    update public.practice set phone = new.number where phone <> new.number;
  else
    update public.location set phone = new.number where id = new.location_id and phone <> new.number;
  end if;
  return null;
end $$;
create trigger bookings_line_shown after insert or update of number on phone_line
  for each row when (new.purpose = 'bookings') execute function show_bookings_line();

create function announce_practice() returns trigger language plpgsql as $$
begin
  perform pg_notify('portal_change', '{"topics": ["practice"]}');
  return null;
end $$;
create function announce_call_back() returns trigger language plpgsql as $$
begin
  perform pg_notify('portal_change',
    json_build_object('topics', json_build_array('patient:' || new.patient_id, 'call_back:all'))::text);
  return null;
end $$;
create trigger call_back_announced after insert or update on call_back
  for each row execute function announce_call_back();

-- Whoever closes the task by hand has called: the patient's page says so too.
create function end_call_back() returns trigger language plpgsql as $$
begin
  update public.call_back set status = 'completed', ended_at = new.closed_at, ended_by = new.closed_by
    where id = new.focus_id and status = 'requested';
  return null;
end $$;
create trigger task_ends_call_back after update of closed_at on task
  for each row when (new.code = 'call_back' and old.closed_at is null and new.closed_at is not null)
  execute function end_call_back();

create function is_known_to(p_practitioner uuid, p_patient uuid) returns boolean language sql stable parallel safe as $$
  select exists (select from public.patient c where c.id = p_patient and c.general_practitioner_id = p_practitioner)
    or exists (select from public.appointment a where a.patient_id = p_patient and a.practitioner_id = p_practitioner
      and a.status not in ('pending', 'cancelled'))
$$;
create function takes_patient(p_practitioner uuid, p_patient uuid, p_day date) returns boolean
language sql stable parallel safe as $$
  select coalesce((
    select (p.age_from is null or c.birth_date + make_interval(years => p.age_from) <= p_day)
      and (p.age_until is null or c.birth_date + make_interval(years => p.age_until + 1) > p_day)
      and (p.accepts_new or public.is_known_to(p.id, c.id))
    from public.practitioner p, public.patient c where p.id = p_practitioner and c.id = p_patient), true)
$$;
"""

_ANNOUNCED = ("practice", "location", "phone_line", "opening_hours", "fact_check", "practitioner")
TRIGGERS = "\n".join(
    f"create trigger {name}_told after insert or update or delete on {name}"
    " for each statement execute function announce_practice();"
    for name in _ANNOUNCED
)

_FACTS = ("phone_line", "opening_hours", "fact_check")
FACT_POLICIES = "\n".join(
    f"""
alter table {name} enable row level security;
alter table {name} force row level security;
create policy {name}_view on {name} for select using (true);
create policy {name}_write on {name} using ((select actor_has('manager') or actor_has('system')))
  with check ((select actor_has('manager') or actor_has('system')));
grant select, insert, update, delete on {name} to portal_app;
"""
    for name in _FACTS
)

# Clinicians write about themselves; what else of their row they may change, the service says. A picture that stands in
# a profile is there for everyone signed in.
POLICIES = """
create policy practitioner_own on practitioner for update
  using (person_id = (select actor_person()) and (select actor_has('clinician')))
  with check (person_id = (select actor_person()) and (select actor_has('clinician')));
create policy stored_file_photo on stored_file for select using ((select actor_person()) is not null
  and patient_id is null and exists (select from practitioner p where p.photo_id = stored_file.id));

alter table call_back enable row level security;
alter table call_back force row level security;
create policy call_back_view on call_back for select using (may('view', 'booking', patient_id, confidentiality)
  or (purpose = 'billing' and may('view', 'bills', patient_id, confidentiality)));
create policy call_back_add on call_back for insert with check (may('act', 'booking', patient_id, confidentiality));
create policy call_back_change on call_back for update using (may('act', 'booking', patient_id, confidentiality)
  or (purpose = 'billing' and may('act', 'bills', patient_id, confidentiality)));
grant select, insert, update on call_back to portal_app;
"""


def upgrade() -> None:
    """Create lines, hours, checks, profiles and call-backs, and what keeps screens true to them."""
    for script in (TABLES, FUNCTIONS, TRIGGERS, FACT_POLICIES, POLICIES):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop all of it."""
    drops = "\n".join(f"drop trigger {name}_told on {name};" for name in _ANNOUNCED)
    op.execute(f"""
    {drops}
    drop trigger task_ends_call_back on task;
    drop policy stored_file_photo on stored_file;
    drop policy practitioner_own on practitioner;
    drop table call_back, fact_check, opening_hours, phone_line;
    drop function takes_patient(uuid, uuid, date), is_known_to(uuid, uuid), end_call_back(), announce_call_back(),
      announce_practice(), show_bookings_line();
    alter table practitioner drop column specialty_codes, drop column biography, drop column treats,
      drop column treats_not, drop constraint practitioner_ages, drop column age_from, drop column age_until,
      drop column accepts_new, drop column photo_id;
    alter table location drop column parking;
    alter table practice drop column country;
    """)

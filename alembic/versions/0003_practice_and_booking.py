"""The practice, its hours, the times that are taken, and appointments."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PRACTICE_TABLES = """
create table practice (
  id uuid primary key, name text not null, initial text not null, accent text not null,
  phone text not null, emergency_phone text not null,
  only_one boolean not null default true unique constraint practice_only_one check (only_one)
);
create table location (
  id uuid primary key, name text not null, address text not null, zone text not null, phone text not null,
  directions text not null default '', directions_url text not null default ''
);
create table practitioner (
  id uuid primary key, person_id uuid unique references person on delete set null,
  name text not null, title text not null, initials text not null,
  specialty jsonb not null, languages text[] not null, is_active boolean not null default true
);
create table practitioner_location (
  practitioner_id uuid references practitioner on delete cascade,
  location_id uuid references location on delete cascade,
  primary key (practitioner_id, location_id)
);
create table visit_type (
  id uuid primary key, code text not null unique, names jsonb not null, modalities text[] not null,
  duration_min smallint not null, notice_h smallint not null, lead_min smallint not null,
  is_active boolean not null default true,
  constraint visit_type_names check (names ? 'en'),
  constraint visit_type_modalities check (modalities <@ '{in_person,video}' and modalities <> '{}'),
  constraint visit_type_duration check (duration_min between 5 and 480),
  constraint visit_type_notice check (notice_h >= 0 and lead_min >= 0)
);
create table schedule (
  id uuid primary key, practitioner_id uuid not null, location_id uuid not null,
  weekday smallint not null constraint schedule_weekday check (weekday between 1 and 7),
  opens time not null, closes time not null, grid_min smallint not null, modalities text[] not null,
  valid_from date not null, valid_until date,
  foreign key (practitioner_id, location_id) references practitioner_location on delete cascade,
  constraint schedule_hours check (closes > opens),
  constraint schedule_grid check (grid_min between 5 and 480),
  constraint schedule_modalities check (modalities <@ '{in_person,video}' and modalities <> '{}')
);
create index ix_schedule_practitioner_id on schedule (practitioner_id, weekday);
"""

# PostgreSQL cannot exclude on (uuid =, range &&) without btree_gist, which the embedded server lacks. A range over
# keys of party and moment says the same with core operators: the keys of one party lie together, so spans of two
# parties never overlap. As bytes, keys are ordered by party, then by moment (from 2000 on: see slot_order).
BOOKING_TABLES = """
create type party_span as range (subtype = bytea);
create function span_of(p_party uuid, p_starts_at timestamptz, p_ends_at timestamptz) returns party_span
  language sql immutable parallel safe
  return party_span(uuid_send(p_party) || timestamptz_send(p_starts_at),
                    uuid_send(p_party) || timestamptz_send(p_ends_at));

create table slot (
  id uuid primary key, practitioner_id uuid not null, location_id uuid not null,
  starts_at timestamptz not null, ends_at timestamptz not null,
  status text not null constraint slot_status check (status in ('busy', 'busy-tentative', 'busy-unavailable')),
  held_until timestamptz,
  foreign key (practitioner_id, location_id) references practitioner_location,
  constraint slot_order check (ends_at > starts_at and starts_at >= '2000-01-01 00:00+00'),
  constraint slot_length check (ends_at <= starts_at + interval '1 day'),
  constraint slot_held check ((status = 'busy-tentative') = (held_until is not null)),
  constraint slot_time unique (practitioner_id, starts_at, ends_at, id),
  constraint slot_held_once exclude using spgist (span_of(practitioner_id, starts_at, ends_at) with &&)
);
create table appointment (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint appointment_confidentiality check (confidentiality in ('N', 'R', 'V')),
  status text not null constraint appointment_status check
    (status in ('pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow')),
  practitioner_id uuid not null, location_id uuid not null,
  visit_type_id uuid not null references visit_type,
  modality text not null constraint appointment_modality check (modality in ('in_person', 'video')),
  starts_at timestamptz not null, ends_at timestamptz not null, patient_zone text not null, reason text,
  slot_id uuid unique, request_key uuid not null,
  created_by uuid not null references person, created_at timestamptz not null,
  changed_at timestamptz not null, sequence int not null default 0, arrived_at timestamptz,
  cancelled_by uuid references person, cancelled_at timestamptz, cancel_reason text
    constraint appointment_cancel_reason check (cancel_reason in ('patient', 'practice')),
  foreign key (practitioner_id, location_id) references practitioner_location,
  constraint appointment_request unique (patient_id, request_key),
  -- A time given up by a cancellation is free again; every other promise keeps its slot, and the slot its time.
  constraint appointment_keeps_slot check
    (case status when 'pending' then true when 'cancelled' then slot_id is null else slot_id is not null end),
  constraint appointment_order check (ends_at > starts_at and starts_at >= '2000-01-01 00:00+00'),
  constraint appointment_cancelled check
    ((status = 'cancelled') = (cancelled_at is not null and cancelled_by is not null and cancel_reason is not null)),
  constraint appointment_slot foreign key (slot_id, practitioner_id, starts_at, ends_at)
    references slot (id, practitioner_id, starts_at, ends_at) on delete set null (slot_id),
  constraint appointment_patient_once exclude using spgist (span_of(patient_id, starts_at, ends_at) with &&)
    where (slot_id is not null)
);
create index ix_appointment_patient_id on appointment (patient_id, starts_at);
create index ix_appointment_practitioner_id on appointment (practitioner_id, starts_at);
create index ix_appointment_location_id on appointment (location_id, starts_at);
create index appointment_pending on appointment (patient_id) where status = 'pending';

create view appointment_seen with (security_invoker) as
  select a.id, a.patient_id, a.status, a.starts_at, a.ends_at, a.modality, l.zone, a.patient_zone, a.reason,
    a.practitioner_id, p.name as practitioner_name, p.title as practitioner_title, p.initials as practitioner_initials,
    p.specialty, a.location_id, l.name as location_name, l.address, l.phone, l.directions, l.directions_url,
    a.visit_type_id, v.names as visit_type_names, v.notice_h, s.held_until, a.cancelled_at, a.cancel_reason,
    a.changed_at, a.sequence
  from appointment a
  join practitioner p on p.id = a.practitioner_id
  join location l on l.id = a.location_id
  join visit_type v on v.id = a.visit_type_id
  left join slot s on s.id = a.slot_id;
"""

# A missing or doubled wall time (daylight saving) is read as the later of its two moments, as PostgreSQL does.
# Between opening and closing the clock runs in real minutes: docs/decisions/0003-slots.md.
FUNCTIONS = """
create function open_hours(
  p_from date, p_days int, p_practitioners uuid[], p_locations uuid[], p_modality text
) returns table (
  practitioner_id uuid, location_id uuid, zone text, opens_at timestamptz, closes_at timestamptz, grid interval
) language sql stable parallel safe as $$
  select s.practitioner_id, s.location_id, l.zone, (d.day + s.opens) at time zone l.zone,
         (d.day + s.closes) at time zone l.zone, make_interval(mins => s.grid_min)
  from generate_series(0, p_days - 1) n
  cross join lateral (select p_from + n as day) d
  join schedule s on s.weekday = extract(isodow from d.day)::smallint
    and s.practitioner_id = any (coalesce(p_practitioners, array(select p.id from practitioner p)))
    and d.day >= s.valid_from and (s.valid_until is null or d.day <= s.valid_until)
  join location l on l.id = s.location_id
  where p_modality = any (s.modalities)
    and (p_locations is null or s.location_id = any (p_locations))
$$;

create function free_time(
  p_from date, p_days int, p_practitioners uuid[], p_locations uuid[], p_modality text, p_duration_min int,
  p_earliest timestamptz, p_now timestamptz, p_own_holds uuid[]
) returns table (
  practitioner_id uuid, location_id uuid, zone text, starts_at timestamptz, ends_at timestamptz
) language sql stable parallel safe as $$
  with hours as materialized (
    select h.*, (
      select range_agg(tstzrange(b.starts_at, b.ends_at)) from slot b
      where b.practitioner_id = h.practitioner_id and b.starts_at < h.closes_at and b.ends_at > h.opens_at
        and b.starts_at > h.opens_at - interval '1 day'
        and (b.status <> 'busy-tentative' or (b.held_until > p_now and b.id <> all (p_own_holds)))
    ) as taken
    from open_hours(p_from, p_days, p_practitioners, p_locations, p_modality) h
    join practitioner p on p.id = h.practitioner_id and p.is_active
    where h.closes_at > p_earliest
  )
  select h.practitioner_id, h.location_id, h.zone, t.starts_at, t.starts_at + make_interval(mins => p_duration_min)
  from hours h cross join lateral generate_series(
    h.opens_at, h.closes_at - make_interval(mins => p_duration_min), h.grid) t (starts_at)
  where t.starts_at >= p_earliest
    and (h.taken is null or not h.taken && tstzrange(t.starts_at, t.starts_at + make_interval(mins => p_duration_min)))
$$;

-- Holds (`p_held_until` set) or books a time, in one round trip. `verdict` is taken, or done when the key was booked
-- before, or says why not: not_offered, elsewhere (the patient), slot_taken. Whoever books the same practitioner or
-- patient waits here, in one order, so that nobody waits in a circle; each statement after that sees what the one
-- before them in the line has done. The exclusion constraints hold without these locks.
create function take_time(
  p_id uuid, p_slot uuid, p_patient uuid, p_person uuid, p_practitioner uuid, p_location uuid, p_visit_type uuid,
  p_modality text, p_starts_at timestamptz, p_held_until timestamptz, p_reason text, p_request_key uuid,
  p_now timestamptz, p_horizon timestamptz
) returns table (
  verdict text, id uuid, patient_id uuid, status text, starts_at timestamptz, ends_at timestamptz, modality text,
  zone text, patient_zone text, reason text, practitioner_id uuid, practitioner_name text, practitioner_title text,
  practitioner_initials text, specialty jsonb, location_id uuid, location_name text, address text, phone text,
  directions text, directions_url text, visit_type_id uuid, visit_type_names jsonb, notice_h smallint,
  held_until timestamptz, cancelled_at timestamptz, cancel_reason text, changed_at timestamptz, sequence int
) language plpgsql set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  wanted record;
  done uuid;
  until_at timestamptz;
  local_at timestamp;
  is_taken boolean;
  locks bigint[] := array[uuid_hash_extended(p_patient, 0), uuid_hash_extended(p_practitioner, 0)];
begin
  perform pg_advisory_xact_lock(least(locks[1], locks[2])), pg_advisory_xact_lock(greatest(locks[1], locks[2]));

  select a.id into done from appointment a
    where a.patient_id = p_patient and a.request_key = p_request_key and a.status <> 'pending';
  if found then
    return query select 'done', a.* from appointment_seen a where a.id = done;
    return;
  end if;

  select c.zone as patient_zone, c.confidentiality, v.duration_min, v.lead_min, v.notice_h, v.names,
      p.name as practitioner_name, p.title, p.initials, p.specialty,
      l.name as location_name, l.address, l.zone, l.phone, l.directions, l.directions_url
    into wanted
    from visit_type v, patient c, practitioner p, location l
    where v.id = p_visit_type and v.is_active and p_modality = any (v.modalities)
      and c.id = p_patient and p.id = p_practitioner and p.is_active and l.id = p_location;
  until_at := p_starts_at + make_interval(mins => wanted.duration_min);
  local_at := p_starts_at at time zone wanted.zone;
  if wanted is null or p_starts_at > p_horizon or p_starts_at < p_now + make_interval(mins => wanted.lead_min)
    or not exists (
      select from open_hours(local_at::date, 1, array[p_practitioner], array[p_location], p_modality) h
      where p_starts_at >= h.opens_at and until_at <= h.closes_at
        and mod(extract(epoch from p_starts_at - h.opens_at), extract(epoch from h.grid)) = 0)
  then
    verdict := 'not_offered';
    return next;
    return;
  end if;

  if exists (
    select from appointment a where a.patient_id = p_patient and a.starts_at < until_at and a.ends_at > p_starts_at
      and a.starts_at > p_starts_at - interval '1 day' and a.slot_id is not null and a.status <> 'pending')
  then
    verdict := 'elsewhere';
    return next;
    return;
  end if;

  if exists (select from appointment a where a.patient_id = p_patient and a.status = 'pending') then
    with dropped as (
      delete from appointment a where a.patient_id = p_patient and a.status = 'pending' returning a.slot_id
    ) delete from slot s using dropped where s.id = dropped.slot_id;
  end if;

  for attempt in 1..2 loop
    insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status, held_until)
      values (p_slot, p_practitioner, p_location, p_starts_at, until_at,
        case when p_held_until is null then 'busy' else 'busy-tentative' end, p_held_until)
      on conflict do nothing;
    is_taken := found;
    exit when is_taken or attempt = 2;
    -- A hold that lapsed may be all that stands in the way.
    delete from slot s
      where s.practitioner_id = p_practitioner and s.starts_at < until_at and s.ends_at > p_starts_at
        and s.starts_at > p_starts_at - interval '1 day' and s.status = 'busy-tentative' and s.held_until < p_now;
    exit when not found;
  end loop;
  if not is_taken then
    verdict := 'slot_taken';
    return next;
    return;
  end if;

  insert into appointment (id, patient_id, confidentiality, status, practitioner_id, location_id, visit_type_id,
      modality, starts_at, ends_at, patient_zone, reason, slot_id, request_key, created_by, created_at, changed_at)
    values (p_id, p_patient, wanted.confidentiality, case when p_held_until is null then 'booked' else 'pending' end,
      p_practitioner, p_location, p_visit_type, p_modality, p_starts_at, until_at, wanted.patient_zone, p_reason,
      p_slot, p_request_key, p_person, p_now, p_now);
  return query select 'taken', p_id, p_patient, case when p_held_until is null then 'booked' else 'pending' end,
    p_starts_at, until_at, p_modality, wanted.zone, wanted.patient_zone, p_reason, p_practitioner,
    wanted.practitioner_name, wanted.title, wanted.initials, wanted.specialty, p_location, wanted.location_name,
    wanted.address, wanted.phone, wanted.directions, wanted.directions_url, p_visit_type, wanted.names,
    wanted.notice_h, p_held_until, null::timestamptz, null::text, p_now, 0;
end $$;

create function announce_appointment() returns trigger language plpgsql as $$
begin
  perform pg_notify('portal_change', json_build_object('topics', json_build_array(
    'patient:' || new.patient_id, 'practitioner:' || new.practitioner_id, 'location:' || new.location_id))::text);
  return null;
end $$;

-- Nurses and clinicians of a location see the charts of its patients until 30 days after the appointment
-- (docs/decisions/0003-slots.md). Runs as the owner, which row-level security lets write such grants and no other.
create function grant_by_appointment() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.status = 'cancelled' then
    update access_grant g set valid_until = coalesce(
      (select max(a.starts_at) + interval '30 days' from appointment a where a.patient_id = new.patient_id
        and a.location_id = new.location_id and a.status not in ('pending', 'cancelled')), now())
    where g.grantee = new.location_id and g.patient_id = new.patient_id and g.basis = 'appointment';
  else
    insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)
      values (new.location_id, new.patient_id, '{booking,forms,vitals,visits}', '{view,act}', 'R', 1, 'appointment',
        new.starts_at + interval '30 days')
    on conflict on constraint access_grant_once do update set valid_until = excluded.valid_until
      where access_grant.valid_until < excluded.valid_until;
  end if;
  return null;
end $$;
"""

TRIGGERS = """
create trigger appointment_announced after insert or update on appointment
  for each row when (new.status <> 'pending') execute function announce_appointment();
create trigger appointment_grants after insert on appointment
  for each row when (new.status <> 'pending') execute function grant_by_appointment();
create trigger appointment_regrants after update of status on appointment
  for each row when (new.status = 'cancelled' and old.status <> 'cancelled') execute function grant_by_appointment();
"""

_PRACTICE_TABLE_NAMES = ("practice", "location", "practitioner", "practitioner_location", "visit_type", "schedule")

# The sign-in page shows the practice and its phone numbers to whoever comes; the rest waits for a sign-in.
PRACTICE_POLICIES = "\n".join(
    f"""
alter table {name} enable row level security;
alter table {name} force row level security;
create policy {name}_view on {name} for select
  using ({"true" if name in ("practice", "location") else "(select actor_person()) is not null"});
create policy {name}_write on {name} using ((select actor_has('manager') or actor_has('system')))
  with check ((select actor_has('manager') or actor_has('system')));
grant select, insert, update, delete on {name} to portal_app;
"""
    for name in _PRACTICE_TABLE_NAMES
)

# A slot names no patient, so everyone signed in may see what is taken. Who may act for the appointment it belongs to
# may change it or give it up; a lapsed hold blocks nobody, so anyone may clear it away.
BOOKING_POLICIES = """
alter table slot enable row level security;
alter table slot force row level security;
create policy slot_view on slot for select using ((select actor_person()) is not null);
create policy slot_take on slot for insert with check ((select actor_person()) is not null
  and (status <> 'busy-unavailable' or (select actor_has('manager') or actor_has('system'))));
create policy slot_change on slot for update using (exists (
  select from appointment a where a.slot_id = slot.id and may('act', 'booking', a.patient_id, a.confidentiality)));
create policy slot_release on slot for delete using (
  (status = 'busy-tentative' and held_until < now())
  or exists (select from appointment a
    where a.slot_id = slot.id and may('act', 'booking', a.patient_id, a.confidentiality))
  or (status = 'busy-unavailable' and (select actor_has('manager') or actor_has('system'))));
grant select, insert, update, delete on slot to portal_app;

alter table appointment enable row level security;
alter table appointment force row level security;
create policy appointment_view on appointment for select
  using (may('view', 'booking', patient_id, confidentiality));
create policy appointment_add on appointment for insert
  with check (may('act', 'booking', patient_id, confidentiality));
create policy appointment_change on appointment for update
  using (may('act', 'booking', patient_id, confidentiality))
  with check (may('act', 'booking', patient_id, confidentiality));
create policy appointment_drop on appointment for delete
  using (status = 'pending' and may('act', 'booking', patient_id, confidentiality));
grant select, insert, update, delete on appointment to portal_app;
grant select on appointment_seen to portal_app;
"""


def upgrade() -> None:
    """Create the tables, what finds and keeps times, and the policies."""
    for script in (PRACTICE_TABLES, BOOKING_TABLES, FUNCTIONS, TRIGGERS, PRACTICE_POLICIES, BOOKING_POLICIES):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop all of it, and the grants that came from appointments."""
    op.execute("""
    delete from access_grant where basis = 'appointment';
    drop function take_time(uuid, uuid, uuid, uuid, uuid, uuid, uuid, text, timestamptz, timestamptz, text, uuid,
      timestamptz, timestamptz);
    drop view appointment_seen;
    drop table appointment, slot;
    drop function grant_by_appointment(), announce_appointment(),
      free_time(date, int, uuid[], uuid[], text, int, timestamptz, timestamptz, uuid[]),
      open_hours(date, int, uuid[], uuid[], text), span_of(uuid, timestamptz, timestamptz);
    drop type party_span;
    drop table schedule, visit_type, practitioner_location, practitioner, location, practice;
    """)

"""When times are offered: exceptions, leave, public holidays, buffers, limits, releases, overbooking by role."""

import re
import runpy
from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What is closed for everybody is a day of the location; what one person does is a wall time of every location, because
# a leave from Monday to Friday is Monday to Friday wherever one works. Without an end somebody does not come back.
TABLES = """
alter table schedule
  add column release_days smallint, add column release_at time,
  add constraint schedule_release check
    ((release_days is null) = (release_at is null) and coalesce(release_days, 0) between 0 and 60);
alter table visit_type
  add column buffer_before_min smallint not null default 0, add column buffer_after_min smallint not null default 0,
  add column daily_max smallint,
  add constraint visit_type_buffers check (buffer_before_min between 0 and 120 and buffer_after_min between 0 and 120),
  add constraint visit_type_daily_max check (daily_max >= 1);

create table schedule_exception (
  id uuid primary key, practitioner_id uuid not null, location_id uuid not null, day date not null,
  opens time, closes time, grid_min smallint not null default 20, modalities text[] not null,
  release_days smallint, release_at time,
  foreign key (practitioner_id, location_id) references practitioner_location on delete cascade,
  constraint schedule_exception_hours check ((opens is null) = (closes is null) and coalesce(closes > opens, true)),
  constraint schedule_exception_grid check (grid_min between 5 and 480),
  constraint schedule_exception_modalities check (modalities <@ '{in_person,video}' and modalities <> '{}'),
  constraint schedule_exception_release check
    ((release_days is null) = (release_at is null) and coalesce(release_days, 0) between 0 and 60)
);
create index ix_schedule_exception_practitioner_id on schedule_exception (practitioner_id, day);
create table practitioner_leave (
  id uuid primary key, practitioner_id uuid not null references practitioner on delete cascade,
  starts_at timestamp not null, ends_at timestamp,
  constraint practitioner_leave_order check (ends_at > starts_at)
);
create index ix_practitioner_leave_practitioner_id on practitioner_leave (practitioner_id, starts_at);
create table holiday_calendar (
  location_id uuid primary key references location on delete cascade,
  country text not null, subdivision text not null default '', observed text[] not null default '{}'
);
create table closed_day (
  location_id uuid references location on delete cascade, day date, name text not null,
  is_holiday boolean not null, primary key (location_id, day)
);
create table schedule_edition (
  practitioner_id uuid primary key references practitioner on delete cascade,
  number int not null, changed_by uuid references person on delete set null, changed_at timestamptz not null
);
create table displaced_offer (
  appointment_id uuid primary key references appointment on delete cascade,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint displaced_offer_confidentiality check (confidentiality in ('N', 'R', 'V')),
  starts_at timestamptz not null, offered_by uuid not null references person, offered_at timestamptz not null
);
create index ix_displaced_offer_patient_id on displaced_offer (patient_id);
"""

# A slot says what kind of visit takes it, so that a limit can be counted by somebody who sees no other patient, and how
# far around it the practitioner is kept free. What staff take beyond what is offered shares its time with others, who
# still exclude each other.
SLOTS = """
alter table slot
  add column visit_type_id uuid references visit_type, add column modality text,
  add column busy_from timestamptz, add column busy_until timestamptz,
  add column is_overbooked boolean not null default false,
  add constraint slot_modality check (modality in ('in_person', 'video')),
  add constraint slot_busy check ((busy_from is null) = (busy_until is null)
    and coalesce(busy_from <= starts_at and busy_until >= ends_at, true)),
  drop constraint slot_held_once,
  add constraint slot_held_once exclude using spgist (
    span_of(practitioner_id, coalesce(busy_from, starts_at), coalesce(busy_until, ends_at)) with &&)
    where (not is_overbooked);
create index slot_buffered on slot (practitioner_id, starts_at) where busy_from is not null;
create index slot_overbooked on slot (practitioner_id, starts_at) where is_overbooked;

alter table slot no force row level security;
alter table appointment no force row level security;
update slot s set visit_type_id = a.visit_type_id, modality = a.modality from appointment a where a.slot_id = s.id;
alter table slot force row level security;
alter table appointment force row level security;
"""

SEARCH = """
-- Stretches in which times are offered. A day with other hours goes before a closed day, and that before weekly hours;
-- what a leave covers wholly is left out. Nobody is open who has left. Times count from `opens_at` on; before
-- `released_at` nobody may have them.
create function open_hours(
  p_from date, p_days int, p_practitioners uuid[], p_locations uuid[], p_modality text
) returns table (
  practitioner_id uuid, location_id uuid, zone text, opens_at timestamptz, closes_at timestamptz, grid interval,
  day date, released_at timestamptz
) language sql stable parallel safe as $$
  select h.practitioner_id, h.location_id, l.zone, (h.day + h.opens) at time zone l.zone,
         (h.day + h.closes) at time zone l.zone, make_interval(mins => h.grid_min), h.day,
         (h.day - h.release_days + h.release_at) at time zone l.zone
  from (
    select s.practitioner_id, s.location_id, d.day, s.opens, s.closes, s.grid_min, s.release_days, s.release_at
    from generate_series(0, p_days - 1) n
    cross join lateral (select p_from + n as day) d
    join schedule s on s.weekday = extract(isodow from d.day)::smallint
      and s.practitioner_id = any (coalesce(p_practitioners, array(select p.id from practitioner p)))
      and d.day >= s.valid_from and (s.valid_until is null or d.day <= s.valid_until)
    where (p_modality is null or p_modality = any (s.modalities))
      and (p_locations is null or s.location_id = any (p_locations))
      and not exists (select from closed_day c where c.location_id = s.location_id and c.day = d.day)
      and not exists (select from schedule_exception x where x.practitioner_id = s.practitioner_id
        and x.location_id = s.location_id and x.day = d.day)
    union all
    select x.practitioner_id, x.location_id, x.day, x.opens, x.closes, x.grid_min, x.release_days, x.release_at
    from schedule_exception x
    where x.day >= p_from and x.day < p_from + p_days and x.opens is not null
      and x.practitioner_id = any (coalesce(p_practitioners, array(select p.id from practitioner p)))
      and (p_modality is null or p_modality = any (x.modalities))
      and (p_locations is null or x.location_id = any (p_locations))
  ) h
  join location l on l.id = h.location_id
  join practitioner p on p.id = h.practitioner_id and p.is_active
  where not exists (select from practitioner_leave v where v.practitioner_id = h.practitioner_id
    and v.starts_at <= h.day + h.opens and (v.ends_at is null or v.ends_at >= h.day + h.closes))
$$;

-- The stretches that hold a visit from its beginning to its end. After a change of clocks some of a day's times fall
-- on the next.
create function open_at(
  p_practitioner uuid, p_location uuid, p_modality text, p_zone text, p_starts_at timestamptz, p_ends_at timestamptz
) returns table (opens_at timestamptz, grid interval, released_at timestamptz) language sql stable parallel safe as $$
  select h.opens_at, h.grid, h.released_at
  from open_hours(
    (p_starts_at at time zone p_zone)::date - ((p_starts_at at time zone p_zone)::time < '03:00')::int,
    1 + ((p_starts_at at time zone p_zone)::time < '03:00')::int, array[p_practitioner], array[p_location], p_modality
  ) h
  where p_starts_at >= h.opens_at and p_ends_at <= h.closes_at
    and not exists (select from practitioner_leave v where v.practitioner_id = p_practitioner
      and v.starts_at at time zone h.zone < p_ends_at
      and (v.ends_at is null or v.ends_at at time zone h.zone > p_starts_at))
$$;

-- Whether a time is one that is offered; whether it is free, and whether the day's number is reached, are other
-- questions.
create function is_offered(
  p_practitioner uuid, p_location uuid, p_visit_type uuid, p_modality text, p_starts_at timestamptz,
  p_now timestamptz, p_horizon timestamptz
) returns boolean language sql stable parallel safe as $$
  select exists (
    select from visit_type v
    cross join location l
    cross join lateral open_at(p_practitioner, p_location, p_modality, l.zone, p_starts_at,
      p_starts_at + make_interval(mins => v.duration_min)) h
    where v.id = p_visit_type and v.is_active and p_modality = any (v.modalities) and l.id = p_location
      and p_starts_at <= p_horizon and p_starts_at >= p_now + make_interval(mins => v.lead_min)
      and mod(extract(epoch from p_starts_at - h.opens_at), extract(epoch from h.grid)) = 0
      and (h.released_at is null or h.released_at <= p_now))
$$;

-- How many of a kind of visit a practitioner has on a day of the location; holds that lapsed and `p_but` left out.
create function taken_on(
  p_practitioner uuid, p_visit_type uuid, p_zone text, p_day date, p_now timestamptz, p_but uuid[]
) returns table (number bigint) language sql stable parallel safe as $$
  select count(*) from slot b
  where b.practitioner_id = p_practitioner and b.visit_type_id = p_visit_type
    and b.starts_at >= p_day::timestamp at time zone p_zone and b.starts_at < (p_day + 1)::timestamp at time zone p_zone
    and (b.status <> 'busy-tentative' or (b.held_until > p_now and b.id <> all (p_but)))
$$;

-- With `p_visit_type` its buffers and its limit count too. Slots around the open hours matter only where some are kept
-- free beyond their visit.
create function free_time(
  p_from date, p_days int, p_practitioners uuid[], p_locations uuid[], p_modality text, p_duration_min int,
  p_earliest timestamptz, p_now timestamptz, p_own_holds uuid[], p_visit_type uuid default null
) returns table (
  practitioner_id uuid, location_id uuid, zone text, starts_at timestamptz, ends_at timestamptz
) language sql stable parallel safe as $$
  with asked as materialized (
    select make_interval(mins => p_duration_min) as length,
      make_interval(mins => coalesce(v.buffer_before_min, 0)) as before,
      make_interval(mins => coalesce(v.buffer_after_min, 0)) as after, v.daily_max,
      case when v.buffer_before_min > 0 or v.buffer_after_min > 0
        or exists (select from slot b where b.busy_from is not null and b.starts_at > p_earliest - interval '1 day')
        then interval '4 hours' else interval '0' end as reach,
      exists (select from practitioner_leave v) as has_leave
    from (values (1)) one left join visit_type v on v.id = p_visit_type
  ), hours as materialized (
    select h.*, (
      select range_agg(tstzrange(coalesce(b.busy_from, b.starts_at), coalesce(b.busy_until, b.ends_at))) from slot b
      where b.practitioner_id = h.practitioner_id
        and b.starts_at < h.closes_at + a.reach and b.ends_at > h.opens_at - a.reach
        and b.starts_at > h.opens_at - a.reach - interval '1 day'
        and (b.status <> 'busy-tentative' or (b.held_until > p_now and b.id <> all (p_own_holds)))
    ) as taken, case when a.has_leave then (
      select range_agg(tstzrange(v.starts_at at time zone h.zone, v.ends_at at time zone h.zone))
      from practitioner_leave v where v.practitioner_id = h.practitioner_id
    ) end as away
    from asked a
    cross join lateral open_hours(p_from, p_days, p_practitioners, p_locations, p_modality) h
    where h.closes_at > p_earliest and (h.released_at is null or h.released_at <= p_now)
      and (a.daily_max is null or a.daily_max > (
        select t.number from taken_on(h.practitioner_id, p_visit_type, h.zone, h.day, p_now, p_own_holds) t))
  )
  select h.practitioner_id, h.location_id, h.zone, t.starts_at, t.starts_at + a.length
  from asked a
  cross join hours h
  cross join lateral generate_series(h.opens_at, h.closes_at - a.length, h.grid) t (starts_at)
  where t.starts_at >= p_earliest
    and (h.taken is null or not h.taken && tstzrange(t.starts_at - a.before, t.starts_at + a.length + a.after))
    and (h.away is null or not h.away && tstzrange(t.starts_at, t.starts_at + a.length))
$$;
"""

TAKE_TIME = """
-- Holds (`p_held_until` set) or books a time, in one round trip. `verdict` is taken, or kept when the time was held and
-- is not offered any more, or done when the key was booked before, or says why not: not_offered, not_seen (the
-- practitioner does not see this patient), elsewhere (the patient), too_many (`p_upcoming_max` are to come; unset for
-- staff, who are bound by neither), slot_taken. `p_beyond` takes it all the same, beside others or outside what is
-- offered, and marks it; row-level security lets staff do so and nobody else. Whoever books the same practitioner or
-- patient waits here, in one order, so that nobody waits in a circle; each statement after that sees what the one
-- before them in the line has done. The exclusion constraints hold without these locks.
create function take_time(
  p_id uuid, p_slot uuid, p_patient uuid, p_person uuid, p_practitioner uuid, p_location uuid, p_visit_type uuid,
  p_modality text, p_starts_at timestamptz, p_held_until timestamptz, p_reason text, p_request_key uuid,
  p_now timestamptz, p_horizon timestamptz, p_beyond boolean default false, p_upcoming_max int default null
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
  is_offered boolean;
  is_promised boolean := false;
  is_elsewhere boolean;
  is_full boolean := false;
  upcoming int;
  is_taken boolean;
  locks bigint[] := array[uuid_hash_extended(p_patient, 0), uuid_hash_extended(p_practitioner, 0)];
begin
  perform pg_advisory_xact_lock(least(locks[1], locks[2])), pg_advisory_xact_lock(greatest(locks[1], locks[2]));

  select a.id into done from appointment a
    where a.patient_id = p_patient and a.request_key = p_request_key and a.status <> 'pending';
  if found then
    return query select 'done', a.id, a.patient_id, a.status, a.starts_at, a.ends_at, a.modality, a.zone,
      a.patient_zone, a.reason, a.practitioner_id, a.practitioner_name, a.practitioner_title, a.practitioner_initials,
      a.specialty, a.location_id, a.location_name, a.address, a.phone, a.directions, a.directions_url, a.visit_type_id,
      a.visit_type_names, a.notice_h, a.held_until, a.cancelled_at, a.cancel_reason, a.changed_at, a.sequence
      from appointment_seen a where a.id = done;
    return;
  end if;

  select c.zone as patient_zone, c.confidentiality, v.duration_min, v.lead_min, v.notice_h, v.names, v.daily_max,
      v.buffer_before_min, v.buffer_after_min,
      v.is_active and p.is_active and p_modality = any (v.modalities) as is_had,
      p_upcoming_max is null or (
        (p.age_from is null or c.birth_date + make_interval(years => p.age_from) <= p_starts_at)
        and (p.age_until is null or c.birth_date + make_interval(years => p.age_until + 1) > p_starts_at)
        and (p.accepts_new or is_known_to(p.id, c.id))) as is_seen,
      p.name as practitioner_name, p.title, p.initials, p.specialty,
      l.name as location_name, l.address, l.zone, l.phone, l.directions, l.directions_url,
      exists (select from slot s where s.is_overbooked and s.practitioner_id = p_practitioner
        and s.starts_at < p_starts_at + make_interval(mins => v.duration_min) and s.ends_at > p_starts_at
        and s.starts_at > p_starts_at - interval '1 day') as is_shared
    into wanted
    from visit_type v, patient c, practitioner p, location l
    where v.id = p_visit_type and c.id = p_patient and p.id = p_practitioner and l.id = p_location;
  until_at := p_starts_at + make_interval(mins => wanted.duration_min);
  is_offered := coalesce(wanted.is_had and wanted.is_seen, false) and p_starts_at <= p_horizon
    and p_starts_at >= p_now + make_interval(mins => wanted.lead_min)
    and exists (
      select from open_at(p_practitioner, p_location, p_modality, wanted.zone, p_starts_at, until_at) h
      where mod(extract(epoch from p_starts_at - h.opens_at), extract(epoch from h.grid)) = 0
        and (h.released_at is null or h.released_at <= p_now));
  if not is_offered then
    -- What somebody holds was promised to them, whatever changed since.
    select s.ends_at into until_at from appointment a join slot s on s.id = a.slot_id
      where a.patient_id = p_patient and a.status = 'pending' and a.practitioner_id = p_practitioner
        and a.location_id = p_location and a.visit_type_id = p_visit_type and a.modality = p_modality
        and a.starts_at = p_starts_at and p_starts_at > p_now and s.held_until > p_now;
    is_promised := found;
    if not is_promised and not (p_beyond and coalesce(wanted.is_had, false) and p_starts_at > p_now) then
      verdict := case when wanted.is_had and not wanted.is_seen then 'not_seen' else 'not_offered' end;
      return next;
      return;
    end if;
    until_at := coalesce(until_at, p_starts_at + make_interval(mins => wanted.duration_min));
  end if;

  select coalesce(bool_or(a.starts_at < until_at and a.ends_at > p_starts_at), false),
      count(*) filter (where a.starts_at > p_now and a.status = 'booked')
    into is_elsewhere, upcoming
    from appointment a
    where a.patient_id = p_patient and a.slot_id is not null and a.status <> 'pending'
      and a.starts_at > case when p_upcoming_max is null then p_starts_at else least(p_now, p_starts_at) end
        - interval '1 day';
  if is_elsewhere or upcoming >= p_upcoming_max then
    verdict := case when is_elsewhere then 'elsewhere' else 'too_many' end;
    return next;
    return;
  end if;

  if exists (select from appointment a where a.patient_id = p_patient and a.status = 'pending') then
    with dropped as (
      delete from appointment a where a.patient_id = p_patient and a.status = 'pending' returning a.slot_id
    ) delete from slot s using dropped where s.id = dropped.slot_id;
  end if;

  if wanted.daily_max is not null and not is_promised then
    select t.number >= wanted.daily_max into is_full from taken_on(
      p_practitioner, p_visit_type, wanted.zone, (p_starts_at at time zone wanted.zone)::date, p_now, '{}') t;
  end if;
  if not p_beyond and (wanted.is_shared or is_full) then
    verdict := case when is_full then 'not_offered' else 'slot_taken' end;
    return next;
    return;
  end if;

  -- A hold that lapsed may be all that stands in the way; staff may then still share the time.
  for attempt in 1..3 loop
    insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status, held_until, visit_type_id, modality,
        busy_from, busy_until, is_overbooked)
      values (p_slot, p_practitioner, p_location, p_starts_at, until_at,
        case when p_held_until is null then 'busy' else 'busy-tentative' end, p_held_until, p_visit_type, p_modality,
        case when wanted.buffer_before_min + wanted.buffer_after_min > 0
          then p_starts_at - make_interval(mins => wanted.buffer_before_min) end,
        case when wanted.buffer_before_min + wanted.buffer_after_min > 0
          then until_at + make_interval(mins => wanted.buffer_after_min) end,
        p_beyond and (attempt = 3 or is_full or wanted.is_shared or not (is_offered or is_promised)))
      on conflict do nothing;
    is_taken := found;
    exit when is_taken or attempt = 3 or (attempt = 2 and not p_beyond);
    if attempt = 1 then
      delete from slot s
        where s.practitioner_id = p_practitioner and s.starts_at < until_at + interval '4 hours'
          and s.ends_at > p_starts_at - interval '4 hours' and s.starts_at > p_starts_at - interval '28 hours'
          and span_of(p_practitioner, coalesce(s.busy_from, s.starts_at), coalesce(s.busy_until, s.ends_at))
            && span_of(p_practitioner, p_starts_at - make_interval(mins => wanted.buffer_before_min),
              until_at + make_interval(mins => wanted.buffer_after_min))
          and s.status = 'busy-tentative' and s.held_until < p_now;
      exit when not found and not p_beyond;
    end if;
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
  return query select case when is_promised then 'kept' else 'taken' end, p_id, p_patient,
    case when p_held_until is null then 'booked' else 'pending' end,
    p_starts_at, until_at, p_modality, wanted.zone, wanted.patient_zone, p_reason, p_practitioner,
    wanted.practitioner_name, wanted.title, wanted.initials, wanted.specialty, p_location, wanted.location_name,
    wanted.address, wanted.phone, wanted.directions, wanted.directions_url, p_visit_type, wanted.names,
    wanted.notice_h, p_held_until, null::timestamptz, null::text, p_now, 0;
end $$;
"""

_OWN = """(select actor_has('clinician')) and exists (select from public.practitioner p
  where p.id = practitioner_id and p.person_id = (select public.actor_person()))"""
_MANAGES = "(select actor_has('manager') or actor_has('system'))"

# One policy for each kind of writing: one for all of them would weigh on every search too.
# Clinicians keep their own leave and their own days; everything else of a schedule is the manager's.
_MAY_WRITE = {
    "schedule_exception": f"{_MANAGES} or ({_OWN})",
    "practitioner_leave": f"{_MANAGES} or ({_OWN})",
    "schedule_edition": f"{_MANAGES} or ({_OWN})",
    "holiday_calendar": _MANAGES,
    "closed_day": _MANAGES,
}

POLICIES = "\n".join(
    f"""
alter table {name} enable row level security;
alter table {name} force row level security;
create policy {name}_view on {name} for select
  using ({"true" if name == "closed_day" else "(select actor_person()) is not null"});
create policy {name}_add on {name} for insert with check ({may_write});
create policy {name}_change on {name} for update using ({may_write}) with check ({may_write});
create policy {name}_remove on {name} for delete using ({may_write});
grant select, insert, update, delete on {name} to portal_app;
"""
    for name, may_write in _MAY_WRITE.items()
)

OFFERS = """
alter table displaced_offer enable row level security;
alter table displaced_offer force row level security;
create policy displaced_offer_view on displaced_offer for select
  using (may('view', 'booking', patient_id, confidentiality));
create policy displaced_offer_write on displaced_offer using (may('act', 'booking', patient_id, confidentiality))
  with check (may('act', 'booking', patient_id, confidentiality) and offered_by = actor_person());
grant select, insert, update, delete on displaced_offer to portal_app;
"""

_MAY_OVERBOOK = """(not is_overbooked or (select actor_has('clinician') or actor_has('front_desk')
  or actor_has('manager') or actor_has('system')))"""

OVERBOOKING = f"""
create policy slot_overbook on slot as restrictive for insert with check ({_MAY_OVERBOOK});
create policy slot_overbook_later on slot as restrictive for update using (true) with check ({_MAY_OVERBOOK});
"""

_TAKE_ARGUMENTS = (
    "uuid, uuid, uuid, uuid, uuid, uuid, uuid, text, timestamptz, timestamptz, text, uuid, timestamptz, timestamptz"
)

DROP_OLD = f"""
drop function take_time({_TAKE_ARGUMENTS});
drop function free_time(date, int, uuid[], uuid[], text, int, timestamptz, timestamptz, uuid[]),
  open_hours(date, int, uuid[], uuid[], text);
"""

# ruff: noqa: S608 - the parts put together are constants of this file
DROP_NEW = f"""
drop function take_time({_TAKE_ARGUMENTS}, boolean, int);
drop function free_time(date, int, uuid[], uuid[], text, int, timestamptz, timestamptz, uuid[], uuid),
  taken_on(uuid, uuid, text, date, timestamptz, uuid[]),
  is_offered(uuid, uuid, uuid, text, timestamptz, timestamptz, timestamptz),
  open_at(uuid, uuid, text, text, timestamptz, timestamptz), open_hours(date, int, uuid[], uuid[], text);
drop policy slot_overbook on slot;
drop policy slot_overbook_later on slot;
delete from slot where is_overbooked;
alter table slot drop constraint slot_held_once;
drop index slot_buffered, slot_overbooked;
alter table slot drop column visit_type_id, drop column modality, drop column busy_from, drop column busy_until,
  drop column is_overbooked;
alter table slot add constraint slot_held_once
  exclude using spgist (span_of(practitioner_id, starts_at, ends_at) with &&);
drop table displaced_offer, schedule_edition, closed_day, holiday_calendar, practitioner_leave, schedule_exception;
alter table visit_type drop column buffer_before_min, drop column buffer_after_min, drop column daily_max;
alter table schedule drop column release_days, drop column release_at;
"""


def upgrade() -> None:
    """Put everything in place, and the functions that find and take times in the place of the older ones."""
    for script in (TABLES, SLOTS, DROP_OLD, SEARCH, TAKE_TIME, POLICIES, OFFERS, OVERBOOKING):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Go back to weekly hours alone."""
    op.execute(DROP_NEW)
    before = runpy.run_path(str(Path(__file__).with_name("0003_practice_and_booking.py")))["FUNCTIONS"]
    for function in re.findall(
        r"create function (?:open_hours|free_time|take_time)\(.*?\$\$.*?\$\$;", before, re.DOTALL
    ):
        op.execute(function)

"""Who waits for an earlier time, what is offered to whom, and requests."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Weekdays and parts of the day are sets of bits, so that one statement walks the line: Monday is 1, Sunday 64;
# morning 1, afternoon 2, evening 4. A wish without a clinician or a location is for any.
TABLES = """
create table waitlist_entry (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint waitlist_entry_confidentiality check (confidentiality in ('N', 'R', 'V')),
  status text not null default 'active' constraint waitlist_entry_status
    check (status in ('active', 'served', 'withdrawn', 'expired')),
  visit_type_id uuid not null references visit_type,
  modality text not null constraint waitlist_entry_modality check (modality in ('in_person', 'video')),
  practitioner_id uuid references practitioner, location_id uuid references location,
  weekdays smallint not null default 127 constraint waitlist_entry_weekdays check (weekdays between 1 and 127),
  parts smallint not null default 7 constraint waitlist_entry_parts check (parts between 1 and 7),
  notice_min int not null constraint waitlist_entry_notice check (notice_min between 60 and 20160),
  appointment_id uuid references appointment on delete set null,
  until_at timestamptz not null, zone text not null, language text not null, channel text not null default 'mail'
    constraint waitlist_entry_channel check (channel in ('mail')),
  priority smallint not null default 3 constraint waitlist_entry_priority check (priority between 1 and 3),
  waiting_since timestamptz not null, request_key uuid not null,
  created_by uuid not null references person, changed_at timestamptz not null,
  offer_id uuid,
  constraint waitlist_entry_request unique (patient_id, request_key)
);
create index waitlist_in_turn on waitlist_entry (practitioner_id, priority, waiting_since, id)
  where status = 'active' and offer_id is null;
create index ix_waitlist_entry_patient_id on waitlist_entry (patient_id);
create index ix_waitlist_entry_appointment_id on waitlist_entry (appointment_id);

create table time_request (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint time_request_confidentiality check (confidentiality in ('N', 'R', 'V')),
  status text not null default 'open' constraint time_request_status
    check (status in ('open', 'answered', 'booked', 'withdrawn', 'closed')),
  visit_type_id uuid references visit_type, practitioner_id uuid references practitioner,
  modality text constraint time_request_modality check (modality in ('in_person', 'video')),
  words text not null, answer text, answer_phone text not null default '',
  asked_at timestamptz not null, answer_by timestamptz not null, answered_at timestamptz,
  answered_by uuid references person, appointment_id uuid references appointment on delete set null,
  language text not null, request_key uuid not null, created_by uuid not null references person,
  constraint time_request_once unique (patient_id, request_key)
);
create index ix_time_request_patient_id on time_request (patient_id, asked_at);

create table time_offer (
  id uuid primary key, entry_id uuid references waitlist_entry, request_id uuid references time_request,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint time_offer_confidentiality check (confidentiality in ('N', 'R', 'V')),
  status text not null default 'open' constraint time_offer_status
    check (status in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')),
  practitioner_id uuid not null references practitioner, location_id uuid not null references location,
  visit_type_id uuid not null references visit_type,
  modality text not null constraint time_offer_modality check (modality in ('in_person', 'video')),
  starts_at timestamptz not null, ends_at timestamptz not null, slot_id uuid unique,
  answer_by timestamptz not null, offered_at timestamptz not null, answered_at timestamptz,
  waiting_since timestamptz not null, language text not null,
  channel text not null constraint time_offer_channel check (channel in ('mail')),
  appointment_id uuid references appointment on delete set null,
  constraint time_offer_for_one check (num_nonnulls(entry_id, request_id) = 1),
  constraint time_offer_kept check ((status = 'open') = (slot_id is not null)),
  constraint time_offer_once unique (entry_id, practitioner_id, starts_at)
);
create unique index time_offer_open_once on time_offer (entry_id) where status = 'open';
create index time_offer_open on time_offer (answer_by) where status = 'open';
create index ix_time_offer_patient_id on time_offer (patient_id);
create index ix_time_offer_request_id on time_offer (request_id);
create index ix_time_offer_offered_at on time_offer (offered_at) where entry_id is not null;
"""

FUNCTIONS = """
-- Whether nobody has a practitioner's time, nor the time kept free around it; holds that lapsed do not count.
create function is_clear(
  p_practitioner uuid, p_starts_at timestamptz, p_ends_at timestamptz, p_before_min int, p_after_min int,
  p_now timestamptz
) returns boolean language sql stable parallel safe as $$
  select not exists (
    select from slot s
    where s.practitioner_id = p_practitioner and s.starts_at > p_starts_at - interval '28 hours'
      and s.starts_at < p_ends_at + interval '4 hours' and s.ends_at > p_starts_at - interval '4 hours'
      and coalesce(s.busy_from, s.starts_at) < p_ends_at + make_interval(mins => p_after_min)
      and coalesce(s.busy_until, s.ends_at) > p_starts_at - make_interval(mins => p_before_min)
      and (s.status <> 'busy-tentative' or s.held_until > p_now))
$$;

-- Keeps a time for somebody who is asked whether they want it; true if it was free.
create function keep_time(
  p_slot uuid, p_practitioner uuid, p_location uuid, p_visit_type uuid, p_modality text, p_starts_at timestamptz,
  p_held_until timestamptz, p_now timestamptz
) returns boolean language plpgsql as $$
declare
  v record;
  until_at timestamptz;
begin
  perform pg_advisory_xact_lock(uuid_hash_extended(p_practitioner, 0));
  select * into v from visit_type t where t.id = p_visit_type;
  until_at := p_starts_at + make_interval(mins => v.duration_min);
  if not is_clear(p_practitioner, p_starts_at, until_at, v.buffer_before_min, v.buffer_after_min, p_now) then
    return false;
  end if;
  delete from slot s
    where s.practitioner_id = p_practitioner and s.starts_at > p_starts_at - interval '28 hours'
      and s.starts_at < until_at + interval '4 hours' and s.ends_at > p_starts_at - interval '4 hours'
      and s.status = 'busy-tentative' and s.held_until < p_now;
  insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status, held_until, visit_type_id, modality,
      busy_from, busy_until)
    values (p_slot, p_practitioner, p_location, p_starts_at, until_at, 'busy-tentative', p_held_until, p_visit_type,
      p_modality,
      case when v.buffer_before_min + v.buffer_after_min > 0
        then p_starts_at - make_interval(mins => v.buffer_before_min) end,
      case when v.buffer_before_min + v.buffer_after_min > 0
        then until_at + make_interval(mins => v.buffer_after_min) end)
    on conflict do nothing;
  return found;
end $$;

-- The beginnings of times that are offered in a stretch that has become free.
create function beginnings_in(
  p_practitioner uuid, p_location uuid, p_from timestamptz, p_until timestamptz
) returns table (starts_at timestamptz) language sql stable as $$
  select distinct t.starts_at
  from location l
  cross join lateral open_hours((p_from at time zone l.zone)::date - 1,
    3 + extract(day from p_until - p_from)::int,
    array[p_practitioner], array[p_location], null) h
  cross join lateral generate_series(h.opens_at, h.closes_at - h.grid, h.grid) t (starts_at)
  where l.id = p_location and t.starts_at >= p_from and t.starts_at < p_until
  order by t.starts_at limit 100
$$;

-- The first in line for a freed time, and nobody if it is not free or not offered. The line: clinical priority, then
-- who has waited longest. Those with an offer in hand, or who had this very time before, stand aside.
-- Half of the line waits for this clinician and half for anybody: two walks along one index, until the first who fits.
create function next_in_line(
  p_practitioner uuid, p_location uuid, p_starts_at timestamptz, p_now timestamptz, p_horizon timestamptz
) returns table (
  entry_id uuid, patient_id uuid, confidentiality text, visit_type_id uuid, modality text, ends_at timestamptz,
  zone text, language text, channel text, waiting_since timestamptz, lead_min int
) language sql stable set plan_cache_mode = force_custom_plan as $$
  with local as materialized (
    select extract(isodow from l.at)::int as weekday, extract(hour from l.at)::int as hour
    from (select p_starts_at at time zone zone as at from location where id = p_location) l
  ), kind as materialized (
    select v.id as visit_type_id, m.modality, t.ends_at, v.lead_min
    from visit_type v cross join lateral unnest(v.modalities) m (modality)
    cross join lateral (select p_starts_at + make_interval(mins => v.duration_min) as ends_at) t
    where v.is_active and is_offered(p_practitioner, p_location, v.id, m.modality, p_starts_at, p_now, p_horizon)
      and is_clear(p_practitioner, p_starts_at, t.ends_at, v.buffer_before_min, v.buffer_after_min, p_now)
      and (v.daily_max is null or v.daily_max > (select t.number from location l cross join lateral taken_on(
        p_practitioner, v.id, l.zone, (p_starts_at at time zone l.zone)::date, p_now, '{}') t where l.id = p_location))
  ), fits as (
    select w.*, k.ends_at, k.lead_min from (
      (select e.* from waitlist_entry e where e.practitioner_id = p_practitioner and %(wish)s
       order by e.priority, e.waiting_since, e.id limit 1)
      union all
      (select e.* from waitlist_entry e where e.practitioner_id is null and %(wish)s
       order by e.priority, e.waiting_since, e.id limit 1)
    ) w join kind k using (visit_type_id, modality)
    order by w.priority, w.waiting_since, w.id limit 1
  )
  select f.id, f.patient_id, f.confidentiality, f.visit_type_id, f.modality, f.ends_at, f.zone, f.language, f.channel,
    f.waiting_since, f.lead_min::int
  from fits f
$$;
"""

# In person the location's own clock says which day and which part of it, by video the patient's.
_WISH = """e.status = 'active' and e.offer_id is null
        and (e.location_id is null or e.location_id = p_location)
        and e.until_at > p_starts_at and p_starts_at >= p_now + make_interval(mins => e.notice_min)
        and case e.modality when 'in_person' then
            e.weekdays & (select 1 << (weekday - 1) from local) <> 0
            and e.parts & (select case when hour < 12 then 1 when hour < 17 then 2 else 4 end from local) <> 0
          else e.weekdays & (1 << (extract(isodow from p_starts_at at time zone e.zone)::int - 1)) <> 0
            and e.parts & case when extract(hour from p_starts_at at time zone e.zone) < 12 then 1
              when extract(hour from p_starts_at at time zone e.zone) < 17 then 2 else 4 end <> 0 end
        and exists (select from kind k where k.visit_type_id = e.visit_type_id and k.modality = e.modality)
        and not exists (select from time_offer o where o.entry_id = e.id
          and o.practitioner_id = p_practitioner and o.starts_at = p_starts_at)
        and not exists (select from appointment a join kind k
            on k.visit_type_id = e.visit_type_id and k.modality = e.modality
          where a.patient_id = e.patient_id and a.id is distinct from e.appointment_id and a.slot_id is not null
            and a.status <> 'pending' and a.starts_at < k.ends_at and a.ends_at > p_starts_at
            and a.starts_at > p_starts_at - interval '1 day')"""

FOLLOWS = """
-- What happens to the appointment somebody already has decides about their wish for an earlier one: cancelled by
-- themselves, they want none (unless they undo it); cancelled by the practice, they wait on.
create function waitlist_follows_appointment() returns trigger language plpgsql as $$
begin
  if old.status = 'cancelled' then
    update waitlist_entry e set status = 'active', changed_at = new.changed_at
      where e.appointment_id = new.id and e.status = 'withdrawn' and e.changed_at = old.changed_at;
    return null;
  end if;
  update waitlist_entry e set changed_at = new.changed_at,
      status = case when new.status = 'cancelled' and new.cancel_reason = 'patient' then 'withdrawn'
                    when new.status in ('cancelled', 'booked') then e.status else 'expired' end,
      appointment_id = case when new.status = 'cancelled' and new.cancel_reason = 'practice' then null
                            else e.appointment_id end,
      until_at = case when new.status = 'booked' then new.starts_at else e.until_at end
    where e.appointment_id = new.id and e.status = 'active';
  return null;
end $$;
create trigger appointment_waited_for after update of status, starts_at on appointment
  for each row when (old.status is distinct from new.status or old.starts_at <> new.starts_at)
  execute function waitlist_follows_appointment();

create function announce_waiting() returns trigger language plpgsql as $$
begin
  perform pg_notify('portal_change', json_build_object('topics', json_build_array(
    'patient:' || new.patient_id, 'waiting:all'))::text);
  return null;
end $$;
create trigger waitlist_entry_announced after insert or update on waitlist_entry
  for each row execute function announce_waiting();
create trigger time_offer_announced after insert or update on time_offer
  for each row execute function announce_waiting();
create trigger time_request_announced after insert or update on time_request
  for each row execute function announce_waiting();
"""

FAIRNESS = """
-- Who is offered what and how it ends, by group and never by patient. Runs as the owner, which sees all rows under
-- maintenance and gives out sums only.
create function waitlist_fairness(p_since timestamptz) returns table (
  split text, band text, people bigint, offers bigint, accepted bigint, declined bigint, lapsed bigint,
  median_waiting_h float8
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not (actor_has('manager') or actor_has('front_desk') or actor_has('nurse') or actor_has('clinician')) then
    raise exception 'not for this role' using errcode = 'insufficient_privilege';
  end if;
  perform set_config('portal.maintenance', 'fairness', true);
  return query
    with told as materialized (
      select o.patient_id, o.status, o.language, o.channel,
        case when age < 18 then '0' when age < 40 then '18' when age < 65 then '40' when age < 80 then '65'
          else '80' end as age_band,
        extract(epoch from o.offered_at - o.waiting_since) / 3600 as waited_h
      from time_offer o join patient c on c.id = o.patient_id
      cross join lateral (select extract(year from age(o.offered_at, c.birth_date)) as age) a
      where o.entry_id is not null and o.offered_at >= p_since
    )
    select g.split, g.band, count(distinct t.patient_id), count(*), count(*) filter (where t.status = 'accepted'),
      count(*) filter (where t.status = 'declined'), count(*) filter (where t.status = 'lapsed'),
      percentile_cont(0.5) within group (order by t.waited_h)
    from told t cross join lateral (values
      ('language', t.language), ('age', t.age_band), ('channel', t.channel)) g (split, band)
    group by g.split, g.band order by g.split, g.band;
  perform set_config('portal.maintenance', before, true);
end $$;
"""

# The system is asked once for a statement and not once for a row: a line of ten thousand is walked as the system.
_POLICY = """
alter table {table} enable row level security;
alter table {table} force row level security;
create policy {table}_view on {table} for select
  using ((select actor_has('system')) or may('view', 'booking', patient_id, confidentiality));
create policy {table}_add on {table} for insert
  with check ((select actor_has('system')) or may('act', 'booking', patient_id, confidentiality));
create policy {table}_change on {table} for update
  using ((select actor_has('system')) or may('act', 'booking', patient_id, confidentiality));
grant select, insert, update on {table} to portal_app;
"""

# Whoever may answer an offer may give its time up: to take it for themselves, or to let it go.
SLOTS = """
create policy slot_release_offered on slot for delete using (exists (
  select from time_offer o where o.slot_id = slot.id and may('act', 'booking', o.patient_id, o.confidentiality)));
"""


def upgrade() -> None:
    """Create the tables, the line, and what keeps it true."""
    op.execute(TABLES)
    op.execute(FUNCTIONS.replace("%(wish)s", _WISH))
    op.execute(FOLLOWS)
    op.execute(FAIRNESS)
    for table in ("waitlist_entry", "time_request", "time_offer"):
        op.execute(_POLICY.format(table=table))
    op.execute(SLOTS)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("""
    drop policy slot_release_offered on slot;
    drop function waitlist_fairness(timestamptz);
    drop trigger appointment_waited_for on appointment;
    drop function next_in_line(uuid, uuid, timestamptz, timestamptz, timestamptz),
      beginnings_in(uuid, uuid, timestamptz, timestamptz),
      keep_time(uuid, uuid, uuid, uuid, text, timestamptz, timestamptz, timestamptz),
      is_clear(uuid, timestamptz, timestamptz, int, int, timestamptz);
    drop table time_offer, time_request, waitlist_entry cascade;
    drop function announce_waiting(), waitlist_follows_appointment();
    """)

"""Announce changes after the commit, and see with fewer looks whether a time is offered."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ANNOUNCEMENTS = """
-- What committed transactions have changed and nobody was told of yet. Not logged: after a crash of the server every
-- listener connects anew and looks at everything.
create unlogged table announcement (
  id bigint generated always as identity primary key, topics text[] not null
) with (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
alter table announcement enable row level security;
alter table announcement force row level security;
create policy announcement_add on announcement for insert with check (true);
create policy announcement_view on announcement for select using (actor_has('system'));
create policy announcement_lock on announcement for update using (actor_has('system'));
create policy announcement_told on announcement for delete using (actor_has('system'));
grant select, insert, update (topics), delete on announcement to portal_app;

-- `portal.changed` tells whoever commits that there is something to tell.
create function note_change(variadic p_topics text[]) returns void language plpgsql as $$
begin
  insert into public.announcement (topics) values (p_topics);
  perform set_config('portal.changed', 'yes', true);
end $$;

-- Tells the listeners, a hundred topics at a time: a notification holds less than 8,000 bytes. With `p_has_jobs` the
-- workers too; a worker that does not hear it looks by itself a second later.
create function tell_changes(p_has_jobs boolean) returns void language plpgsql as $$
declare
  said text;
begin
  for said in
    with told as (
      delete from announcement where id = any (array(
        select a.id from announcement a order by a.id limit 2000 for update skip locked)) returning topics
    ), topic as (
      select t.name, (row_number() over () - 1) / 100 as part
      from (select distinct unnest(topics) as name from told) t
    )
    select json_build_object('topics', json_agg(t.name))::text from topic t group by t.part
  loop
    perform pg_notify('portal_change', said);
  end loop;
  if p_has_jobs then
    perform pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}');
  end if;
end $$;

create or replace function announce_appointment() returns trigger language plpgsql as $$
begin
  perform public.note_change(
    'patient:' || new.patient_id, 'practitioner:' || new.practitioner_id, 'location:' || new.location_id);
  return null;
end $$;

drop trigger procrastinate_jobs_notify_queue_job_inserted_v1 on procrastinate_jobs;
"""

# One time asks about one or two days of one practitioner at one place: the rows for that are looked up, where
# `open_hours` works out days for many. A test compares the two.
OPEN_AT = """
create or replace function open_at(
  p_practitioner uuid, p_location uuid, p_modality text, p_zone text, p_starts_at timestamptz, p_ends_at timestamptz
) returns table (opens_at timestamptz, grid interval, released_at timestamptz) language sql stable parallel safe as $$
  select (h.day + h.opens) at time zone p_zone, make_interval(mins => h.grid_min),
    (h.day - h.release_days + h.release_at) at time zone p_zone
  from (
    select d.day, s.opens, s.closes, s.grid_min, s.release_days, s.release_at
    from (values ((p_starts_at at time zone p_zone)::date), (case when (p_starts_at at time zone p_zone)::time < '03:00'
      then (p_starts_at at time zone p_zone)::date - 1 end)) d (day)
    join schedule s on s.practitioner_id = p_practitioner and s.location_id = p_location
      and s.weekday = extract(isodow from d.day)::smallint
      and d.day >= s.valid_from and (s.valid_until is null or d.day <= s.valid_until)
      and (p_modality is null or p_modality = any (s.modalities))
    where not exists (select from closed_day c where c.location_id = p_location and c.day = d.day)
      and not exists (select from schedule_exception x where x.practitioner_id = p_practitioner
        and x.location_id = p_location and x.day = d.day)
    union all
    select x.day, x.opens, x.closes, x.grid_min, x.release_days, x.release_at
    from schedule_exception x
    where x.practitioner_id = p_practitioner and x.location_id = p_location and x.opens is not null
      and x.day <= (p_starts_at at time zone p_zone)::date
      and x.day >= (p_starts_at at time zone p_zone)::date - ((p_starts_at at time zone p_zone)::time < '03:00')::int
      and (p_modality is null or p_modality = any (x.modalities))
  ) h
  where p_starts_at >= (h.day + h.opens) at time zone p_zone and p_ends_at <= (h.day + h.closes) at time zone p_zone
    and exists (select from practitioner p where p.id = p_practitioner and p.is_active)
    and not exists (select from practitioner_leave v where v.practitioner_id = p_practitioner
      and v.starts_at at time zone p_zone < p_ends_at
      and (v.ends_at is null or v.ends_at at time zone p_zone > p_starts_at))
$$;
"""

OPEN_AT_BEFORE = """
create or replace function open_at(
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
"""


def upgrade() -> None:
    """Note changes in a table, and tell them after the commit."""
    op.execute(ANNOUNCEMENTS)
    op.execute(OPEN_AT)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Notify inside the transaction again."""
    op.execute(OPEN_AT_BEFORE)
    op.execute("""
    create trigger procrastinate_jobs_notify_queue_job_inserted_v1 after insert on procrastinate_jobs
      for each row when (new.status = 'todo'::procrastinate_job_status)
      execute procedure procrastinate_notify_queue_job_inserted_v1();
    create or replace function announce_appointment() returns trigger language plpgsql as $$
    begin
      perform pg_notify('portal_change', json_build_object('topics', json_build_array(
        'patient:' || new.patient_id, 'practitioner:' || new.practitioner_id, 'location:' || new.location_id))::text);
      return null;
    end $$;
    drop function tell_changes(boolean), note_change(text[]);
    drop table announcement;
    """)

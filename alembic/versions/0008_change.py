"""Move, cancel with a reason, undo, repeat; reminders and their links."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
alter table appointment
  add column moved_from timestamptz, add column moved_at timestamptz, add column move_key uuid,
  add column confirmed_at timestamptz, add column series_id uuid, add column cancel_words text,
  add column cancel_code text constraint appointment_cancel_code
    check (cancel_code in ('time', 'better', 'elsewhere', 'travel', 'other')),
  add constraint appointment_moved check ((moved_at is null) = (moved_from is null));
create index appointment_series on appointment (series_id) where series_id is not null;

alter table visit_type add column remind_before_min int[] not null default '{10080,1440,120}'
  constraint visit_type_reminders check (cardinality(remind_before_min) <= 5
    and 15 <= all (remind_before_min) and 43200 >= all (remind_before_min));

create table reminder (
  id uuid primary key, patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint reminder_confidentiality check (confidentiality in ('N', 'R', 'V')),
  appointment_id uuid not null references appointment on delete cascade,
  person_id uuid not null references person on delete cascade,
  starts_at timestamptz not null, before_min int not null, secret_hash text not null unique,
  expires_at timestamptz not null, created_at timestamptz not null, answered_at timestamptz,
  answer text constraint reminder_answer check (answer in ('confirmed', 'cancelled')),
  constraint reminder_answered check ((answer is null) = (answered_at is null)),
  constraint reminder_once unique (appointment_id, person_id, starts_at, before_min)
);
create index ix_reminder_patient_id on reminder (patient_id);
create index ix_reminder_person_id on reminder (person_id);
create index reminder_expired on reminder (expires_at);

alter table outbox_message add column patient_id uuid references patient on delete cascade;
"""

# The patient, the old clinician and the new one are waited for in one order, as `take_time` does, so that nobody waits
# in a circle. The slot keeps its id and changes its time together with the appointment in one statement: the old time
# is given up when, and only when, the new one holds. What nobody could know before (a writer without these locks)
# shows as a violated constraint, and is the same verdict. Everything is looked up by key: `enable_seqscan` is off
# because plans made while a practice is new are kept, and reading every row would ask `may()` about each for good.
MOVE = """
create function move_time(
  p_id uuid, p_person uuid, p_practitioner uuid, p_location uuid, p_modality text, p_starts_at timestamptz,
  p_move_key uuid, p_sequence int, p_is_staff boolean, p_beyond boolean, p_now timestamptz, p_horizon timestamptz
) returns table (
  verdict text, patient_id uuid, was_practitioner_id uuid, was_location_id uuid, was_at timestamptz,
  was_until timestamptz, phone text
) language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
#variable_conflict use_column
declare
  old record;
  wanted record;
  until_at timestamptz;
  is_had boolean;
  is_had_here boolean;
  is_full boolean := false;
begin
  select a.patient_id, a.practitioner_id into old from appointment a where a.id = p_id and a.status <> 'pending';
  if not found then
    verdict := 'missing';
    return next;
    return;
  end if;
  perform pg_advisory_xact_lock(k.key) from (
    select distinct uuid_hash_extended(party, 0) as key
    from unnest(array[old.patient_id, old.practitioner_id, p_practitioner]) party order by 1) k;

  select a.*, v.duration_min, v.notice_h, l.phone, l.zone into old
    from appointment a join visit_type v on v.id = a.visit_type_id join location l on l.id = a.location_id
    where a.id = p_id for update of a;
  patient_id := old.patient_id;
  was_practitioner_id := old.practitioner_id;
  was_location_id := old.location_id;
  was_at := old.starts_at;
  was_until := old.ends_at;
  phone := old.phone;
  if old.move_key = p_move_key then
    verdict := 'done';
    return next;
    return;
  elsif old.status <> 'booked' or (p_sequence is not null and old.sequence <> p_sequence)
    or (p_is_staff and old.starts_at <= p_now) then
    verdict := 'moved_on';
    return next;
    return;
  elsif not p_is_staff and p_now > old.starts_at - make_interval(hours => old.notice_h) then
    verdict := 'too_late';
    return next;
    return;
  end if;

  select l.zone, v.duration_min, v.daily_max, v.buffer_before_min, v.buffer_after_min,
      exists (select from slot s where s.is_overbooked and s.practitioner_id = p_practitioner and s.id <> old.slot_id
        and s.starts_at < p_starts_at + make_interval(mins => v.duration_min) and s.ends_at > p_starts_at
        and s.starts_at > p_starts_at - interval '1 day') as is_shared
    into wanted
    from visit_type v, practitioner p, location l
    where v.id = old.visit_type_id and p.id = p_practitioner and p.is_active and l.id = p_location
      and p_modality = any (v.modalities);
  is_had := found and p_starts_at > p_now;
  until_at := p_starts_at + make_interval(mins => wanted.duration_min);
  -- What somebody holds was promised to them, whatever changed since.
  is_had_here := is_had and (is_offered(
      p_practitioner, p_location, old.visit_type_id, p_modality, p_starts_at, p_now, p_horizon)
    or exists (select from appointment h join slot s on s.id = h.slot_id
      where h.patient_id = old.patient_id and h.status = 'pending' and h.practitioner_id = p_practitioner
        and h.location_id = p_location and h.visit_type_id = old.visit_type_id and h.modality = p_modality
        and h.starts_at = p_starts_at and s.held_until > p_now));
  if not is_had_here and not (p_beyond and is_had) then
    verdict := 'not_offered';
    return next;
    return;
  end if;

  if exists (select from appointment h where h.patient_id = old.patient_id and h.status = 'pending') then
    with dropped as (
      delete from appointment h where h.patient_id = old.patient_id and h.status = 'pending' returning h.slot_id
    ) delete from slot s using dropped where s.id = dropped.slot_id;
  end if;

  if exists (
    select from appointment a where a.patient_id = old.patient_id and a.id <> p_id
      and a.starts_at < until_at and a.ends_at > p_starts_at and a.starts_at > p_starts_at - interval '1 day'
      and a.slot_id is not null and a.status <> 'pending')
  then
    verdict := 'elsewhere';
    return next;
    return;
  end if;

  if wanted.daily_max is not null then
    -- Its own time on that day is not one more.
    select t.number - (old.practitioner_id = p_practitioner and (old.starts_at at time zone wanted.zone)::date
        = (p_starts_at at time zone wanted.zone)::date)::int >= wanted.daily_max into is_full
      from taken_on(p_practitioner, old.visit_type_id, wanted.zone,
        (p_starts_at at time zone wanted.zone)::date, p_now, '{}') t;
  end if;
  if not p_beyond and (wanted.is_shared or is_full) then
    verdict := case when is_full then 'not_offered' else 'slot_taken' end;
    return next;
    return;
  end if;

  -- A hold that lapsed may be all that stands in the way; staff may then still share the time.
  verdict := 'slot_taken';
  for attempt in 1..3 loop
    begin
      with taken as (
        update slot s set practitioner_id = p_practitioner, location_id = p_location, starts_at = p_starts_at,
          ends_at = until_at, visit_type_id = old.visit_type_id, modality = p_modality,
          busy_from = case when wanted.buffer_before_min + wanted.buffer_after_min > 0
            then p_starts_at - make_interval(mins => wanted.buffer_before_min) end,
          busy_until = case when wanted.buffer_before_min + wanted.buffer_after_min > 0
            then until_at + make_interval(mins => wanted.buffer_after_min) end,
          is_overbooked = p_beyond and (attempt = 3 or is_full or wanted.is_shared or not is_had_here)
        where s.id = old.slot_id
      )
      update appointment a set practitioner_id = p_practitioner, location_id = p_location, modality = p_modality,
        starts_at = p_starts_at, ends_at = until_at, sequence = a.sequence + 1, changed_at = p_now, moved_at = p_now,
        moved_from = old.starts_at, move_key = p_move_key, confirmed_at = null
      where a.id = p_id;
      verdict := 'moved';
    exception when exclusion_violation then
      null;
    end;
    exit when verdict = 'moved' or attempt = 3 or (attempt = 2 and not p_beyond);
    if attempt = 1 then
      delete from slot s
        where s.practitioner_id = p_practitioner and s.starts_at < until_at + interval '4 hours'
          and s.ends_at > p_starts_at - interval '4 hours' and s.starts_at > p_starts_at - interval '28 hours'
          and s.status = 'busy-tentative' and s.held_until < p_now;
      exit when not found and not p_beyond;
    end if;
  end loop;
  return next;
end $$;

-- Takes a cancellation back while the time is still free. The caller has decided that it may be taken back.
create function restore_time(p_id uuid, p_slot uuid, p_now timestamptz) returns text
language plpgsql set enable_seqscan = off as $$
declare
  old record;
begin
  select a.patient_id, a.practitioner_id into old from appointment a where a.id = p_id and a.status = 'cancelled';
  if not found then
    return 'moved_on';
  end if;
  perform pg_advisory_xact_lock(k.key) from (
    select distinct uuid_hash_extended(party, 0) as key
    from unnest(array[old.patient_id, old.practitioner_id]) party order by 1) k;
  select a.*, v.buffer_before_min, v.buffer_after_min,
      exists (select from slot s where s.is_overbooked and s.practitioner_id = a.practitioner_id
        and s.starts_at < a.ends_at and s.ends_at > a.starts_at and s.starts_at > a.starts_at - interval '1 day')
        as is_shared
    into old from appointment a join visit_type v on v.id = a.visit_type_id
    where a.id = p_id and a.status = 'cancelled' for update of a;
  if not found then
    return 'moved_on';
  elsif old.is_shared then
    return 'slot_taken';
  end if;
  delete from slot s
    where s.practitioner_id = old.practitioner_id and s.starts_at < old.ends_at + interval '4 hours'
      and s.ends_at > old.starts_at - interval '4 hours' and s.starts_at > old.starts_at - interval '28 hours'
      and s.status = 'busy-tentative' and s.held_until < p_now;
  begin
    insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status, visit_type_id, modality,
        busy_from, busy_until)
      values (p_slot, old.practitioner_id, old.location_id, old.starts_at, old.ends_at, 'busy', old.visit_type_id,
        old.modality,
        case when old.buffer_before_min + old.buffer_after_min > 0
          then old.starts_at - make_interval(mins => old.buffer_before_min) end,
        case when old.buffer_before_min + old.buffer_after_min > 0
          then old.ends_at + make_interval(mins => old.buffer_after_min) end);
    update appointment a set status = 'booked', slot_id = p_slot, cancelled_at = null, cancelled_by = null,
      cancel_reason = null, cancel_code = null, cancel_words = null, sequence = a.sequence + 1, changed_at = p_now
      where a.id = p_id;
  exception when exclusion_violation then
    return 'slot_taken';
  end;
  return 'restored';
end $$;

-- As `grant_by_appointment` for a new appointment; and the place an appointment moved away from keeps what its other
-- appointments give it. The clinician and the place it left are told too.
create function regrant_by_move() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)
    values (new.location_id, new.patient_id, '{booking,forms,vitals,visits}', '{view,act}', 'R', 1, 'appointment',
      new.starts_at + interval '30 days')
  on conflict on constraint access_grant_once do update set valid_until = excluded.valid_until
    where access_grant.valid_until < excluded.valid_until;
  if old.location_id <> new.location_id or (new.starts_at < old.starts_at and old.status = 'booked') then
    update access_grant g set valid_until = coalesce(
      (select max(a.starts_at) + interval '30 days' from appointment a where a.patient_id = new.patient_id
        and a.location_id = old.location_id and a.status not in ('pending', 'cancelled')), now())
    where g.grantee = old.location_id and g.patient_id = new.patient_id and g.basis = 'appointment';
  end if;
  if old.practitioner_id <> new.practitioner_id or old.location_id <> new.location_id then
    perform pg_notify('portal_change', json_build_object('topics', json_build_array(
      'practitioner:' || old.practitioner_id, 'location:' || old.location_id))::text);
  end if;
  return null;
end $$;
create trigger appointment_moved_grants after update of starts_at, location_id, practitioner_id, status on appointment
  for each row when (new.status = 'booked' and (old.status = 'cancelled' or old.starts_at <> new.starts_at
    or old.location_id <> new.location_id or old.practitioner_id <> new.practitioner_id))
  execute function regrant_by_move();
"""

# Whoever shows the secret of a reminder's link sees that one reminder, and through it acts as the person it was
# written to (`begin_as_link`): with their grants of the present moment, and for the length of one transaction.
LINKS = """
alter table reminder enable row level security;
alter table reminder force row level security;
create policy reminder_view on reminder for select using (
  secret_hash = nullif(current_setting('portal.link_hash', true), '')
  or may('view', 'booking', patient_id, confidentiality));
create policy reminder_add on reminder for insert with check (actor_has('system'));
create policy reminder_change on reminder for update using (
  secret_hash = nullif(current_setting('portal.link_hash', true), '')
  or may('act', 'booking', patient_id, confidentiality));
create policy reminder_remove on reminder for delete using (actor_has('system'));
grant select, insert, update (answer, answered_at), delete on reminder to portal_app;

create function begin_as_link(p_secret_hash text, p_now timestamptz) returns table (
  reminder_id uuid, person_id uuid, patient_id uuid, appointment_id uuid, starts_at timestamptz, answer text
) language plpgsql as $$
#variable_conflict use_column
declare
  r record;
begin
  perform set_config('portal.link_hash', p_secret_hash, true);
  select * into r from reminder x where x.secret_hash = p_secret_hash and x.expires_at > p_now;
  if not found then
    return;
  end if;
  perform set_config('portal.person_id', r.person_id::text, true),
          set_config('portal.patient_id', r.patient_id::text, true),
          set_config('portal.grantees', array[r.person_id]::text, true),
          set_config('portal.roles', '{patient}', true), set_config('portal.assurance', '1', true),
          set_config('portal.task', 'link of a reminder', true);
  return query select r.id, r.person_id, r.patient_id, r.appointment_id, r.starts_at, r.answer;
end $$;
"""


def upgrade() -> None:
    """Add what a change leaves behind, the functions that change, and reminders."""
    for script in (TABLES, MOVE, LINKS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("""
    alter table outbox_message drop column patient_id;
    drop function begin_as_link(text, timestamptz);
    drop table reminder;
    drop trigger appointment_moved_grants on appointment;
    drop function regrant_by_move(), restore_time(uuid, uuid, timestamptz),
      move_time(uuid, uuid, uuid, uuid, text, timestamptz, uuid, int, boolean, boolean, timestamptz, timestamptz);
    alter table visit_type drop column remind_before_min;
    drop index appointment_series;
    alter table appointment drop constraint appointment_moved, drop column moved_from, drop column moved_at,
      drop column move_key, drop column confirmed_at, drop column series_id, drop column cancel_words,
      drop column cancel_code;
    """)

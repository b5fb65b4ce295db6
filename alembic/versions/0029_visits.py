"""Visits: who waits, who is in the room, device checks, chat, and where clinicians are licensed."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLES = """
create table visit (
  id uuid primary key, appointment_id uuid not null unique references appointment on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N' constraint visit_confidentiality check (confidentiality in ('N', 'R', 'V')),
  practitioner_id uuid not null references practitioner, host_id uuid references person on delete set null,
  status text not null default 'planned'
    constraint visit_status check (status in ('planned', 'waiting', 'in_progress', 'finished', 'cancelled')),
  modality text not null constraint visit_modality check (modality in ('video', 'audio', 'phone', 'in_person')),
  is_locked boolean not null default false, is_through_hub boolean not null default false,
  is_alone boolean not null default false,
  address text, region text, call_back_number text, company text,
  said_at timestamptz, consented_at timestamptz, consented_by uuid references person on delete set null,
  wants_call_at timestamptz, opened_at timestamptz not null, waiting_since timestamptz, started_at timestamptz,
  ended_at timestamptz, ended_by uuid references person on delete set null,
  constraint visit_ended check ((status = 'finished') = (ended_at is not null)),
  constraint visit_began check (status not in ('in_progress') or started_at is not null)
);
create index ix_visit_patient_id on visit (patient_id);
create index visit_open on visit (practitioner_id) where status in ('planned', 'waiting', 'in_progress');

create table visit_participant (
  id uuid primary key, visit_id uuid not null references visit on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint visit_participant_confidentiality check (confidentiality in ('N', 'R', 'V')),
  person_id uuid references person on delete cascade,
  role text not null constraint visit_participant_role
    check (role in ('patient', 'caregiver', 'clinician', 'interpreter', 'family', 'other_clinician')),
  name text not null, language text not null default '',
  state text not null constraint visit_participant_state
    check (state in ('invited', 'waiting', 'admitted', 'in', 'left', 'removed')),
  connection_id uuid, waiting_since timestamptz, admitted_at timestamptz, seen_at timestamptz, left_at timestamptz,
  invited_by uuid references person on delete set null, invited_at timestamptz, agreed_by_patient_at timestamptz,
  agreed_by uuid references person on delete set null,
  link_hash text unique, link_expires_at timestamptz, redeemed_at timestamptz,
  secret_hash text unique, secret_expires_at timestamptz,
  constraint visit_participant_once unique (visit_id, person_id),
  constraint visit_participant_guest check ((person_id is null) = (link_hash is not null))
);
create index ix_visit_participant_patient_id on visit_participant (patient_id);
create index visit_participant_present on visit_participant (person_id) where state = 'in';

create table visit_device_check (
  id uuid primary key, visit_id uuid not null references visit on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint visit_device_check_confidentiality check (confidentiality in ('N', 'R', 'V')),
  checked_by uuid not null, checked_at timestamptz not null,
  camera text not null, microphone text not null, speaker text not null,
  round_trip_ms integer, loss_percent smallint, down_kbit integer, up_kbit integer,
  constraint visit_device_check_camera check (camera in ('works', 'refused', 'missing', 'busy', 'skipped')),
  constraint visit_device_check_microphone check (microphone in ('works', 'silent', 'refused', 'missing', 'skipped')),
  constraint visit_device_check_speaker check (speaker in ('works', 'silent', 'not_heard', 'skipped')),
  constraint visit_device_check_once unique (visit_id, checked_by)
);
create index ix_visit_device_check_patient_id on visit_device_check (patient_id);

create table visit_message (
  id uuid primary key, visit_id uuid not null references visit on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint visit_message_confidentiality check (confidentiality in ('N', 'R', 'V')),
  participant_id uuid not null references visit_participant on delete cascade,
  words text not null, sent_at timestamptz not null, request_key uuid not null,
  constraint visit_message_request unique (participant_id, request_key)
);
create index visit_message_in_order on visit_message (visit_id, sent_at);
create index ix_visit_message_patient_id on visit_message (patient_id);

-- What a clinician tells everybody who waits for them; it names nobody.
create table waiting_room_note (
  id uuid primary key, practitioner_id uuid not null references practitioner on delete cascade,
  words text not null, sent_by uuid not null references person, sent_at timestamptz not null,
  until_at timestamptz not null, request_key uuid not null unique
);
create index waiting_room_note_current on waiting_room_note (practitioner_id, until_at);

-- Where a clinician may treat by video: the state in which the patient is counts (notes on telehealth).
create table practitioner_licence (
  id uuid primary key, practitioner_id uuid not null references practitioner on delete cascade,
  region text not null constraint practitioner_licence_region check (region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
  valid_until date,
  constraint practitioner_licence_once unique (practitioner_id, region)
);
"""

# A guest is nobody's person: whoever came by a link to one room. The database knows them by that row alone, so that no
# policy of any other table lets them in.
GUESTS = """
-- `portal.visit_id` is set while the guest is let in, and unset before and after.
create function actor_guest() returns uuid language sql stable parallel safe
  return nullif(current_setting('portal.guest_id', true), '')::uuid;
create function actor_visit() returns uuid language sql stable parallel safe
  return nullif(current_setting('portal.visit_id', true), '')::uuid;

create function begin_as_guest(p_secret_hash text, p_address text) returns table (
  person_id uuid, session_id uuid, patient_id uuid, assurance int, roles text[], locale text, display_name text
) language plpgsql as $$
#variable_conflict use_column
declare
  g record;
begin
  perform begin_as_nobody(p_address);
  perform set_config('portal.room_hash', p_secret_hash, true);
  select x.id, x.visit_id, x.name, x.state into g from visit_participant x
    where x.secret_hash = p_secret_hash and x.secret_expires_at > now();
  perform set_config('portal.room_hash', '', true);
  if not found then
    return query select null::uuid, null::uuid, null::uuid, 0, '{}'::text[], 'en', '';
    return;
  end if;
  perform set_config('portal.guest_id', g.id::text, true),
          set_config('portal.visit_id',
            case when g.state in ('admitted', 'in') then g.visit_id::text else '' end, true),
          set_config('portal.roles', '{guest}', true), set_config('portal.task', 'guest of a visit', true);
  return query select g.id::uuid, null::uuid, null::uuid, 1, '{guest}'::text[], 'en', g.name::text;
end $$;

-- The trail needs somebody who acts: for the one statement the guest's row stands for a person.
create function record_as_guest(p_action text, p_patient uuid, p_entity text, p_entity_id uuid, p_detail jsonb)
returns int language plpgsql as $$
begin
  perform set_config('portal.person_id', public.actor_guest()::text, true),
          set_config('portal.named', public.actor_guest() || ' ' || coalesce(
            (select x.name from public.visit_participant x where x.id = public.actor_guest()), ''), true);
  insert into public.audit_event (action, patient_id, entity, entity_id, detail)
    values (p_action, p_patient, p_entity, p_entity_id, p_detail);
  perform set_config('portal.person_id', '', true);
  return 1;
end $$;

-- Whether whoever acts is in this room now: as the person or the guest that a row of it names.
create function is_in_room(p_visit uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from public.visit_participant x where x.visit_id = p_visit and x.state in ('admitted', 'in')
      and (x.person_id = public.actor_person() or x.id = public.actor_guest()));
end $$;
"""

# A guest sees who is in the room once they have been let in, and before that their own row alone.
POLICIES = """
alter table visit_participant enable row level security;
alter table visit_participant force row level security;
create policy visit_participant_view on visit_participant for select using (
  id = actor_guest() or visit_id = actor_visit()
  or secret_hash = nullif(current_setting('portal.room_hash', true), '')
  or may('view', 'visits', patient_id, confidentiality));
create policy visit_participant_add on visit_participant for insert with check (
  may('act', 'visits', patient_id, confidentiality));
create policy visit_participant_change on visit_participant for update using (
  id = actor_guest() or may('act', 'visits', patient_id, confidentiality));
grant select, insert, update (state, name, language, connection_id, waiting_since, admitted_at, seen_at, left_at,
  agreed_by_patient_at, agreed_by, redeemed_at, secret_hash, secret_expires_at, link_expires_at)
  on visit_participant to portal_app;

alter table visit enable row level security;
alter table visit force row level security;
create policy visit_view on visit for select using (
  may('view', 'visits', patient_id, confidentiality) or id = actor_visit());
create policy visit_add on visit for insert with check (may('act', 'visits', patient_id, confidentiality));
create policy visit_change on visit for update using (may('act', 'visits', patient_id, confidentiality));
grant select, insert, update (practitioner_id, host_id, status, modality, is_locked, is_through_hub, is_alone, address,
  region, call_back_number, company, said_at, consented_at, consented_by, wants_call_at, waiting_since, started_at,
  ended_at, ended_by) on visit to portal_app;

alter table visit_device_check enable row level security;
alter table visit_device_check force row level security;
create policy visit_device_check_view on visit_device_check for select using (
  may('view', 'visits', patient_id, confidentiality));
create policy visit_device_check_add on visit_device_check for insert with check (
  may('act', 'visits', patient_id, confidentiality) and checked_by = actor_person());
create policy visit_device_check_change on visit_device_check for update using (
  may('act', 'visits', patient_id, confidentiality) and checked_by = actor_person());
grant select, insert, update (checked_at, camera, microphone, speaker, round_trip_ms, loss_percent, down_kbit, up_kbit)
  on visit_device_check to portal_app;

-- What is said in the room is for those who are in it; guests hear nothing of before they came.
alter table visit_message enable row level security;
alter table visit_message force row level security;
create policy visit_message_view on visit_message for select using (
  actor_has('system') or (is_in_room(visit_id) and case when actor_guest() is null
    then may('view', 'visits', patient_id, confidentiality)
    else visit_id = actor_visit() and sent_at >= (
      select x.admitted_at from visit_participant x where x.id = actor_guest()) end));
create policy visit_message_add on visit_message for insert with check (
  is_in_room(visit_id) and exists (
    select from visit_participant x where x.id = participant_id and x.visit_id = visit_message.visit_id
      and x.patient_id = visit_message.patient_id
      and (x.person_id = actor_person() or x.id = actor_guest())));
grant select, insert on visit_message to portal_app;

alter table waiting_room_note enable row level security;
alter table waiting_room_note force row level security;
create policy waiting_room_note_view on waiting_room_note for select using (
  attends() or actor_has('system') or exists (
    select from visit v where v.practitioner_id = waiting_room_note.practitioner_id and v.patient_id = actor_patient()
      and v.status in ('planned', 'waiting', 'in_progress')));
create policy waiting_room_note_add on waiting_room_note for insert with check (
  (actor_has('nurse') or actor_has('clinician') or actor_has('system')) and sent_by = actor_person());
create policy waiting_room_note_change on waiting_room_note for update using (
  actor_has('nurse') or actor_has('clinician') or actor_has('system'));
grant select, insert, update (until_at) on waiting_room_note to portal_app;

alter table practitioner_licence enable row level security;
alter table practitioner_licence force row level security;
create policy practitioner_licence_view on practitioner_licence for select using (actor_person() is not null);
create policy practitioner_licence_write on practitioner_licence
  using (actor_has('manager') or actor_has('system'))
  with check (actor_has('manager') or actor_has('system'));
grant select, insert, update (valid_until), delete on practitioner_licence to portal_app;
"""

# Nobody lets themself in: whoever is not staff comes into a room only from having been let in, and what was over for
# somebody (removed, finished) stays over unless staff say otherwise. Row and visit always name one chart.
GUARDS = """
create function guard_participant() returns trigger language plpgsql as $$
declare
  is_host boolean := public.actor_has('nurse') or public.actor_has('clinician') or public.actor_has('system')
    or public.is_maintained();
begin
  if not exists (select from public.visit v where v.id = new.visit_id and v.patient_id = new.patient_id
                   and v.confidentiality = new.confidentiality)
    and not (public.is_maintained() or public.actor_guest() = new.id) then
    raise insufficient_privilege using message = 'a participant belongs to the chart of the visit';
  end if;
  if is_host then
    return new;
  end if;
  if tg_op = 'INSERT' and new.state not in ('invited', 'waiting') then
    raise insufficient_privilege using message = 'nobody lets themself in';
  end if;
  if tg_op = 'UPDATE' and new.state in ('admitted', 'in') and old.state not in ('admitted', 'in')
    and (old.state <> 'left' or old.admitted_at is null) then
    raise insufficient_privilege using message = 'nobody lets themself in';
  end if;
  if tg_op = 'UPDATE' and old.state = 'removed' and new.state <> 'removed' and old.person_id is null then
    raise insufficient_privilege using message = 'who was taken out stays out';
  end if;
  if tg_op = 'UPDATE' and public.actor_guest() is not null and (new.agreed_by_patient_at, new.name, new.secret_hash,
      new.secret_expires_at, new.admitted_at) is distinct from (old.agreed_by_patient_at, old.name, old.secret_hash,
      old.secret_expires_at, old.admitted_at) then
    raise insufficient_privilege using message = 'a guest agrees to nothing for others';
  end if;
  return new;
end $$;
create trigger visit_participant_guard before insert or update on visit_participant
  for each row execute function guard_participant();

create function announce_visit() returns trigger language plpgsql as $$
begin
  perform public.note_change('visit:' || new.id, 'visits_of:' || new.practitioner_id, 'patient:' || new.patient_id);
  if tg_op = 'UPDATE' and old.practitioner_id <> new.practitioner_id then
    perform public.note_change('visits_of:' || old.practitioner_id);
  end if;
  return null;
end $$;
create trigger visit_announced after insert or update on visit for each row execute function announce_visit();

create function announce_visit_row() returns trigger language plpgsql as $$
begin
  perform public.note_change('visit:' || new.visit_id);
  return null;
end $$;
create trigger visit_participant_announced after insert or update of state, agreed_by_patient_at, connection_id, name
  on visit_participant for each row execute function announce_visit_row();
create trigger visit_device_check_announced after insert or update on visit_device_check
  for each row execute function announce_visit_row();
create trigger visit_message_announced after insert on visit_message
  for each row execute function announce_visit_row();
"""

# A visit follows its appointment: confidentiality at once; cancelled or moved, nobody waits in vain; and whoever
# arrives in person has a visit too. Runs as the owner: the front desk, who cancels and checks in, sees no visits.
FOLLOWS = """
create function visit_follows_appointment() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'visits', true);
  if new.confidentiality <> old.confidentiality then
    update visit set confidentiality = new.confidentiality where appointment_id = new.id;
    update visit_participant x set confidentiality = new.confidentiality
      from visit v where v.id = x.visit_id and v.appointment_id = new.id;
    update visit_device_check x set confidentiality = new.confidentiality
      from visit v where v.id = x.visit_id and v.appointment_id = new.id;
    update visit_message x set confidentiality = new.confidentiality
      from visit v where v.id = x.visit_id and v.appointment_id = new.id;
  end if;
  if new.status in ('cancelled', 'noshow') and old.status not in ('cancelled', 'noshow') then
    update visit set status = 'cancelled' where appointment_id = new.id and status in ('planned', 'waiting');
  elsif new.status in ('booked', 'arrived') and old.status in ('cancelled', 'noshow') then
    update visit set status = 'planned', waiting_since = null where appointment_id = new.id and status = 'cancelled';
  end if;
  if (new.starts_at, new.practitioner_id, new.modality) is distinct from
     (old.starts_at, old.practitioner_id, old.modality) then
    update visit v set practitioner_id = new.practitioner_id, status = 'planned', waiting_since = null,
        modality = new.modality,
        host_id = (select p.person_id from practitioner p where p.id = new.practitioner_id)
      where v.appointment_id = new.id and v.status in ('planned', 'waiting');
    update visit_participant x set state = 'left', left_at = now()
      from visit v where v.id = x.visit_id and v.appointment_id = new.id and v.status = 'planned'
        and x.state = 'waiting' and x.person_id is not null;
  end if;
  if new.status = 'arrived' and old.status <> 'arrived' and new.modality = 'in_person' then
    insert into visit (id, appointment_id, patient_id, confidentiality, practitioner_id, host_id, status, modality,
        opened_at, waiting_since)
      select gen_random_uuid(), new.id, new.patient_id, new.confidentiality, new.practitioner_id, p.person_id,
        'waiting', 'in_person', now(), now()
      from practitioner p where p.id = new.practitioner_id
    on conflict (appointment_id) do update set status = 'waiting', waiting_since = excluded.waiting_since
      where visit.status = 'planned';
  elsif new.status = 'booked' and old.status = 'arrived' and new.modality = 'in_person' then
    update visit set status = 'planned', waiting_since = null where appointment_id = new.id and status = 'waiting';
  end if;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function visit_follows_appointment() from public;
create trigger appointment_visit after update of status, starts_at, practitioner_id, modality, confidentiality
  on appointment for each row when (
    (old.status, old.starts_at, old.practitioner_id, old.modality, old.confidentiality)
    is distinct from (new.status, new.starts_at, new.practitioner_id, new.modality, new.confidentiality))
  execute function visit_follows_appointment();

-- How many wait before this one, and how long today's visits took: numbers only, for whoever may see the visit.
create function visit_queue(p_visit uuid, p_since timestamptz) returns table (
  ahead int, is_host_busy boolean, minutes int[], busy_since timestamptz
) language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  mine record;
begin
  select v.id, v.practitioner_id, v.patient_id, a.starts_at into mine
    from visit v join appointment a on a.id = v.appointment_id
    where v.id = p_visit and may('view', 'visits', v.patient_id, v.confidentiality);
  if not found then
    return;
  end if;
  perform set_config('portal.maintenance', 'visits', true);
  return query select
    (select count(*)::int from visit v join appointment a on a.id = v.appointment_id
      where v.practitioner_id = mine.practitioner_id and v.status = 'waiting' and v.id <> mine.id
        and a.starts_at > p_since and (a.starts_at, v.id) < (mine.starts_at, mine.id)),
    exists (select from visit v where v.practitioner_id = mine.practitioner_id and v.status = 'in_progress'
              and v.started_at > p_since),
    (select array_agg((extract(epoch from v.ended_at - v.started_at) / 60)::int order by v.ended_at desc)
      from visit v where v.practitioner_id = mine.practitioner_id and v.status = 'finished'
        and v.started_at > p_since),
    (select max(v.started_at) from visit v where v.practitioner_id = mine.practitioner_id
       and v.status = 'in_progress' and v.started_at > p_since);
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function visit_queue(uuid, timestamptz) from public;
grant execute on function visit_queue(uuid, timestamptz) to portal_app;
"""


def upgrade() -> None:
    """Make rooms, those in them, and what is said there."""
    for script in (TABLES, GUESTS, POLICIES, GUARDS, FOLLOWS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("""
    drop trigger appointment_visit on appointment;
    drop function visit_follows_appointment(), visit_queue(uuid, timestamptz);
    drop table practitioner_licence, waiting_room_note, visit_message, visit_device_check, visit_participant, visit
      cascade;
    drop function announce_visit(), announce_visit_row(), guard_participant(), is_in_room(uuid),
      record_as_guest(text, uuid, text, uuid, jsonb), begin_as_guest(text, text), actor_visit(), actor_guest();
    """)

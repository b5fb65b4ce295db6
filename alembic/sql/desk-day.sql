-- Rooms: a visit may have one, and a room one visit at a time.
create table room (
  id uuid primary key, location_id uuid not null references location on delete cascade,
  name text not null, is_active boolean not null default true,
  constraint room_place unique (id, location_id)
);
create index ix_room_location_id on room (location_id);
alter table room enable row level security;
alter table room force row level security;
create policy room_view on room for select using ((select public.actor_person()) is not null);
create policy room_write on room using ((select public.actor_has('manager') or public.actor_has('system')))
  with check ((select public.actor_has('manager') or public.actor_has('system')));
grant select, insert, update, delete on room to portal_app;

alter table appointment add column room_id uuid;
alter table appointment add constraint appointment_room foreign key (room_id, location_id)
  references room (id, location_id) on delete set null (room_id);
alter table appointment add constraint appointment_room_once
  exclude using spgist (span_of(room_id, starts_at, ends_at) with &&) where (room_id is not null and slot_id is not null);

-- A visit that moves keeps its room if the room is free then, and gives it up otherwise.
create function give_up_room() returns trigger language plpgsql as $$
begin
  if new.location_id <> old.location_id or exists (
    select from appointment a where a.room_id = new.room_id and a.id <> new.id and a.slot_id is not null
      and a.starts_at < new.ends_at and a.ends_at > new.starts_at)
  then
    new.room_id := null;
  end if;
  return new;
end $$;
create trigger appointment_room_kept before update of starts_at, location_id on appointment
  for each row when (old.room_id is not null and new.room_id = old.room_id) execute function give_up_room();

-- Why a time is blocked: for staff. The slot itself is seen by everybody who looks for a time.
create table blocked_time (
  id uuid primary key, slot_id uuid not null unique references slot on delete cascade,
  reason text not null default '', created_by uuid not null references person, created_at timestamptz not null
);
alter table blocked_time enable row level security;
alter table blocked_time force row level security;
create function works_here() returns boolean language sql stable parallel safe
  return public.actor_has('front_desk') or public.actor_has('nurse') or public.actor_has('clinician')
    or public.actor_has('manager') or public.actor_has('system');
create policy blocked_time_staff on blocked_time
  using ((select public.works_here())) with check ((select public.works_here()));
grant select, insert, update, delete on blocked_time to portal_app;

drop policy slot_take on slot;
create policy slot_take on slot for insert with check ((select public.actor_person()) is not null
  and (status <> 'busy-unavailable' or (select public.works_here())));
drop policy slot_release on slot;
create policy slot_release on slot for delete using (
  (status = 'busy-tentative' and held_until < now())
  or exists (select from public.appointment a
    where a.slot_id = slot.id and public.may('act', 'booking', a.patient_id, a.confidentiality))
  or (status = 'busy-unavailable' and (select public.works_here())));

create function announce_block() returns trigger language plpgsql as $$
declare
  s slot;
begin
  if tg_op = 'DELETE' then s := old; else s := new; end if;
  perform pg_notify('portal_change', json_build_object('topics', json_build_array(
    'practitioner:' || s.practitioner_id, 'location:' || s.location_id))::text);
  return null;
end $$;
create trigger slot_blocked after insert on slot
  for each row when (new.status = 'busy-unavailable') execute function announce_block();
create trigger slot_unblocked after delete on slot
  for each row when (old.status = 'busy-unavailable') execute function announce_block();

-- How late a practitioner runs on a day; the last word counts, and none or 0 means on time.
create table delay (
  id uuid primary key, practitioner_id uuid not null references practitioner on delete cascade,
  day date not null, minutes smallint not null constraint delay_minutes check (minutes between 0 and 240),
  step int not null, created_by uuid not null references person, created_at timestamptz not null,
  constraint delay_once unique (practitioner_id, day, step)
);
alter table delay enable row level security;
alter table delay force row level security;
create policy delay_view on delay for select using ((select public.actor_person()) is not null);
create policy delay_say on delay for insert with check ((select public.works_here()));
grant select, insert on delay to portal_app;

-- A wish to become a patient. What the visitor wrote is encrypted; they see none of it again.
create table registration (
  id uuid primary key, status text not null default 'open'
    constraint registration_status check (status in ('open', 'accepted', 'linked', 'declined')),
  content text not null, locale text not null default 'en', request_key uuid not null unique,
  patient_id uuid references patient on delete set null, decided_by uuid references person,
  decided_at timestamptz, created_at timestamptz not null
);
alter table registration enable row level security;
alter table registration force row level security;
create policy registration_ask on registration for insert
  with check (status = 'open' and patient_id is null and decided_by is null);
create policy registration_view on registration for select
  using ((select public.actor_has('front_desk') or public.actor_has('system')));
create policy registration_decide on registration for update
  using ((select public.actor_has('front_desk') or public.actor_has('system')));
grant select, insert, update on registration to portal_app;

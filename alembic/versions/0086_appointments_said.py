"""An appointment changes along its states, in the name of whoever changes it, and stays whose and what it was.

Why: docs/decisions/0121-what-a-statement-cannot-say.md.
"""

from alembic import op

revision = "0086"
down_revision = "0079"
branch_labels = None
depends_on = None

# The same states as `booking.rules.TRANSITIONS`, with the cancellation that is taken back; a test compares.
STATES = """
create function appointment_may_become(was text, following text) returns boolean language sql immutable parallel safe
  return (was, following) in (
    ('pending', 'booked'), ('booked', 'arrived'), ('booked', 'noshow'), ('booked', 'cancelled'),
    ('arrived', 'booked'), ('arrived', 'fulfilled'), ('noshow', 'booked'), ('noshow', 'arrived'),
    ('cancelled', 'booked'));

create function guard_appointment() returns trigger language plpgsql as $$
declare
  is_team constant boolean := public.actor_has('nurse') or public.actor_has('clinician')
    or public.actor_has('front_desk') or public.actor_has('manager');
  is_moved constant boolean := (new.practitioner_id, new.location_id, new.modality, new.starts_at, new.ends_at)
    is distinct from (old.practitioner_id, old.location_id, old.modality, old.starts_at, old.ends_at);
  theirs text[];
begin
  if public.actor_has('system') or public.is_maintained() then
    return new;
  end if;
  if new.status <> old.status and not public.appointment_may_become(old.status, new.status) then
    raise insufficient_privilege using message = 'an appointment goes from state to state';
  end if;
  if new.status = 'cancelled' and old.status <> 'cancelled' and (
      new.cancelled_by is distinct from public.actor_person()
      or new.cancel_reason is distinct from case when is_team then 'practice' else 'patient' end)
    or old.status = 'cancelled' and new.status <> 'cancelled'
      and old.cancelled_by is distinct from public.actor_person() then
    raise insufficient_privilege using message = 'nobody cancels, or takes that back, in the name of another';
  end if;
  if new.visit_type_id <> old.visit_type_id then
    raise insufficient_privilege using message = 'an appointment stays what it was booked for';
  end if;
  if is_moved and (old.status <> 'booked' or new.status <> 'booked' or new.sequence <> old.sequence + 1
      or new.moved_from is distinct from old.starts_at) then
    raise insufficient_privilege using message = 'what is booked moves, and says from when';
  end if;
  if new.confidentiality <> old.confidentiality and (old.confidentiality = 'V' or new.confidentiality = 'V'
      or not public.decides_on_proxies(new.patient_id, 'R')) then
    raise insufficient_privilege using message = 'whoever decides on proxies says what stays private';
  end if;
  if is_team then
    return new;
  end if;
  theirs := case
    when new.status = 'arrived' and old.status = 'booked'
      and exists (select from public.check_in_rule r where r.marks_arrived) then
      '{status,arrived_at,changed_at}'::text[]
    when new.status <> old.status and 'cancelled' in (new.status, old.status) then
      '{status,slot_id,cancelled_at,cancelled_by,cancel_reason,cancel_code,cancel_words,sequence,changed_at}'
    when new.status <> old.status then '{}'
    when is_moved then
      '{practitioner_id,location_id,modality,starts_at,ends_at,sequence,changed_at,moved_at,moved_from,move_key,'
      'confirmed_at,room_id}'
    when old.status = 'pending' then '{slot_id}'
    when old.status = 'booked' then '{confirmed_at,series_id,confidentiality}'
    else '{confidentiality}' end;
  if to_jsonb(new) - theirs <> to_jsonb(old) - theirs or new.room_id is distinct from old.room_id
      and new.room_id is not null or new.slot_id is distinct from old.slot_id and old.status = 'pending'
      and new.slot_id is not null then
    raise insufficient_privilege using message = 'whoever comes books, moves, confirms and cancels, and nothing else';
  end if;
  return new;
end $$;
create trigger appointment_guard before update on appointment for each row execute function guard_appointment();
"""

# Nothing has happened yet with an appointment that is made; the demo's past is made by the system.
ADDED = """
alter policy appointment_add on appointment with check (
  may('act', 'booking', patient_id, confidentiality) and (
    status in ('pending', 'booked') and created_by = actor_person() and num_nonnulls(arrived_at, cancelled_at,
      cancel_code, cancel_words, moved_at, move_key, confirmed_at, room_id, series_id) = 0
    or actor_has('system')));
revoke update (patient_id, request_key, reason, patient_zone) on appointment from portal_app;
"""
BEFORE = """
grant update (patient_id, request_key, reason, patient_zone) on appointment to portal_app;
alter policy appointment_add on appointment with check (may('act', 'booking', patient_id, confidentiality));
drop trigger appointment_guard on appointment;
drop function guard_appointment();
drop function appointment_may_become(text, text);
"""


def upgrade() -> None:
    """Hold each statement about an appointment against who says it."""
    op.execute(STATES)
    op.execute(ADDED)


def downgrade() -> None:
    """Hold none."""
    op.execute(BEFORE)

"""Whoever is not the care team changes of a visit what joining, leaving and agreeing change, in their own name.

Why: docs/decisions/0121-what-a-statement-cannot-say.md.
"""

from alembic import op

revision = "0076"
down_revision = "0072"
branch_labels = None
depends_on = None

# Letting in, taking out, beginning, ending and handing over are the care team's; the rights on columns are one role's
# and cannot tell who acts. So each row says here what else may change in it, and everything that is not named may not.
PARTICIPANT = """
create or replace function guard_participant() returns trigger language plpgsql as $$
declare
  is_host boolean := public.actor_has('nurse') or public.actor_has('clinician') or public.actor_has('system')
    or public.is_maintained();
  is_own boolean := coalesce(new.person_id = public.actor_person() or new.id = public.actor_guest(), false);
  theirs text[];
begin
  if not exists (select from public.visit v where v.id = new.visit_id and v.patient_id = new.patient_id
                   and v.confidentiality = new.confidentiality)
    and not (public.is_maintained() or public.actor_guest() = new.id) then
    raise insufficient_privilege using message = 'a participant belongs to the chart of the visit';
  end if;
  if is_host then
    return new;
  end if;
  if new.person_id is not null and is_own and (tg_op = 'INSERT' or new.name is distinct from old.name)
    and new.name is distinct from substr(current_setting('portal.named', true), 38) then
    raise insufficient_privilege using message = 'nobody sits in a room under another name';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'waiting' or new.admitted_at is not null then
      raise insufficient_privilege using message = 'nobody lets themself in';
    end if;
    if not is_own or num_nonnulls(new.invited_by, new.agreed_by, new.agreed_by_patient_at, new.link_hash,
        new.redeemed_at, new.secret_hash, new.outside_since, new.connection_id) > 0
      or new.role not in ('patient', 'caregiver') or (new.role = 'patient') <> exists (
        select from public.access_grant g where g.grantee = public.actor_person() and g.patient_id = new.patient_id
          and g.basis = 'self' and (g.valid_until is null or g.valid_until > now())) then
      raise insufficient_privilege using message = 'whoever joins writes down themself and nobody else';
    end if;
    return new;
  end if;
  if new.admitted_at is distinct from old.admitted_at
    or new.state in ('admitted', 'in') and old.state not in ('admitted', 'in')
    and (old.state <> 'left' or old.admitted_at is null) then
    raise insufficient_privilege using message = 'nobody lets themself in';
  end if;
  if new.state in ('admitted', 'in') and old.state not in ('admitted', 'in')
    and new.role in ('caregiver', 'family') and (old.outside_since is not null
      or exists (select from public.visit v where v.id = new.visit_id and v.is_alone)) then
    raise insufficient_privilege using message = 'nobody comes into time alone';
  end if;
  if new.outside_since is distinct from old.outside_since then
    raise insufficient_privilege using message = 'whoever waits outside does not end it';
  end if;
  if old.state = 'removed' and new.state <> 'removed' and old.person_id is null then
    raise insufficient_privilege using message = 'who was taken out stays out';
  end if;
  theirs := case
    when is_own and new.person_id is not null then '{state,name,connection_id,waiting_since,seen_at,left_at}'::text[]
    when is_own then '{state,connection_id,waiting_since,seen_at,left_at}'
    when public.actor_guest() is not null or old.person_id is not null then '{}'
    when new.state = 'removed' then '{state,left_at,link_expires_at,secret_expires_at}'
    when old.agreed_by_patient_at is null and new.agreed_by = public.actor_person() then
      '{agreed_by,agreed_by_patient_at}'
    else '{}' end;
  if to_jsonb(new) - theirs <> to_jsonb(old) - theirs
    or not is_own and (new.link_expires_at > old.link_expires_at or new.secret_expires_at > old.secret_expires_at) then
    raise insufficient_privilege using message = 'nobody but the care team changes how somebody is in a room';
  end if;
  return new;
end $$;
"""

# A visit is opened as its appointment was booked, in the chart of that appointment, whoever opens it.
VISIT = """
create function guard_visit() returns trigger language plpgsql as $$
declare
  theirs constant text[] := '{status,waiting_since,wants_call_at,wants_call_by,called_back_at,address,region,'
    'call_back_number,company,said_at,consented_at,consented_by}';
begin
  if public.actor_has('system') or public.is_maintained() then
    return new;
  end if;
  if tg_op = 'INSERT' and not exists (
      select from public.appointment a join public.practitioner p on p.id = a.practitioner_id
      where a.id = new.appointment_id and a.patient_id = new.patient_id and a.confidentiality = new.confidentiality
        and a.practitioner_id = new.practitioner_id and a.modality = new.modality
        and p.person_id is not distinct from new.host_id) then
    raise insufficient_privilege using message = 'a visit is opened as it was booked';
  end if;
  if public.actor_has('nurse') or public.actor_has('clinician') then
    return new;
  end if;
  if tg_op = 'INSERT' then
    if new.status <> 'planned' or new.is_locked or new.is_through_hub or new.is_alone
      or num_nonnulls(new.waiting_since, new.started_at, new.ended_at, new.ended_by, new.said_at, new.consented_at,
        new.consented_by, new.wants_call_at, new.wants_call_by, new.called_back_at) > 0 then
      raise insufficient_privilege using message = 'a visit is opened before anything has happened in it';
    end if;
    return new;
  end if;
  if to_jsonb(new) - theirs <> to_jsonb(old) - theirs
    or new.status <> old.status and not (old.status in ('planned', 'waiting') and new.status in ('planned', 'waiting'))
    or new.called_back_at is distinct from old.called_back_at and new.called_back_at is not null then
    raise insufficient_privilege using message = 'nobody but the care team begins, leads or ends a visit';
  end if;
  if new.consented_by is distinct from old.consented_by and new.consented_by is distinct from public.actor_person()
    or new.wants_call_by is distinct from old.wants_call_by and new.wants_call_by <> public.actor_person() then
    raise insufficient_privilege using message = 'nobody agrees, or asks for a call, in the name of another';
  end if;
  return new;
end $$;
create trigger visit_guard before insert or update on visit for each row execute function guard_visit();
"""

BEFORE = """
create or replace function guard_participant() returns trigger language plpgsql as $$
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
  if tg_op = 'UPDATE' and new.state in ('admitted', 'in') and old.state not in ('admitted', 'in')
    and new.role in ('caregiver', 'family') and (old.outside_since is not null
      or exists (select from public.visit v where v.id = new.visit_id and v.is_alone)) then
    raise insufficient_privilege using message = 'nobody comes into time alone';
  end if;
  if tg_op = 'UPDATE' and new.outside_since is distinct from old.outside_since then
    raise insufficient_privilege using message = 'whoever waits outside does not end it';
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
"""


def upgrade() -> None:
    """Hold each statement against who says it."""
    op.execute(PARTICIPANT)
    op.execute(VISIT)


def downgrade() -> None:
    """Hold fewer."""
    op.execute("drop trigger visit_guard on visit; drop function guard_visit();")
    op.execute(BEFORE)

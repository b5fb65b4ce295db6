"""In the room: documents into the chart, time alone that nobody walks in on, guests' checks, calls back."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# What somebody brought into a chart; the content lies with `stored_file`, which follows the same policy. Sent while
# the clinician is alone with the patient, it stays at least as private as a visit kept private.
DOCUMENTS = """
create table document_reference (
  id uuid primary key, patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint document_reference_confidentiality check (confidentiality in ('N', 'R', 'V')),
  visit_id uuid references visit on delete set null,
  file_id uuid not null unique references stored_file, is_alone boolean not null default false,
  sent_by uuid not null references person, sent_at timestamptz not null, request_key uuid not null,
  constraint document_reference_once unique (sent_by, request_key)
);
create index ix_document_reference_patient_id on document_reference (patient_id);
create index ix_document_reference_visit_id on document_reference (visit_id);

alter table document_reference enable row level security;
alter table document_reference force row level security;
create policy document_reference_view on document_reference for select using (
  public.may('view', 'visits', patient_id, confidentiality));
create policy document_reference_add on document_reference for insert with check (
  public.may('act', 'visits', patient_id, confidentiality) and sent_by = public.actor_person()
  and public.is_in_room(visit_id)
  and exists (select from public.visit v where v.id = visit_id and v.patient_id = document_reference.patient_id
    and v.status = 'in_progress' and v.is_alone = document_reference.is_alone
    and position(v.confidentiality in 'NRV') <= position(document_reference.confidentiality in 'NRV'))
  and exists (select from public.stored_file f where f.id = file_id and f.owner_id = public.actor_person()
    and f.patient_id = document_reference.patient_id and f.section = 'visits'
    and f.confidentiality = document_reference.confidentiality));
grant select, insert on document_reference to portal_app;

create function announce_document() returns trigger language plpgsql as $$
begin
  perform public.note_change('visit:' || new.visit_id, 'patient:' || new.patient_id);
  return null;
end $$;
create trigger document_reference_announced after insert on document_reference
  for each row execute function announce_document();

create function documents_follow_visit() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update document_reference set confidentiality =
      case when is_alone and new.confidentiality = 'N' then 'R' else new.confidentiality end
    where visit_id = new.id;
  update stored_file f set confidentiality = d.confidentiality
    from document_reference d where d.visit_id = new.id and d.file_id = f.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function documents_follow_visit() from public;
create trigger visit_documents after update of confidentiality on visit
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function documents_follow_visit();
"""

# Time alone: whoever acts for the patient or belongs to the family is outside until the clinician ends it, and never
# reads what was written meanwhile. `outside_since` is when they were asked to wait.
ALONE = """
alter table visit_participant add column outside_since timestamptz;
grant update (outside_since) on visit_participant to portal_app;
alter table visit_message add column is_alone boolean not null default false;

create function was_outside(p_visit uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from public.visit_participant x where x.visit_id = p_visit and x.role in ('caregiver', 'family')
      and (x.person_id = public.actor_person() or x.id = public.actor_guest()));
end $$;
alter policy visit_message_view on visit_message using (
  actor_has('system') or (is_in_room(visit_id) and not (is_alone and was_outside(visit_id))
    and case when actor_guest() is null
    then may('view', 'visits', patient_id, confidentiality)
    else visit_id = actor_visit() and sent_at >= (
      select x.admitted_at from visit_participant x where x.id = actor_guest()) end));
alter policy visit_message_add on visit_message with check (
  is_in_room(visit_id) and exists (select from visit v where v.id = visit_id and v.is_alone = visit_message.is_alone)
  and exists (
    select from visit_participant x where x.id = participant_id and x.visit_id = visit_message.visit_id
      and x.patient_id = visit_message.patient_id
      and (x.person_id = actor_person() or x.id = actor_guest())));
"""

GUARD = """
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
%s  if tg_op = 'UPDATE' and old.state = 'removed' and new.state <> 'removed' and old.person_id is null then
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
ALONE_GUARD = """\
  if tg_op = 'UPDATE' and new.state in ('admitted', 'in') and old.state not in ('admitted', 'in')
    and new.role in ('caregiver', 'family') and (old.outside_since is not null
      or exists (select from public.visit v where v.id = new.visit_id and v.is_alone)) then
    raise insufficient_privilege using message = 'nobody comes into time alone';
  end if;
  if tg_op = 'UPDATE' and new.outside_since is distinct from old.outside_since then
    raise insufficient_privilege using message = 'whoever waits outside does not end it';
  end if;
"""

# A guest tries camera and sound too; what it found is kept beside their own place, and they see nobody else's.
CHECKS = """
create function is_own_check(p_visit uuid, p_patient uuid, p_checked_by uuid) returns boolean
language plpgsql stable parallel safe as $$
begin
  return p_checked_by = public.actor_guest() and exists (
    select from public.visit_participant x
    where x.id = public.actor_guest() and x.visit_id = p_visit and x.patient_id = p_patient);
end $$;
alter policy visit_device_check_view on visit_device_check using (
  may('view', 'visits', patient_id, confidentiality) or is_own_check(visit_id, patient_id, checked_by));
alter policy visit_device_check_add on visit_device_check with check (
  (may('act', 'visits', patient_id, confidentiality) and checked_by = actor_person())
  or is_own_check(visit_id, patient_id, checked_by));
alter policy visit_device_check_change on visit_device_check using (
  (may('act', 'visits', patient_id, confidentiality) and checked_by = actor_person())
  or is_own_check(visit_id, patient_id, checked_by));
"""

# Who left the page to be called, and when the clinician called them back to it.
CALLS = """
alter table visit add column wants_call_by uuid references person on delete set null,
  add column called_back_at timestamptz;
grant update (wants_call_by, called_back_at) on visit to portal_app;
"""


def upgrade() -> None:
    """Make room for documents, and for what happens in the room."""
    for script in (DOCUMENTS, ALONE, GUARD % ALONE_GUARD, CHECKS, CALLS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop what was added; the policies go back to what they were."""
    op.execute(GUARD % "")
    op.execute("""
    alter table visit_participant drop column outside_since;
    alter table visit drop column wants_call_by, drop column called_back_at;
    alter policy visit_device_check_view on visit_device_check using (
      may('view', 'visits', patient_id, confidentiality));
    alter policy visit_device_check_add on visit_device_check with check (
      may('act', 'visits', patient_id, confidentiality) and checked_by = actor_person());
    alter policy visit_device_check_change on visit_device_check using (
      may('act', 'visits', patient_id, confidentiality) and checked_by = actor_person());
    drop function is_own_check(uuid, uuid, uuid);
    alter policy visit_message_view on visit_message using (
      actor_has('system') or (is_in_room(visit_id) and case when actor_guest() is null
        then may('view', 'visits', patient_id, confidentiality)
        else visit_id = actor_visit() and sent_at >= (
          select x.admitted_at from visit_participant x where x.id = actor_guest()) end));
    alter policy visit_message_add on visit_message with check (
      is_in_room(visit_id) and exists (
        select from visit_participant x where x.id = participant_id and x.visit_id = visit_message.visit_id
          and x.patient_id = visit_message.patient_id
          and (x.person_id = actor_person() or x.id = actor_guest())));
    drop function was_outside(uuid);
    drop trigger visit_documents on visit;
    drop table document_reference;
    drop function announce_document(), documents_follow_visit();
    alter table visit_message drop column is_alone;
    """)

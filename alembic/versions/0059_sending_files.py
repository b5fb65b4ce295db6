"""Files that arrive piece by piece, and documents sent before a visit.

Why: docs/decisions/0096-what-people-send.md.
"""

from alembic import op

revision = "0059"
down_revision = "0056"
branch_labels = None
depends_on = None

# A file on its way: whose, where to (`address`), how much of it is there. Once it is kept the row stays for a while, so
# that a last piece sent twice is kept once.
UPLOADS = """
create table upload (
  id uuid primary key, person_id uuid not null references person on delete cascade, request_key uuid not null,
  address text not null, size_bytes bigint not null, offset_bytes bigint not null default 0,
  is_kept boolean not null default false, content_key text not null, created_at timestamptz not null,
  constraint upload_once unique (person_id, request_key),
  constraint upload_offset check (offset_bytes between 0 and size_bytes)
);
create index upload_created on upload (created_at);
alter table upload enable row level security;
alter table upload force row level security;
create policy upload_view on upload for select using (person_id = actor_person() or actor_has('system'));
create policy upload_add on upload for insert with check (person_id = actor_person());
create policy upload_change on upload for update using (person_id = actor_person());
create policy upload_remove on upload for delete using (person_id = actor_person() or actor_has('system'));
grant select, insert, delete, update (offset_bytes, is_kept) on upload to portal_app;

create table upload_piece (
  upload_id uuid not null references upload on delete cascade, offset_bytes bigint not null, sealed bytea not null,
  primary key (upload_id, offset_bytes)
);
alter table upload_piece enable row level security;
alter table upload_piece force row level security;
create policy upload_piece_own on upload_piece using (
  exists (select from upload u where u.id = upload_id and u.person_id = actor_person()));
grant select, insert, delete on upload_piece to portal_app;
"""

# Sent while check-in is open, by whoever acts on the patient's side; nobody is in a room then.
BEFORE = """
alter table document_reference add column appointment_id uuid references appointment on delete set null,
  add column sent_name text not null default '';
create index ix_document_reference_appointment_id on document_reference (appointment_id);
alter policy document_reference_add on document_reference with check (
  public.may('act', 'visits', patient_id, confidentiality) and sent_by = public.actor_person()
  and case when appointment_id is null then public.is_in_room(visit_id)
      and exists (select from public.visit v where v.id = visit_id and v.patient_id = document_reference.patient_id
        and v.status = 'in_progress' and v.is_alone = document_reference.is_alone
        and position(v.confidentiality in 'NRV') <= position(document_reference.confidentiality in 'NRV'))
    else visit_id is null and not is_alone and patient_id = public.actor_patient()
      and exists (select from public.appointment a where a.id = appointment_id
        and a.patient_id = document_reference.patient_id and a.status in ('booked', 'arrived')
        and a.confidentiality = document_reference.confidentiality) end
  and exists (select from public.stored_file f where f.id = file_id and f.owner_id = public.actor_person()
    and f.patient_id = document_reference.patient_id and f.section = 'visits'
    and f.confidentiality = document_reference.confidentiality));

create or replace function announce_document() returns trigger language plpgsql as $$
begin
  perform public.note_change(variadic array_remove(
    array['visit:' || new.visit_id, 'patient:' || new.patient_id], null));
  return null;
end $$;

create function documents_follow_appointment() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update document_reference set confidentiality = new.confidentiality where appointment_id = new.id;
  update stored_file f set confidentiality = d.confidentiality
    from document_reference d where d.appointment_id = new.id and d.file_id = f.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function documents_follow_appointment() from public;
create trigger appointment_confidentiality_of_documents after update of confidentiality on appointment
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function documents_follow_appointment();
"""


def upgrade() -> None:
    """Make room for both."""
    op.execute(UPLOADS)
    op.execute(BEFORE)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop what was added; documents are sent in the room alone again."""
    op.execute("""
    drop trigger appointment_confidentiality_of_documents on appointment;
    drop function documents_follow_appointment();
    create or replace function announce_document() returns trigger language plpgsql as $$
    begin
      perform public.note_change('visit:' || new.visit_id, 'patient:' || new.patient_id);
      return null;
    end $$;
    alter policy document_reference_add on document_reference with check (
      public.may('act', 'visits', patient_id, confidentiality) and sent_by = public.actor_person()
      and public.is_in_room(visit_id)
      and exists (select from public.visit v where v.id = visit_id and v.patient_id = document_reference.patient_id
        and v.status = 'in_progress' and v.is_alone = document_reference.is_alone
        and position(v.confidentiality in 'NRV') <= position(document_reference.confidentiality in 'NRV'))
      and exists (select from public.stored_file f where f.id = file_id and f.owner_id = public.actor_person()
        and f.patient_id = document_reference.patient_id and f.section = 'visits'
        and f.confidentiality = document_reference.confidentiality));
    alter table document_reference drop column appointment_id, drop column sent_name;
    drop table upload_piece, upload;
    """)

"""Forms asked of a person: now, or again and again until a day."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

# One row for each form asked of a person. `occurrence` says the how-manieth time is open now; the clock moves it on.
TABLES = """
create table form_assignment (
  id uuid primary key, url text not null, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint form_assignment_confidentiality check (confidentiality in ('N', 'R', 'V')),
  every_days integer, until date, occurrence integer not null default 1,
  opens_at timestamptz not null, due_at timestamptz not null,
  assigned_by uuid not null references person, assigned_at timestamptz not null, ended_at timestamptz,
  constraint form_assignment_schedule check (
    (every_days is null) = (until is null) and (every_days is null or every_days between 1 and 366))
);
create index ix_form_assignment_patient_id on form_assignment (patient_id);
create index form_assignment_open on form_assignment (opens_at) where ended_at is null;

alter table form_assignment enable row level security;
alter table form_assignment force row level security;
create policy form_assignment_view on form_assignment for select using (
  public.reads_answers(patient_id, confidentiality)
  or (public.actor_patient() = patient_id and public.may('view', 'forms', patient_id, confidentiality)));
create policy form_assignment_add on form_assignment for insert with check (
  public.reads_answers(patient_id, confidentiality) and assigned_by = public.actor_person());
create policy form_assignment_move on form_assignment for update using (
  public.reads_answers(patient_id, confidentiality)) with check (public.reads_answers(patient_id, confidentiality));
grant select, insert, update (occurrence, opens_at, due_at, ended_at) on form_assignment to portal_app;
"""

RESPONSES = """
-- Whoever asks a form of a patient keeps the version that comes with the portal; others only a manager brings.
drop policy questionnaire_add on questionnaire;
create policy questionnaire_add on questionnaire for insert with check (
  public.actor_has('system') or (public.actor_patient() is null and added_by = public.actor_person()
    and (public.actor_has('manager')
      or (url like 'urn:sala:form:%' and (public.actor_has('clinician') or public.actor_has('nurse'))))));

alter table questionnaire_response alter appointment_id drop not null,
  add assignment_id uuid references form_assignment, add occurrence integer,
  add constraint questionnaire_response_asked check (
    (appointment_id is null) = (assignment_id is not null) and (assignment_id is null) = (occurrence is null)),
  add constraint questionnaire_response_once_asked unique (assignment_id, occurrence);

drop policy questionnaire_response_start on questionnaire_response;
create policy questionnaire_response_start on questionnaire_response for insert with check (
  public.fills_in(patient_id, confidentiality) and started_by = public.actor_person() and status = 'in-progress'
  and (exists (select from public.appointment a where a.id = appointment_id
      and a.patient_id = questionnaire_response.patient_id
      and a.confidentiality = questionnaire_response.confidentiality)
    or exists (select from public.form_assignment f where f.id = assignment_id and f.ended_at is null
      and f.url = questionnaire_response.url and f.occurrence = questionnaire_response.occurrence
      and f.patient_id = questionnaire_response.patient_id
      and f.confidentiality = questionnaire_response.confidentiality)));

create or replace function announce_form() returns trigger language plpgsql as $$
begin
  perform public.note_change('patient:' || new.patient_id, 'form:' || new.id,
    'note:' || coalesce(new.appointment_id, new.assignment_id));
  return null;
end $$;
"""

BACK = """
drop policy questionnaire_add on questionnaire;
create policy questionnaire_add on questionnaire for insert with check (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('manager')
    and added_by = public.actor_person()));
delete from form_answer f using questionnaire_response r where r.id = f.response_id and r.assignment_id is not null;
delete from questionnaire_response where assignment_id is not null;
drop policy questionnaire_response_start on questionnaire_response;
create policy questionnaire_response_start on questionnaire_response for insert with check (
  public.fills_in(patient_id, confidentiality) and started_by = public.actor_person() and status = 'in-progress'
  and exists (select from public.appointment a where a.id = appointment_id
    and a.patient_id = questionnaire_response.patient_id
    and a.confidentiality = questionnaire_response.confidentiality));
alter table questionnaire_response drop constraint questionnaire_response_asked,
  drop constraint questionnaire_response_once_asked, drop assignment_id, drop occurrence,
  alter appointment_id set not null;
drop table form_assignment;
create or replace function announce_form() returns trigger language plpgsql as $$
begin
  perform public.note_change('patient:' || new.patient_id, 'form:' || new.id, 'note:' || new.appointment_id);
  return null;
end $$;
"""


def upgrade() -> None:
    """Make room for forms that are asked of a person, without a visit."""
    op.execute(TABLES)
    op.execute(RESPONSES)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget them, and what was answered in them."""
    op.execute("set local portal.maintenance = 'downgrade'")
    op.execute(BACK)

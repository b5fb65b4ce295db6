"""Questionnaires, their answers, and check-in."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# Clinical staff read answers where they reach the chart; the front desk and billing never do.
WHO = """
create function reads_answers(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system') or (public.actor_patient() is null
    and (public.actor_has('clinician') or public.actor_has('nurse'))
    and public.may('view', 'forms', p_patient, p_confidentiality));

create function fills_in(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_patient() = p_patient and public.may('act', 'forms', p_patient, p_confidentiality);
"""

# A questionnaire is kept as it was written, one row for each version, and never changed: answers hang on it.
TABLES = """
create table questionnaire (
  id uuid primary key, url text not null, version text not null, resource text not null,
  added_by uuid references person, added_at timestamptz not null,
  constraint questionnaire_once unique (url, version)
);

create table form_rule (
  id uuid primary key, url text not null, visit_type_id uuid references visit_type,
  set_by uuid not null references person, set_at timestamptz not null,
  constraint form_rule_once unique nulls not distinct (url, visit_type_id)
);

create table questionnaire_response (
  id uuid primary key, questionnaire_id uuid not null references questionnaire, url text not null,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint questionnaire_response_confidentiality check (confidentiality in ('N', 'R', 'V')),
  appointment_id uuid not null references appointment, locale text not null,
  status text not null default 'in-progress'
    constraint questionnaire_response_status check (status in ('in-progress', 'completed')),
  place text not null default '', latest integer not null default 0, content text,
  started_by uuid not null references person, started_at timestamptz not null,
  submitted_by uuid references person, submitted_at timestamptz,
  reviewed_by uuid references person, reviewed_name text not null default '', reviewed_at timestamptz,
  constraint questionnaire_response_once unique (appointment_id, url),
  constraint questionnaire_response_sent check (
    (status = 'completed') = (content is not null) and (content is null) = (submitted_at is null)
    and (content is null) = (submitted_by is null)),
  constraint questionnaire_response_reviewed check (
    (reviewed_by is null) = (reviewed_at is null) and (reviewed_by is null or status = 'completed'))
);
create index ix_questionnaire_response_patient_id on questionnaire_response (patient_id);

create table form_answer (
  response_id uuid not null references questionnaire_response, number integer not null,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint form_answer_confidentiality check (confidentiality in ('N', 'R', 'V')),
  client_id uuid not null, sequence integer not null, key text not null, value text not null,
  standing text not null constraint form_answer_standing check (standing in ('kept', 'conflict', 'refused')),
  given_by uuid not null references person, given_at timestamptz not null, saved_at timestamptz not null,
  primary key (response_id, number),
  constraint form_answer_in_order unique (response_id, client_id, sequence)
);
create index form_answer_of_key on form_answer (response_id, key, number);
"""

RULES = """
alter table questionnaire enable row level security;
alter table questionnaire force row level security;
create policy questionnaire_view on questionnaire for select using (public.actor_person() is not null);
create policy questionnaire_add on questionnaire for insert with check (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('manager')
    and added_by = public.actor_person()));
grant select, insert on questionnaire to portal_app;

alter table form_rule enable row level security;
alter table form_rule force row level security;
create policy form_rule_view on form_rule for select using (public.actor_person() is not null);
create policy form_rule_add on form_rule for insert with check (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('manager')
    and set_by = public.actor_person()));
create policy form_rule_end on form_rule for delete using (
  public.actor_has('system') or (public.actor_patient() is null and public.actor_has('manager')));
grant select, insert, delete on form_rule to portal_app;

alter table questionnaire_response enable row level security;
alter table questionnaire_response force row level security;
create policy questionnaire_response_view on questionnaire_response for select using (
  public.reads_answers(patient_id, confidentiality)
  or (public.actor_patient() = patient_id and public.may('view', 'forms', patient_id, confidentiality)));
create policy questionnaire_response_start on questionnaire_response for insert with check (
  public.fills_in(patient_id, confidentiality) and started_by = public.actor_person() and status = 'in-progress'
  and exists (select from public.appointment a where a.id = appointment_id
    and a.patient_id = questionnaire_response.patient_id
    and a.confidentiality = questionnaire_response.confidentiality));
create policy questionnaire_response_fill on questionnaire_response for update using (
  public.fills_in(patient_id, confidentiality) and status = 'in-progress')
  with check (public.fills_in(patient_id, confidentiality) and reviewed_by is null
    and (submitted_by is null or submitted_by = public.actor_person()));
create policy questionnaire_response_review on questionnaire_response for update using (
  public.reads_answers(patient_id, confidentiality) and status = 'completed')
  with check (reviewed_by = public.actor_person());
grant select, insert, update (place, latest, locale, status, content, submitted_by, submitted_at, reviewed_by,
  reviewed_name, reviewed_at) on questionnaire_response to portal_app;

alter table form_answer enable row level security;
alter table form_answer force row level security;
create policy form_answer_view on form_answer for select using (
  public.actor_has('system')
  or (public.actor_patient() = patient_id and public.may('view', 'forms', patient_id, confidentiality)));
create policy form_answer_add on form_answer for insert with check (
  public.fills_in(patient_id, confidentiality) and given_by = public.actor_person()
  and exists (select from public.questionnaire_response r where r.id = response_id and r.status = 'in-progress'
    and r.patient_id = form_answer.patient_id and r.confidentiality = form_answer.confidentiality));
grant select, insert on form_answer to portal_app;
"""

# What was sent stays as it was sent, whoever asks; only that it was read is written beside it.
KEPT = """
create function guard_questionnaire_response() returns trigger language plpgsql as $$
begin
  if old.status = 'completed'
    and to_jsonb(new) - array['confidentiality', 'reviewed_by', 'reviewed_name', 'reviewed_at']
      <> to_jsonb(old) - array['confidentiality', 'reviewed_by', 'reviewed_name', 'reviewed_at'] then
    raise insufficient_privilege using message = 'a form that was sent does not change';
  end if;
  return new;
end $$;
create trigger questionnaire_response_guard before update on questionnaire_response
  for each row execute function guard_questionnaire_response();

create function announce_form() returns trigger language plpgsql as $$
begin
  perform public.note_change('patient:' || new.patient_id, 'form:' || new.id, 'note:' || new.appointment_id);
  return null;
end $$;
create trigger questionnaire_response_announced after insert or update of status, reviewed_at on questionnaire_response
  for each row execute function announce_form();

create function follow_visit_with_forms() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update form_answer f set confidentiality = new.confidentiality
    from questionnaire_response r where r.id = f.response_id and r.appointment_id = new.id;
  update questionnaire_response set confidentiality = new.confidentiality where appointment_id = new.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function follow_visit_with_forms() from public;
create trigger appointment_confidentiality_of_forms after update of confidentiality on appointment
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function follow_visit_with_forms();
"""


def upgrade() -> None:
    """Make room for forms and what is answered in them."""
    for script in (WHO, TABLES, RULES, KEPT):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget it all."""
    op.execute("""
    drop trigger appointment_confidentiality_of_forms on appointment;
    drop table form_answer, questionnaire_response, form_rule, questionnaire cascade;
    drop function follow_visit_with_forms(), announce_form(), guard_questionnaire_response(), fills_in(uuid, text),
      reads_answers(uuid, text);
    """)

"""Check-in: what was confirmed before a visit, that somebody is checked in, and when it opens.

Why it is built so: docs/decisions/0081-check-in.md.
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

RULE = """
create table check_in_rule (
  only_one boolean primary key default true constraint check_in_rule_only_one check (only_one),
  days smallint not null constraint check_in_rule_days check (days between 1 and 14),
  marks_arrived boolean not null, set_by uuid not null references person, set_at timestamptz not null
);
alter table check_in_rule enable row level security;
alter table check_in_rule force row level security;
create policy check_in_rule_view on check_in_rule for select using ((select public.actor_person()) is not null);
create policy check_in_rule_add on check_in_rule for insert with check (
  public.actor_patient() is null and public.actor_has('manager') and set_by = public.actor_person());
create policy check_in_rule_change on check_in_rule for update using (
  public.actor_patient() is null and public.actor_has('manager')) with check (set_by = public.actor_person());
grant select, insert, update (days, marks_arrived, set_by, set_at) on check_in_rule to portal_app;
"""

# What stands here is that something was confirmed and by whom, never what: the front desk sees it.
TABLES = """
create table check_in (
  appointment_id uuid primary key references appointment, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint check_in_confidentiality check (confidentiality in ('N', 'R', 'V')),
  missing text[] not null default '{}',
  started_by uuid not null references person, started_at timestamptz not null,
  finished_by uuid references person, finished_name text not null default '', finished_at timestamptz,
  side text not null default '' constraint check_in_side check (side in ('', 'patient', 'caregiver', 'desk')),
  constraint check_in_finished check (
    (finished_at is null) = (finished_by is null) and (finished_at is null) = (side = ''))
);
create index ix_check_in_patient_id on check_in (patient_id);

create table check_in_step (
  appointment_id uuid not null references check_in, task text not null,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint check_in_step_confidentiality check (confidentiality in ('N', 'R', 'V')),
  answer text not null constraint check_in_step_answer check (answer in ('confirmed', 'at_desk')),
  done_by uuid not null references person, done_name text not null,
  side text not null constraint check_in_step_side check (side in ('patient', 'caregiver', 'desk')),
  done_at timestamptz not null,
  primary key (appointment_id, task),
  constraint check_in_step_task check (task in ('contact', 'insurance', 'copay'))
);
create index ix_check_in_step_patient_id on check_in_step (patient_id);
"""

WHO = """
alter table check_in enable row level security;
alter table check_in force row level security;
create policy check_in_view on check_in for select using (
  public.may('view', 'booking', patient_id, confidentiality));
create policy check_in_add on check_in for insert with check (
  public.may('act', 'booking', patient_id, confidentiality) and started_by = public.actor_person()
  and (finished_by is null or finished_by = public.actor_person())
  and exists (select from public.appointment a where a.id = appointment_id and a.patient_id = check_in.patient_id
    and a.confidentiality = check_in.confidentiality));
create policy check_in_change on check_in for update using (
  public.may('act', 'booking', patient_id, confidentiality));
grant select, insert, update (missing, finished_by, finished_name, finished_at, side) on check_in to portal_app;

alter table check_in_step enable row level security;
alter table check_in_step force row level security;
create policy check_in_step_view on check_in_step for select using (
  public.may('view', 'booking', patient_id, confidentiality));
create policy check_in_step_add on check_in_step for insert with check (
  public.may('act', 'booking', patient_id, confidentiality) and done_by = public.actor_person()
  and exists (select from public.check_in c where c.appointment_id = check_in_step.appointment_id
    and c.patient_id = check_in_step.patient_id and c.confidentiality = check_in_step.confidentiality));
create policy check_in_step_change on check_in_step for update using (
  public.may('act', 'booking', patient_id, confidentiality)) with check (done_by = public.actor_person());
grant select, insert, update (answer, done_by, done_name, side, done_at) on check_in_step to portal_app;
"""

# Whoever attends a visit may know that a form was sent, not which words are in it: the front desk reads no answers.
FORMS = """
create function sent_forms_of(p_appointment uuid) returns setof text
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'check_in', true);
  return query select r.url from questionnaire_response r join appointment a on a.id = r.appointment_id
    where a.id = p_appointment and r.status = 'completed'
      and may('view', 'booking', a.patient_id, a.confidentiality);
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function sent_forms_of(uuid) from public;
grant execute on function sent_forms_of(uuid) to portal_app;

create function settle_sent_form() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'check_in', true);
  update check_in set missing = array_remove(missing, 'form:' || new.url)
    where appointment_id = new.appointment_id and 'form:' || new.url = any (missing);
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function settle_sent_form() from public;
create trigger questionnaire_response_settled after update of status on questionnaire_response
  for each row when (new.status = 'completed' and old.status <> 'completed') execute function settle_sent_form();
"""

FOLLOWS = """
create function announce_check_in() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'check_in', true);
  perform note_change('patient:' || a.patient_id, 'practitioner:' || a.practitioner_id, 'location:' || a.location_id)
    from appointment a where a.id = new.appointment_id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function announce_check_in() from public;
create trigger check_in_announced after insert or update on check_in
  for each row execute function announce_check_in();

create function follow_visit_with_check_in() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update check_in set confidentiality = new.confidentiality where appointment_id = new.id;
  update check_in_step set confidentiality = new.confidentiality where appointment_id = new.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function follow_visit_with_check_in() from public;
create trigger appointment_confidentiality_of_check_in after update of confidentiality on appointment
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function follow_visit_with_check_in();
"""


def upgrade() -> None:
    """Make room for check-in."""
    for script in (RULE, TABLES, WHO, FORMS, FOLLOWS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget it all."""
    op.execute("""
    drop trigger appointment_confidentiality_of_check_in on appointment;
    drop trigger questionnaire_response_settled on questionnaire_response;
    drop table check_in_step, check_in, check_in_rule cascade;
    drop function follow_visit_with_check_in(), announce_check_in(), settle_sent_form(), sent_forms_of(uuid);
    """)

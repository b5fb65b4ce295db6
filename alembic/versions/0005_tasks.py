"""What staff have to see to, one row each."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A kind says which roles it concerns, and whether a patient's own act may open or close one about themself.
TABLES = """
create table task_kind (
  code text primary key, roles text[] not null, is_open_to_patient boolean not null default false,
  constraint task_kind_roles check (roles <@ '{nurse,clinician,front_desk,billing,manager}' and roles <> '{}')
);
insert into task_kind (code, roles, is_open_to_patient) values
  ('call_back', '{front_desk,nurse,billing,manager}', true),
  ('stale_line', '{manager}', false),
  ('leave', '{front_desk,nurse,clinician,manager}', true),
  ('appointment_request', '{front_desk,nurse,clinician}', true),
  ('undelivered', '{front_desk}', false),
  ('registration', '{front_desk}', true),
  ('duplicate', '{front_desk}', false);

create table task (
  id uuid primary key, code text not null references task_kind,
  status text not null constraint task_status check (status in ('requested', 'accepted', 'completed', 'cancelled')),
  focus_id uuid not null, patient_id uuid references patient,
  confidentiality text not null default 'N'
    constraint task_confidentiality check (confidentiality in ('N', 'R', 'V')),
  practitioner_id uuid references practitioner, location_id uuid references location,
  note text, outcome text not null default '',
  author_id uuid not null references person, owner_id uuid references person, owner_name text not null default '',
  authored_at timestamptz not null, changed_at timestamptz not null, due_at timestamptz,
  closed_at timestamptz, closed_by uuid references person,
  constraint task_closed check ((status in ('completed', 'cancelled')) = (closed_at is not null)),
  constraint task_owned check ((status = 'accepted') <= (owner_id is not null))
);
create unique index task_open_once on task (code, focus_id) where closed_at is null;
create index ix_task_patient_id on task (patient_id);
create index task_closed_lately on task (closed_at) where closed_at is not null;
"""

FUNCTIONS = """
create function concerns_role(p_code text) returns boolean language sql stable parallel safe as $$
  select public.actor_has('system') or exists (
    select from public.task_kind k where k.code = p_code
      and k.roles && coalesce(nullif(current_setting('portal.roles', true), ''), '{}')::text[])
$$;
create function is_open_to_patient(p_code text) returns boolean language sql stable parallel safe as $$
  select exists (select from public.task_kind k where k.code = p_code and k.is_open_to_patient)
$$;
create function announce_task() returns trigger language plpgsql as $$
begin
  perform pg_notify('portal_change', json_build_object('topics', json_build_array('tasks:all'))::text);
  return null;
end $$;
create trigger task_announced after insert or update on task for each row execute function announce_task();
"""

# Staff see the kinds that concern their role, about patients whose appointments or bills they may see. A patient's
# own act opens and closes the kinds that are open to it; anybody at work may leave a task for those it concerns.
POLICIES = """
alter table task_kind enable row level security;
alter table task_kind force row level security;
create policy task_kind_view on task_kind for select using ((select actor_person()) is not null);
grant select on task_kind to portal_app;

alter table task enable row level security;
alter table task force row level security;
create policy task_staff on task for select using (concerns_role(code) and (patient_id is null
  or may('view', 'booking', patient_id, confidentiality) or may('view', 'bills', patient_id, confidentiality)));
create policy task_staff_change on task for update using (concerns_role(code) and (patient_id is null
  or may('act', 'booking', patient_id, confidentiality) or may('act', 'bills', patient_id, confidentiality)));
create policy task_own on task for select using (is_open_to_patient(code)
  and (case when patient_id is null then author_id = actor_person()
       else patient_id = actor_patient() and may('view', 'booking', patient_id, confidentiality) end));
create policy task_own_change on task for update using (is_open_to_patient(code)
  and patient_id = actor_patient() and may('act', 'booking', patient_id, confidentiality));
create policy task_add on task for insert with check (author_id = actor_person() and status = 'requested' and (
  actor_has('system') or actor_has('front_desk') or actor_has('nurse') or actor_has('clinician')
  or actor_has('billing') or actor_has('manager')
  or (is_open_to_patient(code) and (patient_id is null
    or (patient_id = actor_patient() and may('act', 'booking', patient_id, confidentiality))))));
grant select, insert, update on task to portal_app;
"""


def upgrade() -> None:
    """Create the kinds, the tasks, who sees which, and what tells open pages."""
    for script in (TABLES, FUNCTIONS, POLICIES):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("""
    drop table task, task_kind cascade;
    drop function announce_task(), is_open_to_patient(text), concerns_role(text);
    """)

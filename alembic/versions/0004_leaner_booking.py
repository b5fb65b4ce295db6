"""Make a booking cost less of the database."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Nothing reads that a job was once waiting; that it began and ended is still kept, and says how old it is.
FEWER_EVENTS = """
drop trigger procrastinate_trigger_status_events_insert_v1 on procrastinate_jobs;
drop trigger procrastinate_trigger_scheduled_events_v1 on procrastinate_jobs;
"""

ALL_EVENTS = """
create trigger procrastinate_trigger_status_events_insert_v1 after insert on procrastinate_jobs
  for each row when (new.status = 'todo'::procrastinate_job_status)
  execute procedure procrastinate_trigger_function_status_events_insert_v1();
create trigger procrastinate_trigger_scheduled_events_v1 after update or insert on procrastinate_jobs
  for each row when (new.scheduled_at is not null and new.status = 'todo'::procrastinate_job_status)
  execute procedure procrastinate_trigger_function_scheduled_events_v1();
"""

# Most bookings find the location's grant in force long enough: to see that is a look at an index.
LOOK_FIRST = """
  elsif not exists (
    select from access_grant g where g.grantee = new.location_id and g.patient_id = new.patient_id
      and g.basis = 'appointment' and g.min_assurance = 1 and g.valid_until >= new.starts_at + interval '30 days')
  then"""
WRITE_ALWAYS = """
  else"""

GRANT = """
create or replace function grant_by_appointment() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.status = 'cancelled' then
    update access_grant g set valid_until = coalesce(
      (select max(a.starts_at) + interval '30 days' from appointment a where a.patient_id = new.patient_id
        and a.location_id = new.location_id and a.status not in ('pending', 'cancelled')), now())
    where g.grantee = new.location_id and g.patient_id = new.patient_id and g.basis = 'appointment';{otherwise}
    insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)
      values (new.location_id, new.patient_id, '{{booking,forms,vitals,visits}}', '{{view,act}}', 'R', 1, 'appointment',
        new.starts_at + interval '30 days')
    on conflict on constraint access_grant_once do update set valid_until = excluded.valid_until
      where access_grant.valid_until < excluded.valid_until;
  end if;
  return null;
end $$;
"""


def upgrade() -> None:
    """Keep fewer events of jobs, and write a grant only where it changes something."""
    op.execute(FEWER_EVENTS)
    op.execute(GRANT.format(otherwise=LOOK_FIRST))


def downgrade() -> None:
    """Bring back what was there."""
    op.execute(ALL_EVENTS)
    op.execute(GRANT.format(otherwise=WRITE_ALWAYS))

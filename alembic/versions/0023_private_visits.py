"""What goes with an appointment that is kept private is kept private with it."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Runs as the owner: the patient may not write reminders or tasks, and need not. Messages that wait for somebody who
# may not know of it any more are not sent.
FOLLOW = """
create function follow_confidentiality() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update reminder set confidentiality = new.confidentiality where appointment_id = new.id;
  update waitlist_entry set confidentiality = new.confidentiality where appointment_id = new.id;
  update time_offer o set confidentiality = new.confidentiality
    where exists (select from waitlist_entry e where e.id = o.entry_id and e.appointment_id = new.id);
  update displaced_offer set confidentiality = new.confidentiality where appointment_id = new.id;
  update task set confidentiality = new.confidentiality where focus_id = new.id;
  delete from outbox_message m
    where m.status = 'queued' and m.patient_id = new.patient_id and position(new.id::text in m.dedupe_key) > 0
      and not exists (select from access_grant g where g.grantee = m.person_id and g.patient_id = new.patient_id
                        and 'booking' = any (g.sections)
                        and position(new.confidentiality in 'NRV') <= position(g.up_to in 'NRV'));
  perform set_config('portal.maintenance', before, true);
  perform note_change('patient:' || new.patient_id);
  return null;
end $$;
revoke execute on function follow_confidentiality() from public;
create trigger appointment_confidentiality after update of confidentiality on appointment
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function follow_confidentiality();
"""


def upgrade() -> None:
    """Let what belongs to an appointment follow it."""
    op.execute(FOLLOW)


def downgrade() -> None:
    """Let it stay as it was."""
    op.execute("drop trigger appointment_confidentiality on appointment; drop function follow_confidentiality()")

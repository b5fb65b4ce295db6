"""A file that was sent for a form is as private as the form, whenever that changes, and stays with it.

Why: docs/decisions/0096-what-people-send.md.
"""

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

# No foreign key: what a file belongs to is known by whoever kept it.
ABOUT = """
alter table stored_file add column about_id uuid;
create index stored_file_about on stored_file (about_id) where about_id is not null;

create function files_follow_form() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update stored_file set confidentiality = new.confidentiality
    where about_id = new.id and patient_id = new.patient_id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function files_follow_form() from public;
create trigger questionnaire_response_confidentiality_of_files after update of confidentiality on questionnaire_response
  for each row when (old.confidentiality is distinct from new.confidentiality) execute function files_follow_form();

-- Nothing of ours takes such a file out again, and what was sent stays as it was sent.
alter policy stored_file_remove on stored_file using (about_id is null and
  case when patient_id is null then owner_id = actor_person()
       else may('act', section, patient_id, confidentiality) end);
"""


def upgrade() -> None:
    """Remember what a file belongs to."""
    op.execute(ABOUT)


def downgrade() -> None:
    """Forget it; each file keeps the confidentiality that it has."""
    op.execute("""
    alter policy stored_file_remove on stored_file using (
      case when patient_id is null then owner_id = actor_person()
           else may('act', section, patient_id, confidentiality) end);
    drop trigger questionnaire_response_confidentiality_of_files on questionnaire_response;
    drop function files_follow_form();
    alter table stored_file drop column about_id;
    """)

"""What staff see to when a patient ends, or asks about, a caregiver whom the practice set.

Why: docs/decisions/0098-whose-will-a-document-is.md.
"""

from alembic import op

revision = "0060"
down_revision = "0057"
branch_labels = None
depends_on = None

KINDS = """
select set_config('portal.maintenance', '0060', true);
insert into task_kind (code, roles, is_open_to_patient) values
  ('caregiver_ended', '{front_desk}', true), ('caregiver_question', '{front_desk}', true);
select set_config('portal.maintenance', '', true);
"""
KINDS_BEFORE = """
select set_config('portal.maintenance', '0060', true);
delete from task where code in ('caregiver_ended', 'caregiver_question');
delete from task_kind where code in ('caregiver_ended', 'caregiver_question');
select set_config('portal.maintenance', '', true);
"""


def upgrade() -> None:
    """Add both kinds of task."""
    op.execute(KINDS)


def downgrade() -> None:
    """Take them away, and what was open of them."""
    op.execute(KINDS_BEFORE)

"""Find the readings of a chart by when they were entered, those that were taken back among them.

How many came in the last hour was looked up in everybody's readings. Why: docs/decisions/0095-readings-in-a-flood.md.
"""

from alembic import op

revision = "0058"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index; the others leave out what was taken back."""
    op.execute("create index reading_entered on reading (patient_id, measure, entered_at)")


def downgrade() -> None:
    """Look through all again."""
    op.execute("drop index reading_entered")

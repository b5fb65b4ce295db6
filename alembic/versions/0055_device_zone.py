"""Keep beside a session where the clock of its device stands, so that people know their own devices.

Why: docs/decisions/0092-where-a-device-is.md.
"""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the zone; only a new use of the session changes it."""
    op.execute("alter table session add zone text not null default '' check (length(zone) <= 64)")
    op.execute("grant update (zone) on session to portal_app")


def downgrade() -> None:
    """Know nothing of it again."""
    op.execute("alter table session drop zone")

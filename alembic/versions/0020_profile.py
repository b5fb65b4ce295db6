"""What people say about themselves, how they are reached, and proof of a new address."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# A telephone of the person's own, E.164 and encrypted: proven, because no right to change it is given to anybody.
REACHED = """
alter table person add phone text;
alter table outbox_message drop constraint outbox_message_channel,
  add constraint outbox_message_channel check (channel in ('mail', 'text'));
"""
REACHED_BEFORE = """
delete from outbox_message where channel <> 'mail';
alter table outbox_message drop constraint outbox_message_channel,
  add constraint outbox_message_channel check (channel in ('mail'));
alter table person drop phone;
"""


def upgrade() -> None:
    """Make room for telephones and text messages."""
    for script in (REACHED,):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget them: everybody is written to by mail again."""
    op.execute(REACHED_BEFORE)

"""How long staff stay signed in while nobody is at the screen."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# A session counts as a strong one until `idle_until`; whoever is at the screen moves that on. `locked_at` is when its
# pages were told. Null: it is not locked for idleness.
COLUMNS = """
alter table session add idle_until timestamptz, add locked_at timestamptz;
grant update (idle_until, locked_at) on session to portal_app;
create index session_idle on session (idle_until) where ended_at is null and locked_at is null;
create trigger session_locked after update of locked_at on session
  for each row when (old.locked_at is null and new.locked_at is not null) execute function announce_session_end();

alter table practice add staff_idle_min smallint not null default 15
  constraint practice_staff_idle_min check (staff_idle_min between 5 and 60);
grant update (staff_idle_min) on practice to portal_app;
"""

# Nobody at the screen for so long: the hats of the staff are off until a second factor puts them on again. Said where
# the session is read, and in no other place, so that whatever else that function does stays as it stands.
READ = "x.assurance into s"
READ_UNLESS_IDLE = (
    "case when x.patient_id is null and x.idle_until <= now() then 1 else x.assurance end as assurance into s"
)
REWRITE = """
do $rewrite$
declare
  written text := pg_get_functiondef('begin_as(text, text)'::regprocedure);
begin
  if position('{old}' in written) = 0 then
    raise exception 'begin_as reads sessions in another way';
  end if;
  execute replace(written, '{old}', '{new}');
end $rewrite$
"""


def upgrade() -> None:
    """Lock the sessions of staff that nobody uses."""
    op.execute(COLUMNS)
    op.execute(REWRITE.format(old=READ, new=READ_UNLESS_IDLE))


def downgrade() -> None:
    """Let a shift be the only limit again."""
    op.execute(REWRITE.format(old=READ_UNLESS_IDLE, new=READ))
    op.execute("""
    alter table practice drop staff_idle_min;
    drop trigger session_locked on session;
    alter table session drop idle_until, drop locked_at;
    """)

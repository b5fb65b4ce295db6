"""Whoever moves an appointment to where it already is has what they wished, and nothing is written.

The guard of 0086 took such a move for something else than a move and refused it as if a right were missing.
"""

from alembic import op

revision = "0088"
down_revision = "0080"
branch_labels = None
depends_on = None

_MOVE = "move_time(uuid, uuid, uuid, uuid, text, timestamptz, uuid, int, boolean, boolean, timestamptz, timestamptz)"
_BY_KEY = "if old.move_key = p_move_key then"
_OR_THERE = """if old.move_key = p_move_key or (old.status = 'booked'
      and (old.practitioner_id, old.location_id, old.modality, old.starts_at)
        = (p_practitioner, p_location, p_modality, p_starts_at)) then"""
_REWRITE = """
do $rewrite$
declare
  written text := pg_get_functiondef('{function}'::regprocedure);
begin
  if position($old${old}$old$ in written) = 0 then
    raise exception '{function} is written in another way';
  end if;
  execute replace(written, $old${old}$old$, $new${new}$new$);
end $rewrite$
"""


def upgrade() -> None:
    """Take a move to where it is for done."""
    op.execute(_REWRITE.format(function=_MOVE, old=_BY_KEY, new=_OR_THERE))


def downgrade() -> None:
    """Take only the same wish, sent again, for done."""
    op.execute(_REWRITE.format(function=_MOVE, old=_OR_THERE, new=_BY_KEY))

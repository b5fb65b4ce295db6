"""How long a place keeps a chart follows from all of a patient's visits there, also those that the actor may not see.

A parent who cancelled or moved a teenager's visit took the chart from the practice although a visit kept private was
still to come: forced row-level security hides it from the function too, though it runs as the owner.
"""

from typing import NamedTuple

from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None


class Change(NamedTuple):
    """Some lines of a function, and what stands there instead."""

    function: str
    old: str
    new: str


_SEEN_BY_THE_ACTOR = """
    update access_grant g set valid_until = coalesce(
      (select max(a.starts_at) + interval '30 days' from appointment a where a.patient_id = new.patient_id
        and a.location_id = {where}.location_id and a.status not in ('pending', 'cancelled')), now())
    where g.grantee"""
# Only the looking is done under maintenance: what is written stays held to what a grant by a visit may be.
_ALL_THERE_ARE = """
    before := coalesce(current_setting('portal.maintenance', true), '');
    perform set_config('portal.maintenance', 'grants', true);
    select coalesce(max(a.starts_at) + interval '30 days', now()) into until_at from appointment a
      where a.patient_id = new.patient_id and a.location_id = {where}.location_id
        and a.status not in ('pending', 'cancelled');
    perform set_config('portal.maintenance', before, true);
    update access_grant g set valid_until = until_at
    where g.grantee"""
CHANGES = (
    Change("grant_by_appointment()", "  held timestamptz;\n", "  held timestamptz;\n  before text;\n"),
    Change("grant_by_appointment()", _SEEN_BY_THE_ACTOR.format(where="new"), _ALL_THERE_ARE.format(where="new")),
    Change(
        "regrant_by_move()",
        "\nbegin\n  insert into access_grant",
        "\ndeclare\n  until_at timestamptz;\n  before text;\nbegin\n  insert into access_grant",
    ),
    Change("regrant_by_move()", _SEEN_BY_THE_ACTOR.format(where="old"), _ALL_THERE_ARE.format(where="old")),
)
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
    """Count every visit."""
    for change in CHANGES:
        op.execute(_REWRITE.format(**change._asdict()))


def downgrade() -> None:
    """Count those that the actor sees."""
    for change in reversed(CHANGES):
        op.execute(_REWRITE.format(function=change.function, old=change.new, new=change.old))

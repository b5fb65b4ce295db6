"""What a second reading of the guards found: words that were refused to whoever may say them, and others let through.

Why: docs/decisions/0132-the-guards-read-again.md.
"""

from typing import NamedTuple

from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


class Change(NamedTuple):
    """Some lines of a function, and what stands there instead."""

    function: str
    old: str
    new: str


CHANGES = (
    # A reading is entered, by its own clock, a moment before the alert about missing ones is raised beside it.
    Change(
        "withdraw_from_alert(uuid, text, timestamptz)",
        "r.entered_at >= standing.opened_at)",
        "r.entered_at >= standing.opened_at - interval '5 minutes')",
    ),
    # Somebody else may have cancelled again since it was looked at.
    Change(
        "restore_time(uuid, uuid, timestamptz)",
        "where a.id = p_id and a.status = 'cancelled' for update of a;",
        "where a.id = p_id and a.status = 'cancelled' and (a.cancelled_by = actor_person() or actor_has('system'))\n"
        "    for update of a;",
    ),
    Change(
        "guard_appointment()",
        """  if new.visit_type_id <> old.visit_type_id then""",
        """  if old.status = 'cancelled' and new.status = 'cancelled' and (new.cancelled_at, new.cancelled_by,
      new.cancel_reason) is distinct from (old.cancelled_at, old.cancelled_by, old.cancel_reason) then
    raise insufficient_privilege using message = 'who cancelled, and when, stays as it was';
  end if;
  if new.visit_type_id <> old.visit_type_id then""",
    ),
    Change(
        "guard_alert()",
        """  if new.closed_by is not null and""",
        """  if new.status = 'acknowledged' and old.status <> 'acknowledged' and new.owner_id is distinct from me
    or old.status = 'acknowledged' and new.status = 'open' and old.owner_id is distinct from me then
    raise insufficient_privilege using message = 'an alert is taken and handed back in one''s own name';
  end if;
  if new.status = old.status and new.owner_id is not distinct from old.owner_id
    and (new.due_at, new.level) is distinct from (old.due_at, old.level) then
    raise insufficient_privilege using message = 'the clock of an alert is nobody''s to set';
  end if;
  if new.closed_by is not null and""",
    ),
    Change(
        "guard_visit()",
        "  if new.consented_by is distinct from old.consented_by and",
        """  if new.consented_at is distinct from old.consented_at
    and new.consented_by is distinct from public.actor_person()
    or new.wants_call_at is not null and new.wants_call_at is distinct from old.wants_call_at
    and new.wants_call_by is distinct from public.actor_person() then
    raise insufficient_privilege using message = 'nobody agrees, or asks for a call, in the name of another';
  end if;
  if new.consented_by is distinct from old.consented_by and""",
    ),
    # Whoever has an account was known to whoever let them in; a guest who left waits, and is let in again.
    Change(
        "guard_participant()",
        "and (old.state <> 'left' or old.admitted_at is null) then",
        "and (old.state <> 'left' or old.admitted_at is null or old.person_id is null) then",
    ),
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
_ADDED = """
alter policy appointment_add on appointment with check (
  may('act', 'booking', patient_id, confidentiality) and (
    status in ('pending', 'booked') and created_by = actor_person() and num_nonnulls(arrived_at, cancelled_at,
      cancel_code, cancel_words, moved_at, move_key, confirmed_at, room_id, series_id{more}) = 0{then}
    or actor_has('system')))
"""
_TAKEN_BACK = """
alter policy reading_change on reading using (
  patient_id = public.actor_patient() and public.may('act', 'vitals', patient_id, confidentiality){once})
"""


def upgrade() -> None:
    """Let through what may be said, and refuse what may not."""
    for change in CHANGES:
        op.execute(_REWRITE.format(**change._asdict()))
    op.execute(_ADDED.format(more=", cancelled_by, cancel_reason", then=" and sequence = 0"))
    op.execute(_TAKEN_BACK.format(once=" and status <> 'entered-in-error'"))


def downgrade() -> None:
    """Say it as before."""
    op.execute(_TAKEN_BACK.format(once=""))
    op.execute(_ADDED.format(more="", then=""))
    for change in reversed(CHANGES):
        op.execute(_REWRITE.format(function=change.function, old=change.new, new=change.old))

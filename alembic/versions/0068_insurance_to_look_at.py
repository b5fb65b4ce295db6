"""That an insurance waits to be looked at, for whoever attends a visit: since when, and nothing of what it says.

Why: docs/decisions/0107-who-reads-what-was-changed.md.
"""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

WAITING = """
create function insurance_waits_since(p_patient uuid) returns timestamptz
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  found timestamptz;
begin
  if actor_patient() is not null
    or not (actor_has('front_desk') or actor_has('nurse') or actor_has('clinician')) then
    return null;
  end if;
  perform set_config('portal.maintenance', 'coverage', true);
  select min(c.entered_at) into found from coverage c
    where c.patient_id = p_patient and c.status = 'active' and c.reviewed_at is null
      and may('view', 'booking', c.patient_id, c.confidentiality);
  perform set_config('portal.maintenance', before, true);
  return found;
end $$;
revoke execute on function insurance_waits_since(uuid) from public;
grant execute on function insurance_waits_since(uuid) to portal_app;
"""


def upgrade() -> None:
    """Let it be asked."""
    op.execute(WAITING)


def downgrade() -> None:
    """Let it be asked no more."""
    op.execute("drop function insurance_waits_since(uuid)")

"""Everybody who pays for a chart has a plan of their own for it: one that is hidden from others stands in nobody's way.

Why: docs/decisions/0071-paying.md.
"""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

INDEX = """
drop index payment_plan_one_running;
create unique index payment_plan_one_running on payment_plan ({whose}) where status in ('active', 'paused');
"""
ONE_LEFT = """
select set_config('portal.maintenance', '0062', true);
update payment_plan p set status = 'cancelled', changed_at = now() where p.status in ('active', 'paused') and exists (
  select from payment_plan o where o.patient_id = p.patient_id and o.status in ('active', 'paused')
    and (o.begun_at, o.id) < (p.begun_at, p.id));
select set_config('portal.maintenance', '', true);
"""


def upgrade() -> None:
    """Let each person who pays for a chart have one plan that runs."""
    op.execute(INDEX.format(whose="patient_id, person_id"))


def downgrade() -> None:
    """Let a chart have one: the oldest goes on."""
    op.execute(ONE_LEFT)
    op.execute(INDEX.format(whose="patient_id"))

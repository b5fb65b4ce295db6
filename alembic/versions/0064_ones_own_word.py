"""How somebody wishes to be reached stands in their chart, where they change it and staff see it.

It was kept with the first steps, which nobody reads again once they are done.
Why: docs/decisions/0103-how-to-reach-somebody.md.
"""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

REACHED = """
select set_config('portal.maintenance', '0064', true);
alter table patient add reached_by text constraint patient_reached_by check (reached_by in ('mail', 'phone'));
grant update (reached_by) on patient to portal_app;
update patient c set reached_by = o.channel from onboarding o where o.patient_id = c.id and o.channel is not null;
alter table onboarding drop channel;
select set_config('portal.maintenance', '', true);
"""
REACHED_BEFORE = """
select set_config('portal.maintenance', '0064', true);
alter table onboarding add channel text constraint onboarding_channel check (channel in ('mail', 'phone'));
grant update (channel) on onboarding to portal_app;
update onboarding o set channel = c.reached_by from patient c where o.patient_id = c.id and c.reached_by is not null;
alter table patient drop reached_by;
select set_config('portal.maintenance', '', true);
"""


def upgrade() -> None:
    """Move the wish into the chart."""
    op.execute(REACHED)


def downgrade() -> None:
    """Keep the wish with the first steps again; who never took those has none any more."""
    op.execute(REACHED_BEFORE)

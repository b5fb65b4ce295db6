"""Ranges for another age or condition: written by one clinician, unreviewed until one has approved them by name.

Why: docs/decisions/0108-ranges-for-another-age.md.
"""

from alembic import op

revision = "0067"
down_revision = "0071"
branch_labels = None
depends_on = None

SETS = """
alter table vital_rule add column reviewed_by_name text not null default '';
grant update (reviewed_by_name) on vital_rule to portal_app;

-- What a rule leaves to another in the middle of its ages lives on in two rows, one on each side.
drop index vital_rule_replaced_once;
create unique index vital_rule_replaced_once on vital_rule (replaces, age_from);
alter table vital_rule add constraint vital_rule_ages check (age_from >= 0 and age_from < age_until);

alter policy vital_rule_change on vital_rule with check (
  public.actor_patient() is null and public.actor_has('clinician')
  and (reviewed_by is null or reviewed_by = public.actor_person()));
"""


def upgrade() -> None:
    """Let rules be written that nobody has reviewed yet."""
    op.execute(SETS)


def downgrade() -> None:
    """Let each version be the reviewer's own again; of a rule in two parts the first alone says what it replaces."""
    op.execute("""
    select set_config('portal.maintenance', 'migration', true);
    alter policy vital_rule_change on vital_rule with check (
      public.actor_patient() is null and public.actor_has('clinician') and reviewed_by = public.actor_person());
    alter table vital_rule drop constraint vital_rule_ages;
    drop index vital_rule_replaced_once;
    update vital_rule v set replaces = null where exists (
      select from vital_rule o where o.replaces = v.replaces and o.id < v.id);
    create unique index vital_rule_replaced_once on vital_rule (replaces);
    alter table vital_rule drop column reviewed_by_name;
    """)

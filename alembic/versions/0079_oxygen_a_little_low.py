"""Oxygen of 93 or 94 % is told: to be looked at soon the first time, today when it is found again.

Why: docs/decisions/0124-what-reached-nobody.md.
"""

from alembic import op

revision = "0079"
down_revision = "0081"
branch_labels = None
depends_on = None

# The next version stands in the place of the one that was shipped. What a practice has reviewed, changed or cut in two
# is the practice's, and stays.
NEXT = """
select set_config('portal.maintenance', 'migration', true);
with shipped as (
  update vital_rule set retired_at = now()
  where measure = 'oxygen' and unit = '%' and part = '' and finding = 'lowish' and condition = '' and at_most = 94
    and protocol = 'reseat' and severity = '' and severity_again = 'routine' and version = 1 and replaces is null
    and reviewed_at is null and retired_at is null
  returning *)
insert into vital_rule (measure, unit, part, at_most, days, finding, protocol, severity, severity_again, condition,
  age_from, age_until, source, version, replaces, reason)
select measure, unit, part, at_most, days, finding, protocol, 'routine', 'urgent', condition, age_from, age_until,
  'NHS, oximetry at home: 93 or 94, call', version + 1, id, 'Found again, it was told to nobody'
from shipped;
select set_config('portal.maintenance', '', true);
"""

# A reading keeps what it meant; only the line that decided is the one before again.
BEFORE = """
select set_config('portal.maintenance', 'migration', true);
create temporary table gone on commit drop as
  select id, replaces from vital_rule where reason = 'Found again, it was told to nobody' and reviewed_at is null
    and retired_at is null;
alter table reading disable trigger user;
update reading r set rule_id = g.replaces, rule_version = 1 from gone g where r.rule_id = g.id;
alter table reading enable trigger user;
delete from vital_rule v using gone g where v.id = g.id;
update vital_rule v set retired_at = null from gone g where v.id = g.replaces;
select set_config('portal.maintenance', '', true);
"""


def upgrade() -> None:
    """Tell it."""
    op.execute(NEXT)


def downgrade() -> None:
    """Tell it to nobody, where nobody has reviewed or changed it since."""
    op.execute(BEFORE)

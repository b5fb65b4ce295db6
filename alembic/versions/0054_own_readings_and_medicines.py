"""The patient's side reads what a medicine was before it changed, and a year of readings without a question for each.

Why: docs/decisions/0091-beside-the-readings.md.
"""

from alembic import op

revision = "0054"
down_revision = "0052"
branch_labels = None
depends_on = None

VERSIONS = """
create policy chart_entry_version_own on chart_entry_version for select using (
  public.reads_own_chart(patient_id, confidentiality));
"""

# How confidential what is in a section may be for the actor to see it of the chart they act for: 3 for all, 0 for none.
# `may` says the same row by row, which took most of the time of a year's chart; a subquery in a policy asks once.
REACH = """
create function reach_own(p_verb text, p_section text) returns int language sql stable parallel safe
  return case
    when public.actor_patient() is null then 0
    when public.may(p_verb, p_section, public.actor_patient(), 'V') then 3
    when public.may(p_verb, p_section, public.actor_patient(), 'R') then 2
    when public.may(p_verb, p_section, public.actor_patient(), 'N') then 1
    else 0 end;
"""
READINGS = """
alter policy reading_view on reading using (
  case when patient_id = (select public.actor_patient())
       then position(confidentiality in 'NRV') <= (select public.reach_own('view', 'vitals'))
       else public.may('view', 'vitals', patient_id, confidentiality) end
  or public.actor_has('system'));
"""
READINGS_BEFORE = """
alter policy reading_view on reading using (
  public.actor_has('system') or public.may('view', 'vitals', patient_id, confidentiality));
drop function reach_own(text, text);
"""


def upgrade() -> None:
    """Let the patient's side read earlier versions as far as they read the lists, and ask once about readings."""
    for script in (VERSIONS, REACH, READINGS):
        op.execute(script)


def downgrade() -> None:
    """Keep earlier versions to the care team again."""
    op.execute("drop policy chart_entry_version_own on chart_entry_version")
    op.execute(READINGS_BEFORE)

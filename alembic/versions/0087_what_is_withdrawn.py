"""An alert is withdrawn for what was taken back, or for a reading that has come, and for nothing else.

Why: docs/decisions/0121-what-a-statement-cannot-say.md.
"""

from alembic import op

revision = "0087"
down_revision = "0082"
branch_labels = None
depends_on = None

# The function was asked by whoever may act in the chart, for any source of an alert: a statement of its own could close
# what nobody had looked at. What stands behind the outcome is looked up here.
_CHECK = """
  if standing.id is not null and not actor_has('system') and not coalesce(case p_outcome
      when 'taken_back' then exists (
        select from reading r where r.id = p_source and r.patient_id = standing.patient_id
          and r.status = 'entered-in-error')
      when 'arrived' then standing.problem = 'vitals.missing' and exists (
        select from reading r where r.patient_id = standing.patient_id and r.status <> 'entered-in-error'
          and r.entered_at >= standing.opened_at) end, false) then
    perform set_config('portal.maintenance', before, true);
    raise insufficient_privilege using message = 'an alert ends with what it came from';
  end if;
"""
_FUNCTION = """
create or replace function withdraw_from_alert(p_source uuid, p_outcome text, p_now timestamptz)
returns table (alert_id uuid, patient_id uuid, is_closed boolean)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  standing alert;
  closes boolean;
begin
  perform set_config('portal.maintenance', 'alerts', true);
  select a.* into standing from alert a join alert_event e on e.alert_id = a.id
    where e.source_id = p_source and e.withdrawn_at is null for update of a;
  if standing.id is not null and not (actor_has('system')
      or may('act', standing.section, standing.patient_id, standing.confidentiality)) then
    perform set_config('portal.maintenance', before, true);
    raise insufficient_privilege using message = 'nobody takes back from an alert what they may not do';
  end if;{check}
  if standing.id is not null and standing.closed_at is null then
    update alert_event e set withdrawn_at = p_now where e.source_id = p_source;
    insert into alert_event (alert_id, patient_id, confidentiality, kind, severity, at, person_id)
      values (standing.id, standing.patient_id, standing.confidentiality, 'withdrawn', standing.severity, p_now,
        actor_person());
    closes := standing.status = 'open' and standing.severity <> 'critical' and not exists (
      select from alert_event e where e.alert_id = standing.id and e.kind in ('raised', 'added')
        and e.withdrawn_at is null);
    update alert a set changed_at = p_now,
        status = case when closes then 'closed' else a.status end,
        closed_at = case when closes then p_now end, closed_by = case when closes then actor_person() end,
        due_at = case when closes then null else a.due_at end, outcome = case when closes then p_outcome else '' end
      where a.id = standing.id;
    alert_id := standing.id; patient_id := standing.patient_id; is_closed := closes;
    return next;
  end if;
  perform set_config('portal.maintenance', before, true);
end $$;
"""


def upgrade() -> None:
    """Look up what stands behind it."""
    op.execute(_FUNCTION.format(check=_CHECK))


def downgrade() -> None:
    """Take anybody's word who may act in the chart."""
    op.execute(_FUNCTION.format(check=""))

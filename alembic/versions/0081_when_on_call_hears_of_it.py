"""A patient reads whether somebody on call hears of an alert about them, and when.

Why: docs/decisions/0126-what-is-said-at-night.md.
"""

from alembic import op

revision = "0081"
down_revision = "0083"
branch_labels = None
depends_on = None

# The roster is the care team's. Whoever may see an alert learns whether somebody on call was told of it at the level
# that it has, and whether anybody is on call now and when the clock takes it further: no name, no other moment.
SCRIPT = """
create function alert_on_call(p_alert uuid, p_now timestamptz)
returns table (take_min integer, called_at timestamptz, is_rung boolean, was_given_back boolean, has_now boolean,
  has_then boolean)
language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'alerts', true);
  return query
    with there as (
      select t.starts_at, t.ends_at from on_call_turn t join person p on p.id = t.person_id
      where p.disabled_at is null and exists (
        select from person_role r where r.person_id = p.id and r.role in ('nurse', 'clinician')))
    select c.take_min,
      (select max(k.at) from alert_call k where k.alert_id = a.id and k.level = a.level and k.due_at = a.due_at
        and k.person_id is not null),
      exists (select from alert_call k where k.alert_id = a.id and k.level = a.level and k.due_at = a.due_at),
      exists (select from alert_event e where e.alert_id = a.id and e.kind = 'given_back'
        and e.at + make_interval(mins => c.take_min) = a.due_at),
      exists (select from there t where t.starts_at <= p_now and t.ends_at > p_now),
      exists (select from there t where t.starts_at <= a.due_at and t.ends_at > a.due_at)
    from alert a join alert_clock c on c.severity = a.severity
    where a.id = p_alert and a.status = 'open'
      and (actor_has('system')
        or a.patient_id = actor_patient() and may('view', a.section, a.patient_id, a.confidentiality)
        or reads_alerts());
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function alert_on_call(uuid, timestamptz) from public;
grant execute on function alert_on_call(uuid, timestamptz) to portal_app;

create or replace function announce_call() returns trigger language plpgsql as $$
begin
  perform public.note_change('alerts:all', 'alerts:' || a.patient_id) from public.alert a where a.id = new.alert_id;
  return null;
end $$;
"""


def upgrade() -> None:
    """Answer it, and tell the open page of the patient when somebody was called."""
    op.execute(SCRIPT)


def downgrade() -> None:
    """Leave it to the care team."""
    op.execute("""
    drop function alert_on_call(uuid, timestamptz);
    create or replace function announce_call() returns trigger language plpgsql as $$
    begin
      perform public.note_change('alerts:all');
      return null;
    end $$;
    """)

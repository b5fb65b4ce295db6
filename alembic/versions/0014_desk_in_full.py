"""The front desk's and the manager's work, in full."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Runs as the owner, which sees all rows under maintenance: colleagues may not see each other's accounts. It names only
# those who could see the task themselves, to somebody who sees it.
COLLEAGUES = """
create function task_colleagues(p_task uuid) returns table (person_id uuid, display_name text)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'tasks', true);
  return query
    select distinct p.id, p.display_name
    from task t join task_kind k on k.code = t.code
      join person_role r on r.role = any (k.roles) join person p on p.id = r.person_id
    where t.id = p_task and p.disabled_at is null
      and concerns_role(t.code) and (t.patient_id is null
        or may('view', 'booking', t.patient_id, t.confidentiality)
        or may('view', 'bills', t.patient_id, t.confidentiality))
      and (t.patient_id is null or exists (
        select from access_grant g
        where g.grantee in (p.id, role_grantee(r.role),
            case when r.role in ('nurse', 'clinician') then r.location_id end)
          and (g.patient_id = t.patient_id or g.patient_id is null) and g.basis not in ('self', 'caregiver')
          and g.sections && '{booking,bills}' and 'act' = any (g.verbs)
          and position(t.confidentiality in 'NRV') <= position(g.up_to in 'NRV')
          and (g.valid_until is null or g.valid_until > now())))
    order by p.display_name, p.id;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function task_colleagues(uuid) from public;
grant execute on function task_colleagues(uuid) to portal_app;
"""

PLACES = """
alter table location add column closed_from date;
grant update (closed_from) on location to portal_app;
"""

# Visitors read closed days already, and now in their own language: whose calendar it is says how its days are called.
HOLIDAYS = "alter policy holiday_calendar_view on holiday_calendar using (true)"


def upgrade() -> None:
    """Let staff hand a task to a named colleague, and a manager close a place."""
    op.execute(COLLEAGUES)
    op.execute(PLACES)
    op.execute(HOLIDAYS)


def downgrade() -> None:
    """Drop all of it."""
    op.execute("alter policy holiday_calendar_view on holiday_calendar using ((select actor_person()) is not null)")
    op.execute("alter table location drop column closed_from; drop function task_colleagues(uuid)")

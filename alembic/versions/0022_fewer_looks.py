"""Look once for what somebody may see of the chart they act for, and once at each appointment."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# A policy is asked for every row. What depends only on the chart acted for is the same in all of a statement's rows, so
# it is asked once, in a subquery that does not look at the row; any other row is asked about as before.
OWN_LIMIT = """
create function own_limit(p_verb text, p_section text) returns int language plpgsql stable parallel safe as $$
declare
  own uuid := public.actor_patient();
begin
  return case when own is null then 0
    when public.may(p_verb, p_section, own, 'V') then 3
    when public.may(p_verb, p_section, own, 'R') then 2
    when public.may(p_verb, p_section, own, 'N') then 1
    else 0 end;
end $$;
"""

POLICY = """
alter policy appointment_view on appointment using (
  (patient_id = (select actor_patient())
    and position(confidentiality in 'NRV') <= (select own_limit('view', 'booking')))
  or may('view', 'booking', patient_id, confidentiality)
  or (confidentiality <> 'V' and is_seen_cancelled(status, location_id, starts_at)));
"""

POLICY_BEFORE = """
alter policy appointment_view on appointment using (
  may('view', 'booking', patient_id, confidentiality)
  or (confidentiality <> 'V' and is_seen_cancelled(status, location_id, starts_at)));
"""

_COLUMNS = """
create or replace view appointment_seen with (security_invoker) as
  select a.id, a.patient_id, a.status, a.starts_at, a.ends_at, a.modality, l.zone, a.patient_zone, a.reason,
    a.practitioner_id, p.name as practitioner_name, p.title as practitioner_title, p.initials as practitioner_initials,
    p.specialty, a.location_id, l.name as location_name, l.address, l.phone, l.directions, l.directions_url,
    a.visit_type_id, v.names as visit_type_names, v.notice_h, s.held_until, a.cancelled_at, a.cancel_reason,
    a.changed_at, a.sequence{more}
  from appointment a
  join practitioner p on p.id = a.practitioner_id
  join location l on l.id = a.location_id
  join visit_type v on v.id = a.visit_type_id
  left join slot s on s.id = a.slot_id
"""
_ADDED = ", a.moved_from, a.confirmed_at, a.series_id, a.cancel_code, a.cancelled_by"


def upgrade() -> None:
    """Ask once, and show in one look what was read in two."""
    op.execute(OWN_LIMIT)
    op.execute(POLICY)
    op.execute(_COLUMNS.format(more=_ADDED))


def downgrade() -> None:
    """Ask for every row again."""
    op.execute("drop view appointment_seen")
    op.execute(_COLUMNS.format(more=""))
    op.execute("grant select on appointment_seen to portal_app")
    op.execute(POLICY_BEFORE)
    op.execute("drop function own_limit(text, text)")

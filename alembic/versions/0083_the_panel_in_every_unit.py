"""The panel shows readings of every unit: each of the last ones comes with the unit in which it was entered."""

from alembic import op

revision = "0083"
down_revision = "0078"
branch_labels = None
depends_on = None

PANEL = """
drop function watched_panel(timestamptz, integer, text, uuid, integer);
create function watched_panel(p_now timestamptz, p_rank integer, p_name text, p_id uuid, p_most integer)
returns table (patient_id uuid, name text, birth_date date, zone text, rank integer, alerts bigint, worst text,
  measure text, unit text, value numeric, pair numeric, taken_at timestamptz, finding text, severity text,
  planned bigint, done bigint, points numeric[]%(units_column)s)
language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if actor_patient() is not null or not (actor_has('nurse') or actor_has('clinician')) then
    return;
  end if;
  perform set_config('portal.maintenance', 'vitals', true);
  return query
  with named as (
    select p.id, said_name(p.given_name, p.called) || ' ' || p.family_name as name, p.birth_date, p.zone
    from patient p
    where p.id in (
        select c.patient_id from care_plan c
        where c.ended_at is null and c.until_on >= (p_now at time zone 'UTC')::date - 1
        union select a.patient_id from alert a where a.closed_at is null and a.section = 'vitals')
      and may('view', 'vitals', p.id, p.confidentiality)
  ), ranked as (
    select n.*, a.alerts, coalesce(a.worst, 0) as worst, r.measure, r.unit, r.value, r.pair, r.taken_at, r.finding,
      r.severity,
      -(10 * coalesce(a.worst, 0) + case r.severity when 'critical' then 4 when 'urgent' then 3 when 'routine' then 2
        else case when coalesce(r.finding, '') in ('', 'within', 'elevated') then 0 else 1 end end) as rank
    from named n
      cross join lateral (
        select count(*) as alerts,
          max(case a.severity when 'critical' then 3 when 'urgent' then 2 else 1 end) as worst
        from alert a where a.patient_id = n.id and a.closed_at is null and a.section = 'vitals') a
      left join lateral (
        select * from reading r where r.patient_id = n.id and r.status <> 'entered-in-error'
        order by r.taken_at desc limit 1) r on true
  ), page as (
    select * from ranked r
    where p_id is null or (r.rank, r.name, r.id) > (p_rank, p_name, p_id)
    order by r.rank, r.name, r.id limit p_most
  )
  select g.id, g.name, g.birth_date, g.zone, g.rank, g.alerts,
    case g.worst when 3 then 'critical' when 2 then 'urgent' when 1 then 'routine' else '' end,
    coalesce(g.measure, ''), coalesce(g.unit, ''), g.value, g.pair, g.taken_at, coalesce(g.finding, ''),
    coalesce(g.severity, ''), coalesce(d.planned, 0)::bigint,
    coalesce(d.done, 0)::bigint, s.points%(units_shown)s
  from page g
    left join lateral (
      select sum(c.times_a_day * greatest(least(days.today - 1, c.until_on) - greatest(c.begins_on, days.today - 6) + 1,
          0) + k.today) as planned, sum(k.done) as done
      from (select (p_now at time zone g.zone)::date as today) days
        join care_plan c on c.patient_id = g.id and c.ended_at is null and c.until_on >= days.today
        cross join lateral (
          select coalesce(sum(least(d.n, c.times_a_day)), 0) as done,
            coalesce(sum(least(d.n, c.times_a_day)) filter (where d.day = days.today), 0) as today
          from (
            select (r.taken_at at time zone g.zone)::date as day, count(*) as n from reading r
            where r.patient_id = g.id and r.measure = c.measure and r.status <> 'entered-in-error'
              and r.taken_at > p_now - interval '8 days'
            group by 1) d
          where d.day between greatest(c.begins_on, days.today - 6) and days.today) k
    ) d on true
    left join lateral (
      select array_agg(l.value order by l.taken_at) as points%(units_made)s
      from (
        select r.value, r.unit, r.taken_at from reading r
        where r.patient_id = g.id and r.measure = g.measure%(only)s and r.status <> 'entered-in-error'
        order by r.taken_at desc limit 14) l
    ) s on true
  order by g.rank, g.name, g.id;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function watched_panel(timestamptz, integer, text, uuid, integer) from public;
grant execute on function watched_panel(timestamptz, integer, text, uuid, integer) to portal_app;
"""
NOW = {
    "units_column": ", point_units text[]", "units_shown": ", s.units",
    "units_made": ", array_agg(l.unit order by l.taken_at) as units", "only": "",
}  # fmt: skip
BEFORE = {"units_column": "", "units_shown": "", "units_made": "", "only": " and r.unit = g.unit"}


def upgrade() -> None:
    """Return the units beside the values."""
    op.execute(PANEL % NOW)


def downgrade() -> None:
    """Return values in the unit of the newest alone."""
    op.execute(PANEL % BEFORE)

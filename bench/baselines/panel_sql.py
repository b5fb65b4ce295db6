"""Everybody who is monitored, the worst first, as bare SQL on an open connection: no session, no row-level security.

The same rows as the panel, by the same meaning: whoever has a plan or an open alert, the last reading, done of planned
in seven days, and the last fourteen values.
"""

from datetime import datetime
from typing import Any, Final

import psycopg

QUERY: Final = """
with monitored as (
  select c.patient_id from care_plan c
  where c.ended_at is null and c.until_on >= (%(now)s at time zone 'UTC')::date - 1
  union select a.patient_id from alert a where a.closed_at is null and a.section = 'vitals'
), ranked as (
  select p.id, p.given_name || ' ' || p.family_name as name, p.birth_date, p.zone,
    coalesce(a.alerts, 0) as alerts, coalesce(a.worst, 0) as worst, r.measure, r.unit, r.value, r.pair, r.taken_at,
    r.finding, r.severity,
    -(10 * coalesce(a.worst, 0) + case r.severity when 'critical' then 4 when 'urgent' then 3 when 'routine' then 2
      else case when coalesce(r.finding, '') in ('', 'within', 'elevated') then 0 else 1 end end) as rank
  from monitored m join patient p on p.id = m.patient_id
    left join (
      select a.patient_id, count(*) as alerts,
        max(case a.severity when 'critical' then 3 when 'urgent' then 2 else 1 end) as worst
      from alert a where a.closed_at is null and a.section = 'vitals' group by 1) a on a.patient_id = p.id
    left join lateral (
      select * from reading r where r.patient_id = p.id and r.status <> 'entered-in-error'
      order by r.taken_at desc limit 1) r on true
  order by rank, name, id limit %(most)s
)
select g.*, d.planned, d.done, s.points
from ranked g
  left join lateral (
    select sum(c.times_a_day * greatest(least(days.today - 1, c.until_on) - greatest(c.begins_on, days.today - 6) + 1,
        0) + k.today) as planned, sum(k.done) as done
    from (select (%(now)s at time zone g.zone)::date as today) days
      join care_plan c on c.patient_id = g.id and c.ended_at is null and c.until_on >= days.today
      cross join lateral (
        select coalesce(sum(least(d.n, c.times_a_day)), 0) as done,
          coalesce(sum(least(d.n, c.times_a_day)) filter (where d.day = days.today), 0) as today
        from (
          select (r.taken_at at time zone g.zone)::date as day, count(*) as n from reading r
          where r.patient_id = g.id and r.measure = c.measure and r.status <> 'entered-in-error'
            and r.taken_at > %(now)s - interval '8 days'
          group by 1) d
        where d.day between greatest(c.begins_on, days.today - 6) and days.today) k
  ) d on true
  left join lateral (
    select array_agg(l.value order by l.taken_at) as points
    from (
      select r.value, r.taken_at from reading r
      where r.patient_id = g.id and r.measure = g.measure and r.unit = g.unit and r.status <> 'entered-in-error'
      order by r.taken_at desc limit 14) l
  ) s on true
order by g.rank, g.name, g.id
"""


async def read(
    connection: "psycopg.AsyncConnection[tuple[Any, ...]]", now: datetime, most: int
) -> list[tuple[Any, ...]]:
    """Return the rows."""
    return await (await connection.execute(QUERY, {"now": now, "most": most})).fetchall()

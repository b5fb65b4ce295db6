"""What finding times is compared with: one SQL query that returns the same rows, by psycopg alone.

Written for the tables as they are, without the portal's functions, policies or parameters it does not need; run as a
role that row-level security does not hold back.
"""

from datetime import date, datetime
from uuid import UUID

import psycopg

SEARCH = """
select s.practitioner_id, s.location_id, l.zone, t.starts_at, t.starts_at + make_interval(mins => v.duration_min)
from visit_type v
join schedule s on 'in_person' = any (s.modalities)
join location l on l.id = s.location_id
join generate_series(0, %(days)s - 1) n on s.weekday = extract(isodow from %(first_day)s::date + n)
cross join lateral generate_series(
  (%(first_day)s::date + n + s.opens) at time zone l.zone,
  (%(first_day)s::date + n + s.closes) at time zone l.zone - make_interval(mins => v.duration_min),
  make_interval(mins => s.grid_min)) t (starts_at)
where v.id = %(visit_type_id)s and t.starts_at >= %(now)s
  and not exists (
    select from slot b
    where b.practitioner_id = s.practitioner_id and b.starts_at < t.starts_at + make_interval(mins => v.duration_min)
      and b.ends_at > t.starts_at and (b.status <> 'busy-tentative' or b.held_until > %(now)s))
order by t.starts_at, s.practitioner_id
"""

Rows = list[tuple[UUID, UUID, str, datetime, datetime]]


async def search(
    connection: psycopg.AsyncConnection[tuple[object, ...]],
    visit_type_id: UUID,
    first_day: date,
    days: int,
    now: datetime,
) -> Rows:
    """Return practitioner, location, zone, beginning and end of every free time, in order of time."""
    params = {"visit_type_id": visit_type_id, "first_day": first_day, "days": days, "now": now}
    found = await connection.execute(SEARCH, params)
    return await found.fetchall()  # type: ignore[return-value]  # the columns have these types

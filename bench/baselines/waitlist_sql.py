"""What the next offer is compared with: one SQL query that returns the same row, by psycopg alone.

Written for the tables as they are, without the portal's functions or policies; run as a role that row-level security
does not hold back. Like the portal's it looks at who is first for whom the time suits, and that the time is free.
"""

from datetime import datetime
from uuid import UUID

import psycopg

FIRST = """
select e.id
from waitlist_entry e
join visit_type v on v.id = e.visit_type_id and e.modality = any (v.modalities)
join location l on l.id = %(location_id)s
where e.status = 'active' and e.offer_id is null
  and (e.practitioner_id is null or e.practitioner_id = %(practitioner_id)s)
  and (e.location_id is null or e.location_id = l.id)
  and e.until_at > %(starts_at)s and %(starts_at)s >= %(now)s + make_interval(mins => e.notice_min)
  and e.weekdays & (1 << (extract(isodow from %(starts_at)s at time zone l.zone)::int - 1)) <> 0
  and e.parts & case when extract(hour from %(starts_at)s at time zone l.zone) < 12 then 1
    when extract(hour from %(starts_at)s at time zone l.zone) < 17 then 2 else 4 end <> 0
  and not exists (select from time_offer o where o.entry_id = e.id and o.starts_at = %(starts_at)s)
  and not exists (select from appointment a where a.patient_id = e.patient_id and a.slot_id is not null
    and a.starts_at < %(starts_at)s + make_interval(mins => v.duration_min) and a.ends_at > %(starts_at)s)
  and not exists (select from slot s where s.practitioner_id = %(practitioner_id)s
    and s.starts_at < %(starts_at)s + make_interval(mins => v.duration_min) and s.ends_at > %(starts_at)s)
order by e.priority, e.waiting_since, e.id limit 1
"""


async def first_in_line(
    connection: psycopg.AsyncConnection[tuple[object, ...]],
    practitioner_id: UUID,
    location_id: UUID,
    starts_at: datetime,
    now: datetime,
) -> UUID | None:
    """Return the entry of whoever is first in line for a time, or None."""
    params = {"practitioner_id": practitioner_id, "location_id": location_id, "starts_at": starts_at, "now": now}
    row = await (await connection.execute(FIRST, params)).fetchone()
    return row[0] if row else None  # type: ignore[return-value]  # the column has this type

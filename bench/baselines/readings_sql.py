"""The readings of one measure since a moment, as bare SQL on an open connection: no session, no row-level security."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

QUERY: Final = """
select id, measure, unit, value, pair, pulse, context, arm, posture, has_symptom, note, taken_at, zone, finding,
  protocol, is_again, severity, status
from reading where patient_id = %s and measure = %s and status <> 'entered-in-error' and taken_at >= %s
order by taken_at desc, id
"""


async def read(
    connection: "psycopg.AsyncConnection[tuple[Any, ...]]", patient_id: UUID, measure: str, since: datetime
) -> list[tuple[Any, ...]]:
    """Return the rows."""
    return await (await connection.execute(QUERY, [patient_id, measure, since])).fetchall()

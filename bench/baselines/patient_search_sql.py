"""What finding patients is compared with: one SQL query that returns the same rows, by psycopg alone.

The same table of words and the same meaning, written for each query by hand as somebody would who knows what was
typed; in autocommit, as a role that row-level security does not hold back, without a trace in the audit trail.
"""

from uuid import UUID

import psycopg

_BY_WORDS = """
select c.id from patient c
where {matches}
order by {whole} desc, c.family_name, c.given_name, c.birth_date, c.id limit 21
"""
_BEGINS = "c.id in (select patient_id from patient_word where {ranges})"
_WHOLE = "(exists (select from patient_word w where w.patient_id = c.id and w.word = any (%s::text[])))::int"


async def search(
    connection: psycopg.AsyncConnection[tuple[object, ...]], wanted: list[list[tuple[str, str]]]
) -> list[UUID]:
    """Return the charts that answer each of the wanted words; a word is a list of ranges, any of which will do."""
    matches, whole, values, lows = [], [], list[object](), list[object]()
    for ranges in wanted:
        matches.append(_BEGINS.format(ranges=" or ".join("(word >= %s and word < %s)" for _ in ranges)))
        whole.append(_WHOLE)
        values += [edge for pair in ranges for edge in pair]
        lows.append([low for low, _ in ranges])
    statement = _BY_WORDS.format(matches=" and ".join(matches), whole=" + ".join(whole))
    rows = await connection.execute(statement, [*values, *lows])
    return [row[0] for row in await rows.fetchall()]  # type: ignore[misc]  # the column has this type

from datetime import UTC, datetime
from uuid import uuid4

import psycopg

from bench.baselines.same_statements import recorded
from portal_app.core.db import libpq_conninfo
from portal_app.settings import Settings


async def test_a_recording_is_replayed_with_other_values_and_fresh_ids(settings: Settings) -> None:
    conninfo = libpq_conninfo(settings.database_url or "")
    kept, row, then, now = uuid4(), uuid4(), datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        await connection.execute(
            "create temp table noted (id uuid primary key, owner uuid, at timestamptz, words text)"
        )
        with recorded() as recording:
            await connection.execute("insert into noted values (%s, %s, %s, %s)", (row, kept, then, f"about {row}"))
        await recording.replay(connection, {kept: kept, then: now})

        found = await (await connection.execute("select * from noted order by at")).fetchall()

    assert len(recording.statements) == 1
    assert [(one[1], one[2]) for one in found] == [(kept, then), (kept, now)]
    assert found[1][0] != row
    assert found[1][3] == f"about {found[1][0]}"

"""What a booking is compared with: one row inserted and committed, by psycopg alone.

As many connections as the booking run has, in one process on one event loop, against the same server, and the same
shape as a booking: a transaction is begun, does its work, and is committed. `autocommit` leaves the first and last to
the server and saves two round trips; its rate is printed beside the other, and no figure is made of it.
"""

import asyncio
import time
from uuid import uuid4

import psycopg

TABLE = "create table if not exists bare_insert (id uuid primary key, at timestamptz not null, words text not null)"
INSERT = "insert into bare_insert (id, at, words) values (%s, now(), %s)"


async def inserts_per_second(conninfo: str, connections: int, seconds: float, *, autocommit: bool = False) -> float:
    """Insert and commit for so long on so many connections; return how many were committed per second."""
    opened = [await psycopg.AsyncConnection.connect(conninfo, autocommit=autocommit) for _ in range(connections)]
    await opened[0].execute(TABLE)
    await opened[0].commit()
    started = time.perf_counter()
    counts = await asyncio.gather(*(_insert_until(one, started + seconds) for one in opened))
    elapsed = time.perf_counter() - started
    for connection in opened:
        await connection.close()
    return sum(counts) / elapsed


async def _insert_until(connection: psycopg.AsyncConnection[tuple[object, ...]], until: float) -> int:
    count = 0
    while time.perf_counter() < until:
        await connection.execute(INSERT, (uuid4(), "one row"))
        if not connection.autocommit:
            await connection.commit()
        count += 1
    return count

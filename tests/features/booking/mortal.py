"""A process that does one act and stops before its n-th statement, for whoever wants to kill it there.

`python -m tests.features.booking.mortal` reads pickled `Errand`s, one base64 line each, forks for each, and writes
`stopped PID`, or `done PID` once nothing is left to stop before. What it forked waits to be killed.
"""

import asyncio
import base64
import os
import pickle
import sys
from dataclasses import dataclass
from typing import Any

import psycopg

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.settings import get_settings
from tests.features.booking.world import Act, World


@dataclass(frozen=True)
class Errand:
    """An act in a world (whose database is opened anew), and before which statement to stop."""

    world: dict[str, Any]
    act: Act
    statement: int


def _say(word: str) -> None:
    sys.stdout.write(f"{word} {os.getpid()}\n")
    sys.stdout.flush()


def _stop_before(statement: int) -> None:
    left, execute, acting = statement, psycopg.AsyncCursor.execute, asyncio.current_task()

    async def counted(cursor: Any, *given: Any, **named: Any) -> Any:
        nonlocal left
        left -= asyncio.current_task() is acting  # and not what is told in the background after a commit
        if left == 0 and asyncio.current_task() is acting:
            _say("stopped")
            await asyncio.Event().wait()
        return await execute(cursor, *given, **named)

    psycopg.AsyncCursor.execute = counted  # type: ignore[assignment]


async def _run(errand: Errand) -> None:
    world = World(Database(get_settings().database_url or "", pool=1), **errand.world)
    _stop_before(errand.statement)
    await world.do(errand.act)
    _say("done")
    await asyncio.Event().wait()


if __name__ == "__main__":
    wiring.open_portal(get_settings())
    for line in sys.stdin:
        if os.fork() == 0:
            asyncio.run(_run(pickle.loads(base64.b64decode(line))))
        os.wait()
        _say("dead")

"""A process that does one act and stops before its n-th statement, for whoever wants to kill it there.

`python -m tests.features.booking.mortal MODULE` reads pickled `Errand`s of a module, one base64 line each, forks for
each, and writes `stopped PID`, or `done PID` once nothing is left to stop before. What it forked waits to be killed.
"""

import asyncio
import base64
import os
import pickle
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, Protocol

import psycopg

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.settings import get_settings


class Errand(Protocol):
    """Something to do, and before which statement to stop."""

    @property
    def statement(self) -> int:
        """Return it, from one on."""

    def ready(self, database: Database) -> Callable[[], Awaitable[object]]:
        """Return the act, in a database that was opened anew."""


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
    act = errand.ready(Database(get_settings().database_url or "", pool=1))
    _stop_before(errand.statement)
    await act()
    _say("done")
    await asyncio.Event().wait()


if __name__ == "__main__":
    wiring.open_portal(get_settings())
    import_module(sys.argv[1])
    for line in sys.stdin:
        if os.fork() == 0:
            asyncio.run(_run(pickle.loads(base64.b64decode(line))))
        os.wait()
        _say("dead")

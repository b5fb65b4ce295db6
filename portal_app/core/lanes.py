"""Lanes: heavy writers of one kind wait for each other, so that whoever opens a page finds a connection free."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from portal_app.core.errors import DatabaseAway

WAIT_S: Final = 60.0
"""How long somebody waits in a lane. It moves with each one who is done: more patience than for a connection."""
SHARE: Final = 10
"""One connection in so many is a lane's, and at least one."""


def lane_size(pool: int) -> int:
    """Return how many connections of so many the writers of one lane may hold."""
    return max(1, pool // SHARE)


class Lane:
    """At most so many tasks at once, in the order in which they came.

    A task that is in the lane and comes again goes through: it would wait for itself.

    Args:
        size: how many go at once.
        wait_s: how long the next one waits for its turn.
    """

    def __init__(self, size: int, wait_s: float = WAIT_S) -> None:
        """Begin with nobody in it."""
        self._turns = asyncio.Semaphore(size)
        self._wait_s = wait_s
        self._inside: set[asyncio.Task[Any] | None] = set()

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for a turn and have it for as long as the block takes.

        Raises:
            DatabaseAway: if the turn did not come in time; nothing was done then.
        """
        task = asyncio.current_task()
        if task in self._inside:
            yield
            return
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.acquire()
        except TimeoutError as error:
            raise DatabaseAway from error
        self._inside.add(task)
        try:
            yield
        finally:
            self._inside.discard(task)
            self._turns.release()

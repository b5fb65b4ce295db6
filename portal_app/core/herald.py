"""Do something soon, once for all who ask for it meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from portal_app.core.errors import DatabaseAway

SPACING_S = 0.05
"""How long further askers are gathered: the first is told at once, and in a crowd many are told together."""

log = structlog.get_logger(__name__)


class Herald:
    """Tells, after commits, that something happened; several commits are told at once.

    Args:
        tell: what to do; it takes up all that was asked for before it began.
    """

    def __init__(self, tell: Callable[[], Awaitable[None]]) -> None:
        """Wait to be woken."""
        self._tell = tell
        self._is_due = False
        self._telling: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Tell soon; nobody waits for it."""
        self._is_due = True
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._is_due:
            self._is_due = False
            try:
                await self._tell()
            except DatabaseAway:
                log.warning("not_told")  # Listeners look again by themselves when they are back.
                return
            if self._is_due:
                await asyncio.sleep(SPACING_S)

    async def rest(self) -> None:
        """Wait until all that was asked for is told."""
        if self._telling is not None:
            await asyncio.gather(self._telling, return_exceptions=True)

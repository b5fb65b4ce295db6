"""What the processor tells at the same moment is kept in one transaction, and each answered once it is committed."""

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

from portal_app.core.db import Database
from portal_app.core.errors import DatabaseAway, RecordsBusy
from portal_app.features.payments import events
from portal_app.features.payments.ports import Event

TOGETHER: Final = 25
"""How many events one transaction keeps, and one job sees to."""

_Waiting = tuple[Event, "asyncio.Future[None]"]


class Gathering:
    """Keeps events for one process. While one transaction is under way, what comes waits for the next."""

    def __init__(self, database: Database) -> None:
        """Begin with nothing."""
        self._database = database
        self._waiting: list[_Waiting] = []
        self._keeping: asyncio.Task[None] | None = None

    async def keep(self, event: Event) -> None:
        """Return once an event is committed, and the job that sees to it with it.

        Raises what went wrong where it is not kept: the processor tells it again.
        """
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, kept))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_all())
        await kept

    async def _keep_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            error = await self._try([event for event, _ in some])
            is_away = isinstance(error, DatabaseAway) and not isinstance(error, RecordsBusy)
            is_one_of_them = error is not None and len(some) > 1 and not is_away
            for event, kept in some:
                # One that cannot be kept takes no other along.
                own = await self._try([event]) if is_one_of_them else error
                if kept.done():  # whoever waited has gone
                    continue
                if own is None:
                    kept.set_result(None)
                else:
                    kept.set_exception(own)

    async def _try(self, some: list[Event]) -> Exception | None:
        try:
            async with self._database.act_as_system("payments.take_event") as tx:
                await events.take_events(tx, some)
        except Exception as error:  # noqa: BLE001 - handed on to whoever told the event
            return error
        return None


_gatherings: WeakKeyDictionary[Database, Gathering] = WeakKeyDictionary()


async def keep_event(database: Database, event: Event) -> None:
    """Keep an event together with those that come at the same moment; return once it is committed."""
    await _gatherings.setdefault(database, Gathering(database)).keep(event)

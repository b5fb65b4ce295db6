"""A reading to keep, and one of a broken device to count, for a process that is killed in the middle of it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.features.vitals import service as vitals


@dataclass(frozen=True)
class CountReading:
    """Whose reading, and before which statement to stop."""

    credential: Credential
    new: vitals.NewReading
    statement: int

    def ready(self, database: Database) -> Callable[[], Awaitable[object]]:
        return partial(self._count, database)

    async def _count(self, database: Database) -> None:
        async with database.act_as(self.credential, "vitals.log") as tx:
            with suppress(vitals.ReadingCounted):  # inside, as the page does, so that the count stands
                await vitals.log_reading(tx, self.new)


@dataclass(frozen=True)
class KeepReading:
    """Whose reading, and before which statement to stop."""

    credential: Credential
    new: vitals.NewReading
    statement: int

    def ready(self, database: Database) -> Callable[[], Awaitable[object]]:
        return partial(self._keep, database)

    async def _keep(self, database: Database) -> None:
        async with database.act_as(self.credential, "vitals.log", lane=vitals.LANE) as tx:
            await vitals.log_reading(tx, self.new)

"""An act in the small practice that many act on at once, for a process that is killed in the middle of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from portal_app.core.db import Database
from tests.features.booking.world import Act, World


@dataclass(frozen=True)
class ActInWorld:
    """An act in a world, and before which statement to stop."""

    world: dict[str, Any]
    act: Act
    statement: int

    def ready(self, database: Database) -> Callable[[], Awaitable[object]]:
        return partial(World(database, **self.world).do, self.act)

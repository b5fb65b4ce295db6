"""An answer to keep, for a process that is killed in the middle of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.features.intake import service as intake


@dataclass(frozen=True)
class KeepAnswer:
    """Whose answer to which form, and before which statement to stop."""

    credential: Credential
    form_id: UUID
    client_id: UUID
    given: intake.GivenAnswer
    statement: int

    def ready(self, database: Database) -> Callable[[], Awaitable[object]]:
        return partial(self._keep, database)

    async def _keep(self, database: Database) -> None:
        async with database.act_as(self.credential, "intake.fill_in") as tx:
            await intake.save_answers(tx, self.form_id, self.client_id, [self.given])

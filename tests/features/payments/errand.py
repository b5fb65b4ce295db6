"""An event of the processor to see to, for a process that is killed in the middle of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from portal_app.core.db import Database
from portal_app.core.jobs import Workplace
from portal_app.features.payments import events
from portal_app.features.payments.ports import Facts, PaymentPort
from portal_app.settings import get_settings
from tests.features.payments.conftest import Bank


@dataclass(frozen=True)
class SeeToEvent:
    """Which row it is, how the processor says that the page stands, and before which statement to stop."""

    row_id: UUID
    page: Facts
    statement: int

    def ready(self, database: Database) -> Callable[[], Awaitable[object]]:
        bank = Bank(pages={self.page.session_id: self.page})
        return partial(events.see_to_all, Workplace(database, get_settings(), {PaymentPort: bank}), [self.row_id])

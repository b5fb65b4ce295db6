"""Look up the readings of a measure, which are many: asked of the driver itself, in the transaction of a use case."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from portal_app.core import crypto
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.features.vitals import statements
from portal_app.features.vitals.views import ReadingView

MOST: Final = 5000
"""How many readings are looked up at most."""
_NOTE: Final = ReadingView._fields.index("note")


async def since(
    tx: Transaction, patient_id: UUID | None, measure: str, moment: datetime, most: int = MOST
) -> list[ReadingView]:
    """Return the readings of a measure since a moment, the newest first, without those that were taken back."""
    params = {"patient_id": patient_id, "measure": measure, "since": moment, "most": most}
    return await fetch(tx, statements.SINCE, params, _as_views)


def _as_views(_cursor: Any) -> Callable[[Sequence[Any]], ReadingView]:
    return _view


def _view(values: Sequence[Any]) -> ReadingView:
    if values[_NOTE]:
        values = (*values[:_NOTE], crypto.decrypt(values[_NOTE]), *values[_NOTE + 1 :])
    return ReadingView._make(values)

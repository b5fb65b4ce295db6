"""What age closes of the charts that somebody acts for, told to them in time and without a word about anything else."""

from collections.abc import Sequence
from typing import Any

from portal_app.core.db import Transaction
from portal_app.features.ages.views import Closed


async def closed_by_age(tx: Transaction) -> Sequence[Closed]:
    """Return what is closed by age to the actor, or will be; nothing of what a limit closes."""
    rows: Sequence[Any] = await tx.all("select * from closed_by_age()")
    return [Closed(*row) for row in rows]

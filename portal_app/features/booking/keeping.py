"""Times that have just become free and are kept for whoever waits; staff may take them for somebody all the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal_app.core.db import Transaction
from portal_app.features.booking import statements
from portal_app.features.booking.freed import freed


@asynccontextmanager
async def give_way(
    tx: Transaction, visit_type_id: UUID, practitioner_id: UUID, starts_at: datetime
) -> AsyncIterator[None]:
    """Clear what is kept for the line out of the way of one visit; what is left of it afterwards is freed anew.

    If the time cannot be had after all, the caller's transaction is given up, and it stays kept.
    """
    params = {"visit_type_id": visit_type_id, "practitioner_id": practitioner_id, "starts_at": starts_at}
    kept: Any = await tx.all(statements.DROP_KEPT, params)
    yield
    if kept:
        length = timedelta(minutes=await tx.scalar(statements.DURATION, {"id": visit_type_id}))
        for row in kept:
            for begins, ends in ((row.starts_at, starts_at), (starts_at + length, row.ends_at)):
                if begins < ends:
                    await freed(tx, row.practitioner_id, row.location_id, begins, ends)

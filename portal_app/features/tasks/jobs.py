"""Keep the clocks of open pages right."""

from datetime import timedelta

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.core.realtime import announce


@job("tasks.tell_late", policy="tasks.tell_late", every="* * * * *")
async def tell_late(tx: Transaction) -> None:
    """Have open inboxes look again when a deadline has passed in the last minutes."""
    now = clock.now()
    is_late = await tx.scalar(
        "select exists (select from task where closed_at is null and due_at between :since and :now)",
        {"since": now - timedelta(minutes=2), "now": now},
    )
    if is_late:
        await announce(tx, "tasks:all")

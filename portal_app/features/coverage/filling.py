"""Fill the practice's list of insurers."""

from collections.abc import Sequence
from uuid import uuid4

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.features.coverage import policies, statements
from portal_app.features.coverage.views import PayerEntry


async def fill_payers(tx: Transaction, entries: Sequence[PayerEntry]) -> int:
    """Add insurers to the practice's list, or bring their codes up to date; return how many. For the command line."""
    policy.require(tx.actor, policies.FILL.name)
    for one in entries:
        await tx.execute(statements.FILL, {"id": uuid4(), "name": one.name, "code": one.code, "now": clock.now()})
    return len(entries)

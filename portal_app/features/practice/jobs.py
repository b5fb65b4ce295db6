"""What looks after the practice's facts by itself."""

from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.practice import facts


@job("practice.flag_stale", policy="practice.flag_stale", every="5 * * * *")
async def flag_stale(tx: Transaction) -> None:
    """Tell the manager which phone lines nobody has called for too long, or nobody answered."""
    await facts.flag_stale_lines(tx)

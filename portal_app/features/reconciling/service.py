"""Hold the books against the processor's account, and work on what does not fit."""

from portal_app.core import policy
from portal_app.core.db import Transaction
from portal_app.core.jobs import enqueue
from portal_app.features.reconciling import jobs, policies
from portal_app.features.reconciling.disputes import is_disputed
from portal_app.features.reconciling.looking import journal, looks, payouts, zone
from portal_app.features.reconciling.matters import Matter, file, matters, resolve, see
from portal_app.features.reconciling.rules import cell, decimal
from portal_app.features.reconciling.views import JournalLine, LookView, MatterView, PartView, PayoutView

__all__ = [
    "JournalLine", "LookView", "Matter", "MatterView", "PartView", "PayoutView", "ask_to_look", "cell", "decimal",
    "file", "is_disputed", "journal", "looks", "matters", "payouts", "resolve", "see", "zone",
]  # fmt: skip


async def ask_to_look(tx: Transaction) -> None:
    """Have the books held against the processor's account now; the page shows it once it is done."""
    policy.require(tx.actor, policies.WORK.name)
    await enqueue(tx, jobs.reconcile)

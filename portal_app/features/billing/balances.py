"""Hold what is kept as owed on bills against the entries that it stands for."""

from typing import Final

import structlog

from portal_app.core import policy
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.billing import policies
from portal_app.features.billing.errors import BalancesDrift

_DRIFT: Final = "select d.invoice_id, d.kept_minor, d.entered_minor from balance_drift() d"
log = structlog.get_logger(__name__)


async def require_agreement(tx: Transaction) -> None:
    """Do nothing where every balance is the sum of its entries.

    Raises:
        BalancesDrift: if one is not; the log says on how many bills, and which one is the first.
    """
    policy.require(tx.actor, policies.CHECK_BALANCES.name)
    found = await tx.all(_DRIFT)
    if found:
        log.error("balances_drift", count=len(found), invoice_id=str(found[0].invoice_id))
        raise BalancesDrift


@job("billing.check_balances", policy="billing.check_balances", every="29 3 * * *")
async def check_balances(tx: Transaction) -> None:
    """Hold what is kept as owed against the books, each night. Raises BalancesDrift when they differ."""
    await require_agreement(tx)

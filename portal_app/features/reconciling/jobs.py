"""What is done each night, and when the processor tells of a dispute or a payout."""

from typing import Any

import structlog

from portal_app.core.jobs import Workplace, long_job
from portal_app.features.payments import service as payments
from portal_app.features.reconciling import disputes, fetching, looking
from portal_app.features.reconciling.ports import AccountAway, AccountPort

log = structlog.get_logger(__name__)


@long_job("reconciling.reconcile", policy="reconciling.keep", every="20 3 * * *")
async def reconcile(work: Workplace) -> None:
    """Read what moved, and hold the books against it."""
    await hold_against(work)


async def hold_against(work: Workplace) -> None:
    """Do what `reconcile` does; a processor that is away is asked again the next time."""
    account = account_of(work)
    if account is None:
        return
    try:
        await fetching.fetch(work.database, account)
        await looking.look(work.database, await account.balances())
    except AccountAway as away:
        log.warning("processor_account_away", reason=str(away))


def account_of(work: Workplace) -> AccountPort | None:
    """Return the account with the processor, None where nothing is paid online."""
    found: AccountPort | None = work.ports.get(AccountPort)  # type: ignore[assignment]  # the wiring pairs them
    return found


@payments.on_told("charge.dispute.")
async def about_dispute(work: Workplace, processor: payments.PaymentPort, told: Any) -> str:
    """Follow a dispute; the payment it is about is settled first, whichever was told first.

    Raises ProcessorAway: it waits on.
    """
    account = account_of(work)
    if account is None:
        return "ignored"
    try:
        dispute = await account.dispute(told.object_id)
    except AccountAway as away:
        raise payments.ProcessorAway(str(away)) from away
    attempt_id = await disputes.attempt_of(work.database, dispute)
    if attempt_id is not None:
        await payments.settle(work.database, processor, attempt_id)
    return f"dispute {await disputes.follow(work.database, dispute)}"


@payments.on_told("payout.")
async def about_payout(work: Workplace, _processor: payments.PaymentPort, _told: Any) -> str:
    """Read what moved, now that something went to the bank."""
    await hold_against(work)
    return "reconciled"

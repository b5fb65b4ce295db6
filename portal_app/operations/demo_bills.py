"""Bills of the demo: some paid, some partly, some waiting to be made; a statement, and money given back."""

from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from portal_app.core import clock
from portal_app.core.actor import Role
from portal_app.core.db import Transaction
from portal_app.features.billing import service as billing
from portal_app.features.billing import undoing
from portal_app.features.billing.account_statements import LOOKS_BACK, Period, make_statements, zone_of
from portal_app.features.billing.service import FeeEntry, Posting
from portal_app.features.billing.undoing import RefundWish

FEES: Final = (("G0402", 21_000), ("G0438", 19_500), ("G0439", 17_500), ("G2010", 4_200), ("T1015", 16_400))
NEWEST_WAIT: Final = 5
"""So many charges wait to be looked at, and of the others each third for its bill, so that billing finds work."""
THIRD: Final = 3
GIVES_BACK: Final = 8
"""Of so many bills one was paid too much at the desk, and a part given back."""
_CHARGES: Final = """
select id, sequence from charge_item where status = 'billable' order by patient_id = any (:patients) desc, served_at
"""
_AS: Final = "select set_config('portal.roles', :roles, true)"


async def make_bills(tx: Transaction, patients: list[UUID]) -> None:
    """Set the fees, and make bills of most charges there are, of these patients' first."""
    await billing.fill_fees(tx, [FeeEntry(code, date(2020, 1, 1), "USD", amount) for code, amount in FEES])
    charges = await tx.all(_CHARGES, {"patients": patients})
    system, tx.actor = tx.actor, replace(tx.actor, roles=tx.actor.roles | {Role.billing})
    await tx.execute(_AS, {"roles": "{billing,system}"})
    for n, charge in enumerate(charges[: max(len(charges) - NEWEST_WAIT, 0)]):
        await billing.mark_ready(tx, charge.id, charge.sequence)
        if (n + 1) % THIRD:
            await _account_for(tx, await billing.issue_bill(tx, charge.id, charge.sequence), n)
    await _state(tx, patients)
    await tx.execute(_AS, {"roles": "{system}"})
    tx.actor = system


async def _state(tx: Transaction, patients: list[UUID]) -> None:
    """Make the statements of the last three months of these patients, as a month's end would."""
    today = clock.now().date()
    period = Period(today - LOOKS_BACK, today, await zone_of(tx))
    for patient_id in patients:
        await make_statements(tx, patient_id, period, uuid5(patient_id, "statement"))


async def _account_for(tx: Transaction, bill_id: UUID, n: int) -> None:
    """Let the insurance pay most of it, agree on a lower price, and leave something or nothing to the patient."""
    await billing.post(tx, Posting(bill_id, "insurance", 10_800, uuid5(bill_id, "insurance")))
    await billing.post(tx, Posting(bill_id, "adjustment", 3_100, uuid5(bill_id, "adjustment"), "Agreed price"))
    if n % 4 == 0:
        paid = await billing.post(tx, Posting(bill_id, "payment", 2_500, uuid5(bill_id, "payment")))
        if n % GIVES_BACK == 0:
            why, key = "Paid at the desk and by telephone", uuid5(bill_id, "refund")
            await undoing.refund_at_desk(tx, RefundWish(paid, 500, why, key, is_owed_again=False))

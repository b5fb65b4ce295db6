"""What estimates are made of, and those that wait for it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.estimates import policies, statements
from portal_app.features.estimates.jobs import give
from portal_app.features.estimates.views import CopayDue, ExpectedView, WaitingView


async def expected_services(tx: Transaction) -> Sequence[ExpectedView]:
    """Return each kind of visit with what it usually is."""
    policy.require(tx.actor, policies.KEEP.name)
    rows: Sequence[Any] = await tx.all(statements.EXPECTED, {"today": clock.now().date()})
    return [
        ExpectedView(row.id, dict(row.names), row.service_code, row.words, row.currency, row.amount_minor)
        for row in rows
    ]


async def waiting_estimates(tx: Transaction, *, is_repeated: bool = False) -> Sequence[WaitingView]:
    """Return the estimates that nothing can be made of yet, the first due first; a hundred at most.

    That each chart was seen is recorded, unless the same open page looks again.
    """
    policy.require(tx.actor, policies.KEEP.name)
    rows: Sequence[Any] = await tx.all(statements.WAITING, {})
    if not is_repeated:
        await audit.record_each(
            tx, "estimates.view_waiting", dict.fromkeys(row.patient_id for row in rows), entity="Claim"
        )
    return [WaitingView(row.id, row.patient_name or "", row.give_by, dict(row.names)) for row in rows]


async def expect_service(tx: Transaction, visit_type_id: UUID, code: str) -> None:
    """Say what a kind of visit usually is, and have the estimates that wait for it given. Given ones stay.

    Raises:
        InputRefused: if the code is not in the practice's list.
    """
    policy.require(tx.actor, policies.KEEP.name)
    wanted = code.strip().upper()[:10]
    if await tx.scalar("select code from service_code where code = :code", {"code": wanted}) is None:
        raise InputRefused("code", N_("That code is not in your practice's list."))
    params = {"visit_type_id": visit_type_id, "service_code": wanted, "person_id": tx.actor.person_id,
              "now": clock.now()}  # fmt: skip
    await tx.execute(statements.SET, params)
    await audit.record(tx, "estimates.expect", patient_id=None, entity="ChargeItemDefinition", entity_id=visit_type_id)
    for row in await tx.all(
        "select id from estimate where status = 'asked' and visit_type_id = :id limit 500", {"id": visit_type_id}
    ):
        await enqueue(tx, give, estimate_id=row.id)


async def copay_due(tx: Transaction, appointment_id: UUID) -> CopayDue | None:
    """Return the fixed part of a visit's price that the plan leaves to the patient, for check-in.

    None where the insurer did not say one, said that the insurance does not count, or the actor may not know.
    """
    row: Any = await tx.first(statements.COPAY, {"id": appointment_id})
    amount = (row.answer or {}).get("copay_minor") if row else None
    if row is None or amount is None:
        return None
    return CopayDue(amount, row.answer["currency"], row.payer_name or "", row.answered_at.astimezone(ZoneInfo("UTC")))

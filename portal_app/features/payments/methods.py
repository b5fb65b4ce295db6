"""What somebody keeps at the processor for paying: listed and removed by whoever kept it, and by nobody else."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.payments import following, policies, statements
from portal_app.features.payments.ports import KeptMethod, PaymentPort

_USED: Final = "select id as plan_id, patient_id from payment_plan where method_id = :method_id and status = 'active'"


async def payer(tx: Transaction) -> str:
    """Return under which customer the actor keeps methods for the chart acted for, "" if they keep none."""
    policy.require(tx.actor, policies.PAY.name)
    whose = {"patient_id": tx.actor.patient_id, "person_id": tx.actor.person_id}
    found: Any = await tx.first(statements.CUSTOMER, whose)
    return str(found.customer_id or "") if found else ""


async def kept_methods(processor: PaymentPort, customer_id: str) -> Sequence[KeptMethod]:
    """Return what is kept under a customer. Raises ProcessorAway."""
    return await processor.kept_methods(customer_id) if customer_id else ()


async def let_go(tx: Transaction, kept: Sequence[KeptMethod], method_id: str) -> None:
    """Write that a method is removed, and pause the plan that is charged to it; what is removed is one of `kept`.

    Raises:
        NotFound: if the actor keeps no such method.
    """
    policy.require(tx.actor, policies.PAY.name)
    if method_id not in {one.id for one in kept}:
        raise NotFound
    for plan in await tx.all(_USED, {"method_id": method_id}):
        await following.pause(tx, plan, "removed")
    await audit.record(
        tx, "payments.remove_method", patient_id=tx.actor.patient_id, entity="Person", entity_id=_person(tx)
    )


def _person(tx: Transaction) -> UUID:
    return tx.actor.person_id

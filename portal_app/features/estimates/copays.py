"""The co-pay of a visit that is ahead: what is left of it, and paying it once."""

from typing import Any
from uuid import UUID

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.features.estimates import policies, statements
from portal_app.features.payments import service as payments
from portal_app.features.payments.service import Copay, NothingOwed, WantedPayment


async def copay_now(tx: Transaction, appointment_id: UUID) -> Copay | None:
    """Return what is left to pay of the co-pay of a visit that is ahead or has just begun.

    None where none is due, the insurer said none, it is paid or on its way, or the actor may not pay.
    """
    if not policies.ASK.is_allowed(tx.actor) or tx.actor.assurance < policies.ASK.assurance:
        return None
    due = await _due(tx, appointment_id)
    if due is None:
        return None
    left = due.amount_minor - await payments.copaid(tx, appointment_id)
    return Copay(appointment_id, due.patient_id, due.confidentiality, left, due.currency) if left > 0 else None


async def start_visit_copay(tx: Transaction, appointment_id: UUID, request_key: UUID, locale: str) -> UUID:
    """Begin to pay the co-pay of a visit and return the attempt; the amount is the insurer's, two taps are one.

    Raises:
        NothingOwed: if none is due, or it is paid.
        TooLittleToPay, CurrencyNotTaken: if it cannot be paid online.
    """
    policy.require(tx.actor, policies.ASK.name)
    due = await _due(tx, appointment_id)
    if due is None:
        raise NothingOwed
    return await payments.start_copay(tx, due, WantedPayment(request_key, locale=locale))


async def _due(tx: Transaction, appointment_id: UUID) -> Copay | None:
    row: Any = await tx.first(statements.COPAY, {"id": appointment_id})
    amount = (row.answer or {}).get("copay_minor") if row else None
    if not amount or row.patient_id != tx.actor.patient_id or row.status not in ("booked", "arrived"):
        return None
    is_over = row.status == "booked" and row.starts_at < clock.now()
    return None if is_over else Copay(
        appointment_id, row.patient_id, row.confidentiality, amount, row.answer["currency"]
    )  # fmt: skip

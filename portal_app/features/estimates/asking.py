"""Ask for an estimate, and read those that were given."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.jobs import enqueue
from portal_app.features.estimates import policies, rules, statements
from portal_app.features.estimates.errors import VisitPast
from portal_app.features.estimates.jobs import give
from portal_app.features.estimates.views import EstimateView, Provider, VisitToEstimate


async def ask_estimate(tx: Transaction, appointment_id: UUID, request_key: UUID) -> None:
    """Ask what a visit will cost; a job works it out. One that waits already is not asked for twice.

    Raises:
        NotFound: if the actor sees no such visit.
        VisitPast: if it is over or cancelled.
    """
    policy.require(tx.actor, policies.ASK.name)
    visit = await _visit(tx, appointment_id)
    if not _is_ahead(visit):
        raise VisitPast
    there = ZoneInfo(visit.zone)
    now, estimate_id = clock.now(), uuid4()
    due = rules.give_by(now.astimezone(there).date(), visit.starts_at.astimezone(there).date(), is_on_request=True)
    params = {
        "id": estimate_id, "patient_id": visit.patient_id, "confidentiality": visit.confidentiality,
        "appointment_id": appointment_id, "visit_type_id": visit.visit_type_id, "sequence": visit.last + 1,
        "person_id": tx.actor.person_id, "now": now, "request_key": request_key, "give_by": due,
    }  # fmt: skip
    if await tx.execute(statements.ASK, params):
        await enqueue(tx, give, estimate_id=estimate_id)
        await _record(tx, "estimates.ask", visit.patient_id, estimate_id)


async def visit_to_estimate(tx: Transaction, appointment_id: UUID) -> VisitToEstimate:
    """Return the visit for which an estimate can be asked.

    Raises:
        NotFound: if the actor sees no such visit.
    """
    policy.require(tx.actor, policies.SEE.name)
    visit = await _visit(tx, appointment_id)
    who = f"{visit.practitioner_title} {visit.practitioner_name}".strip()
    return VisitToEstimate(
        appointment_id, visit.starts_at, visit.zone, who, visit.is_asked, _is_ahead(visit) and not visit.is_asked
    )


async def my_estimates(
    tx: Transaction, appointment_id: UUID | None = None, *, is_repeated: bool = False, most: int = 100
) -> Sequence[EstimateView]:
    """Return the estimates of the chart acted for, or of one of its visits, the newest first."""
    policy.require(tx.actor, policies.SEE.name)
    rows = await tx.all(
        statements.OF_PATIENT, {"patient_id": tx.actor.patient_id, "visit": appointment_id, "most": most}
    )
    if not is_repeated:
        await _record(tx, "estimates.view", tx.actor.patient_id, None)
    return [as_view(row) for row in rows]


async def estimate(tx: Transaction, estimate_id: UUID, *, is_repeated: bool = False) -> EstimateView:
    """Return an estimate.

    Raises:
        NotFound: if the actor sees no such estimate.
    """
    policy.require(tx.actor, policies.SEE.name)
    row: Any = await tx.first(statements.ONE, {"id": estimate_id})
    if row is None:
        raise NotFound
    if not is_repeated:
        await _record(tx, "estimates.view", row.patient_id, estimate_id)
    return as_view(row)


async def _visit(tx: Transaction, appointment_id: UUID) -> Any:
    row: Any = await tx.first(statements.VISIT, {"id": appointment_id})
    if row is None or row.patient_id != tx.actor.patient_id:
        raise NotFound
    return row


def _is_ahead(visit: Any) -> bool:
    return visit.status in ("booked", "arrived") and visit.starts_at > clock.now()


async def _record(tx: Transaction, action: str, patient_id: UUID | None, estimate_id: UUID | None) -> None:
    await audit.record(tx, action, patient_id=patient_id, entity="Estimate", entity_id=estimate_id)


def as_view(row: Any) -> EstimateView:
    """Return a row of the statements as screens show it."""
    who = f"{row.practitioner_title} {row.practitioner_name}".strip()
    base = (row.id, row.appointment_id, row.status, row.kind, row.asked_at, row.give_by, row.given_at, row.currency,
            row.fee_minor, row.patient_minor, row.is_newest, row.starts_at, row.zone, who)  # fmt: skip
    if row.content is None:
        return EstimateView(*base)
    said: Any = row.content
    return EstimateView(
        *base, said["service_code"], said["service_words"], said["patient_name"], date.fromisoformat(said["born"]),
        Provider(**said["provider"]), said["payer_name"],
        datetime.fromisoformat(said["checked_at"]) if said["checked_at"] else None, said["has_second"],
        tuple((step, amount) for step, amount in said["steps"]),
    )  # fmt: skip

"""Leave a question to an insurer; a job asks it."""

from typing import Any
from uuid import UUID, uuid4

from portal_app.core import audit, clock, limits, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.jobs import enqueue
from portal_app.features.coverage import policies, statements
from portal_app.features.coverage.jobs import answer_check

LIMIT = "20/hour"
_WAITING = """
select id from eligibility_check
where coverage_id = :coverage_id and coverage_sequence = :sequence and status = 'waiting'
"""
_ASK = """
insert into eligibility_check (id, coverage_id, patient_id, confidentiality, coverage_sequence, asked_by, asked_at,
  request_key)
values (:id, :coverage_id, :patient_id, :confidentiality, :sequence, actor_person(), :now, :request_key)
on conflict do nothing
"""


async def ask_payer(tx: Transaction, coverage_id: UUID, request_key: UUID) -> None:
    """Have the insurer asked again; one that is being asked already is asked once.

    Raises:
        NotFound: if the actor sees no such insurance, or it is over.
        TooManyTries: if it was asked too often in this hour.
    """
    policy.require(tx.actor, policies.ASK.name)
    await limits.count(LIMIT, "eligibility", str(coverage_id))
    await ask_now(tx, coverage_id, request_key)


async def ask_now(tx: Transaction, coverage_id: UUID, request_key: UUID) -> None:
    """Leave the question, and the job that asks it, in this transaction."""
    policy.require(tx.actor, policies.ASK.name)
    row: Any = await tx.first(statements.ONE, {"coverage_id": coverage_id})
    if row is None or row.status != "active" or row.kind != "insurance":
        raise NotFound
    if await tx.scalar(_WAITING, {"coverage_id": coverage_id, "sequence": row.sequence}) is not None:
        return
    check_id = uuid4()
    params = {"id": check_id, "coverage_id": coverage_id, "patient_id": row.patient_id, "now": clock.now(),
              "confidentiality": row.confidentiality, "sequence": row.sequence, "request_key": request_key}  # fmt: skip
    if await tx.execute(_ASK, params):
        await enqueue(tx, answer_check, check_id=check_id)
        await audit.record(tx, "coverage.ask", patient_id=row.patient_id, entity="Coverage", entity_id=coverage_id)

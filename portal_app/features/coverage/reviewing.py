"""Confirm what insurance somebody says they have."""

from typing import Any
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.coverage import policies, statements
from portal_app.features.coverage.errors import CoverageMovedOn


async def review_coverage(tx: Transaction, coverage_id: UUID, sequence: int) -> None:
    """Say that the practice has looked at an insurance that was changed `sequence` times. A second tap is nothing.

    Raises:
        NotFound: if the actor sees no such insurance.
        CoverageMovedOn: if it was changed or ended in the meantime.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    row: Any = await tx.first(statements.ONE, {"coverage_id": coverage_id})
    if row is None:
        raise NotFound
    params = {"coverage_id": coverage_id, "sequence": sequence, "now": clock.now()}
    if await tx.execute(statements.REVIEW, params):
        await audit.record(tx, "coverage.review", patient_id=row.patient_id, entity="Coverage", entity_id=coverage_id)
    elif row.sequence != sequence or row.status != "active":
        raise CoverageMovedOn

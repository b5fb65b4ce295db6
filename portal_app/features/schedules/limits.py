"""What is kept free around a kind of visit, and how many of them a day takes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.schedules import policies
from portal_app.features.schedules.views import VisitLimits

BUFFER_MAX_MIN = 120
DAILY_MOST = 200


async def visit_limits(tx: Transaction) -> Sequence[VisitLimits]:
    """Return the kinds of visit with their buffers and limits, the shortest first."""
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)
    rows: Sequence[Any] = await tx.all(
        "select id, names, duration_min, buffer_before_min, buffer_after_min, daily_max from visit_type"
        " where is_active order by duration_min, code"
    )
    return [VisitLimits(*row) for row in rows]


async def set_visit_limits(
    tx: Transaction, visit_type_id: UUID, *, before_min: int, after_min: int, daily_max: int | None
) -> None:
    """Change them. What is booked already keeps what was kept free around it then.

    Raises:
        InputRefused: if a number is out of range.
        NotFound: if there is no such kind of visit.
    """
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)
    for field, minutes in (("before", before_min), ("after", after_min)):
        if not 0 <= minutes <= BUFFER_MAX_MIN:
            raise InputRefused(field, N_("Write a number of minutes from 0 to 120."))
    if daily_max is not None and not 1 <= daily_max <= DAILY_MOST:
        raise InputRefused("daily", N_("Write a number from 1 to 200, or nothing for no limit."))
    changed = await tx.execute(
        "update visit_type set buffer_before_min = :before, buffer_after_min = :after, daily_max = :daily"
        " where id = :id",
        {"id": visit_type_id, "before": before_min, "after": after_min, "daily": daily_max},
    )
    if not changed:
        raise NotFound
    await audit.record(
        tx, "schedules.limit", patient_id=None, entity="HealthcareService", entity_id=visit_type_id,
        detail={"before": str(before_min), "after": str(after_min), "daily": str(daily_max or "")},
    )  # fmt: skip

"""What is kept free around a kind of visit, how many of them a day takes, and when people are reminded."""

from collections.abc import Sequence
from typing import Any

from portal_app.core import policy
from portal_app.core.db import Transaction
from portal_app.features.schedules import policies
from portal_app.features.schedules.views import VisitLimits


async def visit_limits(tx: Transaction) -> Sequence[VisitLimits]:
    """Return the kinds of visit with their buffers, limits and reminders, the shortest first."""
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)
    rows: Sequence[Any] = await tx.all(
        "select id as visit_type_id, names, duration_min, buffer_before_min, buffer_after_min, daily_max,"
        " remind_before_min from visit_type where is_active order by duration_min, code"
    )
    return [VisitLimits(**row._asdict() | {"remind_before_min": tuple(row.remind_before_min)}) for row in rows]

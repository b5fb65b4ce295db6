"""Is the line fair? Who is offered what, by language, age and channel, without anybody's name."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.features.waiting import policies, rules, statements
from portal_app.features.waiting.views import FairnessRow

PERIOD: Final = timedelta(days=90)


async def fairness(tx: Transaction) -> Sequence[FairnessRow]:
    """Return how offers of the last 90 days went, group by group; nothing about groups of fewer than five people."""
    policy.require(tx.actor, policies.REPORT.name)
    rows: Sequence[Any] = await tx.all(statements.FAIRNESS, {"since": clock.now() - PERIOD})
    await audit.record(tx, "waiting.report", patient_id=None, entity="MeasureReport", entity_id=None)
    return [_shown(row) for row in rows]


def _shown(row: Any) -> FairnessRow:
    if row.people < rules.SMALL:
        return FairnessRow(row.split, row.band, None, None, None, None, None)
    return FairnessRow(
        row.split, row.band, row.offers, row.accepted, row.declined, row.lapsed, float(row.median_waiting_h)
    )

"""What the care team sees of readings: everybody with a plan or an open alert, and one patient's chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.vitals import looking, policies
from portal_app.features.vitals.one_unit import shown_number
from portal_app.features.vitals.seeing import Seen, seen_of
from portal_app.features.vitals.views import Chart, ReadingView

PANEL_PAGE: Final = 25
_PANEL: Final = "select * from watched_panel(:now, :rank, :name, :id, :most)"
_CHART: Final = """
select c.patient_id, c.name, c.zone, c.birth_date, c.confidentiality, c.conditions from watched_chart(:id) c
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """One patient on the panel: open alerts and the worst of them, the last reading, done of planned in seven days.

    `rank`, `name` and `patient_id` are the key by which pages follow each other; `points` the last values in
    time, in the unit of the last reading.
    """

    patient_id: UUID
    name: str
    birth_date: date
    zone: str
    rank: int
    alerts: int
    worst: str
    measure: str
    unit: str
    value: Decimal | None
    pair: Decimal | None
    taken_at: datetime | None
    finding: str
    severity: str
    planned: int
    done: int
    points: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class WatchedChart:
    """Whose readings a colleague looks at."""

    chart: Chart
    name: str
    confidentiality: str


async def panel(
    tx: Transaction, *, after: Watched | None = None, most: int = PANEL_PAGE, is_repeated: bool = False
) -> Sequence[Watched]:
    """Return the patients whom the actor watches, the worst first, after one of them; their names seen is recorded."""
    policy.require(tx.actor, policies.WATCH.name)
    key = {"rank": None, "name": None, "id": None}
    if after is not None:
        key = {"rank": after.rank, "name": after.name, "id": after.patient_id}  # type: ignore[dict-item]
    rows = await tx.all(_PANEL, {"now": clock.now(), "most": most, **key})
    found = [_watched(row._asdict()) for row in rows]
    if not is_repeated:
        await audit.record_each(tx, "vitals.panel", {one.patient_id for one in found}, entity="Observation")
    return found


def _watched(row: dict[str, Any]) -> Watched:
    """Return a row of the panel; its points are in the unit of the last reading, as is what stands beside them."""
    points, units = row["points"] or (), row.pop("point_units") or ()
    shown = [shown_number(row["measure"], value, unit, row["unit"]) for value, unit in zip(points, units, strict=True)]
    return Watched(**row | {"points": tuple(shown)})


async def watched_chart(tx: Transaction, patient_id: UUID) -> WatchedChart:
    """Return whose readings these are. Raises NotFound where the actor may not see them."""
    policy.require(tx.actor, policies.WATCH.name)
    row = await tx.first(_CHART, {"id": patient_id})
    if row is None:
        raise NotFound
    chart = Chart(row.patient_id, row.zone, row.birth_date, frozenset(row.conditions))
    return WatchedChart(chart, row.name, row.confidentiality)


async def watched_readings(tx: Transaction, patient_id: UUID, *, is_repeated: bool = False) -> Sequence[ReadingView]:
    """Return the newest reading of each measure of a chart, in the order of measures."""
    policy.require(tx.actor, policies.WATCH.name)
    found = await looking.last(tx, patient_id)
    if not is_repeated:
        await audit.record(tx, "vitals.watch", patient_id=patient_id, entity="Observation", entity_id=None)
    return found


async def watched_measure(
    tx: Transaction, chart: Chart, measure: str, since: datetime
) -> tuple[Sequence[ReadingView], Seen | None]:
    """Return the readings of one measure, the newest first, and what is shown of them; `watched_readings` audits."""
    policy.require(tx.actor, policies.WATCH.name)
    found = await looking.since(tx, chart.patient_id, measure, since)
    return found, await seen_of(tx, found, chart, since) if found else None

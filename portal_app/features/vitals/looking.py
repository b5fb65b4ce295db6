"""Look up readings, which are many or asked for often: of the driver itself, in the transaction of a use case."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.rows import namedtuple_row, tuple_row

from portal_app.core import crypto
from portal_app.core.db import Transaction
from portal_app.core.direct import Question, fetch, fetch_each
from portal_app.core.errors import NotFound
from portal_app.features.vitals import statements
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.views import Chart, ReadingView, Surplus

MOST: Final = 5000
"""How many readings are looked up at most."""
_ORDER: Final = list(MEASURES)
_NOTE: Final = ReadingView._fields.index("note")


async def since(
    tx: Transaction, patient_id: UUID | None, measure: str, moment: datetime, most: int = MOST
) -> list[ReadingView]:
    """Return the readings of a measure since a moment, the newest first, without those that were taken back."""
    params = {"patient_id": patient_id, "measure": measure, "since": moment, "most": most}
    return await fetch(tx, statements.SINCE, params, _as_views)


class Back(NamedTuple):
    """The chart acted for, its readings of a measure, the newest first, and the rows of the rules of that measure.

    `surplus` are readings of that time that were only counted.
    """

    chart: Chart
    found: list[ReadingView]
    rules: Sequence[Sequence[Any]]
    surplus: tuple[Surplus, ...]


async def back(tx: Transaction, measure: str, moment: datetime, most: int = MOST) -> Back:
    """Return what a page shows of a measure since a moment, asked for at once. Raises NotFound."""
    of = {"patient_id": tx.actor.patient_id, "measure": measure}
    charts, rows, ruled, counted = await fetch_each(
        tx, Question(statements.CHART, {}), Question(statements.SINCE, {**of, "since": moment, "most": most}),
        Question(statements.RULES, of), Question(statements.SURPLUS, {**of, "since": moment}),
    )  # fmt: skip
    if not charts:
        raise NotFound
    patient_id, zone, birth_date, _, conditions = charts[0]
    chart = Chart(patient_id, zone, birth_date, frozenset(conditions))
    return Back(chart, [_view(row) for row in rows], ruled, tuple(Surplus(*row) for row in counted))


async def surplus(tx: Transaction, patient_id: UUID, measure: str, moment: datetime) -> tuple[Surplus, ...]:
    """Return what was only counted of a measure since a moment, the newest first."""
    params = {"patient_id": patient_id, "measure": measure, "since": moment}
    return tuple(Surplus(*row) for row in await fetch(tx, statements.SURPLUS, params, tuple_row))


async def count(tx: Transaction, values: Mapping[str, Any]) -> bool:
    """Count a reading that is not kept, once; tell whether it is the first of its hour."""
    rows = await fetch(tx, statements.COUNT, values, tuple_row)
    return bool(rows[0][0])


async def last(tx: Transaction, patient_id: UUID | None) -> list[ReadingView]:
    """Return the newest reading of each measure there is one of, in the order of measures."""
    return await fetch(tx, statements.LAST, {"patient_id": patient_id, "measures": _ORDER}, _as_views)


async def add(tx: Transaction, values: Mapping[str, Any]) -> ReadingView | None:
    """Keep a reading; None where its key has made one before."""
    kept = await fetch(tx, statements.ADD, values, _as_views)
    return kept[0] if kept else None


class Before(NamedTuple):
    """What is known before a reading is kept: the chart, how many came lately, the plan's id and first day.

    `is_counted` tells that its key was counted among those that are not kept.
    """

    patient_id: UUID
    zone: str
    birth_date: date
    confidentiality: str
    conditions: Sequence[str]
    lately: int
    is_counted: bool
    plan_id: UUID | None
    begins_on: date | None

    @property
    def chart(self) -> Chart:
        """Return whose reading it is."""
        return Chart(self.patient_id, self.zone, self.birth_date, frozenset(self.conditions))


async def before(tx: Transaction, measure: str, key: UUID, lately: datetime) -> tuple[Before, ReadingView | None]:
    """Return what is known before a reading is kept, and the reading that its key has made. Raises NotFound."""
    params = {"patient_id": tx.actor.patient_id, "measure": measure, "key": key, "lately": lately}
    rows = await fetch(tx, statements.BEFORE, params, tuple_row)
    if not rows:
        raise NotFound
    width = len(Before._fields)
    known, kept = Before._make(rows[0][:width]), rows[0][width:]
    return known, None if kept[0] is None else _view(kept)


async def chart_row(tx: Transaction) -> Any:
    """Return the row of the chart acted for. Raises NotFound."""
    rows = await fetch(tx, statements.CHART, {}, namedtuple_row)
    if not rows:
        raise NotFound
    return rows[0]


def _as_views(_cursor: Any) -> Callable[[Sequence[Any]], ReadingView]:
    return _view


def _view(values: Sequence[Any]) -> ReadingView:
    if values[_NOTE]:
        values = (*values[:_NOTE], crypto.decrypt(values[_NOTE]), *values[_NOTE + 1 :])
    return ReadingView._make(values)

"""Readings as screens show them: numbers as they were entered, and codes; words are made where they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.features.vitals.rules import Measured, Whose, age_months


@dataclass(frozen=True, slots=True)
class NewReading:
    """What somebody enters. `taken_at` is None for now; `instead` is a reading that this one corrects.

    `zone` is set where a file says in which it was measured; else it is that of the chart.
    """

    measure: str
    unit: str
    value: Decimal
    request_key: UUID
    pair: Decimal | None = None
    pulse: Decimal | None = None
    context: str = ""
    arm: str = ""
    posture: str = ""
    has_symptom: bool = False
    note: str = field(default="", repr=False)
    taken_at: datetime | None = None
    is_confirmed: bool = False
    instead: UUID | None = None
    zone: str = ""


class ReadingView(NamedTuple):
    """A reading, and what it meant when it was entered.

    A tuple: a page of a year makes thousands of them, and a frozen dataclass takes ten times as long.
    """

    id: UUID
    measure: str
    unit: str
    value: Decimal
    pair: Decimal | None
    pulse: Decimal | None
    context: str
    arm: str
    posture: str
    has_symptom: bool
    note: str
    taken_at: datetime
    zone: str
    finding: str
    protocol: str
    is_again: bool
    severity: str
    status: str

    def __repr__(self) -> str:
        """Name the reading and nothing of what it says: an error's text goes to the log."""
        return f"ReadingView({self.id})"

    @classmethod
    def of(cls, row: Sequence[Any]) -> "ReadingView":
        """Return a row of `statements.COLUMNS`, whose columns are these fields in their order."""
        return cls._make((*row[:_NOTE], row[_NOTE] or "", *row[_NOTE + 1 :]))

    @property
    def measured(self) -> Measured:
        """Return what rules reckon with."""
        return Measured(self.measure, self.unit, self.value, self.pair, self.taken_at, self.pulse)


_NOTE: Final = ReadingView._fields.index("note")


class Surplus(NamedTuple):
    """Readings of a measure and an hour that were counted and not kept one by one; `pair_*` are of a pressure."""

    measure: str
    unit: str
    times: int
    least: Decimal
    most: Decimal
    pair_least: Decimal | None
    pair_most: Decimal | None
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Chart:
    """Whose readings are shown: where they live, and since when readings of theirs can be."""

    patient_id: UUID
    zone: str
    birth_date: date
    conditions: frozenset[str]

    def age_months(self, moment: datetime) -> int:
        """Return how many whole months old they were, by the day where they live."""
        return age_months(self.birth_date, moment.astimezone(ZoneInfo(self.zone)).date())

    def whose(self, moment: datetime) -> Whose:
        """Return for whom rules are looked up, at a moment."""
        return Whose(self.age_months(moment), self.conditions)

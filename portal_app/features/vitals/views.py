"""Readings as screens show them: numbers as they were entered, and codes; words are made where they are shown."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from portal_app.features.vitals.rules import Measured


@dataclass(frozen=True, slots=True)
class NewReading:
    """What somebody enters. `taken_at` is None for now; `instead` is a reading that this one corrects."""

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


@dataclass(frozen=True, slots=True)
class ReadingView:
    """A reading, and what it meant when it was entered."""

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
    note: str = field(repr=False)
    taken_at: datetime
    zone: str
    finding: str
    protocol: str
    is_again: bool
    severity: str
    status: str

    @property
    def measured(self) -> Measured:
        """Return what rules reckon with."""
        return Measured(self.measure, self.unit, self.value, self.pair, self.taken_at)


@dataclass(frozen=True, slots=True)
class Chart:
    """Whose readings are shown: where they live, and since when readings of theirs can be."""

    patient_id: UUID
    zone: str
    birth_date: date
    conditions: frozenset[str]

"""Alerts as screens show them: codes and facts; words are made where they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from portal_app.features.alerts.rules import OnCall

Severity = Literal["routine", "urgent", "critical"]


@dataclass(frozen=True, slots=True)
class NewAlert:
    """Something a person has to look at. The same `source_id` never counts twice.

    `problem` is a code such as "vitals.blood_pressure"; `facts` are codes and numbers, never a patient's own words.
    """

    patient_id: UUID
    section: Literal["forms", "vitals"]
    problem: str
    severity: Severity
    source_id: UUID
    confidentiality: str = "N"
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """Where something went: a new alert, or the one that is open about the same problem."""

    alert_id: UUID
    is_new: bool
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody on call who was told of an alert, by which ways of notify's; `name` is "" where nobody was on call."""

    name: str
    ways: Sequence[str]


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as the care team sees it. `facts` are those of what was added last; `phone` is as people write it.

    Where some of it was taken back, `facts` are of what still stands; `is_taken_back` says that nothing does.
    `called` are those on call who were told last, at `called_at`; nobody, where it did not come to that.
    """

    id: UUID
    patient_id: UUID
    name: str
    birth_date: date | None
    language: str
    phone: str = field(repr=False)
    problem: str
    severity: Severity
    status: Literal["open", "acknowledged", "closed"]
    level: int
    times: int
    facts: Mapping[str, str] = field(repr=False)
    opened_at: datetime
    added_at: datetime
    due_at: datetime | None
    owner_id: UUID | None
    owner_name: str
    closed_at: datetime | None
    outcome: str
    is_taken_back: bool
    called_at: datetime | None
    called: Sequence[Called]


@dataclass(frozen=True, slots=True)
class PatientAlert:
    """What a patient is told of an alert about them: whether somebody has it, who, and how it ended.

    `on_call` says how somebody on call hears of one that nobody has, None where nobody does.
    """

    id: UUID
    problem: str
    status: Literal["open", "acknowledged", "closed"]
    opened_at: datetime
    due_at: datetime | None
    owner_name: str
    acknowledged_at: datetime | None
    closed_at: datetime | None
    outcome: str
    on_call: OnCall | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Whether somebody reads alerts now, and else from when on; `opens_at` is None where nobody wrote that down."""

    is_open: bool
    opens_at: datetime | None
    zone: str


@dataclass(frozen=True, slots=True)
class NewTurn:
    """Somebody to be on call, `rank` 1 or 2, between two aware moments; `phone` as it was typed, "" for their own.

    The id is made with the form, so that two taps make one turn.
    """

    id: UUID
    person_id: UUID
    rank: int
    starts_at: datetime
    ends_at: datetime
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn on call. `phone` is as people write it, and "" for whoever does not keep the roster.

    `is_fit` is off for somebody who does not work here any more: then the turn counts for nothing.
    """

    id: UUID
    person_id: UUID
    name: str
    rank: int
    starts_at: datetime
    ends_at: datetime
    phone: str = field(repr=False)
    has_phone: bool
    is_fit: bool


@dataclass(frozen=True, slots=True)
class StaffView:
    """Somebody who can be on call. `specialty` is keyed by locale, and None for whoever has none."""

    person_id: UUID
    name: str
    email: str | None = field(repr=False)
    roles: Sequence[str]
    locations: Sequence[str]
    specialty: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on call now and from now on, said in `zone`; `gaps` are those of the next days in which nobody is."""

    turns: Sequence[TurnView]
    gaps: Sequence[tuple[datetime, datetime]]
    now: datetime
    zone: str

    def on_now(self) -> Sequence[TurnView]:
        """Return whoever is on call at this moment, the first one first."""
        running = [one for one in self.turns if one.is_fit and one.starts_at <= self.now < one.ends_at]
        return sorted(running, key=lambda one: one.rank)

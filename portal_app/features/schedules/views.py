"""Schedules, changes to them and their effects, as screens show them. Times without a zone are walls of a location."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from portal_app.features.booking.service import FreeTime


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours of one weekday (ISO: 1 is Monday) at a location; times kept back open so many days before, at a time."""

    location_id: UUID
    weekday: int
    opens: time
    closes: time
    grid_min: int
    modalities: tuple[str, ...]
    valid_from: date
    valid_until: date | None = None
    release_days: int | None = None
    release_at: time | None = None


@dataclass(frozen=True, slots=True)
class RuleView:
    """Weekly hours that stand in the database."""

    id: UUID
    hours: WeeklyHours


@dataclass(frozen=True, slots=True)
class DayView:
    """Other hours on one day at a location, in order; none means no hours."""

    location_id: UUID
    day: date
    spans: tuple[tuple[time, time], ...]
    grid_min: int
    modalities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeaveView:
    """A time away in wall time; without an end, for good."""

    id: UUID
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """Everything about when somebody is there, from today on. `edition` rises with each change."""

    practitioner_id: UUID
    edition: int
    rules: tuple[RuleView, ...]
    days: tuple[DayView, ...]
    leaves: tuple[LeaveView, ...]


@dataclass(frozen=True, slots=True)
class VisitHit:
    """An appointment that a change concerns. `patient` is empty for whoever may not see the chart."""

    slot_id: UUID
    starts_at: datetime
    zone: str
    location_name: str
    practitioner_name: str
    patient: str


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change does, as far ahead as anybody can book.

    Appointments that fall outside, and those that were outside and are inside again; how many people are confirming a
    time that would go: it stays theirs. Of a preview also how many times are free and would not be, and the other way
    round: in all, or on `counted_days` that stand for the rest.
    """

    lost: tuple[VisitHit, ...]
    regained: tuple[VisitHit, ...]
    choosing: int
    times_lost: int = 0
    times_gained: int = 0
    counted_days: int | None = None


@dataclass(frozen=True, slots=True)
class CalendarView:
    """Which public holidays a location observes, of those of its country and subdivision."""

    location_id: UUID
    location_name: str
    country: str
    subdivision: str
    observed: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClosedDayView:
    """A day on which a location is closed; its name is the calendar's, in English, or the practice's own.

    `country` and `subdivision` say whose calendar the location keeps; empty if none.
    """

    location_id: UUID
    location_name: str
    day: date
    name: str
    is_holiday: bool
    country: str = ""
    subdivision: str = ""


@dataclass(frozen=True, slots=True)
class VisitLimits:
    """What is kept free around a kind of visit, how many a day takes at most, and when people are reminded."""

    visit_type_id: UUID
    names: dict[str, str]
    duration_min: int
    buffer_before_min: int
    buffer_after_min: int
    daily_max: int | None
    remind_before_min: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DisplacedVisit:
    """An appointment that cannot be kept, and where it could go: the nearest free times, soonest first."""

    appointment_id: UUID
    patient_id: UUID
    patient: str
    language: str
    starts_at: datetime
    zone: str
    modality: str
    practitioner_name: str
    location_name: str
    visit_type_names: dict[str, str]
    sequence: int
    status: str
    is_outside: bool
    offered_at: datetime | None
    alternatives: tuple[FreeTime, ...]
    is_overbooked: bool = False

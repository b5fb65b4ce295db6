"""The trail of a chart as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from portal_app.features.privacy.rules import Line

Who = Literal["all", "people", "portal"]


@dataclass(frozen=True, slots=True)
class LookQuery:
    """Which lines: by whom, and before which moment (None: the newest)."""

    who: Who = "all"
    person_id: UUID | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody who is in the trail of a chart; `roles` as they were the last time."""

    person_id: UUID
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayOfLines:
    """The lines of one day in the chart's zone, newest first."""

    day: date
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class LookPage:
    """Some days of the trail; `next_before` is where the page after this one begins, None if there is none."""

    days: Sequence[DayOfLines]
    zone: str
    next_before: datetime | None


@dataclass(frozen=True, slots=True)
class OutsideChart:
    """Who somebody is, and no more, whose chart is not among the actor's own."""

    id: UUID
    given_name: str
    family_name: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class Opening:
    """A chart to be opened in an emergency: why, in a kind and in words. `key` makes two taps one."""

    patient_id: UUID
    kind: str
    reason: str
    key: UUID


@dataclass(frozen=True, slots=True)
class OpeningView:
    """One opening in an emergency, as its maker and the managers see it; the maker is told no name here."""

    id: UUID
    person_name: str
    patient_id: UUID
    patient_name: str
    kind: str
    reason: str
    opened_at: datetime
    valid_until: datetime
    ended_at: datetime | None
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A patient's doubt about one line of the trail: the line, their words, and the answer once there is one."""

    id: UUID
    patient_name: str
    words: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    event_at: datetime
    event_person: str
    event_roles: tuple[str, ...]
    event_action: str


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a patient's own pages: whose they are by name, until when, and in which language whoever looks reads.

    `called` is how the patient is greeted.
    """

    called: str
    name: str
    until: datetime
    zone: str
    locale: str

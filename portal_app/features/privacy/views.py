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

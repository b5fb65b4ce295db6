"""Pure decisions about the lines of a chart's trail: what becomes one line, and why somebody may look."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

TOGETHER = timedelta(hours=1)
"""Views by one person within this time are one line."""

EVENTS_OF_PAGE = 200
"""How many events a page of the trail covers at least; it always ends with a whole day."""

EMERGENCY_LIFE = timedelta(hours=4)
"""How long a chart stays open that was opened in an emergency; the database allows no more."""

EMERGENCY_ASSURANCE = 2
"""How strongly somebody must have signed in for it; the grant counts for no weaker session."""

EMERGENCY_KINDS = ("emergency", "covering", "asked", "other")
SEEING_KINDS = ("asked", "present", "mistake")
"""Why staff see a patient's pages as the patient does."""

REASON_LEAST = 15
REASON_MOST = 500
ANSWER_MOST = 2000
FOUND_OUTSIDE_MAX = 10
OPENINGS_MAX = 200
QUESTIONS_SHOWN = 10


class Side(StrEnum):
    """Who somebody is to the reader."""

    own = "own"
    patient = "patient"
    caregiver = "caregiver"
    staff = "staff"
    portal = "portal"


@dataclass(frozen=True, slots=True)
class Line:
    """One or several events of one action by one person; `id` is the newest event's.

    `emergency` is the kind of reason if the chart was open to them in an emergency alone.
    """

    id: int
    newest: datetime
    oldest: datetime
    times: int
    person_id: UUID
    person_name: str
    roles: tuple[str, ...]
    action: str
    side: Side
    emergency: str = ""


def together(lines: Iterable[Line], views: Iterable[str]) -> list[Line]:
    """Join lines of the same view by the same person that lie within an hour; newest first, as given."""
    joined: list[Line] = []
    last: dict[tuple[object, ...], int] = {}
    seen = frozenset(views)
    for line in lines:
        key = (line.person_id, line.roles, line.action, line.emergency)
        at = last.get(key)
        if line.action in seen and at is not None and joined[at].newest - line.oldest <= TOGETHER:
            joined[at] = replace(joined[at], oldest=line.oldest, times=joined[at].times + line.times)
            continue
        last[key] = len(joined)
        joined.append(line)
    return joined

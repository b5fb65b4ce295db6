"""What the screens about rules by age show."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Closed:
    """A part of a chart that somebody acts for and that is closed by age, or will be on a day."""

    patient_id: UUID
    given_name: str = field(repr=False)
    section: str
    from_age: int
    closes_on: date
    is_closed: bool


@dataclass(frozen=True, slots=True)
class RuleView:
    """One version of a rule; `is_example` while nobody here has looked at one that came with the portal.

    `standing` is "now", "to come" or "past".
    """

    id: UUID
    state: str
    effective_from: date
    full_until: int
    limited_until: int
    majority: int
    own_from: int
    sections: tuple[str, ...]
    source: str
    is_example: bool
    reviewed_at: datetime | None
    replaces: UUID | None
    standing: str


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A new version as somebody typed it; an age that is no number is None."""

    state: str
    effective_from: date | None
    ages: dict[str, int | None]
    sections: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one relation loses or gains by a change: the sections, and the first day it differs.

    `patient_id` and `name` only for whoever may see them.
    """

    relation_id: UUID
    patient_id: UUID | None
    name: str = field(repr=False)
    loses: tuple[str, ...]
    gains: tuple[str, ...]
    first_on: date


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do to relations there are, and the mark by which it is known again."""

    changes: tuple[Change, ...]
    mark: str
    based_on: UUID | None

    @property
    def losing(self) -> int:
        """Return how many relations would lose something."""
        return sum(bool(one.loses) for one in self.changes)

    @property
    def gaining(self) -> int:
        """Return how many relations would gain something."""
        return sum(bool(one.gains) for one in self.changes)


@dataclass(frozen=True, slots=True)
class CountingPreview(Preview):
    """What another state of the practice would do to relations there are; "" is the rule of all others."""

    state: str


@dataclass(frozen=True, slots=True)
class ChartState:
    """Whose rule counts for one patient: `own` if it is not "", else that of the practice's state."""

    own: str
    practice: str
    is_young: bool


@dataclass(frozen=True, slots=True)
class StateChange:
    """What one relation loses or gains by another state's rule, and the first day on which it differs."""

    relation_id: UUID
    loses: tuple[str, ...]
    gains: tuple[str, ...]
    first_on: date


@dataclass(frozen=True, slots=True)
class StatePreview:
    """What another state would change for a chart, and the mark by which it is known again."""

    state: str
    changes: tuple[StateChange, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit on what somebody may see of a chart, for staff."""

    id: UUID
    relation_id: UUID
    kind: str
    sections: tuple[str, ...]
    reason: str = field(repr=False)
    document_id: UUID | None
    set_at: datetime
    set_by: str

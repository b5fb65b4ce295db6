"""Lists and changes as screens show them; words are made where they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list. `kind` is "medication", "allergy", or "no_allergies", which has no content."""

    id: UUID
    kind: str
    content: Mapping[str, str] = field(repr=False)
    since_on: date | None
    status: str
    version: int
    is_private: bool
    told_name: str
    told_at: datetime | None
    written_name: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """Whose lists are open, as they are named on top of the page."""

    name: str
    birth_date: date
    language: str


@dataclass(frozen=True, slots=True)
class EntryVersion:
    """What an entry said before."""

    entry_id: UUID
    version: int
    content: Mapping[str, str] = field(repr=False)
    status: str
    told_name: str
    written_name: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class MedicineStep:
    """A medicine that was started, put on the list, changed or stopped (`what`), and as it was then.

    Of one whose first day nobody knows it is known when it was listed. `at` is noon where the patient lives, for a day.
    """

    entry_id: UUID
    what: Literal["started", "listed", "changed", "stopped"]
    at: datetime
    name: str = field(repr=False)
    how: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Change:
    """What was said about an entry, or of something on no list; `content` as it was said, in the language `locale`."""

    id: UUID
    kind: str
    entry_id: UUID | None
    entry_version: int | None
    verb: str
    content: Mapping[str, str] = field(repr=False)
    locale: str
    told_name: str
    is_own: bool
    told_at: datetime
    status: str
    decided_name: str
    decided_at: datetime | None
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lists:
    """Somebody's lists as they stand, and what was said about them; moments are said in `zone`."""

    patient_id: UUID
    zone: str
    entries: tuple[Entry, ...]
    changes: tuple[Change, ...]

    def entry(self, entry_id: UUID | None) -> Entry | None:
        """Return an entry by its id, stopped ones too."""
        return next((one for one in self.entries if one.id == entry_id), None)

    def standing(self, *kinds: str) -> tuple[Entry, ...]:
        """Return the entries of these kinds that count now."""
        return tuple(one for one in self.entries if one.status == "active" and one.kind in kinds)

    def proposed(self) -> tuple[Change, ...]:
        """Return the changes that wait for the care team, the oldest first."""
        return tuple(sorted((one for one in self.changes if one.status == "proposed"), key=lambda one: one.told_at))


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody going through their lists: `answers` by entry, `added` what is on no list. `state` as `review_state`."""

    state: str
    lists: Lists
    answers: Mapping[UUID, Change]
    added: tuple[Change, ...]

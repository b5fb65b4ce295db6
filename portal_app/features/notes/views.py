"""Notes and summaries as screens show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portal_app.core.printing import Part


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis: its code in ICD-10-CM and the list's words for it."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Addendum:
    """Words added to a signed note."""

    words: str = field(repr=False)
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note as it stands; `version` 0 means that nothing was written yet. `ending` is what was picked so far."""

    appointment_id: UUID
    version: int
    content: Mapping[str, str] = field(repr=False)
    ending: Mapping[str, object] = field(repr=False)
    written_by: str
    written_at: datetime | None
    withheld_because: str
    signed_by: str
    signed_at: datetime | None
    addenda: tuple[Addendum, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LastNote:
    """The note of a patient's visit before another one: when that was, said in `zone`, and what was diagnosed."""

    note: NoteView
    starts_at: datetime
    zone: str
    diagnoses: tuple[Diagnosis, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class VisitAtWork:
    """Whose visit it is, for whoever writes it up. Times are said in `zone`."""

    appointment_id: UUID
    patient_id: UUID
    given_name: str
    family_name: str
    birth_date: date
    language: str
    status: str
    modality: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    practitioner_id: UUID
    practitioner_name: str
    reason: str = field(repr=False)
    said_name: str = ""
    """The name they are called by, the legal one beside it."""
    pronouns: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """How a visit was held, as it is written down once: `people` are pairs of name and role."""

    modality: str
    patient_place: str
    started_at: datetime
    ended_at: datetime
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PastVisit:
    """What a patient reads of a visit. `note` is None where it is not shown to them."""

    appointment_id: UUID
    parts: tuple[Part, ...] = field(repr=False)
    diagnoses: tuple[Diagnosis, ...] = field(repr=False)
    note: NoteView | None
    sent_at: datetime
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A visit that took place and waits for a signature; `has_note` if something is written."""

    appointment_id: UUID
    given_name: str
    family_name: str
    starts_at: datetime
    zone: str
    has_note: bool


@dataclass(frozen=True, slots=True)
class RatingRow:
    """What patients said in a month of one clinician's visits of one kind; `practitioner_name` "": all small groups.

    `answers` is None where even together fewer than five people answered.
    """

    month: date
    practitioner_name: str
    modality: str
    answers: int | None
    good: int | None
    fair: int | None
    bad: int | None

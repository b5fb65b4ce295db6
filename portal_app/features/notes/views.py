"""Notes and summaries as screens show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


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


@dataclass(frozen=True, slots=True)
class Facts:
    """How a visit was held, as it is written down once: `people` are pairs of name and role."""

    modality: str
    patient_place: str
    started_at: datetime
    ended_at: datetime
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a summary; `language` is set where a clinician typed it, `notes` stand under it."""

    text: str
    notes: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a summary in the current language."""

    name: str
    title: str
    lines: tuple[Line, ...]
    intro: str = ""


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

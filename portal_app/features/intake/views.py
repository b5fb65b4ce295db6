"""What screens and the browser's form are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal_app.features.intake.items import Questionnaire


@dataclass(frozen=True, slots=True)
class FormDue:
    """A form that belongs to a visit. `status` is "new", "in-progress" or "completed"."""

    url: str
    questionnaire: Questionnaire
    status: str
    response_id: UUID | None
    submitted_at: datetime | None
    is_for_them: bool
    """Whether whoever is signed in may answer it: some are for the patient alone."""
    is_only_seen: bool = False
    """Whether the forms were shared with them to see, and not to fill in."""


@dataclass(frozen=True, slots=True)
class FormKnown:
    """A form of a visit, for whoever may know that it was sent and not what it says."""

    url: str
    questionnaire: Questionnaire
    is_sent: bool


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer as a device sends it. `base` is the number of the answer it knew for that key, 0 for none."""

    sequence: int
    key: str
    values: Sequence[Any] = field(repr=False)
    base: int
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """A key with two answers: the one that stands, which this device did not know of."""

    key: str
    values: Sequence[Any] = field(repr=False)
    number: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of sending answers."""

    sequence: int
    latest: int
    numbers: Mapping[str, int]
    conflicts: Sequence[Conflict]
    refused: Sequence[str]


@dataclass(frozen=True, slots=True)
class FormView:
    """A form somebody is filling in, and what of it is answered; `numbers` says by which answer, for each key."""

    response_id: UUID
    appointment_id: UUID | None
    questionnaire: Questionnaire
    status: str
    place: str
    latest: int
    answers: Mapping[str, Sequence[Any]] = field(repr=False)
    numbers: Mapping[str, int]
    submitted_at: datetime | None
    is_only_seen: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed what: the name as it was typed, the strokes if it was drawn, the exact words that were before them.

    `is_bound` tells whether it was given under this very response, and is no other's.
    """

    name: str
    person_id: UUID
    at: datetime
    words: str = field(repr=False)
    version: str = ""
    drawn: str = field(default="", repr=False)
    is_bound: bool = True


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form that was sent, for whoever treats the patient."""

    response_id: UUID
    patient_id: UUID
    patient_name: str
    appointment_id: UUID | None
    questionnaire: Questionnaire
    locale: str
    answers: Mapping[str, Sequence[Any]] = field(repr=False)
    totals: Mapping[str, int | None] = field(repr=False)
    signature: Signature | None
    submitted_at: datetime
    submitted_by: str
    is_by_patient: bool
    zone: str
    reviewed_by: str
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnForm:
    """A form that was sent, for the patient's side: `locale` is the language in which it was answered."""

    questionnaire: Questionnaire
    locale: str
    answers: Mapping[str, Sequence[Any]] = field(repr=False)
    totals: Mapping[str, int | None] = field(repr=False)
    submitted_at: datetime
    submitted_by: str


@dataclass(frozen=True, slots=True)
class FormRow:
    """One line of a list of forms that were sent."""

    response_id: UUID
    questionnaire: Questionnaire
    submitted_at: datetime
    zone: str
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class LibraryForm:
    """A form of the library, and whether the practice asks it before the visits that were asked about.

    `is_always` says that it is asked before every visit, where one kind of visit was asked about.
    """

    questionnaire: Questionnaire
    is_asked: bool
    is_always: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A form from elsewhere. `standing` is "new", "newer" than one kept before (`before` is its version), or "kept"."""

    questionnaire: Questionnaire
    standing: str
    before: str


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """A form to ask of a person: once, or every so many days until a day. Private: nobody but the patient sees it."""

    id: UUID
    patient_id: UUID
    url: str
    every_days: int | None = None
    until: date | None = None
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """A form that was asked of a person and is not sent yet. `status` is "new" or "in-progress"."""

    id: UUID
    patient_id: UUID
    patient_name: str
    questionnaire: Questionnaire
    status: str
    due_at: datetime
    is_overdue: bool
    every_days: int | None
    until: date | None
    zone: str


@dataclass(frozen=True, slots=True)
class AskedForm:
    """The same for whoever is asked; some are for the patient alone."""

    id: UUID
    questionnaire: Questionnaire
    status: str
    is_for_them: bool
    is_only_seen: bool = False
    response_id: UUID | None = None

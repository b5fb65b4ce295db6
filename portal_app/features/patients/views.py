"""Charts as the front desk sees them: who somebody is and how to reach them, nothing about health."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """A line of a search. `phone` is as the practice keeps it, empty if it has none."""

    id: UUID
    given_name: str
    family_name: str
    birth_date: date
    language: str
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FoundPatients:
    """What a search found, the best first; `is_more` says that it found more than it shows."""

    patients: tuple[FoundPatient, ...]
    is_more: bool


@dataclass(frozen=True, slots=True)
class PatientView:
    """A chart's demographics (FHIR Patient). `email` is its own person's address, if they sign in.

    `called` and `pronouns` are what the patient said, "" if nothing; `reached_by` is how they wish to be
    reached: "mail", "phone" or "either".
    """

    id: UUID
    given_name: str
    family_name: str
    called: str
    pronouns: str
    reached_by: str
    birth_date: date
    language: str
    zone: str
    phone: str = field(repr=False)
    email: str = field(repr=False)
    general_practitioner_id: UUID | None
    general_practitioner: str

    @property
    def said_name(self) -> str:
        """Return the name to be called by, the legal one beside it; as `said_name` of the database does in lists."""
        given = self.given_name if self.called in ("", self.given_name) else f"{self.called} ({self.given_name})"
        return f"{given} {self.family_name}"


@dataclass(frozen=True, slots=True)
class RegistrationForm:
    """What somebody writes who asks to become a patient; the birth date as three fields, everything else one line."""

    given_name: str
    family_name: str
    birth_day: str
    birth_month: str
    birth_year: str
    email: str = field(repr=False)
    phone: str = field(repr=False)
    reason: str = field(repr=False)
    preferred: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A wish to become a patient, and the charts it may already have; `status` as in the table.

    `has_sign_in` says whether somebody signs in for the chart by now.
    """

    id: UUID
    status: str
    given_name: str
    family_name: str
    birth_date: date
    email: str = field(repr=False)
    phone: str = field(repr=False)
    reason: str = field(repr=False)
    preferred: str = field(repr=False)
    language: str
    created_at: datetime
    patient_id: UUID | None
    has_sign_in: bool
    suspects: tuple["Suspect", ...]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A chart that may be the same person's, and what they share."""

    patient: FoundPatient
    email: str = field(repr=False)
    same_name: bool
    same_birth_date: bool
    same_phone: bool
    same_email: bool

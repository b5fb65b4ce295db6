"""Charts as the front desk sees them: who somebody is and how to reach them, nothing about health."""

from dataclasses import dataclass, field
from datetime import date
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
    """A chart's demographics (FHIR Patient). `email` is its own person's address, if they sign in."""

    id: UUID
    given_name: str
    family_name: str
    birth_date: date
    language: str
    zone: str
    phone: str = field(repr=False)
    email: str = field(repr=False)
    general_practitioner_id: UUID | None
    general_practitioner: str

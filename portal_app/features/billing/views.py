"""Charges as screens show them: codes, no words of a note."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """A service that the practice charges for."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class ChargeEntry:
    """What a visit is charged as; without `service_code` billing chooses one. `diagnoses`: the main one first."""

    appointment_id: UUID
    patient_id: UUID
    confidentiality: str
    practitioner_id: UUID
    location_id: UUID
    served_at: datetime
    modality: str
    patient_place: str
    service_code: str
    diagnoses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge as it stands; `corrections` counts how often it was changed."""

    id: UUID
    status: str
    service_code: str
    service_words: str
    modifier: str
    place_of_service: str
    diagnoses: tuple[str, ...]
    corrections: int

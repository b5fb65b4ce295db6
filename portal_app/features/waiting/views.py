"""Waiting, offers and requests as screens show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

Modality = Literal["in_person", "video"]


@dataclass(frozen=True, slots=True)
class Wish:
    """The wish for an earlier time. `request_key` is made with the form.

    Unset `practitioner_id` and `location_id` mean any. Empty `weekdays` (ISO) and `parts` mean all.
    """

    visit_type_id: UUID
    modality: str
    request_key: UUID
    practitioner_id: UUID | None = None
    location_id: UUID | None = None
    weekdays: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()
    notice_h: int = 24
    appointment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WaitingView:
    """A wish as it stands. Names are empty where any will do."""

    id: UUID
    status: str
    visit_type_names: Mapping[str, str]
    modality: str
    practitioner_name: str
    location_name: str
    weekdays: int
    parts: int
    notice_min: int
    appointment_id: UUID | None
    until_at: datetime
    zone: str
    waiting_since: datetime
    offer_id: UUID | None


@dataclass(frozen=True, slots=True)
class OfferView:
    """A time kept for a patient until `answer_by`. `appointment_id` is what they have after accepting."""

    id: UUID
    patient_id: UUID
    entry_id: UUID | None
    request_id: UUID | None
    status: str
    practitioner_name: str
    practitioner_title: str
    practitioner_initials: str
    specialty: Mapping[str, str]
    location_name: str
    address: str
    phone: str
    visit_type_names: Mapping[str, str]
    modality: str
    zone: str
    patient_zone: str
    starts_at: datetime
    ends_at: datetime
    answer_by: datetime
    appointment_id: UUID | None
    replaces_id: UUID | None
    replaces_at: datetime | None
    entry_status: str

    @property
    def display_zone(self) -> str:
        """Return the zone in which the time is said first."""
        return self.patient_zone if self.modality == "video" else self.zone


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as it stands; `words` and `answer` are readable, empty for whoever may not read them."""

    id: UUID
    patient_id: UUID
    status: str
    given_name: str
    family_name: str
    birth_date: date | None
    language: str
    visit_type_id: UUID | None
    visit_type_names: Mapping[str, str]
    practitioner_id: UUID | None
    practitioner_name: str
    modality: str
    words: str
    answer: str
    answer_phone: str
    asked_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    appointment_id: UUID | None
    zone: str
    offers: tuple[OfferView, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LineView:
    """Somebody in the line, for clinical staff who decide about priority."""

    id: UUID
    patient_id: UUID
    given_name: str
    family_name: str
    birth_date: date
    language: str
    visit_type_names: Mapping[str, str]
    modality: str
    practitioner_name: str
    location_name: str
    priority: int
    waiting_since: datetime
    offer_id: UUID | None


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """How it went for one group. Everything is None where the group is too small to be shown."""

    split: str
    band: str
    offers: int | None
    accepted: int | None
    declined: int | None
    lapsed: int | None
    median_waiting_h: float | None

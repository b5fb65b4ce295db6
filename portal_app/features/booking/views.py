"""Times and appointments as screens show them: aware moments, IANA zones, names in every language; no formats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

Modality = Literal["in_person", "video"]


@dataclass(frozen=True, slots=True)
class TimeQuery:
    """What free times are looked for.

    `from_day` is a day in the location's zone, for video in the patient's; unset means from now on. Empty tuples mean
    everybody and everywhere. `patient_id` says for whom staff look; patients look for the chart they act for.
    """

    visit_type_id: UUID
    modality: Modality
    from_day: date | None = None
    days: int = 60
    practitioner_ids: tuple[UUID, ...] = ()
    location_ids: tuple[UUID, ...] = ()
    patient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """The wish for one time. `request_key` is made with the form: one key, one appointment, however often sent.

    `patient_id` says for whom staff book; patients book for the chart they act for, whatever it says.
    """

    visit_type_id: UUID
    practitioner_id: UUID
    location_id: UUID
    modality: Modality
    starts_at: datetime
    request_key: UUID
    reason: str = ""
    patient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """The wish to move an appointment to one time. `move_key` is made with the form: one key, one move.

    `sequence` is the appointment's when the wish was made: if it has changed since, nothing is moved.
    """

    appointment_id: UUID
    practitioner_id: UUID
    location_id: UUID
    modality: Modality
    starts_at: datetime
    move_key: UUID
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time somebody could have; `zone` is the location's.

    `is_kept` is for staff: it is about to be offered to whoever waits, and can be had for somebody all the same.
    """

    practitioner_id: UUID
    location_id: UUID
    zone: str
    starts_at: datetime
    ends_at: datetime
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day on which there are hours, and how many times are free; none means full."""

    day: date
    free_count: int
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """An appointment, or a time held (`status` pending, then `held_until` is set).

    In person the time is said in `zone`, the location's; for video in `patient_zone`. A patient may cancel by
    themselves until `cancel_until`; later `phone` helps. `specialty` and `visit_type_names` are keyed by locale.
    `moved_from` is when it was before its last move; `confirmed_at` is when the patient said that they will come.
    `is_overbooked` is said to staff alone.
    """

    id: UUID
    patient_id: UUID
    status: str
    starts_at: datetime
    ends_at: datetime
    modality: Modality
    zone: str
    patient_zone: str
    reason: str
    practitioner_id: UUID
    practitioner_name: str
    practitioner_title: str
    practitioner_initials: str
    specialty: Mapping[str, str]
    location_id: UUID
    location_name: str
    address: str
    phone: str
    directions: str
    directions_url: str
    visit_type_id: UUID
    visit_type_names: Mapping[str, str]
    cancel_until: datetime
    held_until: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    changed_at: datetime
    sequence: int
    moved_from: datetime | None = None
    confirmed_at: datetime | None = None
    series_id: UUID | None = None
    cancel_code: str | None = None
    cancelled_by: UUID | None = None
    is_overbooked: bool = False

    @property
    def display_zone(self) -> str:
        """Return the zone in which the time is said first."""
        return self.patient_zone if self.modality == "video" else self.zone


@dataclass(frozen=True, slots=True)
class PastVisit:
    """A visit that took place, and with whom; `zone` as in `AppointmentView`."""

    id: UUID
    starts_at: datetime
    modality: Modality
    zone: str
    practitioner_name: str


@dataclass(frozen=True, slots=True)
class DayAppointment:
    """A line of the day: who comes when, for what, and where it stands. `reason` is empty for the front desk.

    `is_overbooked` says that staff put it beside others or outside what is offered. `checking_in_at` is when
    check-in was begun, `checked_in_at` when it was finished, `missing` the keys of what is left of it.
    """

    id: UUID
    patient_id: UUID
    given_name: str
    family_name: str
    birth_date: date
    language: str
    status: str
    starts_at: datetime
    ends_at: datetime
    modality: Modality
    zone: str
    patient_zone: str
    reason: str
    practitioner_id: UUID
    practitioner_name: str
    practitioner_initials: str
    location_id: UUID
    location_name: str
    visit_type_names: Mapping[str, str]
    arrived_at: datetime | None
    cancel_reason: str | None
    confirmed_at: datetime | None = None
    sequence: int = 0
    room_id: UUID | None = None
    room_name: str = ""
    is_overbooked: bool = False
    checking_in_at: datetime | None = None
    checked_in_at: datetime | None = None
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many visits a day has, and how many of them are overbooked."""

    booked: int
    overbooked: int


@dataclass(frozen=True, slots=True)
class BlockedTime:
    """A time in which a practitioner sees nobody; `id` is the slot's, `reason` for staff alone.

    With `kept_until` nobody blocked it: until then it is kept for whoever waits for an earlier time.
    """

    id: UUID
    practitioner_id: UUID
    practitioner_name: str
    location_id: UUID
    zone: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    kept_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of a practitioner, a location or a room, or several days from `day` on, in order of time."""

    day: date
    appointments: tuple[DayAppointment, ...]
    blocked: tuple[BlockedTime, ...]

"""Visits as screens, and the room, show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody else in the room."""

    participant_id: UUID
    role: str
    name: str
    is_host: bool
    is_connected: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place in a room: what authorises each message of theirs.

    `may_send` is true while the visit goes on. `is_through_hub`: media never goes directly between browsers.
    `connection_id` is the newest tab's, and `others` are whoever else is in the room now.
    """

    visit_id: UUID
    participant_id: UUID
    role: str
    name: str
    is_host: bool
    may_send: bool
    is_through_hub: bool
    is_alone: bool
    connection_id: UUID | None
    patient_id: UUID
    others: tuple[Present, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's way into a visit: `state` is waiting, admitted, in, left or removed; `status` is the visit's.

    `is_outside`: they were asked to wait while the clinician is alone with the patient.
    """

    visit_id: UUID
    participant_id: UUID
    state: str
    status: str
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """The link of somebody invited, shown once; only its hash is kept."""

    participant_id: UUID
    secret: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RoomKey:
    """What a link was redeemed for; goes into a cookie and is kept nowhere else."""

    visit_id: UUID
    participant_id: UUID
    secret: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EndedVisit:
    """A visit that has just ended, for features that go on from there."""

    id: UUID
    appointment_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    modality: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the patient says they are, how to reach them, and who is with them (one of `before.COMPANY`)."""

    address: str
    region: str
    number: str
    company: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is remembered of somebody's whereabouts, as far as a page may show it.

    `is_masked` after a code alone: address and number are enough to know one's own again, and nothing for anybody else.
    `version` names what was shown, for whoever confirms it; "" where nothing was said yet.
    """

    shown: Whereabouts
    is_masked: bool
    version: str = ""

    def is_whole(self) -> bool:
        """Tell whether there is nothing left to ask."""
        return bool(self.shown.address and self.shown.number and self.shown.company)


@dataclass(frozen=True, slots=True)
class DeviceCheck:
    """What a device check found: words of `rules`, milliseconds, percent and kbit/s; None where not measured."""

    camera: str
    microphone: str
    speaker: str
    round_trip_ms: int | None = None
    loss_percent: int | None = None
    down_kbit: int | None = None
    up_kbit: int | None = None

    def numbers(self) -> tuple[int | None, ...]:
        """Return what was measured, in order."""
        return self.round_trip_ms, self.loss_percent, self.down_kbit, self.up_kbit


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody invited, whom the patient is asked about."""

    participant_id: UUID
    role: str
    name: str
    is_agreed: bool


@dataclass(frozen=True, slots=True)
class MyVisit:
    """A visit as the patient sees it: `moment` is early, open or over; `state` is their own, "" before they join.

    `ahead` wait before them, for about `wait_min` minutes. `notes` are what the clinician tells the waiting room.
    `is_outside`: the clinician is alone with the patient, and they were asked to wait meanwhile. `ready` is what the
    practice asks them to have ready, by language.
    """

    appointment_id: UUID
    visit_id: UUID | None
    status: str
    state: str
    participant_id: UUID | None
    modality: str
    moment: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    practitioner_id: UUID
    practitioner_name: str
    location_id: UUID
    said_at: datetime | None
    checked_at: datetime | None
    wants_call_at: datetime | None
    called_back_at: datetime | None
    waiting_since: datetime | None
    late_min: int
    ahead: int
    wait_min: int
    notes: tuple[str, ...]
    guests: tuple[Guest, ...]
    is_outside: bool
    ready: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Preparation:
    """What patients have ready for a kind of visit: things by language, none where the practice has written nothing."""

    visit_type_id: UUID
    names: Mapping[str, str]
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    set_by: str = ""
    set_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A video visit of today on the clinician's board; `line`, `licence` and what was checked: words of `rules`."""

    appointment_id: UUID
    visit_id: UUID | None
    patient_id: UUID
    participant_id: UUID | None
    patient_name: str
    birth_date: date
    language: str
    is_interpreter_needed: bool
    interpreter: str
    reason: str
    starts_at: datetime
    zone: str
    practitioner_id: UUID
    practitioner_name: str
    appointment_status: str
    status: str
    state: str
    waiting_since: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    is_said: bool
    is_checked: bool
    line: str
    camera: str
    microphone: str
    speaker: str
    licence: str
    wants_call: bool
    is_called_back: bool


@dataclass(frozen=True, slots=True)
class CalledBack:
    """Whom to call back now, and under which number ("" if they gave none)."""

    patient_name: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LicenceView:
    """A state in which a clinician may treat by video; `standing` is now, past or to come."""

    id: UUID
    practitioner_id: UUID
    practitioner_name: str
    region: str
    valid_from: date | None
    valid_until: date | None
    set_by: str
    set_at: datetime | None
    standing: str


@dataclass(frozen=True, slots=True)
class RoomRow:
    """Somebody of a visit, as the host sees them; what their device check found, "" where there was none."""

    participant_id: UUID
    role: str
    name: str
    state: str
    is_guest: bool
    is_agreed: bool
    camera: str
    microphone: str
    speaker: str
    is_outside: bool


@dataclass(frozen=True, slots=True)
class RoomView:
    """A visit as its host sees it; where the patient is and their number for emergencies."""

    visit_id: UUID
    appointment_id: UUID
    patient_id: UUID
    patient_name: str
    pronouns: str
    birth_date: date
    language: str
    status: str
    modality: str
    is_locked: bool
    is_alone: bool
    practitioner_id: UUID
    location_id: UUID
    reason: str
    starts_at: datetime
    zone: str
    started_at: datetime | None
    ended_at: datetime | None
    whereabouts: Whereabouts
    licence: str
    line: str
    people: tuple[RoomRow, ...]


@dataclass(frozen=True, slots=True)
class ChatLine:
    """Something written in the room."""

    id: UUID
    participant_id: UUID
    name: str
    words: str
    sent_at: datetime
    is_own: bool

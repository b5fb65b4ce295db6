"""Visits as screens, and the room, show them."""

from dataclasses import dataclass, field
from datetime import datetime
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
    others: tuple[Present, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's way into a visit: `state` is waiting, admitted, in, left or removed; `status` is the visit's."""

    visit_id: UUID
    participant_id: UUID
    state: str
    status: str


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

"""What a person's own page shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

ChangeKind = Literal["called", "pronouns", "pharmacy", "emergency", "email", "phone"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How somebody reads the portal and is written to; `units` is "" until they choose."""

    text_size: str
    contrast: str
    units: str
    reminders_by: str
    offers_by: str
    quiet_from: int
    quiet_until: int


@dataclass(frozen=True, slots=True)
class Pharmacy:
    """Where somebody's medicine comes from; every part may be "" ."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class EmergencyContact:
    """Whom to call about somebody; every part may be ""."""

    name: str = field(default="", repr=False)
    relation: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a patient says about themself, beside what the practice wrote.

    `reached_by` is how to reach them when there is something to talk about: "mail", "phone" or "either".
    """

    called: str
    pronouns: str
    reached_by: str
    pharmacy: Pharmacy
    emergency_contact: EmergencyContact


@dataclass(frozen=True, slots=True)
class Contacts:
    """How somebody is reached: `phone` as people write it, proven or as the practice keeps it.

    `is_masked` after a code alone: enough to know one's own again, and nothing for anybody else.
    """

    email: str = field(repr=False)
    phone: str = field(repr=False)
    is_phone_proven: bool
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class UndoableChange:
    """The newest address that a patient changed, as the front desk may put it back."""

    id: UUID
    kind: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What the patient's side changed and nobody at the practice has accepted; the parts are those of its kind.

    A name, pronouns, an address and a number are the part `said`; a pharmacy and an emergency contact have their own.
    Without `is_shown` nothing is told but that it changed, and when: the actor may not read such a thing anywhere.
    """

    id: UUID
    kind: ChangeKind
    before: Mapping[str, str] = field(repr=False)
    after: Mapping[str, str] = field(repr=False)
    changed_name: str
    changed_at: datetime
    is_by_patient: bool = False
    is_shown: bool = True

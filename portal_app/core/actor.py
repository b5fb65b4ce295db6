"""Who acts: the words in which every policy is written."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person is to the practice; a person may be several."""

    patient = "patient"
    caregiver = "caregiver"
    nurse = "nurse"
    clinician = "clinician"
    front_desk = "front_desk"
    billing = "billing"
    manager = "manager"
    system = "system"
    unproven = "unproven"
    """Somebody of the staff who has still to prove a second factor; given by the database, never to a person."""
    held_back = "held_back"
    """Somebody with a passkey who acts for a chart after a code alone; given by the database, never to a person."""
    guest = "guest"
    """Whoever came into one visit by a link: no person of ours; `Actor.person_id` is then their row in that visit."""
    onlooker = "onlooker"
    """Somebody of the staff who sees a patient's own pages as that patient does; given by the database, read-only."""
    looked = "looked"
    """The same once that is over: nothing is theirs but the way back to work."""


STAFF = frozenset({Role.nurse, Role.clinician, Role.front_desk, Role.billing, Role.manager})
PATIENT_SIDE = frozenset({Role.patient, Role.caregiver})
LOOKING = PATIENT_SIDE | {Role.onlooker}
"""Who may look at a patient's own page, and changes nothing by looking."""


class Section(StrEnum):
    """The parts of a chart that are granted separately."""

    booking = "booking"
    forms = "forms"
    vitals = "vitals"
    messages = "messages"
    results = "results"
    notes = "notes"
    bills = "bills"
    visits = "visits"
    profile = "profile"


class Verb(StrEnum):
    """What may be done in a section."""

    view = "view"
    act = "act"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a browser proves itself with; taken from the HttpOnly cookie, never from the page."""

    session_secret: str = field(repr=False)
    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work in one session.

    `patient_id` is the chart acted for (one's own or one cared for) and is unset for staff.
    `assurance` is 1 after a one-time code, 2 after a passkey or a second channel.
    """

    person_id: UUID
    roles: frozenset[Role]
    patient_id: UUID | None
    session_id: UUID | None
    assurance: int
    locale: str
    display_name: str

    def is_onlooker(self) -> bool:
        """Tell whether a staff member sees a patient's own pages: the transaction is read-only."""
        return Role.onlooker in self.roles

    def is_staff(self) -> bool:
        """Tell whether the actor works for the practice."""
        return bool(self.roles & STAFF) and self.patient_id is None

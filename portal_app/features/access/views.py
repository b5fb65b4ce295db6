"""What the sign-in pages and the frames around every page show."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just made; the secrets go into cookies and are kept nowhere else.

    `known_secret` is what the browser is remembered by from now on, "" if it is not.
    """

    secret: str = field(repr=False)
    session_id: UUID
    person_id: UUID
    locale: str
    is_staff: bool
    expires_at: datetime
    known_secret: str = field(default="", repr=False)
    look: str = ""
    """How large and strong they read the portal, such as "large.more"."""


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """The person signed in, as their own page shows them."""

    person_id: UUID
    display_name: str
    email: str = field(repr=False)
    locale: str
    is_staff: bool


@dataclass(frozen=True, slots=True)
class TextOffer:
    """Whether somebody can prove their sign-in by a text message, and the end of the number it goes to.

    `hint` is "" if no number is known. Whoever owns a passkey (`has_passkey`) is better off with that, and gets a text
    at a number they have proved alone.
    """

    hint: str
    has_passkey: bool
    can_text: bool

    @property
    def is_open(self) -> bool:
        """Tell whether a code can be asked for."""
        return self.can_text and bool(self.hint)


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """One passkey, as its owner's list shows it; `is_flagged` once it may have been copied.

    `is_vouched`: it opens all of one's chart; else what a code by e-mail opens.
    """

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_backed_up: bool
    is_flagged: bool
    is_vouched: bool


@dataclass(frozen=True, slots=True)
class SessionView:
    """One browser somebody is signed in on; `device` is what it says it is, "" if nobody would know it by that.

    `seen_at` is true to five minutes, `network` the beginning of the address it signed in from, and `zone` where the
    clock of the device stood when it was last used, "" if it never said.
    """

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime
    network: str
    zone: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What passkeys are bound to: a domain (the relying party's id), its name, and the origins of its pages."""

    domain: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that proves itself: its secret, what it is known by ("" if nothing), and what it says it is."""

    secret: str = field(repr=False)
    known_secret: str = field(repr=False)
    user_agent: str


@dataclass(frozen=True, slots=True)
class JoinOffer:
    """Two accounts that would become one: what the one at the provider is called, and who is signed in here."""

    theirs: str = field(repr=False)
    ours: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnChart:
    """Who looks after the patient (FHIR Patient.generalPractitioner), and the IANA zone they live in."""

    general_practitioner_id: UUID | None
    zone: str


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody of the staff can prove themself with, and whether they may set up something new now.

    `is_locked`: they had proved themself, and then nobody was at the screen for too long. `owes_codes`: they have, and
    nothing opens before they have kept recovery codes.
    """

    has_passkey: bool
    has_app: bool
    codes_left: int
    is_proven: bool
    may_set_up: bool
    is_locked: bool = False
    owes_codes: bool = False

    @property
    def has_any(self) -> bool:
        """Tell whether there is anything to prove with."""
        return self.has_passkey or self.has_app or self.codes_left > 0


@dataclass(frozen=True, slots=True)
class NewApp:
    """What an authenticator app is to learn: the key to type, and the address a camera reads."""

    key: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the staff, as whoever may reset their sign-in sees them."""

    person_id: UUID
    name: str
    roles: tuple[str, ...]
    passkeys: int
    has_app: bool
    codes_left: int
    is_self: bool
    has_account: bool = False


@dataclass(frozen=True, slots=True)
class ShareForm:
    """What somebody typed to share a chart: the boxes they ticked, and for how long ("months", "year", "open")."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    relationship: str
    ticked: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class CaregiverView:
    """Somebody who acts for a patient or was asked to, as the patient's list shows them.

    `status` is invited, lapsed (not answered in time), active, expired, declined or ended.
    """

    id: UUID
    name: str
    email: str = field(repr=False)
    relationship: str
    ticked: tuple[str, ...]
    status: str
    invited_at: datetime
    accepted_at: datetime | None
    valid_until: datetime | None
    ended_at: datetime | None
    used_at: datetime | None
    document_id: UUID | None
    document_kind: str
    note: str = field(repr=False)
    is_own_will: bool
    """Whether the patient ends it by themself; what rests on law or a court stays with the practice."""
    is_asked: bool = False
    """Whether the patient has asked the practice to look at it, and waits."""

    @property
    def is_set_by_practice(self) -> bool:
        """Tell whether staff set it on the strength of a document."""
        return self.document_kind != ""

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be changed or ended."""
        return self.status in ("invited", "active")


@dataclass(frozen=True, slots=True)
class ActedFor:
    """A chart somebody may act for: whose it is and what they may do; `relationship` is "self" for one's own."""

    patient_id: UUID
    name: str
    relationship: str
    view_sections: frozenset[str]
    act_sections: frozenset[str]
    valid_until: datetime | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation's link shows to whoever is signed in."""

    patient_id: UUID
    patient_name: str
    ticked: tuple[str, ...]
    valid_until: datetime | None
    answer_by: datetime
    is_open: bool
    is_own_chart: bool

"""What staff and whoever activates see of an activation."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

Channel = Literal["card", "mail"]
ReachedBy = Literal["mail", "phone"]
Stage = Literal["none", "invited", "opened", "run_out", "worn_out", "settling", "in"]
"""How far somebody is: nobody invited them, a card or mail is out, its link was opened, it is too old, it was tried too
often, they sign in and have not finished their first steps, they are in."""


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """How far the person of one chart is, and the activation that is out, if any."""

    stage: Stage
    activation_id: UUID | None
    channel: Channel | None
    email: str = field(repr=False)
    invited_at: datetime | None
    expires_at: datetime | None
    opened_at: datetime | None
    steps_left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardView:
    """What is printed on a card. `path` is the address of its link without the origin."""

    activation_id: UUID
    name: str
    locale: str
    code: str = field(repr=False)
    path: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """The browser that activates: its secret, what it is known by ("" if nothing), where it is, what it says it is."""

    secret: str = field(repr=False)
    known_secret: str = field(repr=False)
    address: str
    network: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody says of themself: the secret of their link, or the code of their card, and who they are."""

    link: str = field(repr=False)
    code: str = field(repr=False)
    name: str = field(repr=False)
    born: date


@dataclass(frozen=True, slots=True)
class Progress:
    """How far this browser is with an activation. `known_email` is masked, and "" unless the link was sent there."""

    step: Literal["who", "email", "code"]
    known_email: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What making an activation needs of a chart."""

    patient_id: UUID
    confidentiality: str
    language: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A line of the list: somebody, how they wish to be reached ("" if they never said), and how far they are."""

    patient_id: UUID
    given_name: str
    family_name: str
    reached_by: str
    enrolment: EnrolmentView


@dataclass(frozen=True, slots=True)
class EnrolledPage:
    """A page of the list, by name; `is_more` says that there are further ones."""

    people: tuple[Enrolled, ...]
    is_more: bool


@dataclass(frozen=True, slots=True)
class BatchView:
    """How far the job of a batch is, and what it made: cards to print, and mails."""

    id: UUID
    total: int
    done: int
    cards: int
    mails: int

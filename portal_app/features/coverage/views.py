"""Insurance as screens show it, and what a form says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

Relation = Literal["self", "spouse", "child", "other"]
Side = Literal["front", "back"]
Outcome = Literal["active", "inactive", "not_found", "unclear", "away", "unreadable", "refused", "not_asked"]


@dataclass(frozen=True, slots=True)
class PayerView:
    """An insurer of the practice's list."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PayerEntry:
    """An insurer for the practice's list; `code` is how the clearing house calls it."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whose insurance it is, where that is not the patient."""

    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birth_date: date = field(repr=False)


@dataclass(frozen=True, slots=True)
class CoverageForm:
    """What was typed: everything as text, dates as (day, month, year). `payer` is an id of the list, or "other"."""

    payer: str
    payer_name: str = field(repr=False)
    plan_name: str = field(repr=False)
    member_id: str = field(repr=False)
    group_number: str = field(repr=False)
    precedence: str
    relation: str
    subscriber_given: str = field(default="", repr=False)
    subscriber_family: str = field(default="", repr=False)
    subscriber_born: tuple[str, str, str] = field(default=("", "", ""), repr=False)
    valid_from: tuple[str, str, str] = ("", "", "")
    valid_until: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an insurer said a visit costs the member, in minor units of a currency; None is what it did not say.

    `coinsurance_percent` is the member's share once the deductible is met.
    """

    currency: str = "USD"
    copay_minor: int | None = None
    coinsurance_percent: int | None = None
    deductible_minor: int | None = None
    deductible_left_minor: int | None = None
    out_of_pocket_left_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CheckView:
    """What an insurer was asked and answered. `is_of_now` is False once the insurance was changed since."""

    id: UUID
    status: str
    outcome: Outcome | None
    asked_at: datetime
    answered_at: datetime | None
    is_of_now: bool
    amounts: Amounts = field(repr=False)
    plan_name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CoverageView:
    """An insurance as it stands; `check` is the newest question to the insurer. `zone` is where times are said."""

    id: UUID
    patient_id: UUID
    kind: str
    status: str
    precedence: int
    payer_id: UUID | None
    payer_name: str = field(repr=False)
    plan_name: str = field(repr=False)
    member_id: str = field(repr=False)
    group_number: str = field(repr=False)
    relation: str
    subscriber: Subscriber | None = field(repr=False)
    valid_from: date | None
    valid_until: date | None
    front_file_id: UUID | None
    back_file_id: UUID | None
    sequence: int
    entered_at: datetime
    reviewed_at: datetime | None
    zone: str
    check: CheckView | None = None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What an insurance was before a change."""

    payer_name: str = field(repr=False)
    plan_name: str = field(repr=False)
    member_id: str = field(repr=False)
    status: str
    precedence: int
    valid_until: date | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CoveredRow:
    """Somebody whose insurance the practice has not looked at yet."""

    patient_id: UUID
    name: str = field(repr=False)
    born: date | None
    payer_name: str = field(repr=False)
    kind: str
    entered_at: datetime


Facts = Mapping[str, object]

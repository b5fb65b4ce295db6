"""Estimates as screens and paper show them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portal_app.features.estimates.rules import Step


@dataclass(frozen=True, slots=True)
class Provider:
    """Who will see the patient, where, and how insurers know them; what nobody has set is ""."""

    name: str
    npi: str
    practice: str
    practice_npi: str
    tax_id: str
    location: str
    address: str


@dataclass(frozen=True, slots=True)
class EstimateView:
    """An estimate. While it is only asked for, there are no amounts and no facts yet.

    `is_newest` is False once a newer one of the same visit was given. `checked_at` is when the insurer answered.
    """

    id: UUID
    appointment_id: UUID
    status: str
    kind: str
    asked_at: datetime
    give_by: date
    given_at: datetime | None
    currency: str
    fee_minor: int
    patient_minor: int | None
    is_newest: bool
    starts_at: datetime
    zone: str
    practitioner: str
    service_code: str = ""
    service_words: str = field(default="", repr=False)
    patient_name: str = field(default="", repr=False)
    born: date | None = field(default=None, repr=False)
    provider: Provider | None = None
    payer_name: str = field(default="", repr=False)
    checked_at: datetime | None = None
    has_second: bool = False
    steps: tuple[tuple[Step, int], ...] = ()


@dataclass(frozen=True, slots=True)
class VisitToEstimate:
    """A visit for which an estimate can be asked."""

    appointment_id: UUID
    starts_at: datetime
    zone: str
    practitioner: str
    is_asked: bool
    can_ask: bool


@dataclass(frozen=True, slots=True)
class ExpectedView:
    """What a kind of visit usually is; without an amount there is no service or no fee yet."""

    visit_type_id: UUID
    names: dict[str, str]
    service_code: str
    service_words: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class WaitingView:
    """An estimate that was asked for and that nothing can be made of yet."""

    id: UUID
    patient_name: str = field(repr=False)
    give_by: date
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class CopayDue:
    """The fixed part of a visit's price that a plan leaves to the patient, as the insurer said on a day."""

    amount_minor: int
    currency: str
    payer_name: str = field(repr=False)
    said_at: datetime

"""Payments as screens show them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portal_app.features.payments import rules


@dataclass(frozen=True, slots=True)
class PayableBill:
    """A bill of which something can be paid now: what is owed, less what is already on its way."""

    id: UUID
    number: int
    currency: str
    confidentiality: str
    due_on: date
    payable_minor: int


@dataclass(frozen=True, slots=True)
class Payable:
    """What can be paid now in one currency, the bills in the order in which they are due."""

    currency: str
    bills: tuple[PayableBill, ...]

    @property
    def amount_minor(self) -> int:
        """Return what they come to."""
        return sum(one.payable_minor for one in self.bills)

    @property
    def online_minor(self) -> int:
        """Return what of it can be paid online: of each bill what the processor takes."""
        return sum(rules.whole_steps(one.payable_minor, self.currency) for one in self.bills)


@dataclass(frozen=True, slots=True)
class WantedPayment:
    """What somebody would pay: these bills or (none named) all, all that is owed or (an amount) a part of it."""

    request_key: UUID
    bill_ids: tuple[UUID, ...] = ()
    amount_minor: int | None = None
    keeps_method: bool = False
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class ItemView:
    """What of a payment is for which bill."""

    bill_id: UUID
    number: int
    served_at: datetime
    zone: str
    practitioner: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt as it stands; `appointment_id` is the visit whose co-pay it is."""

    id: UUID
    patient_id: UUID
    status: str
    amount_minor: int
    currency: str
    created_at: datetime
    settled_at: datetime | None
    problem: str
    items: tuple[ItemView, ...] = ()
    url: str = field(default="", repr=False)
    appointment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PartView:
    """One part of a plan: `status` is planned, charging, paid or skipped."""

    number: int
    amount_minor: int
    due_on: date
    status: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as it stands: `status` is active, paused, cancelled or done.

    `paused_because` is declined, removed (the card), unclear, or ended (whoever pays may pay on the chart no more).
    """

    id: UUID
    status: str
    currency: str
    total_minor: int
    paused_because: str
    parts: tuple[PartView, ...]

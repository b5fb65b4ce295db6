"""Charges as screens show them: codes, no words of a note."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """A service that the practice charges for."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class ChargeEntry:
    """What a visit is charged as; without `service_code` billing chooses one. `diagnoses`: the main one first."""

    appointment_id: UUID
    patient_id: UUID
    confidentiality: str
    practitioner_id: UUID
    location_id: UUID
    served_at: datetime
    modality: str
    patient_place: str
    service_code: str
    diagnoses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge as it stands; `corrections` counts how often it was changed."""

    id: UUID
    status: str
    service_code: str
    service_words: str
    modifier: str
    place_of_service: str
    diagnoses: tuple[str, ...]
    corrections: int


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge as billing sees it: codes and whose it is. `review` is open, ready or held; times are said in `zone`."""

    id: UUID
    appointment_id: UUID
    patient_id: UUID
    given_name: str
    family_name: str
    birth_date: date | None
    practitioner_name: str
    location_name: str
    zone: str
    served_at: datetime
    status: str
    review: str
    service_code: str
    service_words: str
    modifier: str
    place_of_service: str
    diagnoses: tuple[str, ...]
    corrections: int
    held_because: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChargeChange:
    """What a charge said at one time, who entered it, when and why."""

    sequence: int
    service_code: str
    modifier: str
    place_of_service: str
    made_by: str
    made_at: datetime
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FullCharge:
    """A charge with all that it said, the newest first."""

    row: ChargeRow
    history: tuple[ChargeChange, ...]


@dataclass(frozen=True, slots=True)
class FeeEntry:
    """What a service costs from a day on."""

    code: str
    valid_from: date
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill as it stands: charged, less what insurance paid, less reductions, less what was paid, is owed."""

    id: UUID
    number: int
    patient_id: UUID
    currency: str
    service_words: str
    modality: str
    served_at: datetime
    zone: str
    location_name: str
    practitioner: str
    issued_at: datetime
    due_on: date
    charged_minor: int
    insured_minor: int
    reduced_minor: int
    paid_minor: int
    owed_minor: int
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some bills of an account, and whether there are more after them."""

    bills: tuple[BillView, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Shelves:
    """How many bills of each kind are shown."""

    to_pay: int
    settled: int


@dataclass(frozen=True, slots=True)
class MyBills:
    """What an account owes in each currency, its bills to pay (the first due first) and its settled ones (newest)."""

    owed: tuple[tuple[str, int], ...]
    to_pay: Shelf
    settled: Shelf


@dataclass(frozen=True, slots=True)
class PostingView:
    """What happened to a bill.

    `off_minor` is by how much it lowered what is owed, `corrected_kind` what it took back. The reason is for staff.
    """

    id: UUID
    kind: str
    made_at: datetime
    off_minor: int
    reason: str
    corrected_kind: str
    is_corrected: bool
    given_back_minor: int = 0

    def left_minor(self) -> int:
        """Return how much of a payment could still be given back."""
        is_payment = self.kind in ("payment", "online_payment") and not self.is_corrected
        return self.off_minor - self.given_back_minor if is_payment else 0


@dataclass(frozen=True, slots=True)
class ToBillView:
    """A charge that waits for its bill. Without an amount it has no service yet, or the service no fee."""

    charge_id: UUID
    corrections: int
    patient_name: str
    served_at: datetime
    zone: str
    practitioner: str
    service_words: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class BillQuestion:
    """What somebody asks: `kind` is unclear, wrong or help, `line` one of `rules.LINES` or "" for all of the bill.

    Without `bill_id` it is a wish for help with money. `request_key` is made with the form.
    """

    bill_id: UUID | None
    kind: str
    line: str
    words: str = field(repr=False)
    request_key: UUID


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question about a bill and how it stands: new, answered or closed. Times are said in `zone`.

    `patient_name` is empty for the patient's side; `currency` and `number` are empty without a bill.
    """

    id: UUID
    bill_id: UUID | None
    number: int
    currency: str
    patient_name: str
    kind: str
    line: str
    line_minor: int
    words: str = field(repr=False)
    status: str
    outcome: str
    asked_at: datetime
    due_at: datetime
    zone: str
    answer: str = field(repr=False)
    ended_at: datetime | None

"""What billing sees of the money that is online."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PartView:
    """What one kind of movement comes to on either side."""

    kind: str
    at_processor_minor: int
    in_books_minor: int

    @property
    def drift_minor(self) -> int:
        """Return how much more is in the books."""
        return self.in_books_minor - self.at_processor_minor


@dataclass(frozen=True, slots=True)
class LookView:
    """The last look at one currency. `parts` are those in which both sides differ."""

    currency: str
    made_at: datetime
    at_processor_minor: int
    in_books_minor: int
    parts: tuple[PartView, ...]

    @property
    def drift_minor(self) -> int:
        """Return how much more is in the books than at the processor."""
        return self.in_books_minor - self.at_processor_minor


@dataclass(frozen=True, slots=True)
class MatterView:
    """Something to look at; `patient_name` "" where it is of nobody, or of nobody the actor may see."""

    id: UUID
    kind: str
    ref: str
    amount_minor: int | None
    currency: str
    opened_at: datetime
    act_by: datetime | None
    seen_at: datetime | None
    resolved_at: datetime | None
    resolution: str
    patient_name: str
    settled_itself: bool = False


@dataclass(frozen=True, slots=True)
class PayoutView:
    """What went to the bank, and what its movements come to, None where they were not read yet."""

    id: str
    amount_minor: int
    currency: str
    status: str
    arrives_at: datetime
    movements_minor: int | None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One entry of the books, without anybody's name."""

    made_at: datetime
    kind: str
    account: str
    bill: str
    amount_minor: int
    currency: str

"""What payments need from outside: a processor that takes the money, and never learns what for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WantedSession:
    """A page on which one attempt is paid. All that leaves us is in here."""

    attempt_id: UUID
    amount: int
    currency: str
    locale: str
    expires_at: datetime
    back_to: str
    customer_id: str = ""
    keeps_method: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """How an attempt stands at the processor, asked just now. Amounts are in minor units, as everywhere here.

    `status` is open, paid, processing, failed or expired. `problem` is why a bank said no: funds, expired, number,
    authentication or declined.
    """

    attempt: str
    session_id: str
    intent_id: str
    status: str
    amount: int
    currency: str
    is_live: bool
    url: str = field(default="", repr=False)
    problem: str = ""
    customer_id: str = ""
    method_id: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WantedCharge:
    """A charge of a method that somebody keeps with us, made without them."""

    attempt_id: UUID
    amount: int
    currency: str
    customer_id: str = field(repr=False)
    method_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WantedRefund:
    """Money to be paid back of a payment."""

    refund_id: UUID
    intent_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """How a refund stands at the processor: `status` is pending, succeeded or failed."""

    refund_id: str
    status: str
    amount: int
    currency: str
    our_id: str = ""
    intent_id: str = ""


@dataclass(frozen=True, slots=True)
class KeptMethod:
    """A method that the processor keeps: its kind and the last digits, by which its owner knows it."""

    id: str = field(repr=False)
    kind: str
    last_digits: str
    expires: str


@dataclass(frozen=True, slots=True)
class Event:
    """What the processor tells: which object changed, and what it says of it. The truth is asked for, not read here."""

    id: str
    type: str
    object_id: str
    attempt: str
    amount: int | None
    currency: str
    is_live: bool
    happened_at: datetime


class PaymentPort(Protocol):
    """A payment processor. Whoever asks waits for another machine: never within a transaction.

    Each method raises ProcessorAway when it cannot be known whether the processor heard it (ask again, with the same
    ids: it is done once), and ProcessorRefused for what it will never take.
    """

    @property
    def is_live(self) -> bool:
        """Tell whether real money moves."""
        ...

    @property
    def is_standin(self) -> bool:
        """Tell whether this is the practice's own stand-in, where nobody pays anything."""
        ...

    async def open_session(self, wanted: WantedSession) -> Facts:
        """Return the page on which an attempt is paid; the same attempt again gets the same page."""
        ...

    async def session(self, session_id: str) -> Facts:
        """Return how the attempt of a page stands."""
        ...

    async def close_session(self, session_id: str) -> Facts:
        """Close a page so that nobody pays on it any more, and return how its attempt stands."""
        ...

    async def intent(self, intent_id: str) -> Facts:
        """Return how a charge stands."""
        ...

    async def charge_kept(self, wanted: WantedCharge) -> Facts:
        """Charge a kept method, once for one attempt.

        Raises ChargeDeclined.
        """
        ...

    async def pay_back(self, wanted: WantedRefund) -> RefundFacts:
        """Pay money back, once for one refund."""
        ...

    async def refund(self, refund_id: str) -> RefundFacts:
        """Return how a refund stands."""
        ...

    async def refund_of(self, intent_id: str, our_id: UUID) -> RefundFacts | None:
        """Return how a refund of a payment stands, by our id for it; None where the processor never made it."""
        ...

    async def open_customer(self, our_id: UUID) -> str:
        """Return a customer under whom methods are kept, who has no name there."""
        ...

    async def kept_methods(self, customer_id: str) -> Sequence[KeptMethod]:
        """Return what is kept for a customer."""
        ...

    async def forget_method(self, method_id: str) -> None:
        """Keep a method no longer."""
        ...

    async def events_since(self, moment: datetime) -> Sequence[Event]:
        """Return what was told since a moment, the oldest first; for what did not arrive."""
        ...

    def read_event(self, body: bytes, signature: str) -> Event:
        """Return the event in a delivery.

        Raises EventRefused unless the processor signed these very bytes just now.
        """
        ...


_processor: PaymentPort | None = None


def use_processor(processor: PaymentPort | None) -> None:
    """Make this the processor of the process; called once by the wiring, and by tests."""
    global _processor  # noqa: PLW0603 - Reflex makes its states itself, so they cannot be handed a processor
    _processor = processor


def processor_in_use() -> PaymentPort | None:
    """Return the processor of this process, None where payments are not taken online."""
    return _processor

"""What the processor is asked about the practice's account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


class AccountAway(Exception):
    """The processor was not reached, or did not take the key; the words are the processor's."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the processor sends events; `events` is ("*",) for all."""

    url: str
    is_enabled: bool
    api_version: str | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessorAccount:
    """How an account is set up. `methods` are those that are offered to payers, by the processor's names."""

    takes_payments: bool
    pays_out: bool
    currency: str
    country: str
    descriptor: str
    methods: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    speaks: str


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement: `amount_minor` came in (or went out, below nothing), and the processor kept `fee_minor` of it.

    `intent_id` is of the payment it belongs to, "" for none.
    """

    id: str
    kind: str
    source_id: str
    intent_id: str
    amount_minor: int
    fee_minor: int
    currency: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Payout:
    """What goes to the practice's bank."""

    id: str
    amount_minor: int
    currency: str
    status: str
    arrives_at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payment that the payer's bank asks back, and how that stands."""

    id: str
    intent_id: str
    amount_minor: int
    currency: str
    status: Literal["open", "won", "lost"]
    opened_at: datetime
    respond_by: datetime | None


class AccountPort(Protocol):
    """The practice's account with the processor. Each method raises AccountAway where it does not answer."""

    async def movements_since(self, moment: datetime) -> Sequence[Movement]:
        """Return what moved since then, the oldest first."""

    async def payouts_since(self, moment: datetime) -> Sequence[Payout]:
        """Return what went to the bank since then, the oldest first."""

    async def movements_of(self, payout_id: str) -> Sequence[Movement]:
        """Return the movements that a payout is made of, without its own."""

    async def balances(self) -> Mapping[str, int]:
        """Return what is there now in minor units, by currency."""

    async def dispute(self, dispute_id: str) -> Dispute:
        """Return how a dispute stands now."""

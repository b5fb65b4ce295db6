"""How an attempt goes on, what may be paid online, and how the processor counts money."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, TypeVar

Status = Literal["new", "open", "processing", "paid", "failed", "expired", "replaced"]

NEXT: Final[Mapping[str, frozenset[str]]] = {
    "new": frozenset({"open", "processing", "paid", "failed", "expired", "replaced"}),
    "open": frozenset({"processing", "paid", "failed", "expired", "replaced"}),
    "replaced": frozenset({"processing", "paid", "expired"}),
    "processing": frozenset({"paid", "failed"}),
    "expired": frozenset({"processing", "paid"}),
    "failed": frozenset({"processing", "paid"}),
    "paid": frozenset(),
}
"""From where to where. Nothing leads away from paid: what comes then is a refund or a dispute."""

PENDING: Final = ("new", "open", "processing", "replaced")
"""Those of which the processor may still tell something new."""

SESSION_LIFE: Final = timedelta(minutes=34)
"""The processor wants half an hour at least (Checkout Sessions, `expires_at`); the rest is room to ask again."""
ASK_AGAIN_FOR: Final = timedelta(minutes=3)
"""How long an attempt whose page we did not hear of is asked for again."""

MINIMUM_MINOR: Final[Mapping[str, int]] = {
    "USD": 50, "EUR": 50, "GBP": 30, "CAD": 50, "AUD": 50, "NZD": 50, "CHF": 50, "DKK": 250, "NOK": 300, "SEK": 300,
    "MXN": 1000, "JPY": 50, "AED": 200, "SAR": 200, "KWD": 200, "BHD": 200, "OMR": 200, "JOD": 400, "TND": 1600,
}  # fmt: skip
"""The currencies that are taken, and the least that can be charged in each.

docs.stripe.com/currencies, "Minimum and maximum charge amounts"; where it gives none, about half a US dollar.
"""
THREE_DECIMALS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""The processor takes their amounts in steps of ten (docs.stripe.com/currencies, "Three-decimal currencies")."""


def step_of(currency: str) -> int:
    """Return in which steps of minor units the processor takes amounts of a currency."""
    return 10 if currency in THREE_DECIMALS else 1


def whole_steps(amount_minor: int, currency: str) -> int:
    """Return the most of an amount that the processor takes."""
    return amount_minor - amount_minor % step_of(currency)


def can_go(status: str, to: str) -> bool:
    """Tell whether an attempt may go from one status to another."""
    return to in NEXT[status]


def is_chargeable(amount_minor: int, currency: str) -> bool:
    """Tell whether an amount in a currency that is taken can be charged online."""
    return amount_minor % step_of(currency) == 0 and amount_minor >= MINIMUM_MINOR[currency]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is compared: whose attempt it is, how much of what, and whether it is real money."""

    attempt: str
    amount_minor: int
    currency: str
    is_live: bool


def difference(wanted: Seen, seen: Seen) -> Literal["", "attempt", "mode", "currency", "amount"]:
    """Return the first thing in which what the processor says is not what was asked of it, or ""."""
    if seen.attempt != wanted.attempt:
        return "attempt"
    if seen.is_live != wanted.is_live:
        return "mode"
    if seen.currency.upper() != wanted.currency.upper():
        return "currency"
    return "" if seen.amount_minor == wanted.amount_minor else "amount"


Key = TypeVar("Key")


def shares_of(amount_minor: int, owed: Sequence[tuple[Key, int]], step: int = 1) -> list[tuple[Key, int]]:
    """Divide an amount over bills in their order; each gets no more than is owed on it, and none gets nothing.

    Each gets whole steps: what was paid on a bill can be paid back, which the processor does in the same steps.
    """
    shares: list[tuple[Key, int]] = []
    left = amount_minor
    for bill, most in owed:
        if (part := min(left, most - most % step)) > 0:
            shares.append((bill, part))
            left -= part
    return shares


COUNTS: Final = (2, 3, 4, 6)
"""In how many parts a sum can be paid."""
NOTICE: Final = timedelta(days=3)
"""Nothing is charged without them sooner than this after whoever pays was told."""
TRY_AGAIN_AFTER: Final = timedelta(days=3)
TRIES_MOST: Final = 3
"""A part that was refused this often pauses the plan."""
KEY_LASTS: Final = timedelta(hours=20)
"""The processor may forget a key after a day (docs.stripe.com/api/idempotent_requests): then nothing is asked again."""


def parts_of(total_minor: int, count: int, step: int = 1) -> tuple[int, ...]:
    """Divide a sum into equal parts, whole steps each; what is left over is in the first."""
    each = total_minor // count // step * step
    return (total_minor - each * (count - 1), *[each] * (count - 1))


def due_dates(first: date, count: int) -> tuple[date, ...]:
    """Return a day of each month: that of the first, or the month's last where it has no such day."""
    months = [divmod(first.month - 1 + n, 12) for n in range(count)]
    return tuple(
        date(first.year + years, month + 1, min(first.day, calendar.monthrange(first.year + years, month + 1)[1]))
        for years, month in months
    )

"""Amounts as whole minor units of a currency, and what a bill comes to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Kind = Literal[
    "charge", "insurance", "adjustment", "write_off", "payment", "correction", "online_payment", "refund", "dispute",
    "dispute_won", "dispute_lost", "payout", "fee", "void", "credit", "credit_used", "refund_failed",
]  # fmt: skip
Account = Literal[
    "receivable", "revenue", "insurance", "adjustment", "write_off", "desk", "processor", "fee", "bank", "credit",
    "disputed",
]  # fmt: skip

SIDES: Final[dict[Kind, tuple[Account, Account]]] = {
    "charge": ("receivable", "revenue"),
    "insurance": ("insurance", "receivable"),
    "adjustment": ("adjustment", "receivable"),
    "write_off": ("write_off", "receivable"),
    "payment": ("desk", "receivable"),
    "online_payment": ("processor", "receivable"),
    "refund": ("receivable", "processor"),
    "dispute": ("disputed", "processor"),
    "dispute_won": ("processor", "disputed"),
    "dispute_lost": ("receivable", "disputed"),
    "payout": ("bank", "processor"),
    "fee": ("fee", "processor"),
    "void": ("revenue", "receivable"),
    "credit": ("processor", "credit"),
    "credit_used": ("credit", "receivable"),
    "refund_failed": ("processor", "receivable"),
}
"""Which account has more after a posting of a kind, and which less, where whoever posts does not say otherwise."""
CORRECTABLE: Final[frozenset[Kind]] = frozenset({"insurance", "adjustment", "write_off", "payment"})
"""What somebody wrote down and can take back; what happened at a bank is undone by what happens there next."""

DUE_AFTER: Final = timedelta(days=30)
AMOUNT_MAX_MINOR: Final = 100_000_000_000
_DECIMALS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
DECIMALS: Final = {code: places for places, codes in _DECIMALS.items() for code in codes.split()}
"""Currencies whose minor unit is not a hundredth (ISO 4217, table A.1)."""

_AMOUNT: Final = re.compile(r"(\d{1,9})(?:[.,](\d{1,3}))?")
_WESTERN: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")


def decimals_of(currency: str) -> int:
    """Return how many decimals a currency has."""
    return DECIMALS.get(currency, 2)


def typed_amount(typed: str, currency: str) -> int | None:
    """Return what somebody typed in minor units, or None where it is no amount of that currency above nothing.

    A point or a comma before the decimals; no marks between thousands, because a comma there means another amount.
    Decimals that the currency has not may be two noughts: "25.00" is 25 yen, and "1.500" nobody knows.
    """
    found = _AMOUNT.fullmatch(typed.strip().translate(_WESTERN).removeprefix("$").strip())
    places = decimals_of(currency)
    decimals = "" if found and places == 0 and found[2] in ("0", "00") else (found and found[2]) or ""
    if found is None or len(decimals) > places:
        return None
    minor = int(found[1]) * 10**places + int(decimals.ljust(places, "0") or 0)
    return minor if 0 < minor <= AMOUNT_MAX_MINOR else None


def due_on(issued: date) -> date:
    """Return the day by which to pay or to ask for help."""
    return issued + DUE_AFTER


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the books. `receivable` is what the patient owes: more when positive, less when negative."""

    account: Account
    amount_minor: int


def entries_of(kind: Kind, amount_minor: int) -> tuple[Entry, Entry]:
    """Return both sides of a posting; of a negative amount for a payout or a fee that came back.

    Raises ValueError for a kind that has no sides of its own, and for an amount that is none.
    """
    least = -AMOUNT_MAX_MINOR if kind in ("payout", "fee") else 1
    if kind not in SIDES or not least <= amount_minor <= AMOUNT_MAX_MINOR or amount_minor == 0:
        raise ValueError(f"{kind} of {amount_minor}")
    more, less = SIDES[kind]
    return Entry(more, amount_minor), Entry(less, -amount_minor)


def opposite(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries that take these back."""
    return tuple(Entry(one.account, -one.amount_minor) for one in entries)

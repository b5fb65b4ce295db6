"""Which movements belong together, and what may stand in a table that a spreadsheet opens."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal

Group = Literal["payments", "refunds", "disputes", "payouts", "fees", "other"]

GROUPS: Final[tuple[Group, ...]] = ("payments", "refunds", "disputes", "payouts", "fees", "other")
_MOVED: Final[Mapping[str, Group]] = {
    "charge": "payments", "payment": "payments", "payment_failure_refund": "payments", "refund": "refunds",
    "payment_refund": "refunds", "refund_failure": "refunds", "adjustment": "disputes", "payout": "payouts",
    "payout_failure": "payouts", "payout_cancel": "payouts", "stripe_fee": "fees", "stripe_fx_fee": "fees",
}  # fmt: skip
_BOOKED: Final[Mapping[str, Group]] = {
    "online_payment": "payments", "credit": "payments", "refund": "refunds", "refund_failed": "refunds",
    "dispute": "disputes", "dispute_won": "disputes", "payout": "payouts", "fee": "fees",
}  # fmt: skip

STILL_COMING: Final = timedelta(hours=1)
"""A payment may be at the processor for so long before we have heard of it, and nobody is told yet."""
OVERLAP: Final = timedelta(days=3)
"""The processor's list is read again so far back: what it tells late is not missed."""

_FORMULA: Final = re.compile(r"[=+\-@\t\r\n|]")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def group_of_movement(kind: str) -> Group:
    """Return to which group a movement belongs, by the processor's word for it."""
    return _MOVED.get(kind, "other")


def group_of_posting(kind: str) -> Group:
    """Return to which group a posting belongs that touches what is at the processor."""
    return _BOOKED.get(kind, "other")


def cell(text: str) -> str:
    """Return what may stand in a cell: what a spreadsheet would take for a formula begins with an apostrophe.

    (OWASP, "CSV Injection")
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def decimal(amount_minor: int, places: int) -> str:
    """Write an amount as spreadsheets read it, without a currency."""
    digits = str(abs(amount_minor)).rjust(places + 1, "0")
    whole = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{whole}" if amount_minor < 0 else whole

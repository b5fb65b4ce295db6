"""When a message is sent, tried again, or given up. Pure decisions."""

from datetime import datetime, timedelta
from typing import Final

MAX_TRIES: Final = 10
CLAIM_LIFE: Final = timedelta(seconds=40)
"""Twice the time an SMTP conversation may take: after it, whoever claimed the message is dead."""


def is_claim_alive(status: str, claimed_at: datetime | None, now: datetime) -> bool:
    """Tell whether another worker may be sending the message at this moment."""
    return status == "sending" and claimed_at is not None and now - claimed_at < CLAIM_LIFE


def is_too_late(created_at: datetime, life: timedelta | None, now: datetime) -> bool:
    """Tell whether a message of limited use, such as a code, has outlived it."""
    return life is not None and now - created_at > life


def is_last_try(attempts: int) -> bool:
    """Tell whether a message that fails now is given up."""
    return attempts >= MAX_TRIES

"""When a message is sent, tried again, or given up. Pure decisions."""

from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Final

MAX_TRIES: Final = 10
PUSH_TRIES: Final = 3
"""After so many a notification that no push service has taken goes by mail: some seconds later, not hours."""
BROWSERS_MAX: Final = 10
"""On how many browsers somebody may have notifications on."""
CLAIM_LIFE: Final = timedelta(seconds=40)
"""Twice the time an SMTP conversation may take: after it, whoever claimed the message is dead."""


def is_claim_alive(status: str, claimed_at: datetime | None, now: datetime) -> bool:
    """Tell whether another worker may be sending the message at this moment."""
    return status == "sending" and claimed_at is not None and now - claimed_at < CLAIM_LIFE


def is_too_late(created_at: datetime, life: timedelta | None, now: datetime) -> bool:
    """Tell whether a message of limited use, such as a code, has outlived it."""
    return life is not None and now - created_at > life


def is_quiet(hour: int, quiet_from: int, quiet_until: int) -> bool:
    """Tell whether an hour of somebody's day lies in their quiet time; two equal hours mean that there is none."""
    if quiet_from <= quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until


def is_last_try(attempts: int) -> bool:
    """Tell whether a message that fails now is given up."""
    return attempts >= MAX_TRIES


def are_push_keys(p256dh: str, auth: str) -> bool:
    """Tell whether a browser's keys have the form they must have: a point of P-256 and sixteen bytes (RFC 8291)."""
    point, secret = _bytes(p256dh), _bytes(auth)
    return len(point) == 65 and point[0] == 4 and len(secret) == 16


def _bytes(written: str) -> bytes:
    if len(written) > 200:
        return b""
    try:
        return urlsafe_b64decode(written + "=" * (-len(written) % 4))
    except ValueError:
        return b""

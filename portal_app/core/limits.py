"""Limits on tries, kept in this process's memory; what must outlive a restart is counted in the database."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from portal_app.core.errors import TooManyTries

_limiter = MovingWindowRateLimiter(MemoryStorage())


def count(limit: str, *key: str) -> None:
    """Count one try under a key against a limit such as "5/10 minutes".

    Raises:
        TooManyTries: if the window is full; the try is then not counted.
    """
    if not _limiter.hit(parse(limit), *key):
        raise TooManyTries(key[0])


def forget_all() -> None:
    """Start every window anew; for tests."""
    _limiter.storage.reset()

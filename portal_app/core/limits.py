"""Limits on tries, kept in this process's memory; what must outlive a restart is counted in the database."""

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from portal_app.core.errors import TooManyTries

_limiter = MovingWindowRateLimiter(MemoryStorage())


async def count(limit: str, *key: str) -> None:
    """Count one try under a key against a limit such as "5/10 minutes".

    Raises:
        TooManyTries: if the window is full; the try is then not counted.
    """
    if not await _limiter.hit(parse(limit), *key):
        raise TooManyTries(key[0])


async def require_room(limit: str, *key: str) -> None:
    """Go on only if one more try would be within the limit; for what is counted once it has failed.

    Raises:
        TooManyTries: if the window is full.
    """
    if not await _limiter.test(parse(limit), *key):
        raise TooManyTries(key[0])


def forget_all() -> None:
    """Start every window anew; for tests."""
    global _limiter  # noqa: PLW0603 - the windows of the process
    _limiter = MovingWindowRateLimiter(MemoryStorage())

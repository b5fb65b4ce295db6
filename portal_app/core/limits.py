"""Limits on tries, kept in this process's memory; what must outlive a restart is counted in the database."""

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from portal_app.core.errors import TooManyTries


def in_memory() -> SlidingWindowCounterRateLimiter:
    """Return windows kept in this process.

    Two counters a key, the older one fading. The library's moving window would keep each try, and at every further one
    walk all keys, each in a thread: with two hundred people about, most of what a tap cost.
    """
    return SlidingWindowCounterRateLimiter(MemoryStorage())


_limiter = in_memory()


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
    _limiter = in_memory()

"""Limits on tries, kept in the memory of a process, or shared by all of them where there are several.

What must outlive a restart is counted in the database.
"""

import time
from typing import Final

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from portal_app.core.errors import TooManyTries

_REDIS_PATIENCE_S = 2.0
_SWEEP_EVERY_S: Final = 10.0

log = structlog.get_logger(__name__)


class Counters(MemoryStorage):
    """Counters in memory; what has run out is swept away at times.

    The library's own walks all keys, in a task, at each further try: with thousands of browsers about, most of what a
    request cost. A count has no moment at which another could come between, so it needs no lock.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sweep_at = 0.0

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count more under a key, from nought where its time was over; a new count lasts `expiry` seconds."""
        now = time.time()
        if now >= self._sweep_at:
            self._sweep(now)
        if self.expirations.get(key, 0) <= now:
            self.storage[key], self.expirations[key] = 0, now + expiry
        self.storage[key] += amount
        return self.storage[key]

    async def decr(self, key: str, amount: int = 1) -> int:
        """Take back what was counted under a key, down to nought."""
        if key in self.storage:
            self.storage[key] = max(self.storage[key] - amount, 0)
        return self.storage.get(key, 0)

    def _sweep(self, now: float) -> None:
        self._sweep_at = now + _SWEEP_EVERY_S
        for key in [key for key, until in self.expirations.items() if until <= now]:
            self.storage.pop(key, None)
            self.expirations.pop(key)


class Windows:
    """Two counters a key, the older one fading.

    The library's moving window would keep each try, and at every further one walk all keys, each in a thread.
    """

    def __init__(self) -> None:
        self._own = SlidingWindowCounterRateLimiter(Counters())

    async def hit(self, limit: RateLimitItem, *key: str) -> bool:
        """Count one try and tell whether it is within the limit; otherwise it is not counted."""
        if _shared is not None:
            try:
                return await SlidingWindowCounterRateLimiter(_shared).hit(limit, *key)
            except StorageError:
                log.warning("limits_not_shared")  # until Redis is back each process counts by itself
        return await self._own.hit(limit, *key)

    async def test(self, limit: RateLimitItem, *key: str) -> bool:
        """Tell whether one more try would be within the limit."""
        if _shared is not None:
            try:
                return await SlidingWindowCounterRateLimiter(_shared).test(limit, *key)
            except StorageError:
                log.warning("limits_not_shared")
        return await self._own.test(limit, *key)


_shared: RedisStorage | None = None
_windows = Windows()


def share(redis_url: str) -> None:
    """Count from now on together with every process that uses this Redis; connects when something is counted."""
    global _shared  # noqa: PLW0603 - one store for the process
    _shared = _storage(redis_url)


async def unshare() -> None:
    """Count in this process alone again, and let go of Redis."""
    global _shared
    store, _shared = _shared, None
    if store is not None:
        await _close(store)


async def answers(redis_url: str) -> bool:
    """Tell whether a Redis answers at this address."""
    store = _storage(redis_url)
    try:
        return await store.check()
    finally:
        await _close(store)


async def is_store_reachable() -> bool:
    """Tell whether what is shared can be reached; True where nothing is."""
    return _shared is None or await _shared.check()


def _storage(redis_url: str) -> RedisStorage:
    address = redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
    patience = {"socket_timeout": _REDIS_PATIENCE_S, "socket_connect_timeout": _REDIS_PATIENCE_S}
    return RedisStorage(
        f"async+{address}", wrap_exceptions=True, implementation="redispy", key_prefix="portal", **patience
    )


async def _close(store: RedisStorage) -> None:
    if isinstance(store.bridge, RedispyBridge):
        await store.bridge.storage.aclose()


async def count(limit: str, *key: str) -> None:
    """Count one try under a key against a limit such as "5/10 minutes".

    Raises:
        TooManyTries: if the window is full; the try is then not counted.
    """
    if not await _windows.hit(parse(limit), *key):
        raise TooManyTries(key[0])


async def require_room(limit: str, *key: str) -> None:
    """Go on only if one more try would be within the limit; for what is counted once it has failed.

    Raises:
        TooManyTries: if the window is full.
    """
    if not await _windows.test(parse(limit), *key):
        raise TooManyTries(key[0])


def forget_all() -> None:
    """Start every window of this process anew; for tests."""
    global _windows  # noqa: PLW0603 - the windows of the process
    _windows = Windows()

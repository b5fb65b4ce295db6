"""How much one person, and one address, may ask of us."""

from dataclasses import dataclass, field

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from portal_app.web.request import Message, Receive

MAX_BODY_BYTES = 64 * 1024
MAX_EVENT_BYTES = 256 * 1024
"""More than any screen sends (the longest answer box holds 5,000 characters), less than Reflex's 1 MB."""


@dataclass(slots=True)
class Allowances:
    """Counts in the memory of this process; the limits that guard codes and passwords are in the database.

    Args:
        events: taps and keystrokes of one session; a person's fastest is a few a second.
        sockets: connections from one address; a whole clinic may stand behind one.
        writes: forms posted from one address.
    """

    events: RateLimitItem = field(default_factory=lambda: parse("300 per 10 seconds"))
    sockets: RateLimitItem = field(default_factory=lambda: parse("900 per minute"))
    writes: RateLimitItem = field(default_factory=lambda: parse("240 per minute"))
    _window: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    async def takes_event(self, session_hash: str) -> bool:
        """Count an event of a session and tell whether it is within the limit."""
        return await self._window.hit(self.events, session_hash)

    async def takes_socket(self, address: str) -> bool:
        """Count a connection from an address and tell whether it is within the limit."""
        return await self._window.hit(self.sockets, "socket", address)

    async def takes_write(self, address: str) -> bool:
        """Count a posted form from an address and tell whether it is within the limit."""
        return await self._window.hit(self.writes, "write", address)


class BodyTooLarge(Exception):
    """A request went on past its limit."""


def limited_body(receive: Receive, limit_bytes: int) -> Receive:
    """Return a `receive` that gives up on a body longer than the limit, declared or not."""
    taken = 0

    async def receive_within() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit_bytes:
            raise BodyTooLarge
        return message

    return receive_within

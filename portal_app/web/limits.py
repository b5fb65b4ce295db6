"""How much one person, and one network, may ask of us."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from limits import RateLimitItem, parse

from portal_app.core.limits import Windows
from portal_app.web.request import Message, Receive

MAX_BODY_BYTES = 64 * 1024
MAX_EVENT_BYTES = 256 * 1024
"""More than any screen sends (the longest answer box holds 5,000 characters), less than Reflex's 1 MB."""


@dataclass(slots=True)
class Allowances:
    """Counts of this process, or of all where several share a Redis; what one person's codes allow is in the database.

    Args:
        events: taps and keystrokes of one session; a person's fastest is a few a second.
        visitors: those of everybody on one network who has not signed in; anybody may make visitors as they like.
        sockets: connections from one network; a whole clinic may stand behind one.
        writes: forms posted from one network.
        answers: answers to forms and the like from one network; a whole waiting room may stand behind one.
        told: what one network of servers tells us, which comes in bursts and is signed.
    """

    events: RateLimitItem = field(default_factory=lambda: parse("300 per 10 seconds"))
    visitors: RateLimitItem = field(default_factory=lambda: parse("1200 per 10 seconds"))
    sockets: RateLimitItem = field(default_factory=lambda: parse("900 per minute"))
    writes: RateLimitItem = field(default_factory=lambda: parse("240 per minute"))
    answers: RateLimitItem = field(default_factory=lambda: parse("12000 per minute"))
    told: RateLimitItem = field(default_factory=lambda: parse("6000 per minute"))
    _window: Windows = field(default_factory=Windows)

    async def takes_event(self, session_hash: str) -> bool:
        """Count an event of a session and tell whether it is within the limit."""
        return await self._window.hit(self.events, session_hash)

    async def takes_visitor_event(self, browser_hash: str, network: str) -> bool:
        """Count an event of somebody who has not signed in; one browser is held to what a session is."""
        return await self.takes_event(browser_hash) and await self._window.hit(self.visitors, "visitor", network)

    async def takes_socket(self, network: str) -> bool:
        """Count a connection from a network and tell whether it is within the limit."""
        return await self._window.hit(self.sockets, "socket", network)

    async def takes_write(self, network: str) -> bool:
        """Count a posted form from a network and tell whether it is within the limit."""
        return await self._window.hit(self.writes, "write", network)

    async def takes_answer(self, session_hash: str, network: str) -> bool:
        """Count an answer as a tap of its session, and of its network, and tell whether it is within both limits."""
        return await self.takes_event(session_hash) and await self._window.hit(self.answers, "answer", network)

    async def takes_told(self, network: str) -> bool:
        """Count what a server told us from a network and tell whether it is within the limit."""
        return await self._window.hit(self.told, "told", network)


@dataclass(slots=True)
class OpenSockets:
    """How many sockets are open at once in this process, each with the state of a tab in memory.

    Args:
        per_network: from one network; a whole clinic may stand behind one.
        per_session: of one browser, signed in or not; a person's tabs.
    """

    per_network: int
    per_session: int
    _open: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def one_more(self, network: str, session_hash: str) -> Iterator[bool]:
        """Count a socket while it is open; yields whether there is room for it."""
        limits = {f"network {network}": self.per_network, f"session {session_hash}": self.per_session}
        has_room = all(self._open[key] < most for key, most in limits.items())
        if has_room:
            self._open.update(limits.keys())
        try:
            yield has_room
        finally:
            if has_room:
                self._open -= Counter(limits.keys())  # a key at nought is dropped, so that the counts do not pile up


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

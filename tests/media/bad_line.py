"""A bad line between browsers and the hub: it loses packets, delays them, and carries only so much."""

import asyncio
import random
from typing import Final

Address = tuple[str, int]
_QUEUED_S: Final = 0.5
"""How long a packet waits where the line is full; what would wait longer is lost, as in a router."""

_MEDIA: Final = range(128, 192)
"""What packets of sound and picture begin with; others belong to the greeting (RFC 7983)."""


class BadLine(asyncio.DatagramProtocol):
    """Passes UDP on to one port of this machine, and its answers back, as a line of this quality would."""

    def __init__(self, target: int, address: str = "127.0.0.1") -> None:
        self._target = (address, target)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None
        self._far: dict[Address, asyncio.DatagramTransport] = {}
        self._opening: dict[Address, asyncio.Task[None]] = {}
        self._free_at = {True: 0.0, False: 0.0}
        self._chance = random.Random(7)
        self.be()

    def be(self, *, loss: float = 0.0, delay_s: float = 0.0, kbit: float = 0.0, spares_greeting: bool = False) -> None:
        """Lose this share of the packets, delay the rest, and carry this much each way; 0 for as much as comes.

        With `spares_greeting` only sound and picture are lost, not that by which both ends find each other: a lost
        packet of that is waited for longer each time, so that by chance a line takes seconds to come up.
        """
        self._loss, self._delay_s, self._kbit, self._spares_greeting = loss, delay_s, kbit, spares_greeting

    async def open(self) -> int:
        """Listen; return the port."""
        made, _ = await self._loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._transport = made
        return int(made.get_extra_info("sockname")[1])

    async def close(self) -> None:
        """Let go of all ports."""
        if self._transport is not None:
            self._transport.close()  # first, so that nothing opens any more
        await asyncio.gather(*self._opening.values())
        for one in self._far.values():
            one.close()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Pass on what a browser sends."""
        if addr in self._far:
            self._pass(data, self._far[addr], None, is_up=True)
        elif addr not in self._opening:  # what comes before the way back is open is lost, as packets may be
            self._opening[addr] = self._loop.create_task(self._open_back(addr))

    async def _open_back(self, addr: Address) -> None:
        line = self

        class Back(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, _addr: Address) -> None:
                if line._transport is not None:
                    line._pass(data, line._transport, addr, is_up=False)

        made, _ = await self._loop.create_datagram_endpoint(Back, remote_addr=self._target)
        self._far[addr] = made

    def _pass(self, data: bytes, to: asyncio.DatagramTransport, addr: Address | None, *, is_up: bool) -> None:
        now = self._loop.time()
        is_spared = self._spares_greeting and data[0] not in _MEDIA
        if not is_spared and self._chance.random() < self._loss:
            return
        starts_at = max(now, self._free_at[is_up])
        if self._kbit:
            if starts_at - now > _QUEUED_S:
                return
            self._free_at[is_up] = starts_at = starts_at + len(data) * 8 / (self._kbit * 1000)
        self._loop.call_later(starts_at - now + self._delay_s, self._send, data, to, addr)

    def _send(self, data: bytes, to: asyncio.DatagramTransport, addr: Address | None) -> None:
        if not to.is_closing():
            to.sendto(data, addr)

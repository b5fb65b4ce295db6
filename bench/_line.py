"""The network between browsers and the portal, as a relay of the bench's own: it loses packets, or is cut.

`tc netem` would need rights that a machine seldom gives, and a kernel module that many have not.
"""

import asyncio
import contextlib
import random
import weakref
from typing import Any, Final

Address = tuple[str, int]
_READ_BYTES: Final = 65_536


class MediaLine(asyncio.DatagramProtocol):
    """One browser's way to the hub, as through a router: each of its ports gets one of the line's own.

    `lost` is the share of packets that is lost, each way.
    """

    def __init__(self, host: str) -> None:
        self.lost = 0.0
        self._host = host
        self._hub: Address = (host, 0)
        self._ways: dict[Address, asyncio.DatagramTransport] = {}
        self._inside: asyncio.DatagramTransport | None = None
        self._random = random.Random(7)

    async def open(self) -> int:
        """Listen; returns the port that browsers are told instead of the hub's."""
        made, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(self._host, 0))
        self._inside = made
        return int(made.get_extra_info("sockname")[1])

    def lead_to(self, port: int) -> None:
        """Lead to the hub's port; a hub that was killed may have come back on another."""
        self._hub = (self._host, port)
        for way in self._ways.values():
            way.close()
        self._ways.clear()

    def close(self) -> None:
        """Let go of every port."""
        for way in self._ways.values():
            way.close()
        if self._inside is not None:
            self._inside.close()

    def _gets_through(self) -> bool:
        return self._random.random() >= self.lost

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Take a packet of a browser's."""
        if not self._gets_through():
            return
        way = self._ways.get(addr)
        if way is not None:
            way.sendto(data)
        else:
            self._opening = asyncio.get_running_loop().create_task(self._begin(addr, data))

    async def _begin(self, browser: Address, data: bytes) -> None:
        made, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Back(self, browser), remote_addr=self._hub
        )
        way = self._ways.setdefault(browser, made)
        if way is not made:
            made.close()
        way.sendto(data)

    def bring_back(self, data: bytes, browser: Address) -> None:
        """Pass a packet of the hub's on to a browser."""
        if self._inside is not None and self._gets_through():
            self._inside.sendto(data, browser)


class _Back(asyncio.DatagramProtocol):
    def __init__(self, line: MediaLine, browser: Address) -> None:
        self._line, self._browser = line, browser

    def datagram_received(self, data: bytes, addr: Address) -> None:  # noqa: ARG002 - asyncio's name for it
        self._line.bring_back(data, self._browser)


class PageLine:
    """The way of pages and sockets. While it is cut nothing passes, and nobody is told, as on a telephone."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_whole = asyncio.Event()
        self._is_whole.set()
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[Any]] = set()
        self._writers: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()

    async def open(self, port: int, address: str = "127.0.0.1") -> None:
        """Listen where browsers look for the portal."""
        self._server = await asyncio.start_server(self._serve, address, port)

    def cut(self) -> None:
        """Let nothing through."""
        self._is_whole.clear()

    def mend(self) -> None:
        """Let everything through that waited."""
        self._is_whole.set()

    def forsake(self) -> None:
        """Let nothing through any more on what is open now, and all that is opened from now on: another network."""
        self._is_whole.clear()
        self._is_whole = asyncio.Event()
        self._is_whole.set()

    async def close(self) -> None:
        """Let go of everybody."""
        self.mend()
        if self._server is not None:
            self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            theirs = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:  # nobody is there yet, as the browser is to see
            writer.close()
            return
        is_whole = self._is_whole
        self._writers.update((writer, theirs[1]))
        for source, target in ((reader, theirs[1]), (theirs[0], writer)):
            pipe = asyncio.create_task(self._pass(source, target, is_whole))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, is_whole: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_READ_BYTES):
                await is_whole.wait()
                target.write(data)
                await target.drain()
        target.close()

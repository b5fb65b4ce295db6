"""A daemon on this machine that speaks clamd's INSTREAM over a real socket, and knows one virus."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from portal_app.integrations.clamav.clamd import Clamd

VIRUS: Final = b"this test's own virus"
FOUND: Final = "Sala.Test-1"


class Daemon:
    """`manner` is "well", "silent", "half", "closing" or "starting"; `longest` is the most it takes in one file."""

    def __init__(self, manner: str = "well", longest: int = 25_000_000) -> None:
        self.manner, self.longest = manner, longest
        self.seen: list[bytes] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one command, as clamd does: with a zero byte at its end."""
        try:
            if self.manner == "closing":
                return
            command = (await reader.readuntil(b"\0"))[:-1]
            said = await self._said(command, reader)
            writer.write(said[:4] if self.manner == "half" else said + b"\0")
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _said(self, command: bytes, reader: asyncio.StreamReader) -> bytes:
        if self.manner == "starting":
            return b"COMMAND READ TIMED OUT. ERROR"
        if command == b"zVERSION":
            return b"ClamAV 1.4.6/27800/Fri Nov 20 09:30:00 2026"
        assert command == b"zINSTREAM"
        content = b""
        while length := struct.unpack(">I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
            if len(content) > self.longest:
                return b"INSTREAM size limit exceeded. ERROR"
        self.seen.append(content)
        if self.manner == "silent":
            await reader.read()  # until the other side gives up
        return b"stream: " + (f"{FOUND} FOUND".encode() if VIRUS in content else b"OK")

    @asynccontextmanager
    async def on_path(self, folder: Path, *, longest_s: float = 60) -> AsyncIterator[Clamd]:
        """Listen on a Unix socket."""
        path = folder / "clamd.ctl"
        async with await asyncio.start_unix_server(self.answer, path):
            yield Clamd(str(path), longest_s=longest_s)

    @asynccontextmanager
    async def on_port(self) -> AsyncIterator[Clamd]:
        """Listen on a port of this machine."""
        async with (server := await asyncio.start_server(self.answer, "127.0.0.1", 0)):
            yield Clamd(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", longest_s=60)

"""ClamAV's daemon looks through files: INSTREAM of its protocol (https://docs.clamav.net/manual/Usage/ClamdProtocol.html).

Whatever it says that is neither "OK" nor "FOUND" counts as if it had not looked: a file too large for it, a daemon that
is starting, an answer that stops half way.
"""

import asyncio
import struct
from pathlib import Path
from typing import Final

from portal_app.core.scanning import ScannerAway

PIECE_BYTES: Final = 128 * 1024
_LONGEST_S: Final = 8.0
"""With the twenty seconds of taking it apart this stays within a transaction."""
_LONGEST_ANSWER: Final = 4096


class Clamd:
    """The daemon behind an address: the path of a Unix socket, or `host:port`.

    Nothing is encrypted on the way, so it belongs on this machine or a private network.
    """

    def __init__(self, address: str, *, longest_s: float = _LONGEST_S) -> None:
        """Read the address. Raises ValueError if it is neither."""
        self._longest_s = longest_s
        self._path = Path(address) if "/" in address else None
        self._host, _, port = ("", "", "0") if self._path else address.rpartition(":")
        self._port = int(port)
        if not self._path and not (self._host and 0 < self._port <= 65535):
            raise ValueError(address)

    async def scan(self, content: bytes) -> str:
        """Return the name of what was found, "" if nothing. Raises ScannerAway."""
        pieces = (content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES))
        said = await self._ask(b"INSTREAM", *(struct.pack(">I", len(piece)) + piece for piece in pieces), bytes(4))
        if said == "stream: OK":
            return ""
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        raise ScannerAway(said)

    async def version(self) -> str:
        """Return what the daemon says of itself and of the age of its signatures. Raises ScannerAway."""
        return await self._ask(b"VERSION")

    async def _ask(self, command: bytes, *more: bytes) -> str:
        try:
            async with asyncio.timeout(self._longest_s):
                return await self._say(b"z" + command + b"\0", *more)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            raise ScannerAway(type(error).__name__) from error

    async def _say(self, *parts: bytes) -> str:
        reader, writer = await self._connected()
        try:
            try:
                for part in parts:
                    writer.write(part)
                    await writer.drain()
            except ConnectionError:
                pass  # it has heard enough, and may have said why
            answer = await reader.readuntil(b"\0")
            return answer[:-1].decode(errors="replace").strip()
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._path:
            return await asyncio.open_unix_connection(self._path, limit=_LONGEST_ANSWER)
        return await asyncio.open_connection(self._host, self._port, limit=_LONGEST_ANSWER)

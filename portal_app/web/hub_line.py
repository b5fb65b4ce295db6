"""This process's line to the hub: who of its sockets is in which room, and what the hub tells them.

The hub may be away for a moment, as after `kill -9`: everybody here is told to wait, and let in again by itself once it
is back. What is going on directly between two browsers goes on meanwhile.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog

Words = dict[str, Any]
Tell = Callable[[Words], None]

MAX_LINE: Final = 512 * 1024
_AGAIN_S: Final = 0.15
_WAIT: Final[Words] = {"do": "wait"}

log = structlog.get_logger(__name__)


class HubLine:
    """The line, kept open while anybody here is in a room.

    Args:
        folder: where the hub writes how it is reached.
    """

    def __init__(self, folder: Path) -> None:
        """Remember where to look; the first who joins opens the line."""
        self._note = folder / "line.json"
        self._seats: dict[str, Words] = {}
        self._tells: dict[str, Tell] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._running: asyncio.Task[None] | None = None

    def join(self, connection: str, seat: Words, tell: Tell) -> None:
        """Let a socket into a room, now and whenever the hub comes back."""
        self._seats[connection] = {"c": connection, "do": "join", **seat}
        self._tells[connection] = tell
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        elif self._writer is not None:
            self._write(self._seats[connection])
        else:
            tell(_WAIT)

    def hear(self, connection: str, words: Words) -> None:
        """Pass on what a browser says; lost while the hub is away, which the browser was told."""
        self._write({"c": connection, "do": "hear", "words": words})

    def leave(self, connection: str, *, for_good: bool) -> None:
        """Let a socket go: for good, or with its place kept."""
        if self._seats.pop(connection, None) is not None:
            self._tells.pop(connection, None)
            self._write({"c": connection, "do": "leave"} if for_good else {"c": connection, "do": "away"})

    def keep_only(self, room: str, people: list[str]) -> None:
        """Send those out who have lost their place while their socket was closed; the others look after themselves."""
        self._write({"do": "keep_only", "room": room, "people": people})

    @property
    def is_open(self) -> bool:
        """Tell whether the hub hears us."""
        return self._writer is not None

    def _write(self, words: Words) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(json.dumps(words).encode() + b"\n")

    async def _run(self) -> None:
        while self._seats:
            with contextlib.suppress(OSError, ValueError, KeyError):
                await self._hold()
            self._writer = None
            for tell in list(self._tells.values()):
                tell(_WAIT)
            await asyncio.sleep(_AGAIN_S)

    async def _hold(self) -> None:
        note = json.loads(self._note.read_text())
        reader, writer = await asyncio.open_connection("127.0.0.1", int(note["port"]), limit=MAX_LINE)
        writer.write(str(note["secret"]).encode() + b"\n")
        self._writer = writer
        try:
            for seat in self._seats.values():
                self._write(seat)
            while line := await reader.readline():
                told = json.loads(line)
                tell = self._tells.get(told["c"])
                if tell is not None:
                    tell(told["say"])
            log.warning("hub_lost")
        finally:
            writer.close()

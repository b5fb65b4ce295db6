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
_AGAIN_S: Final = (0.15, 0.15, 0.3, 0.6, 1.0)
"""Until the hub is looked for again. One that is started anew is there in a second; one that stays away has time."""
_ANSWER_WITHIN_S: Final = 2.0
_WAIT: Final[Words] = {"do": "wait"}

log = structlog.get_logger(__name__)


class HubAway(Exception):
    """The hub does not run, or does not answer."""


async def ask_hub(folder: Path) -> dict[str, int]:
    """Return what goes on in the hub, numbers only: rooms, people, packets.

    Raises:
        HubAway: if it does not answer within two seconds.
    """
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            note = json.loads((folder / "line.json").read_text())
            reader, writer = await asyncio.open_connection("127.0.0.1", int(note["port"]), limit=MAX_LINE)
            try:
                writer.write(f"{note['secret']}\n".encode() + b'{"do": "figures"}\n')
                told: dict[str, int] = json.loads(await reader.readline())["figures"]
            finally:
                writer.close()
    except (OSError, ValueError, KeyError) as problem:  # a timeout is an OSError too
        raise HubAway from problem
    return told


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
        self._tries = 0

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

    def _write(self, words: Words) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(json.dumps(words).encode() + b"\n")

    async def _run(self) -> None:
        is_told = False
        while self._seats:
            with contextlib.suppress(OSError, ValueError, KeyError):
                await self._hold()
            if self._writer is not None:
                self._writer, is_told = None, False
            if not is_told:  # once: whoever comes later is told when they join
                for tell in list(self._tells.values()):
                    tell(_WAIT)
            is_told = True
            await asyncio.sleep(_AGAIN_S[min(self._tries, len(_AGAIN_S) - 1)])
            self._tries += 1

    async def _hold(self) -> None:
        note = json.loads(self._note.read_text())
        reader, writer = await asyncio.open_connection("127.0.0.1", int(note["port"]), limit=MAX_LINE)
        writer.write(str(note["secret"]).encode() + b"\n")
        self._writer = writer
        try:
            for seat in self._seats.values():
                self._write(seat)
            while line := await reader.readline():
                self._tries = 0
                told = json.loads(line)
                tell = self._tells.get(told["c"])
                if tell is not None:
                    tell(told["say"])
            log.warning("hub_lost")
        finally:
            writer.close()

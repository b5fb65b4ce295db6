"""How web processes reach the hub: a line on this machine's own loop, behind a secret that only this account can read.

Each message is one line of JSON. (A Unix socket would need no secret, but its path may not be longer than a hundred
bytes, and the data folder's may.)
"""

import asyncio
import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any, Final, cast

import structlog

from portal_app.media.hub import Hub, Seat

MAX_LINE: Final = 512 * 1024
_SECRET_WITHIN_S: Final = 3.0

log = structlog.get_logger(__name__)


class Line:
    """The hub's end of the line."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        """Keep where the address and the secret are written for the web processes."""
        self._hub = hub
        self._note = folder / "line.json"
        self._secret = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None
        self._serving: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def open(self) -> None:
        """Listen, and write down where."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAX_LINE)
        number = self._server.sockets[0].getsockname()[1]
        self._note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._note.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"port": number, "secret": self._secret}, file)
        fresh.replace(self._note)

    async def close(self) -> None:
        """Listen no more, and let go of everybody."""
        if self._server is not None:
            self._server.close()
        for writer in self._serving.values():
            writer.close()
        if self._serving:
            await asyncio.wait(list(self._serving), timeout=_SECRET_WITHIN_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections: set[str] = set()
        task = asyncio.current_task()
        if task is not None:
            self._serving[task] = writer
        try:
            async with asyncio.timeout(_SECRET_WITHIN_S):
                shown = (await reader.readline()).strip()
            if not secrets.compare_digest(shown, self._secret.encode()):
                log.warning("line_refused")
                return
            while line := await reader.readline():
                self._take(json.loads(line), writer, connections)
        except (TimeoutError, ConnectionError, ValueError, KeyError, TypeError) as error:
            log.warning("line_broken", error=type(error).__name__)
        finally:
            self._serving.pop(cast("asyncio.Task[Any]", task), None)
            for connection in connections:
                self._hub.step_away(connection)
            writer.close()

    def _take(self, words: dict[str, Any], writer: asyncio.StreamWriter, connections: set[str]) -> None:
        said, connection = words["do"], str(words.get("c", ""))
        if said == "join":
            connections.add(connection)
            self._hub.join(Seat.read(connection, words), lambda told: _write(writer, {"c": connection, "say": told}))
        elif said == "hear" and connection in connections:
            self._hub.hear(connection, words["words"])
        elif said == "leave" and connection in connections:
            self._hub.leave(connection)
        elif said == "away" and connection in connections:
            connections.discard(connection)
            self._hub.step_away(connection)
        elif said == "keep_only":
            self._hub.keep_only(str(words["room"]), {str(one) for one in words["people"]})
        elif said == "figures":
            _write(writer, {"figures": self._hub.report()})


def _write(writer: asyncio.StreamWriter, words: dict[str, Any]) -> None:
    if not writer.is_closing():
        writer.write(json.dumps(words).encode() + b"\n")

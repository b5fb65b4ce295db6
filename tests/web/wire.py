"""A browser's side of the wire without a browser: what an attacker with a script can send."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect

ROOT = "reflex___state____state"
HYDRATE = f"{ROOT}.hydrate"
Deltas = dict[str, dict[str, Any]]
PATIENCE_S = 60
"""How long a test waits for what must come; how fast it comes is measured by the benches."""


class Tab:
    """One socket, speaking Socket.IO as Reflex's own client does."""

    def __init__(self, socket: ClientConnection, token: str, path: str) -> None:
        self.socket, self.token, self.path = socket, token, path
        self.seen: Deltas = {}
        self.events: list[dict[str, Any]] = []
        self.heard: list[str] = []

    async def send(self, name: str, path: str | None = None, **payload: Any) -> None:
        """Send an event as if tapped on the page at `path`."""
        await self.send_from(path or self.path, name, payload)

    async def send_from(self, where: str, name: str, payload: dict[str, Any]) -> None:
        """Send an event whose arguments may have any name."""
        event = {"name": name, "payload": payload, "router_data": {"pathname": where, "asPath": where, "query": {}}}
        await self.socket.send(f"42/_event,{json.dumps(['event', event])}")

    async def hear(self) -> dict[str, Any] | None:
        """Wait for one message and take in what it changes."""
        text = await self.socket.recv()
        if text == "2":
            await self.socket.send("3")
            return None
        if not isinstance(text, str) or not text.startswith("42/_event,"):
            return None
        self.heard.append(text)
        kind, *content = json.loads(text.removeprefix("42/_event,"))
        if kind != "event":
            return None
        update: dict[str, Any] = content[0]
        for state, changes in (update.get("delta") or {}).items():
            self.seen.setdefault(state, {}).update(changes)
        self.events += update.get("events") or []
        return update

    async def until(self, fact: Callable[["Tab"], Any]) -> Any:
        """Listen until something is so, and return it."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := fact(self)):
                await self.hear()
        return found

    async def arrive(self) -> "Tab":
        """Do what a page does first: ask for the whole state."""
        await self.send(HYDRATE)
        await self.until(lambda tab: ROOT in tab.seen)
        return self

    def var(self, state: str, name: str) -> Any:
        """Return what the page would show of a state's var; states are found by the end of their name."""
        for full, changes in self.seen.items():
            if full.endswith(state):
                return next((value for var, value in changes.items() if var.removesuffix("_rx_state_") == name), None)
        return None


@asynccontextmanager
async def open_tab(
    origin: str,
    headers: Mapping[str, str],
    *,
    token: str | None = None,
    path: str = "/",
    limit_bytes: int | None = None,
) -> AsyncIterator[Tab]:
    """Open a socket with exactly these headers; raises `websockets.InvalidStatus` where it is refused."""
    token = token or str(uuid4())
    url = f"{origin.replace('http', 'ws', 1)}/_event/?EIO=4&transport=websocket&token={token}"
    async with connect(url, additional_headers=headers, max_size=limit_bytes, proxy=None) as socket:
        await socket.recv()
        await socket.send("40/_event,{}")
        await socket.recv()
        yield Tab(socket, token, path)

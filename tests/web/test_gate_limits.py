"""How many sockets and events one network and one browser may have, with proxies in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from limits import parse

from portal_app.core.errors import DatabaseAway
from portal_app.settings import Settings
from portal_app.web.cookies import cookie_name
from portal_app.web.documents import Documents
from portal_app.web.gate import TOO_MUCH, TRY_LATER, Gate
from portal_app.web.limits import Allowances, OpenSockets
from portal_app.web.request import Message, Receive, Scope, Send, network_of

NEARBY, ELSEWHERE = "192.0.2.1", "198.51.100.2"


async def reading(_scope: Scope, receive: Receive, send: Send) -> None:
    """Stand behind the gate: take a socket and read until it is closed."""
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def gate_of(tmp_path: Path, allowances: Allowances | None = None, **settings: Any) -> Gate:
    def database() -> Any:
        raise DatabaseAway

    return Gate(
        reading, settings=Settings(mode="test", **settings), documents=Documents([], {}), static_root=tmp_path,
        routes=(), database=database, allowances=allowances,
    )  # fmt: skip


class Socket:
    """A visitor's socket as the server hands it to the gate."""

    def __init__(self, gate: Gate, address: str, secret: str) -> None:
        self.sent: list[Message] = []
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._answered = asyncio.Event()
        headers = {"origin": "http://localhost:4100", "cookie": f"{cookie_name()}={secret}", "x-forwarded-for": address}
        scope = {
            "type": "websocket", "path": "/_event", "query_string": b"token=t", "client": ("127.0.0.1", 5),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        self.say("websocket.connect")
        self.task = asyncio.create_task(gate(scope, self._incoming.get, self._take))

    async def _take(self, message: Message) -> None:
        self.sent.append(message)
        self._answered.set()

    def say(self, kind: str) -> None:
        self._incoming.put_nowait({"type": kind, "text": "x"})

    async def answer(self) -> int | None:
        """Return the code the gate closed the socket with, or None once it is open."""
        await self._answered.wait()
        code: int | None = self.sent[-1].get("code")
        return code


@asynccontextmanager
async def opened(gate: Gate, address: str, secret: str) -> AsyncIterator[Socket]:
    socket = Socket(gate, address, secret)
    await socket.answer()
    try:
        yield socket
    finally:
        socket.say("websocket.disconnect")
        await socket.task


async def test_a_network_has_so_many_sockets_open_at_once_and_room_again_when_they_close(tmp_path: Path) -> None:
    gate = gate_of(tmp_path, proxy_hops=1, sockets_per_network=3)
    async with AsyncExitStack() as stack:
        for number in range(3):
            socket = await stack.enter_async_context(opened(gate, NEARBY, f"anon-{number}"))
            assert await socket.answer() is None
        async with opened(gate, NEARBY, "anon-9") as one_more, opened(gate, ELSEWHERE, "anon-9") as elsewhere:
            assert await one_more.answer() == TRY_LATER
            assert await elsewhere.answer() is None
    async with opened(gate, NEARBY, "anon-9") as later:
        assert await later.answer() is None


async def test_a_browser_has_so_many_tabs(tmp_path: Path) -> None:
    gate = gate_of(tmp_path, proxy_hops=1, sockets_per_session=1)
    async with opened(gate, NEARBY, "anon-1"), opened(gate, ELSEWHERE, "anon-1") as second:
        assert await second.answer() == TRY_LATER
        async with opened(gate, NEARBY, "anon-2") as another:
            assert await another.answer() is None


async def test_without_proxies_of_ours_what_a_request_says_of_its_address_counts_for_nothing(tmp_path: Path) -> None:
    gate = gate_of(tmp_path, proxy_hops=0, sockets_per_network=1)
    async with opened(gate, NEARBY, "anon-1"), opened(gate, ELSEWHERE, "anon-2") as second:
        assert await second.answer() == TRY_LATER


async def test_many_made_up_browsers_of_one_network_share_one_allowance_of_events(tmp_path: Path) -> None:
    allowances = Allowances(visitors=parse("4 per minute"))
    gate = gate_of(tmp_path, allowances, proxy_hops=1)
    async with AsyncExitStack() as stack:
        for number in range(2):
            socket = await stack.enter_async_context(opened(gate, NEARBY, f"anon-{number}"))
            socket.say("websocket.receive")
            socket.say("websocket.receive")
        last = await stack.enter_async_context(opened(gate, NEARBY, "anon-9"))
        last.say("websocket.receive")
        await last.task
        assert await last.answer() == TOO_MUCH
        async with opened(gate, ELSEWHERE, "anon-10") as elsewhere:
            elsewhere.say("websocket.receive")
            assert await elsewhere.answer() is None


def test_closed_sockets_leave_nothing_behind() -> None:
    sockets = OpenSockets(2, 2)
    with sockets.one_more("n", "s") as has_room:
        assert has_room
    assert not sockets._open


def test_a_household_is_one_network_in_ipv6_too() -> None:
    assert network_of("2001:db8:1:2::5") == network_of("2001:db8:1:2:aaaa::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::5") != network_of("2001:db8:1:2::5")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("") == ""

"""The socket of a visit's room: every word of a browser is let through to the hub by the database, or not at all.

Who has a place is asked when it opens, on every message, every few seconds, and at once when the visit changes, the
session ends, or who may see the chart: who was taken out, revoked or signed out falls out by themselves. The hub never
asks who somebody is; it is told here.
"""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Awaitable
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from portal_app.core import db
from portal_app.core.actor import Credential
from portal_app.core.errors import DatabaseAway, PortalError
from portal_app.core.realtime import EVERYTHING
from portal_app.features.visits import service as visits
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.hub_line import HubLine
from portal_app.web.route import PolicySocket

MAX_WORDS: Final = 64 * 1024
"""The longest thing said is an offer, of some ten thousand characters."""
_MESSAGES: Final = (150, 10.0)
"""How many messages in how many seconds: a browser finding its way says some forty."""
_LOOK_EVERY_S: Final = 5.0
_UNSENT_MAX: Final = 300
GONE, TAKEN, TOO_MUCH, AWAY = 4403, 4409, 1008, 1013
"""Close codes: no place here, a newer tab has it, too much said, try again."""

log = structlog.get_logger(__name__)
_lines: dict[str, HubLine] = {}
_open: set["RoomSocket"] = set()


def hub_line() -> HubLine:
    """Return this process's line to the hub."""
    folder = get_settings().media_folder
    return _lines.setdefault(str(folder), HubLine(folder))


async def on_change(topics: frozenset[str]) -> None:
    """Have everybody's place looked at anew whose visit, session or chart has changed."""
    everyone = topics >= EVERYTHING
    for one in _open:
        if everyone or not one.topics.isdisjoint(topics):
            one.look_again.set()


class _Closed(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class RoomSocket:
    """One browser's socket into one room."""

    def __init__(self, socket: WebSocket, visit_id: UUID) -> None:
        """Remember who asks, by which cookie."""
        self._socket, self._visit_id = socket, visit_id
        self._connection_id = uuid4()
        self._unsent: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_UNSENT_MAX)
        self._said_at: deque[float] = deque(maxlen=_MESSAGES[0])
        self.look_again = asyncio.Event()
        self.topics: frozenset[str] = frozenset()
        header = socket.headers.get("cookie")
        read = cookies.read_room_secret if socket.query_params.get("as") == "guest" else cookies.read_secret
        client = socket.client.host if socket.client else ""
        self._credential = Credential(read(header), client, socket.headers.get("user-agent", ""))

    async def serve(self) -> None:
        """Serve until either side ends it; a place is kept for who did not say that they leave."""
        await self._socket.accept()
        try:
            async with db.opened().act_as(self._credential, "visits.room") as tx:
                seat = await visits.take_seat(tx, self._visit_id, self._connection_id)
                actor = tx.actor
        except DatabaseAway:
            await self._socket.close(AWAY)
            return
        except PortalError:
            await self._socket.close(GONE)
            return
        self.topics = frozenset(
            (f"visit:{self._visit_id}", f"session:{actor.session_id}", f"patient:{actor.patient_id}")
        )
        _open.add(self)
        self.look_again.set()  # what was revoked while the place was taken found nobody to tell
        code = GONE
        try:
            code = await self._until_closed(seat)
        finally:
            _open.discard(self)
            hub_line().leave(str(self._connection_id), for_good=False)
            await on_change(self.topics & {f"visit:{self._visit_id}"})  # who has no place any more is not waited for
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close(code)

    async def _until_closed(self, seat: visits.Seat) -> int:
        """Listen, speak and look after the place at once; return the code of whichever ends first."""
        works: list[Awaitable[None]] = [self._listen(seat), self._speak(), self._look_after()]
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            done, _rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if isinstance(error, _Closed):
                    return error.code
                if error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
                    raise error
            return GONE
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def tell(self, words: dict[str, Any]) -> None:
        """Say something to the browser; one that does not listen loses its socket."""
        with contextlib.suppress(asyncio.QueueFull):
            self._unsent.put_nowait(words)

    async def _speak(self) -> None:
        while True:
            words = await self._unsent.get()
            if self._unsent.full():
                raise _Closed(TOO_MUCH)
            await self._socket.send_text(json.dumps(words))
            if words.get("do") == "taken":
                raise _Closed(TAKEN)
            if words.get("do") == "out":
                raise _Closed(GONE)

    async def _listen(self, seat: visits.Seat) -> None:
        while True:
            words = self._read(await self._socket.receive_text())
            try:
                seat = await self._seat()
            except DatabaseAway:
                self.tell({"do": "wait"})  # who cannot be asked about is not let through
                continue
            await self._take(words, seat)

    def _read(self, text: str) -> dict[str, Any]:
        now = time.monotonic()
        is_fast = len(self._said_at) == _MESSAGES[0] and now - self._said_at[0] < _MESSAGES[1]
        self._said_at.append(now)
        if len(text) > MAX_WORDS or is_fast:
            log.warning("room_closed_for_excess", size=len(text))
            raise _Closed(TOO_MUCH)
        try:
            words = json.loads(text)
        except (ValueError, RecursionError):
            raise _Closed(TOO_MUCH) from None
        if not isinstance(words, dict):
            raise _Closed(TOO_MUCH)
        return words

    async def _take(self, words: dict[str, Any], seat: visits.Seat) -> None:
        connection = str(self._connection_id)
        if words.get("do") == "hello":
            call = words.get("call")
            place = self._place(seat) | {"call": call if isinstance(call, int) else None}
            hub_line().join(connection, place, self.tell)
        elif words.get("do") == "here":
            self.tell({"do": "here"})  # a browser whose network has changed asks whether this socket still lives
        elif words.get("do") == "leave":
            async with db.opened().act_as(self._credential, "visits.room") as tx:
                await visits.leave(tx, self._visit_id, self._connection_id)
            hub_line().leave(connection, for_good=True)
            raise _Closed(GONE)
        elif seat.may_send:
            hub_line().hear(connection, words)

    def _place(self, seat: visits.Seat) -> dict[str, Any]:
        may_go_direct = get_settings().video_path == "direct" and not seat.is_through_hub
        person = {"person": str(seat.participant_id), "name": seat.name, "role": seat.role}
        return {"room": str(self._visit_id), **person, "may_go_direct": may_go_direct, "is_mirror": False}

    async def _look_after(self) -> None:
        """Ask again and again whether the place is still theirs."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self.look_again.wait()
            self.look_again.clear()
            with contextlib.suppress(DatabaseAway):
                seat = await self._seat()
                present = [seat.participant_id, *(one.participant_id for one in seat.others)]
                hub_line().keep_only(str(self._visit_id), [str(one) for one in present])

    async def _seat(self) -> visits.Seat:
        try:
            async with db.opened().act_as(self._credential, "visits.room") as tx:
                return await visits.seat(tx, self._visit_id, self._connection_id)
        except DatabaseAway:
            raise
        except visits.SeatTakenElsewhere:
            raise _Closed(TAKEN) from None
        except PortalError:
            hub_line().leave(str(self._connection_id), for_good=True)
            raise _Closed(GONE) from None


async def room(socket: WebSocket) -> None:
    """Serve a browser in the room of a visit."""
    await RoomSocket(socket, socket.path_params["visit_id"]).serve()


routes = [PolicySocket("/visit/{visit_id:uuid}/room", room, policy="visits.room")]

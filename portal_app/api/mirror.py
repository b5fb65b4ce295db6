"""The socket of the device check: somebody sees themself through the hub for a few seconds, to measure the line there.

What they send comes back to them alone. It is no room: nobody else can join, and nothing of a visit is behind it.
"""

import asyncio
import contextlib
import json
from typing import Any, Final
from uuid import uuid4

from starlette.websockets import WebSocket, WebSocketDisconnect

from portal_app.api import room
from portal_app.core import db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import secret_hash
from portal_app.core.errors import DatabaseAway, PortalError, TooManyTries
from portal_app.web import cookies
from portal_app.web.route import PolicySocket

LIMIT: Final = "20/minute"
LASTS_S: Final = 20.0
"""How long one may look: the check takes five seconds."""
_MOST_WORDS: Final = 20
_UNSENT_MAX: Final = 50


async def mirror(socket: WebSocket) -> None:
    """Serve a browser that measures its line."""
    await socket.accept()
    code = await _refusal(socket)
    if code is None:
        code = await _show(socket)
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code)


async def _refusal(socket: WebSocket) -> int | None:
    is_guest = socket.query_params.get("as") == "guest"
    header = socket.headers.get("cookie")
    secret = cookies.read_room_secret(header) if is_guest else cookies.read_secret(header)
    client = socket.client.host if socket.client else ""
    credential = Credential(secret, client, socket.headers.get("user-agent", ""))
    try:
        await limits.count(LIMIT, "mirror", secret_hash(secret))
        async with db.opened().act_as(credential, "visits.room"):
            return None
    except (DatabaseAway, TooManyTries):
        return room.AWAY
    except PortalError:
        return room.GONE


async def _show(socket: WebSocket) -> int:
    """Let the browser and the hub agree, for so long; return the code to close with."""
    connection, line = str(uuid4()), room.hub_line()
    unsent: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_UNSENT_MAX)

    def tell(words: dict[str, Any]) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            unsent.put_nowait(words)

    person = {"person": connection, "name": "", "role": "", "may_go_direct": False}
    line.join(connection, {"room": f"mirror {connection}", **person, "is_mirror": True, "call": None}, tell)
    speaking = asyncio.create_task(_speak(socket, unsent))
    try:
        async with asyncio.timeout(LASTS_S):
            for _ in range(_MOST_WORDS):
                line.hear(connection, _read(await socket.receive_text()))
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return room.GONE
    except (ValueError, RecursionError):
        return room.TOO_MUCH
    else:
        return room.TOO_MUCH
    finally:
        speaking.cancel()
        line.leave(connection, for_good=True)
        await asyncio.gather(speaking, return_exceptions=True)


async def _speak(socket: WebSocket, unsent: "asyncio.Queue[dict[str, Any]]") -> None:
    while True:
        await socket.send_text(json.dumps(await unsent.get()))


def _read(text: str) -> dict[str, Any]:
    words = json.loads(text) if len(text) <= room.MAX_WORDS else None
    if not isinstance(words, dict):
        raise ValueError  # noqa: TRY004 - refused as what is no JSON is
    return words


routes = [PolicySocket("/visit/mirror", mirror, policy="visits.room")]

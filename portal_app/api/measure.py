"""GET and POST /visit/measure: what the device check measures the line to the server with.

Random bytes, so that nothing on the way makes them smaller; only for somebody signed in, or a guest of a visit (under
/room), and not without end.
"""

import os
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from portal_app.core import db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import secret_hash
from portal_app.core.errors import DatabaseAway, PortalError, TooManyTries
from portal_app.features.visits import policies
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute

MOST_BYTES: Final = 500_000
LIMIT: Final = "120/minute"
_GUESTS: Final = "/room/"
_HEADERS: Final = {"cache-control": "no-store"}


async def measured(request: Request) -> Response:
    """Answer with as many bytes as asked for, or take those that were sent."""
    is_guest = request.url.path.startswith(_GUESTS)
    read = cookies.read_room_secret if is_guest else cookies.read_secret
    secret, needed = read(request.headers.get("cookie")), policies.ROOM.name if is_guest else policies.JOIN.name
    address = client_address(request.scope, get_settings().proxy_hops)
    try:
        await limits.count(LIMIT, "measure", secret_hash(secret))
        async with db.opened().act_as(Credential(secret, address), needed):
            pass
    except TooManyTries:
        return Response(status_code=429, headers=_HEADERS)
    except DatabaseAway:
        return Response(status_code=503, headers=_HEADERS)
    except PortalError:
        return Response(status_code=403, headers=_HEADERS)
    if request.method == "POST":
        async for _ in request.stream():
            pass
        return Response(status_code=204, headers=_HEADERS)
    asked = request.query_params.get("bytes", "1")
    size = min(int(asked), MOST_BYTES) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    return Response(os.urandom(size), media_type="application/octet-stream", headers=_HEADERS)


routes = [
    PolicyRoute(path, measured, policy=policy, methods=["GET", "POST"], max_body_bytes=MOST_BYTES)
    for path, policy in (("/visit/measure", policies.JOIN.name), ("/room/measure", policies.ROOM.name))
]

"""Whether the process is alive, and whether it can serve, for whoever watches it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app.core import db, limits
from portal_app.core.errors import DatabaseAway
from portal_app.settings import get_settings
from portal_app.web.hub_line import HubAway, ask_hub
from portal_app.web.route import PolicyRoute


async def healthz(_request: Request) -> Response:
    """Answer 200 while the process runs; asks nothing of anything else."""
    return JSONResponse({"status": "ok"})


async def readyz(_request: Request) -> Response:
    """Answer 200 when what serving needs answers, else 503, so that a proxy sends people elsewhere.

    That is the database, and Redis where several web processes share one.
    """
    try:
        has_database = await db.opened().is_reachable()
    except DatabaseAway:
        has_database = False
    has_shared = await limits.is_store_reachable()
    is_ready = has_database and has_shared
    checks = {"status": "ok" if is_ready else "unavailable", "database": has_database, "shared": has_shared}
    return JSONResponse(checks, status_code=200 if is_ready else 503)


async def hubz(_request: Request) -> Response:
    """Answer 200 while the video hub answers, else 503; how much goes on in it is nobody's outside.

    It is no part of being ready: without it everything else works, and two browsers that see each other go on.
    """
    try:
        await ask_hub(get_settings().media_folder)
    except HubAway:
        return JSONResponse({"status": "unavailable"}, status_code=503)
    return JSONResponse({"status": "ok"})


routes = [
    PolicyRoute("/healthz", healthz, policy="web.health"),
    PolicyRoute("/readyz", readyz, policy="web.health"),
    PolicyRoute("/hubz", hubz, policy="web.health"),
]

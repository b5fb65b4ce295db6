"""Whether the process is alive, and whether it can serve, for whoever watches it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app.core import db, limits
from portal_app.core.errors import DatabaseAway
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


routes = [
    PolicyRoute("/healthz", healthz, policy="web.health"),
    PolicyRoute("/readyz", readyz, policy="web.health"),
]

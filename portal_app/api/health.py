"""Whether the process is alive, and whether it can serve, for whoever watches it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app.core import db
from portal_app.core.errors import DatabaseAway
from portal_app.web.route import PolicyRoute


async def healthz(_request: Request) -> Response:
    """Answer 200 while the process runs; asks nothing of anything else."""
    return JSONResponse({"status": "ok"})


async def readyz(_request: Request) -> Response:
    """Answer 200 when the database answers, else 503, so that a proxy sends people elsewhere."""
    try:
        is_ready = await db.opened().is_reachable()
    except DatabaseAway:
        is_ready = False
    checks = {"status": "ok" if is_ready else "unavailable", "database": is_ready}
    return JSONResponse(checks, status_code=200 if is_ready else 503)


routes = [
    PolicyRoute("/healthz", healthz, policy="web.health"),
    PolicyRoute("/readyz", readyz, policy="web.health"),
]

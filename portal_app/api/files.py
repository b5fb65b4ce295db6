"""GET /files/{id}: a file, for whoever may see its row."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from portal_app.core import db
from portal_app.core.actor import Credential
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn, StepUpNeeded
from portal_app.core.files import FileView
from portal_app.features.files import service
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.paper import TAKEN_AWAY
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute


async def download(request: Request) -> Response:
    """Send a file to be saved, never to be shown inside the portal's own origin."""
    settings = get_settings()
    secret = cookies.read_secret(request.headers.get("cookie"))
    address = client_address(request.scope, settings.proxy_hops)
    try:
        async with db.opened().act_as(Credential(secret, address), "files.download") as tx:
            opened = await service.download_file(tx, settings, request.path_params["file_id"])
    except (NotSignedIn, NotAllowed, StepUpNeeded, NotFound):
        # One answer for all: whether a file exists is nobody else's business.
        return PlainTextResponse("Not found", 404, {"cache-control": "no-store"})
    return StreamingResponse(opened.parts(), headers=_headers(opened.view))


def _headers(file: FileView) -> dict[str, str]:
    return {
        "content-type": file.media_type,
        "content-length": str(file.size_bytes),
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.filename)}",
        **TAKEN_AWAY,
    }


routes = [PolicyRoute("/files/{file_id:uuid}", download, policy="files.download")]

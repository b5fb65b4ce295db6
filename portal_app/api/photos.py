"""GET /photos/{id}: the picture in somebody's profile. POST /photos/of/{id}: another one, or none."""

from collections.abc import AsyncIterator
from uuid import UUID

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn, StepUpNeeded
from portal_app.core.files import FileRefused
from portal_app.features.practice import service
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute
from portal_app.web.sent_form import take_form

_READ_BYTES = 256 * 1024
_LONGEST = 8_100_000
"""A picture of eight megabytes, and what a form wraps around it."""
_HIDDEN = (NotSignedIn, NotAllowed, StepUpNeeded, NotFound)


async def show(request: Request) -> Response:
    """Send a picture; its address changes with the picture, so the browser may keep it."""
    settings = get_settings()
    try:
        async with db.opened().act_as(_credential(request), "practice.view") as tx:
            opened = await service.open_photo(tx, settings, request.path_params["file_id"])
    except _HIDDEN:
        return PlainTextResponse("Not found", 404, {"cache-control": "no-store"})
    headers = {
        "content-type": opened.view.media_type,
        "content-length": str(opened.view.size_bytes),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, max-age=86400, immutable",
    }
    return StreamingResponse(opened.parts(), headers=headers)


async def replace(request: Request) -> Response:
    """Take another picture for a profile and go back to its settings; without a file the picture goes.

    Of whoever may not, nothing is read.
    """
    practitioner_id: UUID = request.path_params["practitioner_id"]
    credential = _credential(request)
    return await take_form(
        request, credential, "practice.change_profile",
        may=lambda tx: service.may_set_photo(tx, practitioner_id),
        keep=lambda form: _replace(credential, practitioner_id, form),
    )  # fmt: skip


async def _replace(credential: Credential, practitioner_id: UUID, form: FormData) -> Response:
    sent, locale = form.get("photo"), form.get("locale")
    parts = _parts(sent) if isinstance(sent, UploadFile) and sent.filename else None
    problem, portrait = "", None
    try:
        if parts is not None:
            portrait = await service.portrait_of(parts)  # outside any transaction, which it would hold too long
        async with db.opened().act_as(credential, "practice.change_profile") as tx:
            await service.set_photo(tx, get_settings(), practitioner_id, portrait)
    except FileRefused:
        problem = "&problem=photo"
    target = f"/staff/settings/clinician?id={practitioner_id}{problem}"
    path = i18n.localized_path(locale if isinstance(locale, str) and locale in i18n.LOCALES else "en", target)
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


async def _parts(sent: UploadFile) -> AsyncIterator[bytes]:
    while part := await sent.read(_READ_BYTES):
        yield part


def _credential(request: Request) -> Credential:
    address = client_address(request.scope, get_settings().proxy_hops)
    return Credential(cookies.read_secret(request.headers.get("cookie")), address)


routes = [
    PolicyRoute("/photos/{file_id:uuid}", show, policy="practice.view"),
    PolicyRoute(
        "/photos/of/{practitioner_id:uuid}",
        replace,
        policy="practice.change_profile",
        methods=["POST"],
        max_body_bytes=_LONGEST,
    ),
]

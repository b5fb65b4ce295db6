"""POST /documents/of/{patient}: keep the document that justifies a caregiver or a limit, and go on to who it is."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.api.sign_in import locale_of, secret_of
from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.contents import FileRefused, FileRules, cleaned
from portal_app.features.access import set_caregivers
from portal_app.settings import get_settings
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute
from portal_app.web.sent_form import take_form

_READ_BYTES = 256 * 1024
_LONGEST = 15_100_000
"""The largest file there may be, and what a form wraps around it."""


async def keep(request: Request) -> Response:
    """Take the file, and show the page again with its id; of whoever may not, nothing is read."""
    patient_id: UUID = request.path_params["patient_id"]
    credential = Credential(secret_of(request), client_address(request.scope, get_settings().proxy_hops))
    return await take_form(
        request, credential, "access.set_caregiver",
        may=lambda tx: set_caregivers.may_keep_document(tx, patient_id),
        keep=lambda form: _keep(credential, patient_id, form),
    )  # fmt: skip


async def _keep(credential: Credential, patient_id: UUID, form: FormData) -> Response:
    sent = form.get("document")
    said, page = {"patient": str(patient_id)}, "/staff/caregivers"
    if relation := _relation(form):
        said["relation"], page = relation, "/staff/caregivers/limits"
    try:
        if isinstance(sent, UploadFile) and sent.filename:
            clean = await cleaned(_parts(sent), FileRules())  # outside any transaction, which it would hold too long
            async with db.opened().act_as(credential, "access.set_caregiver") as tx:
                kept = await set_caregivers.keep_document(tx, get_settings(), patient_id, clean, sent.filename)
            said["document"] = str(kept)
        else:
            said["problem"] = "document"
    except FileRefused:
        said["problem"] = "document"
    target = i18n.localized_path(locale_of(form), f"{page}?{urlencode(said)}")
    return RedirectResponse(target, 303, {"cache-control": "no-store"})


def _relation(form: FormData) -> str:
    """Return whom the document is to limit, "" if it is about somebody new."""
    try:
        return str(UUID(str(form.get("relation", ""))))
    except ValueError:
        return ""


async def _parts(sent: UploadFile) -> AsyncIterator[bytes]:
    while part := await sent.read(_READ_BYTES):
        yield part


routes = [
    PolicyRoute(
        "/documents/of/{patient_id:uuid}",
        keep,
        policy="access.set_caregiver",
        methods=["POST"],
        max_body_bytes=_LONGEST,
    ),
]

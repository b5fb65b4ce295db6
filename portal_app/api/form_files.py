"""POST /forms/{id}/files: a photo or a document, to be named by an answer of the form afterwards.

How it is called and which tap sent it stand in headers of our own; that key is what the answer names it by.
"""

from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from portal_app.core.contents import CleanContent
from portal_app.core.db import Transaction
from portal_app.features.intake import service as intake
from portal_app.settings import get_settings
from portal_app.web.route import PolicyRoute
from portal_app.web.sent_body import nothing_there, request_key, sent_name, take

LIMIT: Final = "30/10 minutes"
_LONGEST: Final = 15_100_000


async def send(request: Request) -> Response:
    """Take the body as a file for an answer."""
    form_id: UUID = request.path_params["form_id"]
    key = request_key(request)
    if key is None:
        return nothing_there()

    async def keep(tx: Transaction, clean: CleanContent) -> None:
        await intake.attach_file(tx, get_settings(), form_id, clean, filename=sent_name(request), request_key=key)

    return await take(
        request, "intake.fill_in", limit=(LIMIT, "form file"), may=lambda tx: intake.may_attach(tx, form_id), keep=keep,
        hidden=(intake.FormAlreadySent, intake.OnlyOneself),
    )  # fmt: skip


routes = [
    PolicyRoute(
        "/forms/{form_id:uuid}/files", send, policy="intake.fill_in", methods=["POST"], max_body_bytes=_LONGEST,
        counts_as_tap=True,
    )
]  # fmt: skip

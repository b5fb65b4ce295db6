"""POST /visit/{id}/documents: a photo or document into the chart, from inside the visit, while the call goes on.

POST /check-in/{id}/documents: the same before the visit, while check-in is open.

How it is called and which tap sent it stand in headers of our own.
"""

from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from portal_app.core.contents import CleanContent
from portal_app.core.db import Transaction
from portal_app.features.checkin import service as checkin
from portal_app.features.visits import service as visits
from portal_app.settings import get_settings
from portal_app.web.route import PolicyRoute
from portal_app.web.sent_body import nothing_there, request_key, sent_name, take

LIMIT: Final = "30/10 minutes"
_LONGEST: Final = 15_100_000


async def send(request: Request) -> Response:
    """Take the body as a document of the visit."""
    visit_id: UUID = request.path_params["visit_id"]
    key = request_key(request)
    if key is None:
        return nothing_there()

    async def keep(tx: Transaction, clean: CleanContent) -> None:
        await visits.send_document(tx, get_settings(), visit_id, clean, filename=sent_name(request), request_key=key)

    return await take(
        request, "files.send", limit=(LIMIT, "visit document"),
        may=lambda tx: visits.may_send_document(tx, visit_id), keep=keep, hidden=(visits.NotInRoom,),
    )  # fmt: skip


async def send_before(request: Request) -> Response:
    """Take the body as a document for a visit to come."""
    appointment_id: UUID = request.path_params["appointment_id"]
    key = request_key(request)
    if key is None:
        return nothing_there()

    async def keep(tx: Transaction, clean: CleanContent) -> None:
        await checkin.send_document(
            tx, get_settings(), appointment_id, clean, filename=sent_name(request), request_key=key
        )

    return await take(
        request, "files.send", limit=(LIMIT, "document before a visit"),
        may=lambda tx: checkin.may_send_document(tx, appointment_id), keep=keep, hidden=(checkin.CheckInClosed,),
    )  # fmt: skip


routes = [
    PolicyRoute(
        address, take_in, policy="files.send", methods=["POST"], max_body_bytes=_LONGEST, counts_as_tap=True,
    )
    for address, take_in in (
        ("/visit/{visit_id:uuid}/documents", send), ("/check-in/{appointment_id:uuid}/documents", send_before),
    )
]  # fmt: skip

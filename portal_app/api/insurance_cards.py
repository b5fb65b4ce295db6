"""POST /coverages/{id}/card/{side}: a picture of an insurance card, sent while the page stays as it is."""

from typing import Final, cast
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from portal_app.core.contents import CleanContent
from portal_app.core.db import Transaction
from portal_app.features.coverage import service as coverages
from portal_app.settings import get_settings
from portal_app.web.route import PolicyRoute
from portal_app.web.sent_body import nothing_there, take

LIMIT: Final = "20/10 minutes"
_LONGEST: Final = 10_100_000
_SIDES: Final = ("front", "back")


async def send(request: Request) -> Response:
    """Take the body as the picture of one side."""
    coverage_id, side = cast(UUID, request.path_params["coverage_id"]), request.path_params["side"]
    if side not in _SIDES or "x-request-key" not in request.headers:  # which no form of another site can send
        return nothing_there()

    async def keep(tx: Transaction, clean: CleanContent) -> None:
        await coverages.send_card(tx, get_settings(), coverage_id, cast(coverages.Side, side), clean)

    return await take(
        request, "coverage.change", limit=(LIMIT, "insurance card"),
        may=lambda tx: coverages.may_send_card(tx, coverage_id), keep=keep, rules=coverages.CARD,
        longest=coverages.CARD.max_bytes,
    )  # fmt: skip


routes = [
    PolicyRoute(
        "/coverages/{coverage_id:uuid}/card/{side}", send, policy="coverage.change", methods=["POST"],
        max_body_bytes=_LONGEST, counts_as_tap=True,
    )
]  # fmt: skip

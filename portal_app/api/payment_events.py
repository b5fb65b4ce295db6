"""POST /webhooks/stripe: what the payment processor tells us. Verified, kept, answered; seen to by a job."""

import structlog
from starlette.requests import Request
from starlette.responses import Response

from portal_app.core import db
from portal_app.features.payments import service as payments
from portal_app.web.route import PolicyRoute

log = structlog.get_logger(__name__)

PATH = "/webhooks/stripe"
MAX_BODY_BYTES = 256 * 1024


async def take(request: Request) -> Response:
    """Keep an event that the processor signed, and have it seen to in the same transaction; 400 for all else.

    The answer comes after the commit: what is not kept is told again.
    """
    try:
        told = payments.processor().read_event(await request.body(), request.headers.get("stripe-signature", ""))
    except (payments.EventRefused, payments.NoProcessor) as error:
        log.warning("payment_event_refused", code=error.code, reason=str(error))
        return Response(status_code=400)
    await payments.keep_event(db.opened(), told)
    return Response(status_code=200)


routes = [
    PolicyRoute(
        PATH, take, policy="payments.take_event", methods=["POST"], max_body_bytes=MAX_BODY_BYTES, from_servers=True
    )
]

"""POST /auth/act-for: go to another chart; a plain form, because another chart is another cookie."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.api.sign_in import locale_of, secret_of, signed_in, text_of
from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn
from portal_app.features.access import service
from portal_app.settings import get_settings
from portal_app.web.next_path import ACTING_FOR
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute


async def act_for(request: Request) -> Response:
    """Give the browser a session for another chart in place of the one it has."""
    form = await request.form()
    wanted, address = text_of(form, "patient"), client_address(request.scope, get_settings().proxy_hops)
    credential = Credential(secret_of(request), address, request.headers.get("user-agent", ""))
    try:
        async with db.opened().act_as(credential, "access.act_for") as tx:
            session = await service.act_for(tx, UUID(wanted) if wanted else None)
    except (ValueError, NotFound, NotAllowed, NotSignedIn):
        target = i18n.localized_path(locale_of(form), f"{ACTING_FOR}?why=ended")
        return RedirectResponse(target, 303, {"cache-control": "no-store"})
    return signed_in(session, service.safe_next(text_of(form, "next")))


routes = [PolicyRoute("/auth/act-for", act_for, policy="access.act_for", methods=["POST"])]

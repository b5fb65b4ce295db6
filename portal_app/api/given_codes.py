"""POST /auth/given-code: the code that the front desk gave, which makes a session of assurance 2."""

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.api.passkeys import browser_of, credential_of
from portal_app.api.sign_in import end_old_session, locale_of, secret_of, signed_in, text_of
from portal_app.core import db, i18n, limits
from portal_app.core.errors import NotSignedIn, PortalError
from portal_app.features.access import given_codes
from portal_app.features.access.views import NewSession
from portal_app.settings import get_settings
from portal_app.web.next_path import sign_in_path
from portal_app.web.request import client_address, network_of
from portal_app.web.route import PolicyRoute

log = structlog.get_logger(__name__)

PAGE, DEVICES = "/given-code", "/profile/devices"
WRONG_PER_NETWORK = "60/10 minutes"


async def use_given_code(request: Request) -> Response:
    """Take the code and, if it is right, replace the session by a stronger one, in which a passkey is added."""
    form = await request.form()
    page, network = i18n.localized_path(locale_of(form), PAGE), network_of(_address(request))
    try:
        await limits.require_room(WRONG_PER_NETWORK, "given codes of a network", network)
        async with db.opened().act_as(credential_of(request), "access.use_given_code") as tx:
            outcome = await given_codes.use_given_code(tx, text_of(form, "code"), browser_of(request))
    except NotSignedIn:
        return RedirectResponse(sign_in_path(page), 303)
    except PortalError as error:
        return RedirectResponse(f"{page}?problem={error.code}", 303)
    if not isinstance(outcome, NewSession):
        log.warning("given_code_refused", code=outcome.code, address=_address(request))
        await limits.count(WRONG_PER_NETWORK, "given codes of a network", network)
        return RedirectResponse(f"{page}?problem={outcome.code}", 303)
    await end_old_session(secret_of(request), outcome)
    return signed_in(outcome, i18n.localized_path(locale_of(form), DEVICES))


def _address(request: Request) -> str:
    return client_address(request.scope, get_settings().proxy_hops)


routes = [PolicyRoute("/auth/given-code", use_given_code, policy="access.use_given_code", methods=["POST"])]

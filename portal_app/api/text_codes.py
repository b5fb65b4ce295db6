"""POST /auth/text-code: the six digits of a text message, which make a session of assurance 2."""

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.api.sign_in import end_old_session, locale_of, secret_of, signed_in, text_of
from portal_app.core import db
from portal_app.core.actor import Credential
from portal_app.core.errors import NotSignedIn, PortalError
from portal_app.features.access import rules, text_codes
from portal_app.features.access.views import Browser, NewSession
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.next_path import sign_in_path, text_code_path
from portal_app.web.request import client_address, network_of
from portal_app.web.route import PolicyRoute

log = structlog.get_logger(__name__)


async def verify_text_code(request: Request) -> Response:
    """Take the six digits and, if they are right, replace the session by a stronger one."""
    form = await request.form()
    locale, target = locale_of(form), rules.safe_next(text_of(form, "next"))
    agent, address = request.headers.get("user-agent", ""), client_address(request.scope, get_settings().proxy_hops)
    secret, known_secret = secret_of(request), cookies.read_known_secret(request.headers.get("cookie"))
    try:
        async with db.opened().act_as(Credential(secret, address, agent), "access.prove_by_text") as tx:
            browser = Browser(secret, known_secret, agent)
            outcome = await text_codes.check_text_code(tx, text_of(form, "code"), browser, network_of(address))
    except NotSignedIn:
        return RedirectResponse(sign_in_path(target), 303)
    except PortalError as error:
        return RedirectResponse(text_code_path(locale, target, problem=error.code), 303)
    if not isinstance(outcome, NewSession):
        log.warning("text_code_refused", code=outcome.code, address=address)
        return RedirectResponse(text_code_path(locale, target, problem=outcome.code), 303)
    await end_old_session(secret, outcome)
    return signed_in(outcome, target)


routes = [PolicyRoute("/auth/text-code", verify_text_code, policy="access.prove_by_text", methods=["POST"])]

"""HTTP of opening an account: the last step ends with a cookie, so it is a plain form; the gate checked its origin."""

from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.api.sign_in import end_old_session, locale_of, secret_of, signed_in, text_of
from portal_app.core import db, i18n
from portal_app.core.errors import PortalError
from portal_app.features.access.views import NewSession
from portal_app.features.enrolment import service as enrolment
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.request import client_address, network_of
from portal_app.web.route import PolicyRoute

log = structlog.get_logger(__name__)

FIRST_PAGE = "/welcome"


async def complete(request: Request) -> Response:
    """Take the code of the e-mail, or the wish to keep the known address, and sign the browser in."""
    form = await request.form()
    locale, who = locale_of(form), _visitor(request)
    keeps = text_of(form, "keep") == "yes"
    try:
        await enrolment.count_try(who)
        async with db.opened().act_as_system("enrolment.activate") as tx:
            outcome = await enrolment.complete_activation(tx, who, text_of(form, "code"), locale, keeps_known=keeps)
    except PortalError as error:
        return _back(locale, error.code)
    if not isinstance(outcome, NewSession):
        log.warning("activation_refused", code=outcome.code, address=who.address)
        return _back(locale, outcome.code)
    await end_old_session(who.secret, outcome)
    return signed_in(outcome, FIRST_PAGE)


def _visitor(request: Request) -> enrolment.Visitor:
    address = client_address(request.scope, get_settings().proxy_hops)
    known = cookies.read_known_secret(request.headers.get("cookie"))
    agent = request.headers.get("user-agent", "")
    return enrolment.Visitor(secret_of(request), known, address, network_of(address), agent)


def _back(locale: str, problem: str) -> Response:
    page = i18n.localized_path(locale, "/activate")
    return RedirectResponse(f"{page}?{urlencode({'problem': problem})}", 303, headers={"cache-control": "no-store"})


routes = [PolicyRoute("/auth/activate", complete, policy="enrolment.activate", methods=["POST"])]

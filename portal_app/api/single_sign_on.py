"""HTTP of single sign-on: to the provider and back, joining two accounts, and what ended there.

The way out is a form of ours, which the gate has checked. The way back is an address that another site sends the
browser to; what makes it ours is the state, which is good once and for the browser that asked. There are no such routes
where no provider is set.
"""

from html import escape

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal_app.api.sign_in import (
    SIGNED_OUT_THERE,
    back_to_sign_in,
    enter,
    locale_of,
    secret_of,
    text_of,
)
from portal_app.core import db, i18n, limits
from portal_app.core.actor import Credential
from portal_app.core.db import secret_hash
from portal_app.core.errors import NotSignedIn, PortalError, StepUpNeeded
from portal_app.core.i18n import _
from portal_app.features.access import joining, rules, single_sign_on
from portal_app.features.access.errors import SignOnDeclined
from portal_app.features.access.proved import Refusal
from portal_app.features.access.views import JoinOffer, NewSession
from portal_app.settings import get_settings
from portal_app.web import cookies, plain_pages
from portal_app.web.next_path import proof_path
from portal_app.web.request import client_address, network_of
from portal_app.web.route import PolicyRoute

log = structlog.get_logger(__name__)

BACK = "/auth/single-sign-on/back"
JOIN = "/join-account"
TRIES_PER_BROWSER = "30/10 minutes"
NOTICES_PER_NETWORK = "600/10 minutes"


async def begin(request: Request) -> Response:
    """Send a browser to the provider."""
    form = await request.form()
    locale, target, secret = locale_of(form), rules.safe_next(text_of(form, "next")), secret_of(request)
    try:
        await limits.count(TRIES_PER_BROWSER, "single sign-on of a browser", secret_hash(secret))
        async with db.opened().act_as_visitor(secret, "access.single_sign_on", _address(request)) as tx:
            asked = await single_sign_on.begin(tx, secret, target, locale)
        anew = bool(text_of(form, "anew"))
        address = await single_sign_on.address(asked, get_settings().public_origin + BACK, anew=anew)
    except PortalError as error:
        return _refused(locale, target, error)
    return _plain(plain_pages.hand_over(address, single_sign_on.provider_name(), locale))


async def come_back(request: Request) -> Response:
    """Take what the provider sent a browser back with; sign in whose account it is, or let them prove whose."""
    said, secret = request.query_params, secret_of(request)
    state = said.get("state", "")
    locale, target = single_sign_on.locale_of_state(state), "/"
    try:
        async with db.opened().act_as_visitor(secret, "access.single_sign_on", _address(request)) as tx:
            taken = await single_sign_on.take(tx, secret, state)
        if not isinstance(taken, single_sign_on.Taken):
            return _refused(locale, target, taken())
        target = taken.next_path
        if "error" in said or "code" not in said:
            return _refused(locale, target, SignOnDeclined())
        back_to = get_settings().public_origin + BACK
        identity = await single_sign_on.identify(said["code"], said.get("iss", ""), taken, back_to)
        async with db.opened().act_as_visitor(secret, "access.single_sign_on", _address(request)) as tx:
            outcome = await single_sign_on.sign_in(tx, identity, _agent(request))
            join_secret = await joining.offer(tx, identity) if outcome is None else ""
    except PortalError as error:
        return _refused(locale, target, error)
    if outcome is None:
        return _to_prove(locale, join_secret)
    return await _entered(request, locale, target, outcome)


async def show_join(request: Request) -> Response:
    """Show which two accounts would be joined, to whoever has signed in here too."""
    locale = i18n.locale_of_path(request.url.path)
    try:
        async with db.opened().act_as(_credential(request), "access.join_accounts") as tx:
            offer = await joining.view_offer(tx, _join_secret(request))
    except (NotSignedIn, StepUpNeeded) as error:
        return _prove_first(locale, error)
    if not isinstance(offer, JoinOffer):
        return _refused(locale, "/", offer())
    with i18n.use(locale):
        return _plain(_join_page(offer, locale))


async def join(request: Request) -> Response:
    """Join the two accounts, and go on with the session that the provider's word opens."""
    locale = locale_of(await request.form())
    try:
        async with db.opened().act_as(_credential(request), "access.join_accounts") as tx:
            outcome = await joining.join(tx, _join_secret(request), _agent(request))
    except (NotSignedIn, StepUpNeeded) as error:
        return _prove_first(locale, error)
    answer = await _entered(request, locale, "/", outcome)
    answer.headers.append("set-cookie", cookies.set_join_cookie("", 0))
    return answer


async def left(request: Request) -> Response:
    """Welcome back a browser whose session at the provider has ended; it changes nothing."""
    locale = single_sign_on.locale_of_state(request.query_params.get("state", ""))
    return RedirectResponse(i18n.localized_path(locale, "/sign-in") + "?done=signed-out", 303)


async def ended(request: Request) -> Response:
    """Take the provider's notice that a session ended there (Back-Channel Logout 1.0, 2.5)."""
    form = await request.form()
    try:
        await limits.count(NOTICES_PER_NETWORK, "notices of a network", network_of(_address(request)))
        notice = await single_sign_on.read_notice(text_of(form, "logout_token"))
        async with db.opened().act_as_visitor("", "access.single_sign_on", _address(request)) as tx:
            await single_sign_on.end_here(tx, notice)
    except PortalError as error:
        log.warning("sign_on_notice_refused", code=error.code, reason=str(error))
        return Response(status_code=400, headers={"cache-control": "no-store"})
    return Response(status_code=200, headers={"cache-control": "no-store"})


async def _entered(request: Request, locale: str, target: str, outcome: NewSession | Refusal) -> Response:
    if not isinstance(outcome, NewSession):
        return _refused(locale, target, outcome())
    return await enter(secret_of(request), outcome, target)


def _to_prove(locale: str, join_secret: str) -> Response:
    """Let somebody sign in here, who then finds the page that joins the two accounts."""
    sign_in = f"{i18n.localized_path(locale, '/sign-in')}?step=join&next={JOIN}"
    answer = RedirectResponse(sign_in, 303, {"cache-control": "no-store"})
    answer.headers.append("set-cookie", cookies.set_join_cookie(join_secret, int(rules.JOIN_LIFE.total_seconds())))
    return answer


def _prove_first(locale: str, error: NotSignedIn | StepUpNeeded) -> Response:
    return RedirectResponse(proof_path(error, i18n.localized_path(locale, JOIN)), 303)


def _refused(locale: str, target: str, error: PortalError) -> Response:
    log.warning("sign_on_refused", code=error.code, reason=str(error))
    return back_to_sign_in(locale, target, error.code, "single-sign-on")


def _join_page(offer: JoinOffer, locale: str) -> bytes:
    rows = (
        (_("Your practice account at {name}").format(name=single_sign_on.provider_name()), offer.theirs),
        (_("Your account here"), offer.ours),
    )
    listed = "".join(f"<dt>{escape(name)}</dt><dd><bdi>{escape(value)}</bdi></dd>" for name, value in rows)
    words = escape(
        _("From then on your practice account signs you in here with one tap. Join them only if both are yours.")
    )
    button = escape(_("Join the two accounts"))
    form = (
        f'<form method="post" action="/auth/single-sign-on/join"><input type="hidden" name="locale" value="{locale}">'
        f'<button type="submit">{button}</button></form>'
    )
    not_now = plain_pages.link(_("Not now"), i18n.localized_path(locale, "/"))
    return plain_pages.document(_("Are both accounts yours?"), f"<p>{words}</p><dl>{listed}</dl>{form}{not_now}")


def _plain(page: bytes) -> Response:
    return HTMLResponse(page, headers={"cache-control": "no-store"})


def _credential(request: Request) -> Credential:
    return Credential(secret_of(request), _address(request), _agent(request))


def _join_secret(request: Request) -> str:
    return cookies.read_join_secret(request.headers.get("cookie"))


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _address(request: Request) -> str:
    return client_address(request.scope, get_settings().proxy_hops)


every_route = [
    PolicyRoute("/auth/single-sign-on", begin, policy="access.single_sign_on", methods=["POST"]),
    PolicyRoute(BACK, come_back, policy="access.single_sign_on"),
    PolicyRoute(SIGNED_OUT_THERE, left, policy="access.single_sign_on"),
    PolicyRoute(
        "/auth/single-sign-on/ended", ended, policy="access.single_sign_on", methods=["POST"], from_servers=True
    ),
    PolicyRoute("/auth/single-sign-on/join", join, policy="access.join_accounts", methods=["POST"]),
    PolicyRoute(JOIN, show_join, policy="access.join_accounts"),
    PolicyRoute("/{locale:str}" + JOIN, show_join, policy="access.join_accounts"),
]
routes = every_route if get_settings().oidc_issuer else []

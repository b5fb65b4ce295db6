"""HTTP for what needs a cookie: finish signing in, sign out, choose a language.

Plain forms post here, so that nothing depends on a socket or on JavaScript. The gate has checked the origin.
"""

import contextlib
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal_app.core import clock, db, i18n, policy
from portal_app.core.actor import Actor, Credential
from portal_app.core.errors import (
    NotAllowed,
    NotFound,
    NotSignedIn,
    OnlyLooking,
    PasskeyNeeded,
    PortalError,
    SecondFactorNeeded,
)
from portal_app.features.access import rules, service, single_sign_on, tries
from portal_app.features.access.errors import ProviderAway
from portal_app.features.access.views import NewSession
from portal_app.features.notify import service as notify
from portal_app.features.privacy import service as privacy
from portal_app.settings import get_settings
from portal_app.web import cookies, plain_pages
from portal_app.web.request import client_address, network_of
from portal_app.web.route import PolicyRoute

SIGNED_OUT_THERE = "/auth/single-sign-on/left"
"""Where the provider of single sign-on sends a browser whose session it ended."""

log = structlog.get_logger(__name__)


async def verify_code(request: Request) -> Response:
    """Take the six digits and, if they are right, give the browser a session."""
    form = await request.form()
    locale, target = locale_of(form), rules.safe_next(text_of(form, "next"))
    agent, address = request.headers.get("user-agent", ""), client_address(request.scope, get_settings().proxy_hops)
    known_secret = cookies.read_known_secret(request.headers.get("cookie"))
    asker = tries.Asker(secret_of(request), known_secret, network_of(address))
    try:
        async with db.opened().act_as_visitor(asker.secret, "access.check_code", address) as tx:
            wrong = await tries.require_try(tx, asker)
            outcome = await service.check_code(tx, text_of(form, "code"), asker.secret, agent, known_secret)
        if not isinstance(outcome, NewSession):
            log.warning("sign_in_code_refused", code=outcome.code, address=address)
            await wrong.count()
            return back_to_sign_in(locale, target, outcome.code)
    except PortalError as error:
        return back_to_sign_in(locale, target, error.code)
    return await enter(asker.secret, outcome, target)


async def demo_sign_in(request: Request) -> Response:
    """Sign in as one of the demo's people with one tap; there is no such route outside the demo."""
    form = await request.form()
    secret = secret_of(request)
    try:
        person_id = UUID(text_of(form, "person"))
        policy.require(db.VISITOR, "access.demo_sign_in")
        # The tap stands for a passkey, so it is the system that lets them in: nobody has proved anything.
        async with db.opened().act_as_system("demo sign-in") as tx:
            session = await service.open_session(
                tx, person_id, assurance=2, user_agent=request.headers.get("user-agent", ""), method="demo"
            )
    except (ValueError, NotFound):
        return RedirectResponse(i18n.localized_path(locale_of(form), "/sign-in"), 303)
    return await enter(secret, session, rules.safe_next(text_of(form, "next")))


async def sign_out(request: Request) -> Response:
    """End the session everywhere, also at the provider of single sign-on that opened it, and take the cookie away."""
    locale = locale_of(await request.form())
    address = await _end_and_leave(secret_of(request), locale)
    answer: Response = RedirectResponse(i18n.localized_path(locale, "/sign-in") + "?done=signed-out", 303)
    if address is not None:
        answer = HTMLResponse(plain_pages.hand_over(address, single_sign_on.provider_name(), locale))
        answer.headers["cache-control"] = "no-store"
    answer.headers.append("set-cookie", cookies.clear_cookie())
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


async def choose_language(request: Request) -> Response:
    """Show the page the person came from in a language, and remember it for whoever is signed in.

    The menu posts here; following an address changes nothing and only shows the page.
    """
    locale = request.path_params["locale"]
    if locale not in i18n.LOCALES:
        locale = i18n.DEFAULT_LOCALE
    if request.method == "POST":
        await _remember_language(secret_of(request), locale)
    came_from = urlsplit(request.headers.get("referer", ""))
    path = rules.safe_next(came_from.path + (f"?{came_from.query}" if came_from.query else ""))
    target = i18n.localized_path(locale, i18n.path_without_locale(path))
    return RedirectResponse(target, 303, headers={"cache-control": "no-store"})


async def _remember_language(secret: str, locale: str) -> None:
    try:
        async with db.opened().act_as(Credential(secret), "access.choose_language") as tx:
            await service.choose_language(tx, locale)
    except (NotSignedIn, OnlyLooking):
        return  # the language of a visitor, and of a patient's pages seen by support, lives in the address alone


async def enter(old_secret: str, session: NewSession, target: str) -> Response:
    """Let a browser in that has just signed in: in the chart its target is about, or in which it was until now."""
    before = await end_old_session(old_secret, session)
    was_theirs = before is not None and before.person_id == session.person_id and target != "/"
    stays_at = before.patient_id if before is not None and was_theirs else None
    if stays_at or service.named_in(target):
        # Where they may not, the page itself says what it has to say.
        with contextlib.suppress(NotFound, NotAllowed, SecondFactorNeeded, PasskeyNeeded):
            async with db.opened().act_as(Credential(session.secret), "access.act_for") as tx:
                session = await service.lead(tx, session, target, stays_at)
    return signed_in(session, target)


def signed_in(session: NewSession, target: str) -> Response:
    """Give the browser its session and send it where it wanted to go, in the person's language."""
    path = i18n.path_without_locale(target or "/")  # the gate sends staff on from there to where they begin
    answer = RedirectResponse(i18n.localized_path(session.locale, path), 303)
    age = int((session.expires_at - clock.now()).total_seconds())
    answer.headers.append("set-cookie", cookies.set_cookie(session.secret, age))
    if session.known_secret:
        life = int(rules.KNOWN_BROWSER_LIFE.total_seconds())
        answer.headers.append("set-cookie", cookies.set_known_cookie(session.known_secret, life))
    answer.headers.append("set-cookie", cookies.set_look_cookie(session.look))
    answer.headers["cache-control"] = "no-store"
    return answer


def back_to_sign_in(locale: str, target: str, problem: str, step: str = "code") -> Response:
    """Show a step of signing in again, with what went wrong."""
    query = urlencode({"step": step, "problem": problem, "next": target})
    return RedirectResponse(f"{i18n.localized_path(locale, '/sign-in')}?{query}", 303)


async def end_old_session(secret: str, session: NewSession) -> Actor | None:
    """End the session a browser had before it signed in anew; what belongs to the browser goes over.

    Returns:
        whose it was, None if it had none.
    """
    if not secret or cookies.is_visitor(secret):
        return None
    try:
        async with db.opened().act_as(Credential(secret), "access.sign_out") as tx:
            before = tx.actor
            await notify.hand_on(tx, session.session_id)
            await service.sign_out(tx)
    except NotSignedIn:
        return None  # it had ended already
    except OnlyLooking:
        return await end_old_session(await _at_work(secret), session)
    return before


async def _at_work(secret: str) -> str:
    """Return the secret of the session at work to which a browser goes back that sees a patient's pages; "" if none."""
    async with db.opened().act_as_visitor("", "privacy.stop_seeing") as tx:
        session = await privacy.stop_seeing(tx, secret)
    return session.secret if session else ""


async def _end_and_leave(secret: str, locale: str) -> str | None:
    """End a session; return where the browser goes to end it at the provider too, None if there is nothing to end."""
    token = None
    with contextlib.suppress(NotSignedIn):  # it had ended already
        try:
            token = await _end(secret)
        except OnlyLooking:
            token = await _end(await _at_work(secret))
    if token is None:
        return None
    try:
        return await single_sign_on.leaving_address(token, get_settings().public_origin + SIGNED_OUT_THERE, locale)
    except (ProviderAway, NotFound):
        return None  # signed out here all the same


async def _end(secret: str) -> str | None:
    async with db.opened().act_as(Credential(secret), "access.sign_out") as tx:
        token = await single_sign_on.token_of(tx)
        await service.sign_out(tx)
    return token


def secret_of(request: Request) -> str:
    """Return the secret of the browser that asks."""
    return cookies.read_secret(request.headers.get("cookie"))


def text_of(form: FormData, name: str) -> str:
    """Return a field of a form, "" if it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def locale_of(form: FormData) -> str:
    """Return the language of the page that posted a form."""
    locale = text_of(form, "locale")
    return locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE


routes = [
    PolicyRoute("/auth/verify", verify_code, policy="access.check_code", methods=["POST"]),
    PolicyRoute("/auth/sign-out", sign_out, policy="access.leave", methods=["POST"]),
    PolicyRoute("/auth/language/{locale}", choose_language, policy="access.read_in_language", methods=["GET", "POST"]),
]
demo_routes = [PolicyRoute("/auth/demo", demo_sign_in, policy="access.demo_sign_in", methods=["POST"])]
"""Mounted in the demo only."""

"""HTTP of passkeys: the questions as JSON, the answers as plain forms. The gate has checked the origin.

What the browser answers with goes over an ordinary form, as a code does: it ends with a cookie and another page.
"""

from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from portal_app.api.sign_in import back_to_sign_in, enter, locale_of, secret_of, signed_in, text_of
from portal_app.core import db, i18n, limits
from portal_app.core.actor import Credential
from portal_app.core.db import secret_hash
from portal_app.core.errors import NotSignedIn, PortalError, StepUpNeeded
from portal_app.features.access import passkeys, rules, step_up
from portal_app.features.access.errors import PasskeyRefused
from portal_app.features.access.views import Browser, NewSession
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.answers import locale_of_reader
from portal_app.web.next_path import proof_path
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute
from portal_app.web.site import site

log = structlog.get_logger(__name__)

DEVICES = "/profile/devices"
WELCOME = "/welcome"
QUESTIONS_PER_BROWSER = "60/10 minutes"


async def ask_to_sign_in(request: Request) -> Response:
    """Give a browser what it asks its passkeys, whoever they belong to."""
    secret = secret_of(request)
    try:
        await limits.count(QUESTIONS_PER_BROWSER, "passkeys of a browser", secret_hash(secret))
        async with db.opened().act_as_visitor(secret, "access.use_passkey", _address(request)) as tx:
            options = await passkeys.begin_sign_in(tx, secret, site())
    except PortalError as error:
        return no_question(request, error)
    return question(options)


async def sign_in(request: Request) -> Response:
    """Take what a passkey answered and, if it is right, give the browser a session."""
    form = await request.form()
    browser, target = browser_of(request), rules.safe_next(text_of(form, "next"))
    try:
        async with db.opened().act_as_visitor(browser.secret, "access.use_passkey", _address(request)) as tx:
            outcome = await passkeys.finish_sign_in(tx, text_of(form, "answer"), browser, site())
    except PortalError as error:
        return back_to_sign_in(locale_of(form), target, error.code, "passkey")
    if not isinstance(outcome, NewSession):
        log.warning("passkey_refused", code=outcome.code, address=_address(request))
        return back_to_sign_in(locale_of(form), target, outcome.code, "passkey")
    return await enter(browser.secret, outcome, target)


async def ask_to_add(request: Request) -> Response:
    """Give the browser of somebody signed in what it makes a passkey from."""
    try:
        async with db.opened().act_as(credential_of(request), "access.add_passkey") as tx:
            options = await passkeys.begin_adding(tx, secret_of(request), site())
    except PortalError as error:
        return no_question(request, error)
    return question(options)


async def add(request: Request) -> Response:
    """Keep the passkey that a browser made, and go back to the list."""
    form = await request.form()
    path = i18n.localized_path(locale_of(form), WELCOME if text_of(form, "back") == "welcome" else DEVICES)
    try:
        async with db.opened().act_as(credential_of(request), "access.add_passkey") as tx:
            outcome = await passkeys.finish_adding(tx, text_of(form, "answer"), browser_of(request), site())
    except (NotSignedIn, StepUpNeeded) as error:
        return RedirectResponse(proof_path(error, path), 303)
    if outcome is PasskeyRefused:
        log.warning("passkey_not_added", code=PasskeyRefused.code)
        return RedirectResponse(f"{path}?problem={PasskeyRefused.code}", 303)
    return RedirectResponse(f"{path}?done=added", 303)


async def ask_once_more(request: Request) -> Response:
    """Give the browser of somebody signed in what it asks their passkeys, for a step that wants a fresh proof."""
    try:
        async with db.opened().act_as(credential_of(request), "access.step_up") as tx:
            options = await step_up.ask(tx, secret_of(request), site())
    except PortalError as error:
        return no_question(request, error)
    return question(options)


async def prove_once_more(request: Request) -> Response:
    """Take the answer without leaving the page; where the session is replaced, say to open the page anew."""
    form = await request.form()
    target = rules.safe_next(text_of(form, "next"))
    try:
        async with db.opened().act_as(credential_of(request), "access.step_up") as tx:
            outcome = await step_up.prove(tx, text_of(form, "answer"), browser_of(request), site())
    except PortalError as error:
        return no_question(request, error)
    if outcome is None:
        return question({})
    if not isinstance(outcome, NewSession):
        log.warning("step_up_refused", code=outcome.code, address=_address(request))
        return JSONResponse({"leave": "", "problem": outcome.code}, 403, {"cache-control": "no-store"})
    answer = signed_in(outcome, target)
    told = question({"leave": answer.headers["location"]})
    for cookie in answer.headers.getlist("set-cookie"):
        told.headers.append("set-cookie", cookie)
    return told


def question(options: dict[str, Any]) -> Response:
    """Give a browser a question for its passkeys, to be kept nowhere."""
    return JSONResponse(options, headers={"cache-control": "no-store"})


def no_question(request: Request, error: PortalError) -> Response:
    """Say why there is no question: where to go instead, or the code of what went wrong."""
    leave = ""
    if isinstance(error, NotSignedIn | StepUpNeeded):
        locale = locale_of_reader("", request.headers.get("referer"))
        leave = proof_path(error, i18n.localized_path(locale, DEVICES))
    return JSONResponse({"leave": leave, "problem": error.code}, 403, {"cache-control": "no-store"})


def browser_of(request: Request) -> Browser:
    """Return the browser that asks, as it proves itself."""
    known_secret = cookies.read_known_secret(request.headers.get("cookie"))
    return Browser(secret_of(request), known_secret, request.headers.get("user-agent", ""))


def credential_of(request: Request) -> Credential:
    """Return the session of whoever asks."""
    return Credential(secret_of(request), _address(request), request.headers.get("user-agent", ""))


def _address(request: Request) -> str:
    return client_address(request.scope, get_settings().proxy_hops)


routes = [
    PolicyRoute("/auth/passkey/question", ask_to_sign_in, policy="access.use_passkey", methods=["POST"]),
    PolicyRoute("/auth/passkey", sign_in, policy="access.use_passkey", methods=["POST"]),
    PolicyRoute("/auth/step-up/question", ask_once_more, policy="access.step_up", methods=["POST"]),
    PolicyRoute("/auth/step-up", prove_once_more, policy="access.step_up", methods=["POST"]),
    PolicyRoute("/auth/passkey/new/question", ask_to_add, policy="access.add_passkey", methods=["POST"]),
    PolicyRoute("/auth/passkey/new", add, policy="access.add_passkey", methods=["POST"]),
]

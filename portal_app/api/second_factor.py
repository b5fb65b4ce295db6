"""HTTP of the second factor of staff: plain forms, because each ends with another cookie.

The gate has checked the origin.
"""

from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.api.passkeys import browser_of, credential_of, no_question, question
from portal_app.api.sign_in import locale_of, secret_of, signed_in, text_of
from portal_app.core import db, i18n, limits
from portal_app.core.errors import NotSignedIn, PortalError, StepUpNeeded
from portal_app.features.access import factors, rules
from portal_app.features.access.errors import PasskeyRefused
from portal_app.features.access.views import NewSession
from portal_app.settings import get_settings
from portal_app.web.next_path import SECOND_FACTOR, proof_path
from portal_app.web.request import client_address, network_of
from portal_app.web.route import PolicyRoute
from portal_app.web.site import site

log = structlog.get_logger(__name__)

WRONG_PER_NETWORK = "60/10 minutes"
Outcome = NewSession | factors.Refusal | type[PasskeyRefused] | None


async def prove(request: Request) -> Response:
    """Take the digits of the app or a recovery code."""
    form = await request.form()
    target = rules.safe_next(text_of(form, "next"))
    try:
        await _require_room(request)
        async with db.opened().act_as(credential_of(request), "access.prove_factor") as tx:
            outcome = await factors.prove(tx, text_of(form, "code"), browser_of(request).user_agent)
        return await _answer(request, outcome, "prove", target)
    except PortalError as error:
        return await _back(request, error, "prove")


async def open_set_up(request: Request) -> Response:
    """Take the code that another person gave, and let this session set up a second factor."""
    form = await request.form()
    try:
        await _require_room(request)
        async with db.opened().act_as(credential_of(request), "access.prove_factor") as tx:
            outcome = await factors.open_set_up(tx, text_of(form, "code"))
        return await _answer(request, outcome, "code", "")
    except PortalError as error:
        return await _back(request, error, "code")


async def ask_for_passkey(request: Request) -> Response:
    """Give the browser what it makes a first passkey from."""
    try:
        async with db.opened().act_as(credential_of(request), "access.set_up_factor") as tx:
            options = await factors.begin_passkey(tx, secret_of(request), site())
    except PortalError as error:
        return no_question(request, error)
    return question(options)


async def add_passkey(request: Request) -> Response:
    """Keep the passkey that the browser made, and go on with it."""
    form = await request.form()
    try:
        async with db.opened().act_as(credential_of(request), "access.set_up_factor") as tx:
            outcome = await factors.finish_passkey(tx, text_of(form, "answer"), browser_of(request), site())
        return await _answer(request, outcome, "set-up", _to_codes(text_of(form, "next")))
    except PortalError as error:
        return await _back(request, error, "set-up")


async def confirm_app(request: Request) -> Response:
    """Take the first digits of a new authenticator app, and go on with it."""
    form = await request.form()
    try:
        await _require_room(request)
        async with db.opened().act_as(credential_of(request), "access.set_up_factor") as tx:
            outcome = await factors.confirm_app(tx, text_of(form, "code"), browser_of(request).user_agent)
        return await _answer(request, outcome, "set-up", _to_codes(text_of(form, "next")))
    except PortalError as error:
        return await _back(request, error, "set-up")


def _to_codes(typed_next: str) -> str:
    return f"{SECOND_FACTOR}?{urlencode({'step': 'codes', 'next': rules.safe_next(typed_next)})}"


async def _answer(request: Request, outcome: Outcome, step: str, target: str) -> Response:
    if isinstance(outcome, NewSession):
        return signed_in(outcome, target)
    if outcome is None:
        return await _to_page(request, {"step": "set-up"})
    log.warning("second_factor_refused", code=outcome.code, address=_address(request))
    if outcome is not PasskeyRefused:
        await limits.count(WRONG_PER_NETWORK, "second factors of a network", network_of(_address(request)))
    return await _to_page(request, {"step": step, "problem": outcome.code})


async def _back(request: Request, error: PortalError, step: str) -> Response:
    if isinstance(error, NotSignedIn | StepUpNeeded):
        form = await request.form()
        return RedirectResponse(proof_path(error, i18n.localized_path(locale_of(form), SECOND_FACTOR)), 303)
    return await _to_page(request, {"step": step, "problem": error.code})


async def _to_page(request: Request, more: dict[str, str]) -> Response:
    form = await request.form()
    query = urlencode(more | {"next": rules.safe_next(text_of(form, "next"))})
    return RedirectResponse(f"{i18n.localized_path(locale_of(form), SECOND_FACTOR)}?{query}", 303)


async def _require_room(request: Request) -> None:
    await limits.require_room(WRONG_PER_NETWORK, "second factors of a network", network_of(_address(request)))


def _address(request: Request) -> str:
    return client_address(request.scope, get_settings().proxy_hops)


routes = [
    PolicyRoute("/auth/factor", prove, policy="access.prove_factor", methods=["POST"]),
    PolicyRoute("/auth/factor/open", open_set_up, policy="access.prove_factor", methods=["POST"]),
    PolicyRoute("/auth/factor/passkey/question", ask_for_passkey, policy="access.set_up_factor", methods=["POST"]),
    PolicyRoute("/auth/factor/passkey", add_passkey, policy="access.set_up_factor", methods=["POST"]),
    PolicyRoute("/auth/factor/app", confirm_app, policy="access.set_up_factor", methods=["POST"]),
]

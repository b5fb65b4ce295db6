# ruff: noqa: SLF001 - the private parts of our own states; they are private so that no browser can call them.
"""The guard: which events reach a state.

Reflex runs any public method for whoever holds a socket, with any arguments. Before each event the guard asks:
does this state belong to this browser's session; may the browser send this event at all; do the arguments have
the shape the handler declares; is somebody signed in where the policy wants it. What fails is dropped.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, get_type_hints

import structlog
from pydantic import TypeAdapter, ValidationError
from reflex.app import App
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, FrontendEventExceptionState, OnLoadInternalState, State, StateUpdate
from reflex_base.event import Event, EventHandler
from reflex_base.registry import RegistrationContext
from reflex_base.utils.form import form_data_as_dict
from reflex_base.utils.format import format_event_handler

from portal_app.core import policy as policies
from portal_app.core.actor import Credential
from portal_app.core.db import Database, secret_hash
from portal_app.core.errors import NotAllowed, NotSignedIn
from portal_app.core.i18n import path_without_locale
from portal_app.state.base import PortalState, ShownFor, policy_of
from portal_app.state.notice import Notice
from portal_app.state.step_up import StepUp
from portal_app.web import cookies
from portal_app.web.live import PAGES
from portal_app.web.page import place
from portal_app.web.policies import CONNECT
from portal_app.web.registry import page_at

NOBODY = "nobody is signed in"

log = structlog.get_logger(__name__)


class Binding(PortalState, State):
    """Whose session this state belongs to; nothing of it is sent to the browser."""

    _session_hash: str = ""


@cache
def _arrivals() -> frozenset[str]:
    """Return the events with which a tab connects: they are answered with the whole state."""
    return frozenset(format_event_handler(State.event_handlers[name]) for name in ("hydrate", "hydrate_and_load"))


@cache
def _page_load() -> str:
    return format_event_handler(OnLoadInternalState.event_handlers["on_load_internal"])


@cache
def framework_events() -> frozenset[str]:
    """Return the events of Reflex itself that a page needs; its other ones (`setvar` and the like) are refused."""
    others = (
        OnLoadInternalState.event_handlers["set_is_hydrated"],
        FrontendEventExceptionState.event_handlers["handle_frontend_exception"],
    )
    return _arrivals() | {_page_load()} | {format_event_handler(handler) for handler in others}


class Guard(Middleware):
    """Drops what may not run. Every refusal is logged by name, never with arguments.

    Args:
        database: gives the process's database; asked for late, because it opens with the server.
    """

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - Reflex passes the app by name
        """Return None to let the event run, an empty update to drop it."""
        root = state._get_root_state()
        secret = _secret(root)
        binding = await root.get_state(Binding)
        session_hash = secret_hash(secret)
        if event.name in _arrivals():
            await self._arrive(root, secret, session_hash, binding)
        elif binding._session_hash != session_hash:
            log.warning("event_dropped", handler=event.name, reason="another session's state")
            return StateUpdate()
        if event.name in _arrivals() or event.name == _page_load():
            await _empty_for_another(root, is_fresh=bool(event.payload.get("hashes")))
        reason = refusal(event, is_visitor=not secret or cookies.is_visitor(secret))
        if reason is not None:
            log.warning("event_dropped", handler=event.name, reason=reason)
            # A link on a public page may lead to a private one inside the open document, past the gate.
            away = [Notice.on_signed_out(NotSignedIn.code)] if reason == NOBODY else []
            return StateUpdate(events=Event.from_event_type(away))
        if event.name not in _arrivals():
            await self._begin(root, event)
        return None

    async def _arrive(self, root: BaseState, secret: str, session_hash: str, binding: Binding) -> None:
        if binding._session_hash != session_hash:
            root.reset()  # type: ignore[no-untyped-call]
            binding._session_hash = session_hash
        notice = await root.get_state(Notice)
        await notice._clear()
        session = root.router.session
        # Noted before anything can fail, so that a tab that could not be filled is filled once the database is back.
        PAGES.opened(session.client_token, session.session_id, None)
        if not secret or cookies.is_visitor(secret):
            return
        credential = Credential(secret, session.client_ip, root.router.headers.user_agent)
        try:
            async with self._database().act_as(credential, CONNECT) as tx:
                PAGES.opened(session.client_token, session.session_id, tx.actor.session_id)
        except NotSignedIn:
            await notice._leave_to_sign_in()

    async def _begin(self, root: BaseState, event: Event) -> None:
        """Put away what was said about an earlier event, and what an earlier page watched."""
        if event.name == _page_load():
            PAGES.turned(root.router.session.client_token)
        elif event.name in framework_events() or event.name.startswith(Notice.get_full_name()):
            return
        await (await root.get_state(Notice))._clear()
        if not event.name.startswith(StepUp.get_full_name()):
            (await root.get_state(StepUp))._note(event)


async def _empty_for_another(root: BaseState, *, is_fresh: bool) -> None:
    """Let a page begin with its skeleton when it opens for something else than it was filled for last.

    A state of a page of one thing is emptied besides: what was shown is not taken for what comes. `is_fresh` is a
    document that was just loaded, whose first HTML shows skeletons already.
    """
    url = root.router.url
    shown = await root.get_state(ShownFor)
    address = f"{url.path}?{url.query}"
    is_other = is_fresh or place(address) != place(shown.address)
    shown.address = address
    page = page_at(path_without_locale(url.path))
    if page is None:
        return
    loads = page.on_load if isinstance(page.on_load, list | tuple) else [page.on_load]
    for name in {one.state_full_name for one in loads if isinstance(one, EventHandler)}:
        state: Any = await root.get_state(root.get_class_substate(name))
        if page.is_dynamic and isinstance(state, PortalState) and state._shown_at != url.path:
            state.reset()  # type: ignore[no-untyped-call]
            state._shown_at = url.path
        elif is_other and "is_ready" in state.vars:
            state.is_ready = False


def refusal(event: Event, *, is_visitor: bool) -> str | None:
    """Return why a browser may not send an event, or None if it may."""
    if event.name in framework_events():
        return None
    registered = RegistrationContext.get().event_handlers.get(event.name)
    name = policy_of(registered.handler.fn) if registered else None
    if registered is None or name is None:
        return "no policy"
    try:
        policy = policies.get(name)
    except NotAllowed:
        return "unknown policy"
    if is_visitor and not policy.public:
        return NOBODY
    return None if _fits(registered.handler, event.payload) else "arguments do not fit"


def _fits(handler: EventHandler, payload: dict[str, Any]) -> bool:
    arguments = _arguments(handler.fn)
    needed = {name for name, (_adapter, is_needed) in arguments.items() if is_needed}
    if not needed <= payload.keys() <= arguments.keys():
        return False
    try:
        for name, value in payload.items():
            arguments[name][0].validate_python(form_data_as_dict(value), strict=True)
    except ValidationError:
        return False
    return True


@cache
def _arguments(method: Callable[..., Any]) -> dict[str, tuple[TypeAdapter[Any], bool]]:
    """Return, for each argument of a handler, what checks it and whether it must be there."""
    hints = get_type_hints(method)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return {
        parameter.name: (_adapter(hints.get(parameter.name, Any)), parameter.default is parameter.empty)
        for parameter in parameters
    }


def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


def _secret(root: BaseState) -> str:
    # Set by Reflex from the socket's handshake before each event; nothing the page sends ends up here.
    headers: dict[str, str] = root.router_data.get("headers", {})
    return cookies.read_secret(headers.get("cookie"))

"""The gate: what reaches Reflex at all.

Denied unless known: an address is a screen, a file of the build, or a route of ours; Reflex's own endpoints
(`/_upload`, `/_health`, `/ping`) stay closed. A socket needs our exact origin and a live session, or a visitor's
cookie. Everything leaves with the security headers.
"""

import contextlib
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import structlog
from starlette.routing import BaseRoute, Match

from portal_app.core.actor import Actor, Credential, Role
from portal_app.core.db import Database, secret_hash
from portal_app.core.errors import (
    AccessEnded,
    DatabaseAway,
    NotAllowed,
    NotSignedIn,
    OnlyLooking,
    OutOfScope,
    StepUpNeeded,
)
from portal_app.core.i18n import DEFAULT_LOCALE, localized_path, path_without_locale
from portal_app.features.access import service as access
from portal_app.settings import Settings
from portal_app.web import accent, cookies, csp, limits, origins, plain_pages
from portal_app.web.answers import locale_of_reader
from portal_app.web.contact import CONTACT
from portal_app.web.documents import Document, Documents, normal_path
from portal_app.web.first_answer import FirstAnswers
from portal_app.web.first_look import FirstLooks
from portal_app.web.headers import BUILT, BUILT_POLICY, lean, security_headers, with_caching, with_security
from portal_app.web.live import PAGES
from portal_app.web.next_path import (
    SECOND_FACTOR,
    SIGN_IN,
    barred_path,
    looked_path,
    other_chart_path,
    proof_path,
    staff_start,
    text_code_path,
)
from portal_app.web.policies import CONNECT
from portal_app.web.request import (
    AsgiApp,
    Headers,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    client_address,
    header,
    network_of,
    redirect,
    refuse_socket,
)
from portal_app.web.route import PolicyRoute, PolicySocket

SOCKET_PATH = "/_event"
SERVICE_WORKER = "/sw.js"
NOT_OURS, NO_SESSION, TRY_LATER, TOO_MUCH = 4403, 4401, 1013, 1008
"""Close codes of a socket."""

log = structlog.get_logger(__name__)


def session_token(session_hash: str, client_token: str) -> str:
    """Return the name under which Reflex keeps a tab's state: bound to the session, not to the tab alone.

    Reflex takes whoever shows a client token for its owner. Named like this, the same token under another
    session is another state, so a stolen one opens nothing.
    """
    return sha256(f"{session_hash}:{client_token}".encode()).hexdigest()


def own_start(actor: Actor, path: str) -> str | None:
    """Return where somebody begins instead of at this address, or None.

    The bare address is what people type; they mean their own work and their own language.
    """
    if path_without_locale(normal_path(path)) != "/":
        return None
    if Role.unproven in actor.roles:
        return localized_path(actor.locale, SECOND_FACTOR)
    if Role.held_back in actor.roles:
        return text_code_path(actor.locale, localized_path(actor.locale, "/"))
    if actor.is_staff():
        return localized_path(actor.locale, staff_start(actor))
    is_bare = normal_path(path) == "/"
    return localized_path(actor.locale, "/") if is_bare and actor.locale != DEFAULT_LOCALE else None


def _elsewhere(actor: Actor, route: str, scope: Scope) -> str | None:
    """Return where somebody signed in is led instead of to a page, or None."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if route == SIGN_IN and query.keys() == {"next"}:
        # A tab whose session gave way to a stronger one, in this browser: it goes on where it was.
        return access.safe_next(query["next"][0])
    return own_start(actor, scope["path"])


class Gate:
    """ASGI middleware in front of our routes and Reflex.

    Args:
        app: what lies behind.
        settings: mode, origin and proxy hops.
        documents: the screens and their HTML.
        static_root: the folder of the build that is served.
        routes: our own HTTP routes.
        database: gives the process's database; asked for late, because it opens with the server.
    """

    def __init__(
        self,
        app: AsgiApp,
        *,
        settings: Settings,
        documents: Documents,
        static_root: Path,
        routes: Iterable[BaseRoute],
        database: Callable[[], Database],
        allowances: limits.Allowances | None = None,
    ) -> None:
        """Write down which addresses exist."""
        self._app = app
        self._settings = settings
        self._documents = documents
        self._files = static_files(static_root)
        self._coloured = accent.Coloured(static_root)
        self._routes = tuple(routes)
        self._database = database
        self._allowances = allowances or limits.Allowances()
        self._sockets = limits.OpenSockets(settings.sockets_per_network, settings.sockets_per_session)
        self._origins = origins.accepted_origins(settings)
        self._first_looks = FirstAnswers(
            FirstLooks(static_root), database, self._allowances, origins.socket_origins(self._origins)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request or socket through, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        address = client_address(scope, self._settings.proxy_hops)
        scope = {**scope, "client": (address, 0)}
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    # Sockets

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        secret = cookies.read_secret(header(scope, "cookie"))
        refusal = await self._socket_refusal(scope, secret)
        with self._sockets.one_more(network_of(scope["client"][0]), secret_hash(secret)) as has_room:
            if refusal is None and has_room:
                if self._is_own_socket(scope):
                    await self._app(scope, receive, send)
                else:
                    await self._open_socket(scope, receive, send, secret)
                return
        log.info("socket_refused", code=refusal or TRY_LATER)
        await refuse_socket(receive, send, refusal or TRY_LATER)

    async def _open_socket(self, scope: Scope, receive: Receive, send: Send, secret: str) -> None:
        session_hash = secret_hash(secret)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        token = session_token(session_hash, query.get("token", [""])[0])
        query["token"] = [token]
        scope = {**scope, "query_string": urlencode(query, doseq=True).encode()}
        try:
            await self._app(scope, self._counted(receive, send, self._events_of(scope, secret)), send)
        finally:
            PAGES.socket_closed()

    async def _socket_refusal(self, scope: Scope, secret: str) -> int | None:
        is_room = self._is_own_socket(scope)
        if not (is_room or normal_path(scope["path"]) == SOCKET_PATH) or not origins.is_own(scope, self._origins):
            return NOT_OURS
        if not await self._allowances.takes_socket(network_of(scope["client"][0])):
            return TRY_LATER
        if is_room:  # it asks who may come in by itself, of guests too, who have no session
            return None
        return None if cookies.is_visitor(secret) else await self._session_refusal(scope, secret)

    def _is_own_socket(self, scope: Scope) -> bool:
        return any(isinstance(route, PolicySocket) and route.matches(scope)[0] is Match.FULL for route in self._routes)

    async def _session_refusal(self, scope: Scope, secret: str) -> int | None:
        try:
            await self._actor(scope, secret, CONNECT)
        except (NotSignedIn, NotAllowed):
            return NO_SESSION
        except DatabaseAway:
            return TRY_LATER
        return None

    def _events_of(self, scope: Scope, secret: str) -> Callable[[], Awaitable[bool]]:
        """Return what counts an event of this browser and tells whether it is within the limits."""
        if cookies.is_visitor(secret):
            network = network_of(scope["client"][0])
            return lambda: self._allowances.takes_visitor_event(secret_hash(secret), network)
        return lambda: self._allowances.takes_event(secret_hash(secret))

    def _counted(self, receive: Receive, send: Send, takes_event: Callable[[], Awaitable[bool]]) -> Receive:
        async def receive_within_limits() -> Message:
            """Pass on what comes in; hang up at what is too much or too long."""
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            size = len(message.get("text") or message.get("bytes") or "")
            if size <= limits.MAX_EVENT_BYTES and await takes_event():
                return message
            log.warning("socket_closed_for_excess", size=size)
            await send({"type": "websocket.close", "code": TOO_MUCH})
            return {"type": "websocket.disconnect", "code": TOO_MUCH}

        return receive_within_limits

    async def _actor(self, scope: Scope, secret: str, policy: str) -> Actor:
        credential = Credential(secret, scope["client"][0], header(scope, "user-agent") or "")
        try:
            return await self._look_up(credential, policy)
        except DatabaseAway:
            # A kept connection may be older than a restart of the database; the failure made room for a new one.
            return await self._look_up(credential, policy)

    async def _look_up(self, credential: Credential, policy: str) -> Actor:
        async with self._database().act_as(credential, policy) as tx:
            return tx.actor

    # HTTP

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        document = self._documents.find(path) if scope["method"] in ("GET", "HEAD") else None
        if document is not None and (led := await self._other_chart(scope)) is not None:
            await redirect(self._secured(send, path, csp.plain_policy("")), led)
        elif document is not None:
            await self._document(scope, receive, send, document)
        elif path in self._files and scope["method"] in ("GET", "HEAD"):
            is_worker = path == SERVICE_WORKER
            policy = csp.WORKER if is_worker else csp.plain_policy("")
            await self._app(scope, receive, self._secured(send, path, policy, is_file=not is_worker))
        elif any(route.matches(scope)[0] is not Match.NONE for route in self._routes):
            await self._route(scope, receive, send)
        else:
            await self._plain(scope, send, plain_pages.NOT_FOUND)

    async def _document(self, scope: Scope, receive: Receive, send: Send, document: Document) -> None:
        try:
            actor, cookie = await self._admit(scope, document)
        except (NotSignedIn, StepUpNeeded) as error:
            query = scope["query_string"].decode("latin-1")
            target = proof_path(error, scope["path"], query)
            await redirect(self._secured(send, scope["path"], csp.plain_policy("")), target)
            return
        except (OutOfScope, AccessEnded, OnlyLooking) as error:
            target = barred_path(scope["path"], getattr(error, "section", ""))
            if isinstance(error, OnlyLooking):
                target = looked_path(scope["path"], error)
            await redirect(self._secured(send, scope["path"], csp.plain_policy("")), target)
            return
        except NotAllowed:
            await self._plain(scope, send, plain_pages.NOT_FOUND)
            return
        except DatabaseAway:
            await self._plain(scope, send, plain_pages.AWAY)
            return
        start = _elsewhere(actor, document.page.route, scope) if actor is not None else None
        if start is not None:
            await redirect(self._secured(send, scope["path"], csp.plain_policy("")), start)
            return
        extra: Headers = [(b"set-cookie", cookie.encode())] if cookie else []
        # A page of a person's is not kept, so that Back after signing out shows nothing.
        caching = b"no-store" if document.page.needs_session or cookie else b"no-cache"
        extra = [*extra, (b"cache-control", caching)]
        if not await self._first_looked(scope, send, document, extra):
            await self._answer_document(scope, receive, send, document, extra)

    async def _answer_document(
        self, scope: Scope, receive: Receive, send: Send, document: Document, extra: Headers
    ) -> None:
        policy = csp.document_policy(document.script_hashes, origins.socket_origins(self._origins))
        secured = self._secured(send, scope["path"], policy, extra)
        is_gzip = "gzip" in (header(scope, "accept-encoding") or "")
        look = cookies.read_look(header(scope, "cookie"))
        asks_anew = document.page.route == SIGN_IN and b"step-up=" in scope["query_string"]
        own = self._coloured.document(document.file, CONTACT.accent, look, is_gzip=is_gzip, asks_anew=asks_anew)
        if own is None:
            await self._app({**scope, "path": document.file, "raw_path": document.file.encode()}, receive, secured)
            return
        encoding: Headers = [(b"vary", b"accept-encoding"), *([(b"content-encoding", b"gzip")] if is_gzip else [])]
        await answer(secured, 200, own if scope["method"] == "GET" else b"", encoding, b"text/html; charset=utf-8")

    async def _first_looked(self, scope: Scope, send: Send, document: Document, extra: Headers) -> bool:
        """Answer with what the page shows at once, if it does."""
        found = await self._first_looks.answer(scope, document)
        if found is None:
            return False
        secured = self._secured(send, scope["path"], found.policy, extra)
        await answer(secured, 200, found.content, found.headers, b"text/html; charset=utf-8")
        return True

    async def _other_chart(self, scope: Scope) -> str | None:
        """Return the page that leads on to this address, if it is about another chart of theirs than the one open.

        It is asked for by a tap: following a link changes nothing, and another tab may have something half written.
        """
        query, secret = scope["query_string"].decode("latin-1"), cookies.read_secret(header(scope, "cookie"))
        target = normal_path(scope["path"]) + (f"?{query}" if query else "")
        if access.named_in(target) is None or not secret or cookies.is_visitor(secret):
            return None
        with contextlib.suppress(NotSignedIn, NotAllowed, StepUpNeeded, DatabaseAway):
            credential = Credential(secret, scope["client"][0], header(scope, "user-agent") or "")
            async with self._database().act_as(credential, "access.act_for") as tx:
                if await access.chart_behind(tx, target) is not None:
                    return other_chart_path(target)
        return None

    async def _admit(self, scope: Scope, document: Document) -> tuple[Actor | None, str | None]:
        """Return who opens a document and the cookie to give them, if any; raise if it is not for this browser."""
        page = document.page
        if page.audience == "demo" and not self._settings.is_demo:
            raise NotAllowed(page.route)
        secret = cookies.read_secret(header(scope, "cookie"))
        is_visitor = not secret or cookies.is_visitor(secret)
        if page.needs_session:
            if is_visitor:
                raise NotSignedIn
            # At the bare address anybody signed in is led to their own start, whatever they may do on home.
            return await self._actor(scope, secret, CONNECT if page.route == "/" else page.policy), None
        if secret:
            if is_visitor:
                return None, None
            with contextlib.suppress(NotSignedIn, NotAllowed):
                return await self._actor(scope, secret, CONNECT), None
        return None, cookies.set_cookie(cookies.new_visitor_secret())

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = header(scope, "content-length") or "0"
        found = next((route for route in self._routes if route.matches(scope)[0] is Match.FULL), None)
        own = found if isinstance(found, PolicyRoute) else None
        longest = own.max_body_bytes if own else limits.MAX_BODY_BYTES
        is_write = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if not (own and own.from_servers) and origins.is_cross_site_write(scope, self._origins):
            log.warning("cross_site_write_refused", path=scope["path"])
            await self._plain(scope, send, plain_pages.REFUSED)
        elif is_write and not await self._takes(own, scope):
            await self._plain(scope, send, plain_pages.TOO_MANY)
        elif not declared.isdigit() or int(declared) > longest:
            await self._plain(scope, send, plain_pages.TOO_LARGE)
        else:
            secured = self._secured(send, scope["path"], plain_pages.POLICY)
            await self._app(scope, limits.limited_body(receive, longest), secured)

    async def _takes(self, own: PolicyRoute | None, scope: Scope) -> bool:
        network = network_of(scope["client"][0])
        if own and own.from_servers:
            return await self._allowances.takes_told(network)
        secret = cookies.read_secret(header(scope, "cookie"))
        if own and own.counts_as_tap and secret:
            return await self._allowances.takes_answer(secret_hash(secret), network)
        return await self._allowances.takes_write(network)

    async def _plain(self, scope: Scope, send: Send, page: plain_pages.PlainPage) -> None:
        is_read = scope["method"] in ("GET", "HEAD")
        locale = locale_of_reader(scope["path"], None if is_read else header(scope, "referer"))
        body, policy = plain_pages.render(page, locale)
        retry: Headers = [(b"retry-after", str(plain_pages.RETRY_AFTER_S).encode())] if page.retries else []
        secured = self._secured(send, scope["path"], policy, [(b"cache-control", b"no-store"), *retry])
        await answer(secured, page.status, body, content_type=b"text/html; charset=utf-8")

    def _secured(
        self, send: Send, path: str, policy: str, extra: Headers | None = None, *, is_file: bool = False
    ) -> Send:
        is_built = path.startswith(BUILT)
        security = security_headers(self._settings, BUILT_POLICY if is_built else policy)

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _value in extra or ()} - {b"set-cookie"}
                kept = [pair for pair in message["headers"] if pair[0].lower() not in own]
                # What is missing just now may be there in a moment, as while one version takes over from another.
                headers = with_caching(
                    [*kept, *(extra or ())], path if message["status"] < HTTPStatus.BAD_REQUEST else ""
                )
                headers = with_security(headers, security)
                message = {**message, "headers": lean(headers, changes=not is_built) if is_file else headers}
            await send(message)

        return send_secured


def static_files(root: Path) -> frozenset[str]:
    """Return the addresses of the build's files, without documents and compressed copies."""
    hidden = {".html", ".br", ".gz"}
    return frozenset(
        f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file() and path.suffix not in hidden
    )

"""Open pages, kept true: a change in the database refreshes every page that shows what changed.

`core.realtime` says which topics changed. Each page tells its topics with `PortalState._watch` and knows how to
look again (`_refresh`). A refresh opens its own transaction as the session that has the page open, so a session
that was ended falls out by itself. Only ids are kept here, and only while the socket is open.
"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from uuid import UUID

import reflex as rx
import structlog
from redis.exceptions import RedisError
from reflex.state import BaseState, State
from reflex_base.event import Event
from reflex_base.utils.format import format_event_handler

from portal_app.core.errors import AccessEnded, DatabaseAway, LookOver, NotSignedIn, OutOfScope, PasskeyNeeded
from portal_app.core.limits import is_store_reachable
from portal_app.core.realtime import EVERYTHING

REFRESH_SPACING_S = 0.075
"""A burst of changes refreshes a page at most this often."""

MAX_REFRESHES = 4
"""How many pages look again at once; the other connections are left to people's taps."""

SWEEP_AFTER_S = 1.0

STORE_ASKED_S = 0.5
"""How often the store that several web processes share is asked whether it is back."""

log = structlog.get_logger(__name__)


class LiveState(Protocol):
    """A state that can look again."""

    async def _refresh(self) -> None: ...


@dataclass(slots=True)
class OpenPage:
    """A tab with a socket: which socket, whose session, and what each state of its page shows."""

    sid: str
    session_id: UUID | None
    shows: dict[type[BaseState], frozenset[str]] = field(default_factory=dict)
    refreshed_at: float = 0.0
    has_failed: bool = False

    def session_topic(self) -> str:
        """Return the topic on which the end of this session is announced."""
        return f"session:{self.session_id}"


Reason = NotSignedIn | OutOfScope | AccessEnded | LookOver | PasskeyNeeded
"""Why a tab may not show its page any more."""


class Leave(Protocol):
    """Sends a tab away from what it may not show any more, and empties its state."""

    async def __call__(self, app: rx.App, token: str, why: Reason) -> None:
        """Do it for the tab with this token."""


@dataclass
class LivePages:
    """The open pages of this process, by the token of their tab."""

    _open: dict[str, OpenPage] = field(default_factory=dict)
    _watchers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _due: set[str] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_REFRESHES))
    _app: rx.App | None = None
    _leave: Leave | None = None
    _sweep: asyncio.TimerHandle | None = None
    _return: asyncio.Task[None] | None = None

    def serve(self, app: rx.App, leave: Leave) -> None:
        """Say which app the pages belong to and how a tab is sent away."""
        self._app, self._leave = app, leave

    def __len__(self) -> int:
        return len(self._open)

    def opened(self, token: str, sid: str, session_id: UUID | None) -> None:
        """Note a tab whose socket was admitted; visitors have no session id."""
        self._drop(token)
        self._open[token] = page = OpenPage(sid, session_id)
        if session_id is not None:
            self._watchers[page.session_topic()].add(token)

    def watch(self, token: str, state: type[BaseState], topics: frozenset[str]) -> None:
        """Refresh this state of a tab whenever a topic of its page changes; in place of what it watched before."""
        page = self._open.get(token)
        if page is None:
            return
        self._forget_topics(token, page)
        page.shows[state], page.has_failed = topics, False
        page.refreshed_at = time.monotonic()
        for topic in frozenset().union(*page.shows.values()):
            self._watchers[topic].add(token)

    def turned(self, token: str) -> None:
        """Note that a tab goes to another page, which will say itself what it watches."""
        page = self._open.get(token)
        if page is not None:
            self._forget_topics(token, page)
            page.shows, page.has_failed = {}, False

    def failed(self, token: str) -> None:
        """Note that a tab could not be filled, so that it is tried again once the database is back."""
        page = self._open.get(token)
        if page is not None:
            page.has_failed = True

    def store_lost(self, token: str) -> None:
        """Note a tab that could not be filled because the shared store is away; it is filled once that is back."""
        self.failed(token)
        if self._return is None or self._return.done():
            self._return = asyncio.create_task(self._fill_when_stored())

    async def _fill_when_stored(self) -> None:
        while not await is_store_reachable():  # noqa: ASYNC110 - a store that is back tells nobody
            await asyncio.sleep(STORE_ASKED_S)
        await self.on_change(EVERYTHING)

    def socket_closed(self) -> None:
        """Forget, in a moment, the tabs whose sockets are gone; Reflex itself takes that moment to notice."""
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(SWEEP_AFTER_S, self._forget_gone)

    def _forget_gone(self) -> None:
        self._sweep = None
        for token, page in list(self._open.items()):
            if not self._is_connected(token, page):
                self._drop(token)

    async def on_change(self, topics: frozenset[str]) -> None:
        """Refresh what the topics concern; a subscriber of `core.realtime.Listener`."""
        if topics >= EVERYTHING:
            for token, page in list(self._open.items()):
                if page.has_failed:
                    self._start(self._fill_again(token))
                elif page.shows:
                    self._plan(token, page)
            return
        for topic in topics:
            for token in tuple(self._watchers.get(topic, ())):
                page = self._open[token]
                if topic == page.session_topic():
                    self._start(self._send_away(token, NotSignedIn()))
                else:
                    self._plan(token, page)

    def _plan(self, token: str, page: OpenPage) -> None:
        if token in self._due:
            return
        self._due.add(token)
        wait_s = max(0.0, page.refreshed_at + REFRESH_SPACING_S - time.monotonic())
        self._start(self._refresh_after(wait_s, token))

    async def _refresh_after(self, wait_s: float, token: str) -> None:
        await asyncio.sleep(wait_s)
        async with self._turns:
            # From here on a further change asks for a further refresh.
            self._due.discard(token)
            page = self._open.get(token)
            if page is None or not page.shows or not self._is_connected(token, page):
                return
            page.refreshed_at = time.monotonic()
            try:
                for state in tuple(page.shows):
                    await self._refresh(token, state)
            except (NotSignedIn, OutOfScope, AccessEnded, LookOver, PasskeyNeeded) as error:
                await self._send_away(token, error)
            except DatabaseAway:
                log.info("refresh_postponed")  # the listener reconnects, and then everything is looked at again
            except RedisError:
                self.store_lost(token)

    async def _refresh(self, token: str, state: type[BaseState]) -> None:
        app = self._served_app()
        async with app.modify_state(rx.BaseStateToken(ident=token, cls=state)) as root:
            await cast("LiveState", await root.get_state(state))._refresh()  # noqa: SLF001 - not callable from a browser

    async def _send_away(self, token: str, why: Reason) -> None:
        if token in self._open and self._leave is not None:
            self.turned(token)
            await self._leave(self._served_app(), token, why)

    async def _fill_again(self, token: str) -> None:
        handler = State.event_handlers["hydrate_and_load"]
        with self._served_app().set_contexts():
            await self._served_app().event_processor.enqueue(token, Event(name=format_event_handler(handler)))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("live_page_failed", error=type(error).__name__, exc_info=error)

    def _served_app(self) -> rx.App:
        if self._app is None:
            raise RuntimeError("LivePages.serve was not called")
        return self._app

    def _is_connected(self, token: str, page: OpenPage) -> bool:
        """Tell whether the socket that was admitted is still the one that would hear about this tab."""
        namespace = self._served_app().event_namespace
        return namespace is not None and namespace.sid_to_token.get(page.sid) == token

    def _forget_topics(self, token: str, page: OpenPage) -> None:
        for topic in frozenset().union(*page.shows.values()):
            self._unwatch(topic, token)

    def _drop(self, token: str) -> None:
        page = self._open.pop(token, None)
        if page is not None:
            self._forget_topics(token, page)
            self._unwatch(page.session_topic(), token)
        self._due.discard(token)

    def _unwatch(self, topic: str, token: str) -> None:
        tokens = self._watchers.get(topic)
        if tokens is not None:
            tokens.discard(token)
            if not tokens:
                del self._watchers[topic]


PAGES = LivePages()
"""The open pages of this process."""

"""Open tabs over raw sockets: they tap, listen, and time each answer."""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from bench._clinic import Person
from portal_app.features.booking.views import BookingRequest
from tests.web.wire import ROOT, Tab, open_tab

CONFIRM = f"{ROOT}.portal_app___state___confirm____confirm"
NOTICE = f"{ROOT}.portal_app___state___notice____notice"
SCHEDULE = f"{ROOT}.portal_app___state___schedule____schedule"
FIRST_LOAD = f"{ROOT}.hydrate_and_load"
LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
HYDRATED = '"is_hydrated_rx_state_": true'
LIMIT_S = 30


class Refused(Exception):
    """A page said that it could not do what it was asked."""


class Phone:
    """Somebody's open tab. What is asked is answered in order; each answer is timed from when its asking was due."""

    def __init__(self, tab: Tab) -> None:
        self.took: list[float] = []
        self.failures: list[str] = []
        self.last_seen_at: dict[str, float] = {}
        self._tab = tab
        self._due: deque[tuple[str, float, asyncio.Future[None]]] = deque()
        self._seen = asyncio.Condition()
        self._listening = asyncio.create_task(self._listen())

    async def ask(self, name: str, path: str, sign: str, due_at: float | None = None, **payload: Any) -> None:
        """Send an event and wait for the message in which `sign` stands. Raises Refused if the page shows a problem."""
        answered = asyncio.get_running_loop().create_future()
        self._due.append((sign, due_at or time.perf_counter(), answered))
        await self._tab.send(name, path, **payload)
        async with asyncio.timeout(LIMIT_S):
            await answered

    async def come(self, path: str, hashes: Sequence[str]) -> None:
        """Load a document, which comes with all states as `hashes` say, and wait until it says that it is filled."""
        await self.ask(FIRST_LOAD, path, HYDRATED, hashes=list(hashes))
        self.took.pop()

    async def open(self, path: str) -> None:
        """Go to a page, as its link does, and wait until it says that it is filled."""
        await self.ask(LOAD, path, HYDRATED)
        self.took.pop()

    async def seen_since(self, state: str, moment: float) -> float:
        """Wait for a message about a state after a moment, and return when it came."""
        async with asyncio.timeout(LIMIT_S), self._seen:
            await self._seen.wait_for(lambda: self.last_seen_at.get(state, 0) > moment)
        return self.last_seen_at[state]

    async def close(self) -> None:
        """Stop listening."""
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening

    async def _listen(self) -> None:
        while True:
            update = await self._tab.hear()
            if update:
                await self._take(update, time.perf_counter())

    async def _take(self, update: dict[str, Any], now: float) -> None:
        for state in update.get("delta") or {}:
            self.last_seen_at[state] = now
        async with self._seen:
            self._seen.notify_all()
        if not self._due:
            return
        sign, due_at, answered = self._due[0]
        problem = _problem(update)
        if problem or sign in json.dumps(update):
            self._due.popleft()
            self.took.append(now - due_at)
            if answered.done():
                return  # given up, and counted as a failure; the time it took counts too
            if problem:
                answered.set_exception(Refused(problem))
            else:
                answered.set_result(None)


def _problem(update: dict[str, Any]) -> str:
    delta = update.get("delta") or {}
    said = delta.get(CONFIRM, {}).get("problem_rx_state_") or delta.get(NOTICE, {}).get("text_rx_state_")
    return str(said or "")


def confirm_path(request: BookingRequest) -> str:
    """Return the address of the page that confirms a time, as the list of times links to it."""
    wish = {
        "type": request.visit_type_id,
        "how": request.modality,
        "who": request.practitioner_id,
        "where": request.location_id,
        "at": request.starts_at.isoformat(),
        "key": request.request_key,
    }
    return f"/book/confirm?{urlencode(wish)}"


async def book(phone: Phone, request: BookingRequest, due_at: float | None = None) -> None:
    """Tap "Book" on the page that confirms a time, and wait until the page goes on to the appointment.

    A tap that the page could not do, or did not answer, is kept among the phone's failures.
    """
    try:
        await phone.ask(
            f"{CONFIRM}.on_book", confirm_path(request), "?done=booked", due_at, form={"reason": "Sore throat"}
        )
    except (Refused, TimeoutError) as failure:
        phone.failures.append(str(failure) or "no answer")


@contextlib.asynccontextmanager
async def phones(origin: str, cookie: str, people: Iterable[Person]) -> AsyncIterator[list[Phone]]:
    """Open a tab for each person, all at the same time; the same person's tab is the same each time."""
    async with contextlib.AsyncExitStack() as stack:
        opened = []
        for one in people:
            headers = {"Origin": origin, "Cookie": f"{cookie}={one.secret}"}
            token = str(uuid5(NAMESPACE_URL, str(one.person_id)))
            phone = Phone(await stack.enter_async_context(open_tab(origin, headers, token=token)))
            stack.push_async_callback(phone.close)
            opened.append(phone)
        yield opened

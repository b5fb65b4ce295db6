"""What a teen keeps private: every page, event and address, used by a parent who may do all that can be shared."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from uuid import uuid4

import httpx
import psycopg
import pypdfium2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from portal_app.api import all_routes
from portal_app.core import crypto
from portal_app.core.errors import DatabaseAway, PagesAway, PortalError
from portal_app.settings import Settings
from portal_app.web.route import PolicyRoute, PolicySocket
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.web.conftest import Portal
from tests.web.every_handler import NOTICE, Ids, events_by_state, path_of, payload_of
from tests.web.private_chart import FOLLOWS_ITS_VISIT, PrivateChart, is_id, make_private_chart
from tests.web.wire import PATIENCE_S, ROOT, Tab, open_tab

OF_ANYBODY = {"patient_id", "practitioner_id", "key"}
"""Ids that a parent knows: the chart that they act for, and who works at the practice."""
AT_ONCE = 250
"""How many messages one session sends: a few more it may in ten seconds."""
_NEW = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|20\d\d-\d\d-\d\dT[0-9:.]+\+00:00")
_PLACE, _NAME = re.compile(r"\{[^}]+\}"), re.compile(r"\{([a-z_]+)")
_ONLY_WHERE = "departure.to_rx_state_"
"""Where somebody is sent, which says again what they had sent."""
Said = set[tuple[str, str]]


@pytest.fixture
async def chart(server: Server, web_settings: Settings, people: Clinic) -> AsyncIterator[PrivateChart]:
    chart = await make_private_chart(server, web_settings, people)
    yield chart
    with psycopg.connect(chart.world.dsn) as connection:  # there is one practice at most, and the other tests have none
        connection.execute("delete from practice")


@dataclass(frozen=True)
class Walk:
    """Somebody at a chart, who opens everything twice: for ids of nothing, and for those of the private rows."""

    portal: Portal
    chart: PrivateChart
    who: Someone
    heard: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    """How the last answer of each address stood."""

    @property
    def ids(self) -> Ids:
        return self.chart.world.ids

    async def session(self) -> Someone:
        return await self.chart.world.people.sign_in_again(self.who, assurance=2)

    async def events(self, *names: str) -> set[str]:
        """Send every event of every state, or of some; return what was said that nobody had sent.

        That is a column of a private row, or the name of an id whose page shows what it does for no other.
        """
        found: set[str] = set()
        nowhere = {name: str(uuid4()) if is_id(one) else one for name, one in self.ids.items()}
        for lot in _sittings(names):
            async with open_tab(self.portal.origin, self.portal.signed_in(await self.session())) as tab:
                await tab.arrive()
                for state, events in lot:
                    empty = _plain(await _sent(tab, state, events, nowhere, DatabaseAway), nowhere)
                    full = _plain(await _sent(tab, state, events, self.ids, PagesAway), self.ids)
                    beyond = "".join(value for var, value in full - empty if not var.endswith(_ONLY_WHERE))
                    found |= {name for name in self.ids if f"<{name}>" in beyond} - OF_ANYBODY
                found |= self.marks(tab.heard, sent=self.ids.values())
                self.heard.extend(tab.heard)
        return found

    async def addresses(self, *paths: str) -> set[str]:
        """Ask at every address that is no page, or at some, with the id of a private row of each table.

        Return what was said, and where something was found.
        """
        found: set[str] = set()
        for route in all_routes(is_demo=False):
            assert isinstance(route, PolicyRoute | PolicySocket)
            if paths and route.path not in paths:
                continue
            if isinstance(route, PolicySocket):
                found |= self.marks(await self._room(route), sent=self.ids.values()) if "{" in route.path else set()
            elif "GET" in (route.methods or ()):
                found |= await self._gets(route)
            else:
                found |= await self._posts(route)
        return found

    async def _gets(self, route: PolicyRoute) -> set[str]:
        found: set[str] = set()
        of_each = {name: one for one, name in self.chart.marks.items() if is_id(one)} if ":uuid}" in route.path else {}
        async with self._browser(await self.session()) as browser:
            for name, one in (of_each or {"": ""}).items():
                answer = await browser.get(_PLACE.sub(one or "en", route.path), params=None if one else self._form())
                said = _text_of(answer)
                self.answers[route.path] = answer.status_code
                found |= self.marks([str(answer.headers), said], sent=[one] if one else self.ids.values())
                found |= {f"{route.path} {name}"} if one and answer.status_code != 404 else set()
                self.heard.append(said)
        return found

    async def _posts(self, route: PolicyRoute) -> set[str]:
        places = {name: self.ids.get(name, "front") for name in _NAME.findall(route.path)}
        path = _PLACE.sub(lambda found: places[_NAME.findall(found[0])[0]], route.path)
        async with self._browser(await self.session()) as browser:
            answer = await browser.post(path, data=self._form(), headers={"x-request-key": str(uuid4())})
        return self.marks([str(answer.headers), _text_of(answer)], sent=self.ids.values())

    async def _room(self, route: PolicySocket) -> list[str]:
        """Return what a room says until it shuts."""
        url = self.portal.origin.replace("http", "ws", 1) + _PLACE.sub(self.ids["visit_id"], route.path)
        headers, said = self.portal.signed_in(await self.session()), list[str]()
        async with asyncio.timeout(PATIENCE_S), connect(url, additional_headers=headers, proxy=None) as room:
            with suppress(ConnectionClosed):
                while True:
                    said.append(str(await room.recv()))
        return said

    def _browser(self, who: Someone) -> httpx.AsyncClient:
        headers = self.portal.signed_in(who)
        return httpx.AsyncClient(base_url=self.portal.origin, headers=headers, trust_env=False, timeout=PATIENCE_S)

    def _form(self) -> dict[str, str]:
        """Return every id under each name that a form may have for it."""
        short = {name.removesuffix("_id"): one for name, one in self.ids.items()}
        return dict(self.ids) | short | {"id": self.ids["appointment_id"], "chart": self.ids["patient_id"]}

    def marks(self, texts: Iterable[str], *, sent: Iterable[str] = ()) -> set[str]:
        """Return of which columns something is among what was said, but for what was sent."""
        whole, known = "\n".join(texts), set(sent)
        return {name for mark, name in self.chart.marks.items() if mark not in known and mark in whole}

    def messages(self) -> list[str]:
        """Return what was written to them, by mail, text or push."""
        asked = "select content from outbox_message where person_id = %s"
        with psycopg.connect(self.chart.world.dsn) as connection:
            return [crypto.decrypt(content) for (content,) in connection.execute(asked, [self.who.person_id])]


async def _sent(tab: Tab, state: str, events: Sequence[str], ids: Ids, last: type[PortalError]) -> Said:
    """Send all events of a state as if tapped on its page, and return what was shown and done for them."""
    since = len(tab.heard)
    for event in events:
        await tab.send_from(path_of(state, ids), event, payload_of(event, ids))
    await tab.send(f"{NOTICE}.on_error", code=last.code)
    await tab.until(lambda tab: tab.var("notice____notice", "text") == last.message)
    said: Said = set()
    for message in tab.heard[since:]:
        kind, *content = json.loads(message.removeprefix("42/_event,"))
        update = content[0] if kind == "event" else {}
        shown = {f"{of}.{name}": value for of, changes in (update.get("delta") or {}).items()
                 for name, value in changes.items() if of != ROOT and not of.endswith("notice____notice")}  # fmt: skip
        said |= {(name, json.dumps(value, ensure_ascii=False)) for name, value in shown.items()}
        said |= {(one["name"], json.dumps(one, ensure_ascii=False)) for one in update.get("events") or []}
    return said


def _plain(said: Said, ids: Ids) -> Said:
    """Call ids by their names, and leave out keys and moments, which are new each time."""
    names = {one: name for name, one in ids.items() if is_id(one)}
    return {(var, _NEW.sub(lambda found: f"<{names.get(found[0], 'new')}>", value)) for var, value in said}


def _text_of(answer: httpx.Response) -> str:
    if answer.headers.get("content-type") != "application/pdf":
        return answer.text
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(BytesIO(answer.content)))


def _sittings(names: Collection[str]) -> Iterator[list[tuple[str, list[str]]]]:
    """Yield states with their events, in lots of as many as one session may send; what ends sessions comes last."""
    lot: list[tuple[str, list[str]]] = []
    for state, events in sorted(events_by_state().items(), key=lambda one: ("devices" in one[0], one[0])):
        if names and state.rsplit("____", 1)[1] not in names:
            continue
        if sum(_sends(some) for _, some in lot) + _sends(events) > AT_ONCE:
            yield lot
            lot = []
        lot.append((state, events))
    yield lot


def _sends(events: Sequence[str]) -> int:
    return 2 * len(events) + 2


async def test_a_parent_hears_no_word_of_it_on_any_page_by_any_event_or_at_any_address(
    portal: Portal, chart: PrivateChart
) -> None:
    walk, before = Walk(portal, chart, chart.parent), chart.private_rows()
    found = await walk.events()
    if found & walk.ids.keys():  # what a page says late, for the ids before, is not said again; words count at once
        again = await walk.events()
        found = (found - walk.ids.keys()) | again
    assert found == set()
    assert await walk.addresses() == set()
    assert walk.marks([*walk.messages(), portal.log()], sent=filter(is_id, chart.marks)) == set()
    assert chart.private_rows() == before
    assert [one for one in walk.heard if chart.open_id in one]
    assert [walk.answers[one] for one in FILES] == [200] * len(FILES)


FILES = ("/record/record.json", "/record/record.pdf", "/vitals/readings.csv")
FOUND = {
    "appointment_id", "bill_id", "bill_question.words", "coverage.payer_name", "invoice.words", "reading.note",
    "time_request.words",
}  # fmt: skip
"""What is on the teen's own pages, for certain: the walk is no good if it does not find it there."""
HELD = {"/appointments/{appointment_id:uuid}/calendar.ics appointment.id", "reading.note"}
"""What is in the teen's own files."""


async def test_the_teen_finds_the_very_same_things_by_the_very_same_walk(portal: Portal, chart: PrivateChart) -> None:
    walk = Walk(portal, chart, chart.teen)
    held = await walk.addresses("/appointments/{appointment_id:uuid}/calendar.ics", "/vitals/readings.csv")
    assert HELD - held == set()
    found = await walk.events("appointment", "bill", "bill_question", "bills", "insurance", "vitals_see", "waiting")
    assert FOUND - found == set()
    assert chart.by_itself == FOLLOWS_ITS_VISIT

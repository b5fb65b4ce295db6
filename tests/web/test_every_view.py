"""Every page, used by each who sees charts that are not theirs: what it shows of one is in that chart's trail."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest

from portal_app.core.errors import DatabaseAway, PagesAway, PortalError
from portal_app.features.access.rules import SHARES
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.privacy.test_seeing import looking
from tests.web.conftest import Portal
from tests.web.every_handler import NOTICE, Ids, events_by_state, path_of, payload_of
from tests.web.victim import NAME, PHONE, WORDS, World, make_world
from tests.web.wire import ROOT, Tab, open_tab

OF_NOBODY: Final = {"key", "practitioner_id", "person_id", "session_id", "bill_question_id"}
"""Ids that say nothing about the victim; the task of a question about a bill names nobody."""
AROUND: Final = ("frame____frame", "looking____looking", "notice____notice", "step_up____step_up")
"""What stands around every page: that a chart was opened to act for it was recorded when it was."""
AT_ONCE: Final = 250
"""How many messages one session sends: a few more it may in ten seconds."""
PAGE_LOAD: Final = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
"""What a browser sends as it goes to another page of the document that it has open."""
Shown = dict[tuple[str, str], str]
"""What an event made a page show, by state and var, as JSON."""


@pytest.fixture
async def world(server: Server, web_settings: Settings, people: Clinic) -> AsyncIterator[World]:
    """Make a patient with something of every kind, whose name no other world's has."""
    world = await make_world(server, web_settings, people)
    async with people.database.act_as_system("test") as tx:
        named = {"name": _surname(world), "id": world.victim.patient_id}
        await tx.execute("update patient set family_name = :name where id = :id", named)
    yield world
    with psycopg.connect(world.dsn) as connection:  # there is one practice at most, and the other tests have none
        connection.execute("delete from practice")


def _surname(world: World) -> str:
    return f"{NAME}{world.ids['patient_id'][:8]}"


async def _carer(world: World) -> Someone:
    database, ana = world.people.database, await world.people.patient("Ana")
    await accept(database, ana, await invited(database, world.victim, ana.email, *SHARES))
    return await acting_for(database, await world.people.sign_in_again(ana, assurance=2), world.victim)


async def _onlooker(world: World) -> Someone:
    return await looking(world.people.database, await _staff("front_desk", world), world.victim.patient_id)


async def _onlooking(world: World, roles: str) -> Someone:
    """See the victim's pages with these hats, as staff of the place where the victim is a patient."""
    who = await world.people.staff(*roles.split(), location_id=world.practices.location_id)
    return await looking(world.people.database, who, world.victim.patient_id)


async def _doctor(world: World) -> Someone:
    return await world.people.sign_in_again(world.rightful["doctor"])


async def _staff(role: str, world: World) -> Someone:
    return await world.people.staff(role, location_id=world.practices.location_id)


LOOKERS: dict[str, Callable[[World], Awaitable[Someone]]] = {
    "a carer who may see everything": _carer,
    "support, looking at their pages": _onlooker,
    "a nurse, looking at their pages": partial(_onlooking, roles="nurse"),
    "a desk that keeps the books, looking at their pages": partial(_onlooking, roles="front_desk billing"),
    "their doctor": _doctor,
    **{f"somebody of the {role}": partial(_staff, role) for role in ("nurse", "front_desk", "billing", "manager")},
}
UNRECORDED: Final[Mapping[str, str]] = {
    "acting_for": "whose charts somebody may open; that they opened one is recorded",
    "pay": "whose bills they would be, as the bar above says",
    "take_record": "whose record it would be, as the bar above says; that it was taken is recorded",
    "vitals_import": "the chart's id alone, which a file read in the browser is kept for",
}
"""By state: what its page shows of a chart without an event, and why."""
SEEN_LEAST: Final[Mapping[str, set[str]]] = {
    "a carer who may see everything": {"appointment", "appointments", "check_in", "home", "visit", "waiting"},
    "support, looking at their pages": {"appointment", "appointments", "caregivers", "home", "insurance"},
    "a nurse, looking at their pages": {"appointment", "asked_forms", "medications", "visit", "vitals_see"},
    "a desk that keeps the books, looking at their pages": {"bill", "bills", "home", "insurance"},
    "their doctor": {"documents", "line", "outstanding_forms", "staff_changes", "staff_visit", "staff_visits"},
    "somebody of the nurse": {"line", "staff_before", "staff_patient"},
    "somebody of the front_desk": {"line", "seen_as", "staff_patient"},
    "somebody of the billing": {"staff_bill_questions", "staff_bills", "staff_estimates"},
    "somebody of the manager": set(),
}
"""Pages that show something of the victim's for certain: the test is no good if it does not find it there."""


@dataclass
class Sitting:
    """A tab that goes from page to page, as somebody's does, and tells when each of its events was dealt with."""

    tab: Tab
    signals: Iterator[type[PortalError]] = field(default_factory=lambda: cycle((DatabaseAway, PagesAway)))

    async def begin(self) -> "Sitting":
        """Arrive, and from here on remember what is shown."""
        await self.tab.arrive()
        self.tab.seen.clear()
        return self

    def has_shown(self, state: str) -> bool:
        """Tell whether something of a state was shown: of what it says again the server sends nothing."""
        return state in self.tab.seen

    async def turn(self) -> None:
        """Go to a page that there is not: what an earlier one watched is watched no more."""
        await self._send(PAGE_LOAD, "/nowhere", {})

    async def send(self, state: str, event: str, ids: Ids) -> Shown:
        """Send an event as if tapped on its page, and return what was shown for it."""
        return await self._send(event, path_of(state, ids), payload_of(event, ids))

    async def _send(self, event: str, path: str, payload: dict[str, Any]) -> Shown:
        since, last = len(self.tab.heard), next(self.signals)
        await self.tab.send_from(path, event, payload)
        await self.tab.send(f"{NOTICE}.on_error", code=last.code)
        await self.tab.until(lambda tab: tab.var("notice____notice", "text") == last.message)
        shown: Shown = {}
        for message in self.tab.heard[since:]:
            kind, *content = json.loads(message.removeprefix("42/_event,"))
            for of, changes in ((content[0].get("delta") if kind == "event" else None) or {}).items():
                if of != ROOT and not of.endswith(AROUND):
                    shown |= {(of, name): json.dumps(value, ensure_ascii=False) for name, value in changes.items()}
        return shown


@dataclass(frozen=True)
class Look:
    """One person who looks, and what of the victim they are shown."""

    world: World
    who: Someone
    portal: Portal

    def trail(self) -> int:
        """Return how often they are in the trail of the victim's chart."""
        asked = "select count(*) from audit_event where person_id = %s and patient_id = %s"
        with psycopg.connect(self.world.dsn) as connection:
            found = connection.execute(asked, [self.who.person_id, self.world.victim.patient_id]).fetchone()
        return int(found[0]) if found else 0

    def marks(self, shown: Shown, ids: Mapping[str, str]) -> set[str]:
        """Return what of the victim's is among what was shown: their name and words, and the names of these ids."""
        words = {_surname(self.world): "name", PHONE: "phone", WORDS: "words"}
        return {name for mark, name in (words | dict(ids)).items() if any(mark in value for value in shown.values())}

    async def open(self, tabs: AsyncExitStack) -> Sitting:
        """Open a tab in place of the one that is open: what that watches must not be taken for this one's looking."""
        await tabs.aclose()
        tab = await tabs.enter_async_context(open_tab(self.portal.origin, self.portal.signed_in(self.who)))
        return await Sitting(tab).begin()

    async def load(self, sitting: Sitting, state: str, event: str) -> tuple[set[str], int]:
        """Load a page twice, for nothing that there is and for what is the victim's.

        Return what of the victim's it showed beyond what its address said, and how many events that left.
        """
        before, there = self.trail(), self.world.ids
        nowhere = {name: str(uuid4()) if _is_id(one) else one for name, one in there.items()}
        empty = await sitting.send(state, event, nowhere)
        full = await sitting.send(state, event, there)
        said = {key: _renamed(value, nowhere, there) for key, value in empty.items()}
        beyond = {key: value for key, value in full.items() if said.get(key) != value}
        ids = {one: name for name, one in there.items() if name not in OF_NOBODY and _is_id(one)}
        return self.marks(empty, ids) | self.marks(beyond, ids), self.trail() - before

    async def use(self, sitting: Sitting, state: str, events: Sequence[str]) -> str:
        """Send all events of a page; return the one that showed the victim's name or words before the trail told it."""
        before, ids = self.trail(), dict(self.world.ids) | {"query": _surname(self.world)}
        for event in events:
            if self.marks(await sitting.send(state, event, ids), {}):
                return "" if self.trail() > before else event
        return ""


def _renamed(value: str, was: Ids, now: Ids) -> str:
    for name in was:
        value = value.replace(was[name], now[name]) if _is_id(was[name]) else value
    return value


def _is_id(one: str) -> bool:
    try:
        return bool(UUID(one))
    except ValueError:
        return False


def _name(state: str) -> str:
    return state.rsplit("____", 1)[1]


def _sittings() -> Iterator[list[tuple[str, list[str]]]]:
    """Yield states with their events, in lots of as many as one session may send."""
    lot: list[tuple[str, list[str]]] = []
    for state, events in events_by_state().items():
        if sum(_sends(some) for _, some in lot) + _sends(events) > AT_ONCE:
            yield lot
            lot = []
        lot.append((state, events))
    yield lot


def _sends(events: Sequence[str]) -> int:
    """Return what it takes to turn to a page, load it twice and send its events, each with one after it, in a tab."""
    return 8 + 2 * len(events)


async def _used(look: Look, lot: Sequence[tuple[str, list[str]]]) -> AsyncIterator[tuple[str, set[str], str]]:
    """Use each page of a lot in one tab, or in a further one where something of the page's state was shown before.

    Yield its name, what of the victim's it showed as it opened, and what it showed that the trail does not tell.
    """
    async with AsyncExitStack() as tabs:
        sitting = await look.open(tabs)
        for state, events in lot:
            await sitting.turn()
            if sitting.has_shown(state):
                sitting = await look.open(tabs)
            found, told = await look.load(sitting, state, events[0])
            untold = ", ".join(sorted(found)) if not told else ""
            yield _name(state), found, untold if found else await look.use(sitting, state, events)


@pytest.mark.parametrize("who", LOOKERS)
async def test_what_a_page_shows_of_a_chart_is_in_the_trail_of_that_chart(
    portal: Portal, world: World, who: str
) -> None:
    shown, unrecorded = set(), {}
    for lot in _sittings():
        look = Look(world, await LOOKERS[who](world), portal)
        async for name, found, untold in _used(look, lot):
            shown |= {name} if found else set()
            if untold and name not in UNRECORDED:
                unrecorded[name] = untold
    assert unrecorded == {}
    assert SEEN_LEAST[who] - shown == set()

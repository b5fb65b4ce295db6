"""The register of open pages: who is told, how often, and what is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
import reflex as rx
from reflex.state import BaseState

from portal_app.core.errors import DatabaseAway, NotSignedIn
from portal_app.web import live
from portal_app.web.live import LivePages


class App:
    """Stands for Reflex's app: which sockets are open, and one state per tab."""

    def __init__(self) -> None:
        self.sid_to_token: dict[str, str] = {}
        self.event_namespace = SimpleNamespace(sid_to_token=self.sid_to_token)
        self.looked: list[str] = []
        self.left: list[str] = []
        self.failure: Exception | None = None
        self.most_at_once = 0
        self._at_once = 0

    @asynccontextmanager
    async def modify_state(self, token: rx.BaseStateToken) -> AsyncIterator[Any]:
        async def look_again() -> None:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            await asyncio.sleep(0)
            self._at_once -= 1
            self.looked.append(token.ident)
            if self.failure:
                raise self.failure

        async def get_state(_state: object) -> object:
            return SimpleNamespace(_refresh=look_again)

        yield SimpleNamespace(get_state=get_state)

    async def leave(self, app: rx.App, token: str, why: Exception) -> None:
        self.left.append(token)


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def pages(app: App, monkeypatch: pytest.MonkeyPatch) -> LivePages:
    monkeypatch.setattr(live, "REFRESH_SPACING_S", 0.01)
    monkeypatch.setattr(live, "SWEEP_AFTER_S", 0)
    pages = LivePages()
    pages.serve(cast("rx.App", app), app.leave)
    return pages


def _open(app: App, pages: LivePages, token: str, *topics: str) -> str:
    session_id = uuid4()
    app.sid_to_token[f"sid-{token}"] = token
    pages.opened(token, f"sid-{token}", session_id)
    pages.watch(token, BaseState, frozenset(topics))
    return f"session:{session_id}"


async def _settled(pages: LivePages) -> None:
    while pages._tasks:
        await asyncio.gather(*pages._tasks, return_exceptions=True)
        await asyncio.sleep(0)


async def test_only_those_concerned_look_again(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "patient:1")
    _open(app, pages, "b", "patient:2", "location:1")
    await pages.on_change(frozenset({"location:1", "location:2"}))
    await _settled(pages)

    assert app.looked == ["b"]


async def test_a_page_of_two_states_looks_again_with_both(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "visit:1")
    pages.watch("a", rx.State, frozenset({"note:1"}))
    await pages.on_change(frozenset({"visit:1"}))
    await _settled(pages)

    assert app.looked == ["a", "a"]


async def test_a_burst_is_one_look_and_a_change_meanwhile_another(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "patient:1")
    for _ in range(100):
        await pages.on_change(frozenset({"patient:1"}))
    await _settled(pages)
    await pages.on_change(frozenset({"patient:1"}))
    await _settled(pages)

    assert app.looked == ["a", "a"]


async def test_a_few_pages_look_at_once_and_all_in_the_end(app: App, pages: LivePages) -> None:
    for number in range(50):
        _open(app, pages, str(number), "location:1")
    await pages.on_change(frozenset({"location:1"}))
    await _settled(pages)

    assert len(set(app.looked)) == 50
    assert app.most_at_once <= live.MAX_REFRESHES


async def test_after_a_gap_everybody_looks_again(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "patient:1")
    _open(app, pages, "b", "patient:2")
    await pages.on_change(frozenset({"*"}))
    await _settled(pages)

    assert sorted(app.looked) == ["a", "b"]


async def test_another_socket_under_the_same_token_hears_nothing(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "patient:1")
    del app.sid_to_token["sid-a"]
    app.sid_to_token["sid-of-a-thief"] = "a"
    await pages.on_change(frozenset({"patient:1"}))
    await _settled(pages)

    assert app.looked == []


async def test_a_page_that_was_left_is_not_looked_at(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "patient:1")
    pages.turned("a")
    await pages.on_change(frozenset({"patient:1", "*"}))
    await _settled(pages)

    assert app.looked == []


async def test_the_end_of_a_session_sends_its_tabs_away_and_no_others(app: App, pages: LivePages) -> None:
    ended = _open(app, pages, "a", "patient:1")
    _open(app, pages, "b", "patient:1")
    await pages.on_change(frozenset({ended}))
    await _settled(pages)

    assert app.left == ["a"]
    assert app.looked == []


async def test_a_look_as_an_ended_session_sends_the_tab_away(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "patient:1")
    app.failure = NotSignedIn()
    await pages.on_change(frozenset({"patient:1"}))
    await _settled(pages)

    assert app.left == ["a"]


async def test_a_look_without_a_database_waits_for_its_return(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "patient:1")
    app.failure = DatabaseAway()
    await pages.on_change(frozenset({"patient:1"}))
    await _settled(pages)
    app.failure = None
    await pages.on_change(frozenset({"*"}))
    await _settled(pages)

    assert app.left == []
    assert app.looked == ["a", "a"]


async def test_nothing_is_kept_of_a_closed_tab(app: App, pages: LivePages) -> None:
    _open(app, pages, "a", "patient:1")
    _open(app, pages, "b", "patient:1")
    del app.sid_to_token["sid-a"]
    pages.socket_closed()
    await asyncio.sleep(0.01)

    assert len(pages) == 1
    assert set(pages._watchers["patient:1"]) == {"b"}

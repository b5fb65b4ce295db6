"""After a code alone, pages carry no address and no number in full, and both are confirmed all the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal_app.core import clock, db
from portal_app.core.db import Database
from portal_app.state.call_back import CallBack
from portal_app.state.visit import Visit
from tests.features.visits.conftest import Visit as Booked
from tests.features.visits.conftest import in_time, maker, visit
from tests.features.visits.test_waiting_room import HOME, kept_whole, say
from tests.pages.test_languages import Tab

__all__ = ["in_time", "maker", "visit"]
WHOLE = ("Elm", "Albany", "555-0120", "5550120")


@pytest.fixture(autouse=True)
def opened(database: Database, in_time: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the states reach the database of the test."""
    monkeypatch.setattr(db, "_opened", database)


def sent(tab: Tab) -> list[str]:
    """Return what of the full values is in any var that the socket carries."""
    return [words for words in WHOLE if words in str(tab.root.dict())]


async def test_a_visit_is_joined_from_where_one_was_last_time_with_no_word_of_it_sent(
    database: Database, visit: Booked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(visit, HOME)
    async with database.act_as_system("test") as tx:
        await tx.execute("update visit set said_at = said_at - interval '1 day'")
    tab = Tab(visit.maria, monkeypatch).at(f"/visit?id={visit.appointment_id}")
    await tab.do(Visit, "on_load")
    assert "12 … Street" in str(tab.root.dict())
    assert sent(tab) == []
    await tab.do(Visit, "on_confirm", {"agrees": "yes"})
    assert sent(tab) == []
    assert await kept_whole(visit) == HOME
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select said_at > now() - interval '1 hour' from visit")


async def test_what_was_said_elsewhere_meanwhile_is_shown_before_it_is_confirmed(
    visit: Booked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(visit, HOME)
    tab = Tab(visit.maria, monkeypatch).at(f"/visit?id={visit.appointment_id}")
    await tab.do(Visit, "on_load")
    away = replace(HOME, address="7 Oak Road, Troy")
    with clock.frozen_at(clock.now() + timedelta(seconds=1)):
        await say(visit, away)
    await tab.do(Visit, "on_confirm", {"agrees": "yes"})
    shown: Any = tab.root.get_substate(Visit.get_full_name().split("."))
    assert (shown.problem != "", shown.step, shown.is_told) == (True, "check", True)
    assert "7 … Road" in str(tab.root.dict())
    assert "12 … Street" not in str(tab.root.dict())
    with clock.frozen_at(clock.now() + timedelta(seconds=2)):
        await tab.do(Visit, "on_confirm", {"agrees": "yes"})
    assert (shown.problem, shown.step) == ("", "waiting")
    assert await kept_whole(visit) == away


async def test_who_types_anew_gets_back_no_more_than_a_part(visit: Booked, monkeypatch: pytest.MonkeyPatch) -> None:
    tab = Tab(visit.maria, monkeypatch).at(f"/visit?id={visit.appointment_id}")
    await tab.do(Visit, "on_load")
    await tab.do(Visit, "on_region", HOME.region)
    typed = {"address": HOME.address, "number": HOME.number, "company": HOME.company, "agrees": "yes"}
    await tab.do(Visit, "on_say", typed)
    assert sent(tab) == []
    assert await kept_whole(visit) == HOME


async def test_the_page_of_a_call_back_says_the_number_in_part(visit: Booked, monkeypatch: pytest.MonkeyPatch) -> None:
    tab = Tab(visit.maria, monkeypatch).at("/call-back")
    await tab.do(CallBack, "on_load")
    await tab.do(CallBack, "on_ask", {"purpose": "bookings", "number": HOME.number, "words": ""})
    assert "•••• 20" in str(tab.root.dict())
    assert sent(tab) == []

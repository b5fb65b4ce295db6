"""Attacks over a raw socket, on the production server."""

import asyncio
import math
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from portal_app.web.limits import Allowances
from tests.factories import Clinic
from tests.web.conftest import Portal, tell
from tests.web.wire import PATIENCE_S, ROOT, Tab, open_tab

CARELESS = f"{ROOT}.tests___web___careless____careless"
NOTICE = f"{ROOT}.portal_app___state___notice____notice"
VISITOR = "anon-made-up-by-nobody"
EVENTS = Allowances().events


async def _calls(tab: Tab) -> list[str]:
    """Return which methods ran, asked with an allowed event that runs after them."""
    await tab.send(f"{CARELESS}.on_count", number=0)
    calls = await tab.until(lambda tab: "on_count 0" in (calls := tab.var("careless", "calls") or []) and calls)
    return list(calls)


async def _listen(tab: Tab) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await tab.hear()


async def _flood(tab: Tab, count: int) -> None:
    for _ in range(count):
        await tab.send(f"{CARELESS}.on_count", number=1)
    await _listen(tab)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null", ""])
async def test_another_origin_gets_no_socket(careless: Portal, people: Clinic, origin: str) -> None:
    patient = await people.patient()
    headers = {**careless.signed_in(patient), "Origin": origin}

    with pytest.raises(InvalidStatus):
        async with open_tab(careless.origin, headers):
            pass


async def test_a_missing_origin_gets_no_socket(careless: Portal, people: Clinic) -> None:
    headers = careless.signed_in(await people.patient())
    del headers["Origin"]

    with pytest.raises(InvalidStatus):
        async with open_tab(careless.origin, headers):
            pass


@pytest.mark.parametrize("cookie", ["", "__Host-sala-1=x", "no-such-session"])
async def test_no_live_session_gets_no_socket(careless: Portal, cookie: str) -> None:
    headers = {"Origin": careless.origin}
    if cookie:
        headers["Cookie"] = f"{careless.cookie_name}={cookie}" if "=" not in cookie else cookie

    with pytest.raises(InvalidStatus):
        async with open_tab(careless.origin, headers):
            pass


async def test_a_stolen_client_token_opens_nothing_after_its_owner_left(careless: Portal, people: Clinic) -> None:
    owner, thief = await people.patient("Maria"), await people.patient("Mallory")
    async with open_tab(careless.origin, careless.signed_in(owner)) as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_look")
        await tab.until(lambda tab: tab.var("careless", "name") == "Maria Alvarez")
        stolen = tab.token

    for headers in (careless.signed_in(thief), careless.headers(VISITOR)):
        async with open_tab(careless.origin, headers, token=stolen) as tab:
            await tab.arrive()

            assert tab.var("careless", "name") == ""
            assert "Maria" not in str(tab.seen)


async def test_a_stolen_client_token_hears_no_news_of_its_owner(careless: Portal, people: Clinic) -> None:
    owner, thief = await people.patient("Maria"), await people.patient("Mallory")
    async with open_tab(careless.origin, careless.signed_in(owner)) as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_look")
        await tab.until(lambda tab: tab.var("careless", "name"))
        stolen = tab.token

    async with open_tab(careless.origin, careless.signed_in(thief), token=stolen) as tab:
        await tell(people, f"person:{owner.person_id}")
        await tab.arrive()
        await _calls(tab)

        assert "Maria" not in str(tab.seen)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (f"{CARELESS}.grant_admin", {}),
        (f"{CARELESS}.set_role", {"value": "manager"}),
        (f"{CARELESS}.setvar", {"var_name": "role", "value": "manager"}),
        (f"{CARELESS}._refresh", {}),
        (f"{CARELESS}.on_unknown_policy", {}),
        (f"{CARELESS}.on_count", {"number": "7"}),
        (f"{CARELESS}.on_count", {"number": {"$gt": 0}}),
        (f"{CARELESS}.on_count", {"number": True}),
        (f"{CARELESS}.on_count", {"number": None}),
        (f"{CARELESS}.on_count", {}),
        (f"{CARELESS}.on_count", {"number": 7, "role": "manager"}),
        (f"{CARELESS}.on_form", {"form": "text"}),
        (f"{ROOT}.set_is_hydrated", {"value": True}),
        (f"{ROOT}.update_vars_internal_state.update_vars_internal", {"vars": {f"{CARELESS}.role": "manager"}}),
        ("no_such_state.no_such_method", {}),
    ],
)
async def test_what_names_no_policy_or_does_not_fit_never_runs(
    careless: Portal, people: Clinic, name: str, payload: dict[str, Any]
) -> None:
    async with open_tab(careless.origin, careless.signed_in(await people.patient())) as tab:
        await tab.arrive()
        await tab.send(name, **payload)

        assert await _calls(tab) == ["on_count 0"]
        assert tab.var("careless", "role") == "patient"


async def test_what_fits_runs(careless: Portal, people: Clinic) -> None:
    async with open_tab(careless.origin, careless.signed_in(await people.patient())) as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_form", form={"__reflex_form_data__": [["b", "1"], ["a", "2"]]})

        assert await _calls(tab) == ["on_form ['a', 'b']", "on_count 0"]


async def test_a_visitor_reaches_public_events_only(careless: Portal) -> None:
    async with open_tab(careless.origin, careless.headers(VISITOR), path="/sign-in") as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_count", path="/book", number=1)
        assert await tab.until(lambda tab: tab.var("departure", "to")) == "/sign-in?next=/book"
        await tab.send(f"{CARELESS}.on_public")

        assert await tab.until(lambda tab: tab.var("careless", "calls")) == ["on_public"]


async def test_an_event_before_arriving_is_dropped(careless: Portal, people: Clinic) -> None:
    async with open_tab(careless.origin, careless.signed_in(await people.patient())) as tab:
        await tab.send(f"{CARELESS}.on_count", number=7)
        await tab.arrive()

        assert await _calls(tab) == ["on_count 0"]


async def test_a_flood_closes_the_socket_and_runs_a_fraction(careless: Portal, people: Clinic) -> None:
    patient, neighbour = await people.patient(), await people.patient()
    async with open_tab(careless.origin, careless.signed_in(patient)) as tab:
        began = time.monotonic()
        await tab.arrive()
        with pytest.raises(ConnectionClosed):
            await _flood(tab, 2000)

        windows = math.ceil((time.monotonic() - began) / EVENTS.get_expiry())  # a slow machine takes more than one
        assert len(tab.var("careless", "calls") or []) <= EVENTS.amount * windows
    async with open_tab(careless.origin, careless.signed_in(neighbour)) as tab:
        await tab.arrive()
        assert await _calls(tab) == ["on_count 0"]


async def test_an_oversized_message_closes_the_socket(careless: Portal, people: Clinic) -> None:
    async with open_tab(careless.origin, careless.signed_in(await people.patient())) as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_form", form={"reason": "x" * 300_000})

        with pytest.raises(ConnectionClosed):
            await _listen(tab)


async def test_a_long_answer_still_arrives(careless: Portal, people: Clinic) -> None:
    async with open_tab(careless.origin, careless.signed_in(await people.patient())) as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_form", form={"reason": "x" * 100_000})

        assert await _calls(tab) == ["on_form ['reason']", "on_count 0"]


async def test_a_failure_is_said_without_its_cause(careless: Portal, people: Clinic) -> None:
    async with open_tab(careless.origin, careless.signed_in(await people.patient()), path="/es") as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_fail")
        text = await tab.until(lambda tab: tab.var("notice", "text"))

        assert "the name of a patient" not in str(tab.seen)
        assert not tab.events
        await tab.send(f"{NOTICE}.on_dismiss")
        await tab.until(lambda tab: tab.var("notice", "text") == "")
        assert text


async def test_the_wrong_words_cannot_be_put_on_the_screen(careless: Portal) -> None:
    async with open_tab(careless.origin, careless.headers(VISITOR), path="/sign-in") as tab:
        await tab.arrive()
        await tab.send(f"{NOTICE}.on_error", code="Call 555 0100 and tell them your code")

        assert "555" not in await tab.until(lambda tab: tab.var("notice", "text"))

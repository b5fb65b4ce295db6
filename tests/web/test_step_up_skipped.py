"""Steps that want a proof of the last minutes, or a stronger one, sent raw past the page that would ask for it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import psycopg
import pytest

from portal_app.core import clock, policy
from portal_app.core.actor import Role
from portal_app.core.db import secret_hash
from portal_app.core.errors import DatabaseAway, PagesAway
from portal_app.features.access.errors import FactorRefused
from portal_app.settings import Settings
from portal_app.state.base import policy_of
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.web.conftest import Portal
from tests.web.every_handler import NOTICE, events_by_state, handler_of, named, path_of, payload_of
from tests.web.fresh_proof import wanting_fresh_proof, wanting_two_proofs
from tests.web.victim import World, make_world
from tests.web.wire import Tab, open_tab

HATS = ("nurse", "clinician", "front_desk", "billing", "manager")
AN_HOUR_AGO = "created_at = now() - interval '1 hour', proved_at = null"
BY_A_CODE_ALONE = "assurance = 1"
LAW = {"state": "AL", "full_until": "8", "limited_until": "18", "majority": "18", "own_from": "13", "source": "Law",
       "open-booking": "yes"}  # fmt: skip
DAYS_AHEAD = count(30)
"""A version of a rule is dated after those before it, and each test that may date one leaves it behind."""
NOT_COME_TO = {
    "staff_sign_in.on_part": "nobody's practice account is joined here, so there is none to part",
    "pay.on_pay": "no bank is set up here", "pay_plan.on_begin": "no bank is set up here",
    "pay_plan.on_remove": "no bank is set up here", "who_looked.on_earlier": "there is nothing earlier",
}  # fmt: skip
"""Steps that end before a proof is asked for, and why; what is said of them is that they write nothing."""
OWN_CHART = {"answer.on_load"}
"""Questions about one's own chart: staff have none, and are asked none."""


@pytest.fixture
async def world(server: Server, web_settings: Settings, people: Clinic) -> AsyncIterator[World]:
    """Make a patient with something of every kind."""
    world = await make_world(server, web_settings, people)
    with psycopg.connect(world.dsn) as connection:  # others of the same name are about, and a search shows the first
        named = {"name": _surname(world), "id": world.victim.patient_id}
        connection.execute("update patient set family_name = %(name)s where id = %(id)s", named)
    yield world
    with psycopg.connect(world.dsn) as connection:  # there is one practice at most, and the other tests have none
        connection.execute("delete from practice")


def _surname(world: World) -> str:
    """Return a name that nobody else has, of letters."""
    assert world.victim.patient_id
    return "".join(chr(ord("a") + int(digit, 16)) for digit in world.victim.patient_id.hex).title()


async def _proved_just_now(world: World, who: str, page: str) -> Someone:
    if page == "devices":
        owner = await world.people.proven("Rosa")
        await world.people.passkey(owner)
        return owner
    if who == "the patient":
        return await world.people.sign_in_again(world.victim, assurance=2)
    return await world.people.staff(*HATS, location_id=world.practices.location_id)


def _where(world: World, state: str) -> str:
    """Return the address of a page, with what leads to the step that wants a proof."""
    more = {
        "answer": "&q=emergency", "second_factor": f"&step=set-up&problem={FactorRefused.code}",
        "staff_caregivers": f"&document={world.ids['file_id']}",
    }  # fmt: skip
    return path_of(state, world.ids) + more.get(state.rsplit("____", 1)[1], "")


def _chosen_before(world: World, page: str, passkey_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what is tapped on a page before the step itself."""
    day = (clock.now().date() + timedelta(days=next(DAYS_AHEAD))).isoformat()
    ids, colleague = world.ids, str(world.rightful["doctor"].person_id)
    taps: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "devices": [("devices.on_choose", {"doing": "remove", "passkey_id": passkey_id})],
        "emergency": [("emergency.on_search", {"form": {"query": f"Zuleika {_surname(world)}"}}),
                      ("emergency.on_choose", {"patient_id": ids["patient_id"]})],
        "staff_sign_in": [("staff_sign_in.on_choose", {"person_id": colleague})],
        "staff_limits": [("staff_limits.on_choose", {"limit_id": ids["limit_id"]})],
        "age_rules": [("age_rules.on_state", {"form": {"counting": "AL"}}), ("age_rules.on_change", {"rule_id": ""}),
                      ("age_rules.on_look", {"form": LAW | {"effective_from": day}})],
        "staff_state": [("staff_caregivers.on_load", {}), ("staff_state.on_look", {"form": {"patient-state": "AL"}})],
    }  # fmt: skip
    return taps.get(page, [])


async def _open(tab: Tab, world: World, state: str, someone: Someone) -> None:
    """Open a page and choose on it, with every proof still fresh."""
    page = state.rsplit("____", 1)[1]
    if f"{state}.on_load" in events_by_state()[state]:
        await _led_away(tab, _where(world, state), f"{state}.on_load", {})
    with psycopg.connect(world.dsn) as connection:
        own = connection.execute("select id::text from passkey where person_id = %s", [someone.person_id]).fetchone()
    for event, payload in _chosen_before(world, page, own[0] if own else ""):
        other, name = named(event)
        await _led_away(tab, _where(world, other), name, payload)


def _steps_of(who: str, events: list[str]) -> dict[str, list[str]]:
    """Return these events as far as they are for this kind of person, by the state whose page they are on."""
    hats = {Role.patient} if who == "the patient" else {Role(one) for one in HATS}
    theirs: dict[str, list[str]] = {}
    for name in events:
        if hats & policy.get(policy_of(handler_of(name)) or "").roles:
            theirs.setdefault(name.rsplit(".", 1)[0], []).append(name)
    return theirs


def _make(world: World, someone: Someone, change: str) -> None:
    """Make a session older or weaker than the page was opened with."""
    with psycopg.connect(world.dsn) as connection:
        secret = secret_hash(someone.credential.session_secret)
        connection.execute(f"update session set {change} where secret_hash = %s", [secret])


async def _led_away(tab: Tab, where: str, name: str, payload: dict[str, Any]) -> bool:
    """Send an event, wait until all that came of it is dealt with, and tell whether a proof was asked for."""
    await tab.send_from(where, name, payload)
    await _settled(tab)
    if tab.var("step_up____step_up", "is_open"):
        await tab.send(named("step_up.on_close")[1])
        await _settled(tab)
        return True
    return "step-up=1" in str(tab.var("departure", "to"))


async def _settled(tab: Tab) -> None:
    for last in (DatabaseAway, PagesAway):  # what an event leads to is dealt with before the second of two that follow
        await tab.send(f"{NOTICE}.on_error", code=last.code)
        await tab.until(partial(_says, last.message))


def _says(words: str, tab: Tab) -> bool:
    return bool(tab.var("notice____notice", "text") == words)


async def _held_up(portal: Portal, world: World, who: str, events: list[str], change: str = "") -> set[str]:
    """Send events from pages that were opened with every proof; return those that were answered with the step-up."""
    held_up = set()
    for state, names in _steps_of(who, events).items():
        someone = await _proved_just_now(world, who, state.rsplit("____", 1)[1])
        async with open_tab(portal.origin, portal.signed_in(someone)) as tab:
            await tab.arrive()
            await _open(tab, world, state, someone)
            if change:
                _make(world, someone, change)
            before, where = world.rows(), _where(world, state)
            held_up |= {name for name in names if await _led_away(tab, where, name, payload_of(name, world.ids))}
            if change:
                assert {table for table, rows in world.rows().items() if rows != before[table]} == set()
    return {name.rsplit("____", 1)[1] for name in held_up}


def _all(who: str, events: list[str]) -> set[str]:
    found = {name.rsplit("____", 1)[1] for names in _steps_of(who, events).values() for name in names}
    return found - NOT_COME_TO.keys() - (OWN_CHART if who == "staff" else set())


def test_the_steps_are_found_in_the_program_itself() -> None:
    fresh, two = (
        {name.rsplit("____", 1)[1] for name in found()} for found in (wanting_fresh_proof, wanting_two_proofs)
    )
    assert {"answer.on_say", "contact.on_propose", "devices.on_remove", "share.on_send", "take_record.on_load"} <= fresh
    assert {"emergency.on_open", "reset_patient.on_reset", "staff_caregivers.on_send", "age_rules.on_save"} <= fresh
    assert {"bills.on_load", "medications.on_load", "share.on_send", "vitals_log.on_log", "who_looked.on_load"} <= two
    assert "book.on_load" not in fresh | two


@pytest.mark.parametrize("who", ["the patient", "staff"])
async def test_no_step_that_wants_a_proof_of_the_last_minutes_is_taken_with_an_older_one(
    portal: Portal, world: World, who: str
) -> None:
    steps = wanting_fresh_proof()
    assert await _held_up(portal, world, who, steps, AN_HOUR_AGO) == _all(who, steps)


async def test_no_step_that_wants_two_proofs_is_taken_with_a_code_alone(portal: Portal, world: World) -> None:
    steps = wanting_two_proofs()
    assert await _held_up(portal, world, "the patient", steps, BY_A_CODE_ALONE) == _all("the patient", steps)


@pytest.mark.parametrize("who", ["the patient", "staff"])
async def test_after_every_proof_none_of_them_is_held_up(portal: Portal, world: World, who: str) -> None:
    assert await _held_up(portal, world, who, wanting_fresh_proof() + wanting_two_proofs()) == set()

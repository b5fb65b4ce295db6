"""Every event of every state, sent raw by somebody who has no business with what it names."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import cycle
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.actor import Credential
from portal_app.core.db import GUEST_PREFIX, secret_hash
from portal_app.core.errors import DatabaseAway, PagesAway, PortalError
from portal_app.features.access import caregivers
from portal_app.features.access.rules import SHARES
from portal_app.features.visits import service as visits
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.privacy.test_seeing import looking
from tests.web.conftest import Portal
from tests.web.every_handler import NOTICE, Ids, events_by_state, named, pages_of_one, path_of, payload_of, shares
from tests.web.victim import NAME, PHONE, WORDS, World, make_world
from tests.web.wire import Tab, open_tab


@pytest.fixture
async def world(server: Server, web_settings: Settings, people: Clinic) -> AsyncIterator[World]:
    """Make a patient with something of every kind."""
    world = await make_world(server, web_settings, people)
    yield world
    with psycopg.connect(world.dsn) as connection:  # there is one practice at most, and the other tests have none
        connection.execute("delete from practice")


async def _send(tab: Tab, ids: Ids, state: str, *names: str) -> None:
    for name in names or events_by_state()[state]:
        await tab.send_from(path_of(state, ids), name, payload_of(name, ids))


def _says(words: str, tab: Tab) -> bool:
    return bool(tab.var("notice____notice", "text") == words)


async def _heard(tab: Tab, last: type[PortalError]) -> None:
    """Wait until all that was sent has been dealt with: the words asked for last are on the screen."""
    await tab.send(f"{NOTICE}.on_error", code=last.code)
    await tab.until(partial(_says, last.message))


async def _send_everything(portal: Portal, sender: Someone, ids: Ids, states: list[str]) -> str:
    """Send every event of these states once, as if tapped on its page, and return all that came back."""
    async with open_tab(portal.origin, _headers(portal, sender)) as tab:
        await tab.arrive()
        for state, last in zip(states, cycle((DatabaseAway, PagesAway)), strict=False):
            await _send(tab, ids, state)
            await _heard(tab, last)
        return "".join(tab.heard)


def _headers(portal: Portal, sender: Someone) -> dict[str, str]:
    secret = sender.credential.session_secret
    if not secret.startswith(GUEST_PREFIX):
        return portal.signed_in(sender)
    browser = portal.headers(cookies.new_visitor_secret())
    return browser | {"Cookie": f"{browser['Cookie']}; {portal.cookie_name}-room={secret}"}


async def _stranger(world: World) -> Someone:
    return await world.people.sign_in_again(await world.people.patient("Mallory"), assurance=2)


async def _unproven(world: World) -> Someone:
    return await world.people.unproven("nurse", "clinician", "front_desk", "billing", "manager")


async def _carer(world: World) -> Someone:
    carer, database = await world.people.patient("Ana"), world.people.database
    await accept(database, carer, await invited(database, world.victim, carer.email, "booking_view"))
    return await acting_for(database, carer, world.victim)


async def _onlooking_carer(world: World) -> Someone:
    """Share the whole chart with somebody, to see and not to act in."""
    carer, database = await world.people.patient("Ines"), world.people.database
    seen = [name for name, (verb, _section) in SHARES.items() if verb == "view"]
    await accept(database, carer, await invited(database, world.victim, carer.email, *seen))
    return await acting_for(database, await world.people.sign_in_again(carer, assurance=2), world.victim)


async def _looker(world: World) -> Someone:
    other = await world.people.patient("Maria")
    return await looking(world.people.database, await world.people.staff("front_desk"), other.patient_id)


async def _looker_with_every_hat(world: World) -> Someone:
    """See the victim's own pages, with all that any hat sees of them."""
    hats = ("front_desk", "billing", "nurse", "clinician", "manager")
    who = await world.people.staff(*hats, location_id=world.practices.location_id)
    return await looking(world.people.database, who, world.victim.patient_id)


async def _nurse_elsewhere(world: World) -> Someone:
    return await world.people.staff("nurse", location_id=uuid4())


async def _guest(world: World) -> Someone:
    """Let an interpreter into somebody else's visit, who has the key of that room and no session."""
    practices, other = world.practices, await world.people.patient("Lucia")
    doctor = await practices.doctor()
    appointment_id = await practices.video_visit_soon(other, doctor)
    async with practices.database.act_as(other.credential, "visits.join") as tx:
        place = await visits.join(tx, appointment_id)
    async with practices.database.act_as(doctor.account.credential, "visits.host") as tx:
        link = await visits.invite(tx, place.visit_id, "interpreter", "Rosa Diaz")
    async with practices.database.act_as_system("visits.redeem") as tx:
        key = await visits.redeem(tx, link.secret)
    return Someone(other.person_id, other.patient_id, Credential(key.secret, "192.0.2.9"), "")


async def _manager(world: World) -> Someone:
    return await world.people.staff("manager")


async def _keeper(world: World) -> Someone:
    return await world.people.staff("billing")


EMERGENCY = "emergency____emergency"
"""Nurses find any patient by name there and open the chart, which is written down and told."""
ALERTS = "alerts____alerts"
"""Every nurse and clinician sees to whoever is in danger: a name, a number and the value, and no chart."""
TRIES: dict[str, tuple[Callable[[World], Awaitable[Someone]], tuple[str, ...], tuple[str, ...]]] = {
    "a patient, with another's ids": (_stranger, (NAME, PHONE, WORDS), ()),
    "all staff at once, without a second factor": (_unproven, (NAME, PHONE, WORDS), ()),
    "a carer who may see the visits": (_carer, (PHONE, WORDS), ()),
    "a carer who may see everything and do nothing": (_onlooking_carer, (), ()),
    "support, looking at another's pages": (_looker, (NAME, PHONE, WORDS), ()),
    "support, looking at these very pages with every hat": (_looker_with_every_hat, (), ()),
    "a nurse of another place": (_nurse_elsewhere, (NAME, PHONE, WORDS), (EMERGENCY, ALERTS)),
    "an interpreter of another visit": (_guest, (NAME, PHONE, WORDS), ()),
    "a manager": (_manager, (PHONE, WORDS), ()),
    "whoever keeps the books": (_keeper, (WORDS,), ()),
}
"""Who tries, what must not be among what they are told, and the states that are theirs to use all the same."""
THEIRS = {
    "a carer who may see everything and do nothing": {"statement", "statement_bill"},
    "a manager": {"check_in_rule"},
    "whoever keeps the books": {
        "bill_balance", "bill_question", "coverage", "eligibility_check", "invoice", "ledger_entry", "ledger_posting",
        "outbox_message", "payment_link", "refund", "task",
    },
}  # fmt: skip
"""What somebody may write about anybody, as their work; who sees bills has them put together as a paper to read.

The one rule of check-in is set anew by each manager, also where another one has set it before.
"""


@pytest.mark.parametrize("who", TRIES)
async def test_no_raw_event_changes_or_shows_what_is_another_s_or_fails_without_an_answer(
    portal: Portal, world: World, who: str
) -> None:
    make, unsaid, theirs = TRIES[who]
    senders = [await make(world) for _ in shares()]
    before, failed, standing = world.rows(*senders), len(_failures(portal)), _standing(world, senders)
    told = ""
    for sender, states in zip(senders, shares(), strict=True):
        told += await _send_everything(portal, sender, world.ids, [one for one in states if not one.endswith(theirs)])
    after = world.rows(*senders)
    assert [words for words in unsaid if words in told] == []
    assert {table for table in after if after[table] != before[table]} - THEIRS.get(who, set()) == set()
    assert _failures(portal)[failed:] == []
    assert _standing(world, senders) == standing


def _standing(world: World, senders: list[Someone]) -> list[tuple[object, ...]]:
    """Return which roles those who try have, and how strongly they ever proved themselves."""
    asked = """
        select person_id::text, role::text from person_role where person_id = any(%(who)s)
        union all select person_id::text, max(assurance)::text from session where person_id = any(%(who)s) group by 1
        order by 1, 2
    """
    with psycopg.connect(world.dsn) as connection:
        return connection.execute(asked, {"who": [one.person_id for one in senders]}).fetchall()


OWN_OF_CARER = {"related_person", "session"}
"""Their answer to the invitation, of which they change no section, and that they were here."""
_CHANGES = """
select c.table_name as table, min(c.column_name) as column
from information_schema.column_privileges c join information_schema.columns p using (table_schema, table_name)
where c.table_schema = 'public' and c.grantee = 'portal_app' and c.privilege_type = 'UPDATE'
  and p.column_name = 'patient_id' and c.column_name <> 'patient_id'
group by c.table_name order by c.table_name
"""


async def _changed(world: World, who: Someone) -> set[str]:
    """Return the tables in which somebody can write into a row of the victim's chart, asking the database itself."""
    with psycopg.connect(world.dsn) as connection:
        columns = connection.execute(_CHANGES).fetchall()
    found = set()
    for table, column in columns:
        with suppress(DBAPIError):
            async with world.people.database.act_as(who.credential, "access.who_am_i") as tx:
                own = {"id": world.victim.patient_id}
                if await tx.execute(f"update {table} set {column} = {column} where patient_id = :id", own):
                    found.add(table)
    return found


async def test_who_may_see_everything_changes_no_row_of_a_chart_in_the_database_either(world: World) -> None:
    carer = await _onlooking_carer(world)
    assert await _changed(world, carer) == OWN_OF_CARER
    assert len(await _changed(world, world.rightful["victim"]) - OWN_OF_CARER) > 5


def _failures(portal: Portal) -> list[str]:
    """Return where in our own sources a handler failed with an error that has no name of ours."""
    failed = [json.loads(line) for line in portal.log().splitlines() if '"event_failed"' in line]
    ours = [[frame.split("/portal_app/")[1] for frame in one["at"] if "/portal_app/" in frame] for one in failed]
    last = [(frames or one["at"])[-1] for one, frames in zip(failed, ours, strict=True)]
    return [f"{one['error']} at {where}" for one, where in zip(failed, last, strict=True)]


async def test_after_what_was_shared_is_ended_no_raw_event_of_a_caregivers_open_page_does_or_shows_anything(
    portal: Portal, world: World
) -> None:
    database = world.people.database
    for number, states in enumerate(shares()):
        carer = await world.people.sign_in_again(await world.people.patient("Ana", f"Gone{number}"), assurance=2)
        await accept(database, carer, await invited(database, world.victim, carer.email, *SHARES))
        carer = await acting_for(database, carer, world.victim)
        async with open_tab(portal.origin, portal.signed_in(carer), path="/") as tab:
            await tab.arrive()
            async with database.act_as(world.rightful["victim"].credential, "access.share_chart") as tx:
                theirs = next(one for one in await caregivers.list_caregivers(tx) if one.email == carer.email)
                await caregivers.end_caregiver(tx, theirs.id)
            await database.told()
            await tab.until(lambda tab: "ended=access" in str(tab.seen))
            before, since = world.rows(), len(tab.heard)
            for state in states:
                await _send(tab, world.ids, state)
            tab.seen.clear()
            await tab.arrive()
            said = "".join(tab.heard[since:])
            assert [words for words in (NAME, PHONE, WORDS) if words in said] == []
            assert world.rows() == before


async def test_after_the_session_ended_no_raw_event_of_an_open_page_does_or_shows_anything(
    portal: Portal, world: World
) -> None:
    tabs = [await world.people.sign_in_again(world.victim, assurance=2) for _ in shares()]
    for victim, states in zip(tabs, shares(), strict=True):
        async with open_tab(portal.origin, portal.signed_in(victim), path="/profile/caregivers/invite") as tab:
            await tab.arrive()
            await _ended(world, victim)
            await tab.until(lambda tab: "/sign-in" in str(tab.seen))
            before, since = world.rows(), len(tab.heard)
            for state in states:
                await _send(tab, world.ids, state)
            tab.seen.clear()
            await tab.arrive()
            said = "".join(tab.heard[since:])
            assert [words for words in (NAME, PHONE, WORDS) if words in said] == []
            assert world.rows() == before


RIGHTFUL = {
    "victim": (
        ("vitals_plan.on_remind", "care_plan_reminder"),
        ("asked_forms.on_open", "questionnaire_response"),
        ("medication_review.on_answer", "chart_change"),
        ("medication_review.on_withdraw", "chart_change"),
        ("one_insurance.on_end", "coverage"),
        ("bill_question.on_ask", "bill_question"),
        ("pay_plan.on_stop", "payment_plan"),
        ("private_visit.on_keep", "appointment"),
    ),
    "doctor": (
        ("watched_patient.on_end_plan", "care_plan"),
        ("alerts.on_take", "alert"),
        ("outstanding_forms.on_end", "form_assignment"),
        ("staff_form.on_review", "questionnaire_response"),
        ("staff_changes.on_decline", "chart_change"),
        ("staff_lists.on_end", "chart_entry"),
    ),
    "keeper": (
        ("staff_insurance.on_review", "coverage"),
        ("staff_bill_questions.on_answer", "bill_question"),
        ("staff_bill.on_post", "ledger_posting"),
        ("staff_bill_undo.on_refund", "ledger_posting"),
    ),
}
"""Whose work an event is, and where it writes: at least one for each kind of thing that the victim has."""


@pytest.mark.parametrize("who", RIGHTFUL)
async def test_the_very_same_events_are_heard_of_those_whose_things_these_are(
    portal: Portal, world: World, who: str
) -> None:
    unheard = []
    async with open_tab(portal.origin, portal.signed_in(world.rightful[who])) as tab:
        await tab.arrive()
        for (event, table), last in zip(RIGHTFUL[who], cycle((DatabaseAway, PagesAway)), strict=False):
            before, (state, name) = world.sum_of(table), named(event)
            await _send(tab, world.ids, state, f"{state}.on_load", name)
            await _heard(tab, last)
            if world.sum_of(table) == before:
                unheard.append(event)
    assert unheard == []


UNFOUND = {"answer_for", "answer_request", "offer", "place_rooms", "place_settings", "request", "staff_registration"}
"""Pages of one thing that the victim has none of, or that is the practice's."""


async def test_what_the_addresses_name_is_there_for_somebody(portal: Portal, world: World) -> None:
    nobody, failed = set(pages_of_one()), len(_failures(portal))
    for someone in (*world.rightful.values(), await world.people.staff("front_desk")):
        async with open_tab(portal.origin, portal.signed_in(someone)) as tab:
            await tab.arrive()
            for state, last in zip(pages_of_one(), cycle((DatabaseAway, PagesAway)), strict=False):
                await _send(tab, world.ids, state, f"{state}.on_load")
                await _heard(tab, last)
            nobody = {one for one in nobody if not _is_there(tab, one)}
    assert {one.rsplit("____", 1)[1] for one in nobody} == UNFOUND
    assert _failures(portal)[failed:] == []


def _is_there(tab: Tab, state: str) -> bool:
    shown = {name.removesuffix("_rx_state_"): value for name, value in tab.seen.get(state, {}).items()}
    return bool(shown.get("is_ready")) and not shown["is_missing"]


async def _ended(world: World, someone: Someone) -> None:
    async with world.people.database.act_as_system("test") as tx:
        await tx.execute("update session set ended_at = now() where secret_hash = :hash",
                         {"hash": secret_hash(someone.credential.session_secret)})  # fmt: skip
    await world.people.database.told()

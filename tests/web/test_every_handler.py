"""Every event of every state, sent raw by somebody who has no business with what it names."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import cycle
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from portal_app.core.actor import Credential
from portal_app.core.db import GUEST_PREFIX, secret_hash
from portal_app.core.errors import DatabaseAway, PagesAway
from portal_app.features.billing import service as billing
from portal_app.features.booking import service as booking
from portal_app.features.notes import service as notes
from portal_app.features.visits import service as visits
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import Wish
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.notes.conftest import SUMMARY, ending
from tests.features.privacy.test_seeing import looking
from tests.journeys.clinic import Doctor, Practices
from tests.web.conftest import Portal
from tests.web.every_handler import NOTICE, Ids, events_by_state, path_of, payload_of, random_ids, shares
from tests.web.wire import Tab, open_tab

NAME, PHONE, WORDS = "Unmistakable", "+12125550199", "Pain that nobody else has"
_WRITTEN_ANYWAY = ["announcement", "audit_event", "audit_seal", "known_browser", "procrastinate_events"]
"""What is written of a refused try too, or by whoever merely opens a page, or comes and goes by itself."""
_SUM = """
select count(*), md5(string_agg(x.row, ',' order by x.row))
from (select (to_jsonb(t) - array['seen_at', 'idle_until'])::text as row from {table} t) x
where '{table}' <> 'procrastinate_jobs'
     and not exists (select from unnest(%(theirs)s::text[]) n where position(n in x.row) > 0)
   or '{table}' <> 'session' and exists (select from unnest(%(kept)s::text[]) n where position(n in x.row) > 0)
"""
"""Of all rows but those of whoever tries; those that name the victim too are among them. A job names the row that it is
about and nobody, so of jobs only those count that name the victim."""


@dataclass(frozen=True)
class World:
    """A patient with something of every kind, and how to tell whether any of it was touched."""

    people: Clinic
    victim: Someone
    ids: Ids
    dsn: str
    practices: Practices

    def rows(self, *tried: Someone) -> dict[str, Any]:
        """Return a sum of each table, without what is wholly of those who try."""
        theirs = {str(one) for who in tried for one in (who.person_id, who.patient_id) if one}
        kept = {str(self.victim.person_id), str(self.victim.patient_id), self.ids["appointment_id"]}
        ids = {"theirs": sorted(theirs - kept), "kept": sorted(kept)}
        tables = "select tablename from pg_tables where schemaname = 'public' and tablename <> all(%s)"
        with psycopg.connect(self.dsn) as connection:
            names = [row[0] for row in connection.execute(tables, [_WRITTEN_ANYWAY])]
            return {name: connection.execute(_SUM.format(table=name), ids).fetchone() for name in names}


@pytest.fixture
async def world(server: Server, web_settings: Settings, people: Clinic) -> AsyncIterator[World]:
    """Make a patient with a visit under way, a note, a document, a place in the line, a carer, a summary and a bill."""
    practices = Practices(people.database)
    await practices.open()
    doctor = await practices.doctor()
    victim = await practices.patient(doctor, "Zuleika", NAME, phone=PHONE)
    name = make_url(web_settings.database_url or "").database or ""
    dsn = server.url(server.superuser.set(drivername="postgresql"), name)
    things = await _things(practices, doctor, victim) | await _afterwards(practices, doctor, victim)
    _document(dsn, things)
    yield World(people, victim, random_ids(things), dsn, practices)
    with psycopg.connect(dsn) as connection:  # there is one practice at most, and the other tests have none
        connection.execute("delete from practice")


async def _things(practices: Practices, doctor: Doctor, victim: Someone) -> dict[str, str]:
    database, appointment_id = practices.database, await practices.video_visit_soon(victim, doctor)
    async with database.act_as(victim.credential, "visits.join") as tx:
        place = await visits.join(tx, appointment_id)
    async with database.act_as(doctor.account.credential, "notes.write") as tx:
        await notes.save_note(tx, appointment_id, 0, {"brought": WORDS}, {})
    async with database.act_as(victim.credential, "waiting.ask") as tx:
        entry_id = await waiting.ask_for_earlier(tx, Wish(practices.visit_type_id, "in_person", uuid4()))
    await invited(database, victim, "eve@example.test", "booking_view")
    async with database.act_as_system("test") as tx:
        one = {"id": victim.patient_id, "who": victim.person_id}
        relation_id = await tx.scalar("select id from related_person where patient_id = :id", one)
        session_id = await tx.scalar("select id from session where person_id = :who limit 1", one)
    found = {"patient_id": victim.patient_id, "person_id": victim.person_id, "session_id": session_id,
             "appointment_id": appointment_id, "participant_id": place.participant_id, "entry_id": entry_id,
             "relation_id": relation_id, "practitioner_id": doctor.practitioner_id, "key": uuid4()}  # fmt: skip
    return {name: str(one) for name, one in found.items()}


async def _afterwards(practices: Practices, doctor: Doctor, victim: Someone) -> dict[str, str]:
    """End a visit before that one: its summary, its charge and a bill."""
    database, appointment_id = practices.database, await practices.video_visit_soon(victim, doctor, minutes=60)
    async with database.act_as_system("test") as tx:
        await notes.fill_diagnoses(tx, [notes.Diagnosis("I10", "Hypertension"), notes.Diagnosis("R51.9", "Pain")], "x")
        await billing.fill_services(tx, [billing.ServiceCode("T1015", "Clinic visit")], "x")
        await billing.fill_fees(tx, [billing.FeeEntry("T1015", date(2020, 1, 1), "USD", 18_000)])
    async with database.act_as(doctor.account.credential, "booking.change_day") as tx:
        await booking.mark_arrived(tx, appointment_id)
    async with database.act_as(doctor.account.credential, "notes.write") as tx:
        await notes.save_note(tx, appointment_id, 0, {"brought": WORDS}, {})
    async with database.act_as(doctor.account.credential, "notes.sign") as tx:
        await notes.sign_visit(tx, appointment_id, 1, ending(summary=replace(SUMMARY, own_words={"found": WORDS})))
    keeper = await practices.people.staff("billing")
    async with database.act_as(keeper.credential, "billing.review") as tx:
        charge_id = await tx.scalar("select id from charge_item where appointment_id = :id", {"id": appointment_id})
        await billing.mark_ready(tx, charge_id, 0)
    async with database.act_as(keeper.credential, "billing.keep_books") as tx:
        bill_id = await billing.issue_bill(tx, charge_id, 0)
    return {"charge_id": str(charge_id), "bill_id": str(bill_id), "past_id": str(appointment_id)}


def _document(dsn: str, things: dict[str, str]) -> None:
    """Put a document into the chart, as if sent from inside the visit."""
    things["document_id"], things["file_id"] = str(uuid4()), str(uuid4())
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into stored_file (id, name, owner_id, patient_id, section, media_type, size_bytes, filename,"
            " content_key) values (%(file_id)s::uuid, %(file_id)s::text, %(person_id)s, %(patient_id)s, 'visits',"
            f" 'image/jpeg', 1, '{WORDS}.jpg', '')",
            things,
        )
        connection.execute(
            "insert into document_reference (id, patient_id, visit_id, file_id, sent_by, sent_at, request_key)"
            " select %(document_id)s, %(patient_id)s, v.id, %(file_id)s, %(person_id)s, now(), %(key)s"
            " from visit v where v.appointment_id = %(appointment_id)s",
            things,
        )


async def _send(tab: Tab, ids: Ids, state: str) -> None:
    for name in events_by_state()[state]:
        await tab.send_from(path_of(state, ids), name, payload_of(name, ids))


def _says(words: str, tab: Tab) -> bool:
    return bool(tab.var("notice____notice", "text") == words)


async def _send_everything(portal: Portal, sender: Someone, ids: Ids, states: list[str]) -> str:
    """Send every event of these states once, as if tapped on its page, and return all that came back."""
    words = cycle((DatabaseAway, PagesAway))
    async with open_tab(portal.origin, _headers(portal, sender)) as tab:
        await tab.arrive()
        for state in states:
            await _send(tab, ids, state)
            # All that was sent before has been dealt with once the words asked for last are on the screen.
            last = next(words)
            await tab.send(f"{NOTICE}.on_error", code=last.code)
            await tab.until(partial(_says, last.message))
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


async def _looker(world: World) -> Someone:
    other = await world.people.patient("Maria")
    return await looking(world.people.database, await world.people.staff("front_desk"), other.patient_id)


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
TRIES: dict[str, tuple[Callable[[World], Awaitable[Someone]], tuple[str, ...], tuple[str, ...]]] = {
    "a patient, with another's ids": (_stranger, (NAME, PHONE, WORDS), ()),
    "all staff at once, without a second factor": (_unproven, (NAME, PHONE, WORDS), ()),
    "a carer who may see the visits": (_carer, (PHONE, WORDS), ()),
    "support, looking at another's pages": (_looker, (NAME, PHONE, WORDS), ()),
    "a nurse of another place": (_nurse_elsewhere, (NAME, PHONE, WORDS), (EMERGENCY,)),
    "an interpreter of another visit": (_guest, (NAME, PHONE, WORDS), ()),
    "a manager": (_manager, (PHONE, WORDS), ()),
    "whoever keeps the books": (_keeper, (WORDS,), ()),
}
"""Who tries, what must not be among what they are told, and the states that are theirs to use all the same."""
THEIRS = {"whoever keeps the books": {"bill_balance", "invoice", "ledger_entry", "ledger_posting", "payment_link"}}
"""What somebody may write about anybody, as their work."""


@pytest.mark.parametrize("who", TRIES)
async def test_no_raw_event_changes_or_shows_what_is_another_s_or_fails_without_an_answer(
    portal: Portal, world: World, who: str
) -> None:
    make, unsaid, theirs = TRIES[who]
    senders = [await make(world) for _ in shares()]
    before, failed = world.rows(*senders), len(_failures(portal))
    told = ""
    for sender, states in zip(senders, shares(), strict=True):
        told += await _send_everything(portal, sender, world.ids, [one for one in states if not one.endswith(theirs)])
    after = world.rows(*senders)
    assert [words for words in unsaid if words in told] == []
    assert {table for table in after if after[table] != before[table]} - THEIRS.get(who, set()) == set()
    assert _failures(portal)[failed:] == []


def _failures(portal: Portal) -> list[str]:
    """Return where in our own sources a handler failed with an error that has no name of ours."""
    failed = [json.loads(line) for line in portal.log().splitlines() if '"event_failed"' in line]
    ours = [[frame.split("/portal_app/")[1] for frame in one["at"] if "/portal_app/" in frame] for one in failed]
    last = [(frames or one["at"])[-1] for one, frames in zip(failed, ours, strict=True)]
    return [f"{one['error']} at {where}" for one, where in zip(failed, last, strict=True)]


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
            assert NAME not in "".join(tab.heard[since:])
            assert world.rows() == before


async def _ended(world: World, someone: Someone) -> None:
    async with world.people.database.act_as_system("test") as tx:
        await tx.execute("update session set ended_at = now() where secret_hash = :hash",
                         {"hash": secret_hash(someone.credential.session_secret)})  # fmt: skip
    await world.people.database.told()

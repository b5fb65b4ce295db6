"""Whoever owns a passkey needs it: a code alone opens nothing, and a few other ways are as good."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import select
from sqlmodel import col

import portal_app.portal_app  # noqa: F401 - registers every page, state and policy
from portal_app.core import clock, crypto, limits
from portal_app.core.actor import Credential, Role
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn, PasskeyNeeded, StepUpNeeded
from portal_app.features.access import factors, jobs, passkeys, service, sessions, step_up
from portal_app.features.access.views import Browser, NewSession
from portal_app.features.notify.tables import OutboxMessage
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share
from tests.features.access.test_scope_walk import allowed
from tests.features.access.test_step_up import SITE, with_passkey
from tests.features.access.test_text_codes import NUMBER, ask, check, code
from tests.test_policy_walk import HELD_BACK, PATIENTS, WHO_MAY

OPEN = {
    "access.choose_language", "access.end_sessions", "access.prove_by_text", "access.sign_out", "access.step_up",
    "access.use_given_code", "web.connect",
}  # fmt: skip
"""All that a code alone opens to whoever owns a passkey: other proofs, shutting a lost device out, and the way out."""


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    limits.forget_all()


@pytest.fixture
async def rosa(clinic: Clinic) -> Someone:
    return await clinic.held_back()


async def told(database: Database, who: Someone) -> dict[str, str]:
    """Return what somebody is told under each policy of the patient's side."""
    said = {}
    for name in sorted(name for name, roles in WHO_MAY.items() if roles & PATIENTS):
        try:
            async with database.act_as(who.credential, name):
                said[name] = "in"
        except PasskeyNeeded:
            said[name] = "passkey"
        except (StepUpNeeded, NotAllowed) as error:
            said[name] = error.code
    return said


async def test_a_code_alone_opens_nothing_but_other_ways_to_prove_oneself(database: Database, rosa: Someone) -> None:
    assert {name for name, roles in WHO_MAY.items() if roles & HELD_BACK} == OPEN
    said = await told(database, rosa)
    assert {name for name, word in said.items() if word == "in"} == OPEN
    assert {word for name, word in said.items() if name not in OPEN} == {"passkey"}
    assert await allowed(database, rosa, rosa, 1) == set()
    async with database.act_as(rosa.credential, "web.connect") as tx:
        assert (tx.actor.roles, tx.actor.patient_id) == (frozenset({Role.held_back}), rosa.patient_id)
        assert await tx.scalar("select count(*) from patient") == 0


async def test_a_session_by_the_passkey_opens_everything(database: Database, clinic: Clinic, rosa: Someone) -> None:
    said = await told(database, await clinic.sign_in_again(rosa, assurance=2))
    assert "passkey" not in said.values()


@pytest.mark.parametrize("kind", ["weak", "set aside"])
async def test_a_passkey_that_proves_no_more_than_a_code_asks_for_nothing_more(
    database: Database, clinic: Clinic, kind: str
) -> None:
    maria = await clinic.patient()
    passkey_id = await clinic.passkey(maria, is_vouched=kind == "set aside")
    async with database.act_as_system("test") as tx:
        if kind == "set aside":
            await tx.execute("update passkey set flagged_at = now() where id = :id", {"id": passkey_id})
    assert (await told(database, maria))["booking.book"] == "in"


async def test_a_session_by_a_code_on_another_device_closes_when_its_owner_gets_a_passkey(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    assert (await told(database, maria))["booking.find"] == "in"
    await clinic.passkey(maria)
    assert (await told(database, maria))["booking.find"] == "passkey"


async def test_a_caregiver_with_a_passkey_is_held_back_in_every_chart(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria = await clinic.patient()
    ana = await share(maria, "booking_act", "visits_act")
    await clinic.passkey(ana)
    assert {name for name, word in (await told(database, ana)).items() if word == "in"} == OPEN
    assert await allowed(database, ana, maria, 1) == set()


async def test_who_works_here_and_has_a_chart_is_held_back_in_it_too(
    database: Database, clinic: Clinic, share: Share
) -> None:
    colleague = await clinic.staff("nurse")
    acting = await share(await clinic.patient(), "booking_act", who=colleague)
    await clinic.passkey(acting)
    weak = await clinic.sign_in_again(acting, assurance=1)
    assert {name for name, word in (await told(database, weak)).items() if word == "in"} == OPEN


async def test_the_passkey_itself_puts_an_open_session_in_place_of_the_one_held_back(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    device = await with_passkey(database, maria)
    browser = Browser(maria.credential.session_secret, "", "")
    async with database.act_as_visitor(browser.secret, "access.use_passkey") as tx:
        asked = await passkeys.begin_sign_in(tx, browser.secret, SITE)
        session = await passkeys.finish_sign_in(tx, device.use(asked), browser, SITE)
    assert isinstance(session, NewSession)
    async with database.act_as(Credential(session.secret), "booking.find") as tx:
        assert tx.actor.assurance == 2


@pytest.fixture
async def by_text(database: Database, clinic: Clinic) -> Callable[[], Awaitable[Someone]]:
    async def signed_in() -> Someone:
        maria = await clinic.patient(phone=NUMBER)
        await clinic.prove_number(maria, NUMBER)
        await clinic.passkey(maria)
        await ask(database, maria)
        session = await check(database, maria, await code(database))
        assert isinstance(session, NewSession)
        return Someone(maria.person_id, maria.patient_id, Credential(session.secret, "192.0.2.7"), maria.email)

    return signed_in


async def test_a_text_to_a_number_proved_before_opens_the_chart_of_who_lost_the_phone(
    database: Database, by_text: Callable[[], Awaitable[Someone]]
) -> None:
    maria = await by_text()
    said = await told(database, maria)
    assert "passkey" not in said.values()
    assert {said[name] for name in ("booking.book", "visits.join", "chart.see", "notes.read_own")} == {"in"}


async def mailed(database: Database, who: Someone) -> list[str | None]:
    """Run what was enqueued about somebody who got in without the passkey; return the addresses that are told of it."""
    asked = "select args ->> 'person_id' as who, args ->> 'about' as about from procrastinate_jobs"
    async with database.act_as_system("access.send_code") as tx:
        for row in await tx.all(asked + " where task_name = 'access.tell_without_passkey'"):
            for _again in range(2):
                await jobs.tell_former_too(tx, UUID(row.who), "without_passkey", UUID(row.about))
        sent = select(col(OutboxMessage.content)).where(col(OutboxMessage.template) == "access_without_passkey")
        own = sent.where(col(OutboxMessage.person_id) == who.person_id, col(OutboxMessage.channel) == "mail")
        return sorted(row.content["to"] or "own" for row in await tx.all(own))


def changed_from(settings: Settings, who: Someone, address: str, at: datetime, undone: datetime | None) -> None:
    """Write down as the database does that an e-mail address was changed."""
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url), autocommit=True) as owner:
        owner.execute("set portal.maintenance = 'test'")
        owner.execute(
            "insert into contact_change (person_id, kind, old_address, new_address, new_index, created_at, undone_at)"
            " values (%s, 'email', %s, 'x', 'x', %s, %s)",
            (who.person_id, crypto.encrypt(address), at, undone),
        )


async def test_the_owner_of_a_passkey_is_told_by_mail_that_a_text_let_somebody_in_without_it(
    database: Database, by_text: Callable[[], Awaitable[Someone]]
) -> None:
    maria = await by_text()
    assert await mailed(database, maria) == ["own"]


async def test_the_address_before_the_last_change_is_told_too_for_a_month(
    database: Database, settings: Settings, by_text: Callable[[], Awaitable[Someone]]
) -> None:
    maria = await by_text()
    for address, days, undone in (("lately", 3, None), ("long-ago", 31, None), ("put-back", 2, clock.now())):
        changed_from(settings, maria, f"{address}@example.test", clock.now() - timedelta(days=days), undone)
    assert await mailed(database, maria) == ["lately@example.test", "own"]


async def test_nobody_is_told_of_a_text_who_has_no_passkey(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient(phone=NUMBER)
    await clinic.prove_number(maria, NUMBER)
    await ask(database, maria)
    assert isinstance(await check(database, maria, await code(database)), NewSession)
    assert await mailed(database, maria) == []


async def test_a_text_changes_nothing_about_who_else_gets_in_before_the_passkey_answers(
    database: Database, by_text: Callable[[], Awaitable[Someone]]
) -> None:
    maria = await by_text()
    secret = maria.credential.session_secret
    with pytest.raises(StepUpNeeded):
        async with database.act_as(maria.credential, "access.add_passkey") as tx:
            await passkeys.begin_adding(tx, secret, SITE)
    async with database.act_as(maria.credential, "access.keep_passkeys") as tx:
        held = (await passkeys.list_passkeys(tx))[0]
    with pytest.raises(StepUpNeeded):
        async with database.act_as(maria.credential, "access.keep_passkeys") as tx:
            await passkeys.remove_passkey(tx, held.id)
    device = await with_passkey(database, maria)
    async with database.act_as(maria.credential, "access.step_up") as tx:
        asked = await step_up.ask(tx, secret, SITE)
    async with database.act_as(maria.credential, "access.step_up") as tx:
        assert await step_up.prove(tx, device.use(asked), Browser(secret, "", ""), SITE) is None
    async with database.act_as(maria.credential, "access.add_passkey") as tx:
        assert await passkeys.begin_adding(tx, secret, SITE)


async def test_a_first_text_of_somebody_without_a_passkey_may_change_how_they_sign_in(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient(phone=NUMBER)
    await ask(database, maria)
    session = await check(database, maria, await code(database))
    assert isinstance(session, NewSession)
    async with database.act_as(Credential(session.secret), "access.add_passkey") as tx:
        assert await passkeys.begin_adding(tx, session.secret, SITE)


async def force(database: Database, who: Someone) -> None:
    """Make a session of a text that was answered this instant, whatever the service would have said."""
    async with database.act_as(who.credential, "access.prove_by_text") as tx:
        await tx.execute("update contact_code set used_at = now()")
        await tx.execute("select use_contact_code(id) from contact_code")
        await service.open_session(tx, who.person_id, assurance=2, user_agent="", method="text")


async def test_the_database_takes_no_number_of_the_chart_alone_for_who_owns_a_passkey(
    database: Database, clinic: Clinic
) -> None:
    maria, sam = await clinic.patient(phone=NUMBER), await clinic.patient("Sam", phone=NUMBER)
    await ask(database, maria)
    await clinic.passkey(maria)
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        await force(database, maria)
    await ask(database, sam)
    await force(database, sam)
    async with database.act_as_system("test") as tx:
        rows = await tx.all("select id from person where phone is not null")
    assert [row.id for row in rows] == [sam.person_id]


async def test_who_is_held_back_shuts_a_lost_phone_out_and_reads_nothing(
    database: Database, clinic: Clinic, rosa: Someone
) -> None:
    lost = await clinic.sign_in_again(rosa, assurance=2)
    async with database.act_as(rosa.credential, "access.end_sessions") as tx:
        assert await sessions.end_other_sessions(tx) >= 1
        with pytest.raises(NotFound):
            await service.own_chart(tx)
    with pytest.raises(NotSignedIn):
        async with database.act_as(lost.credential, "web.connect"):
            pass


async def test_who_is_held_back_can_plant_no_passkey_and_no_app(database: Database, rosa: Someone) -> None:
    with pytest.raises(StepUpNeeded):
        async with database.act_as(rosa.credential, "access.end_sessions") as tx:
            await passkeys.begin_adding(tx, rosa.credential.session_secret, SITE)
    async with database.act_as(rosa.credential, "access.end_sessions") as tx:
        assert not (await factors.factors(tx)).has_app

"""A second channel after an e-mail code: a code by text message, once, soon, and for nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from portal_app import wiring
from portal_app.core import clock, crypto, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, NotSignedIn, TooManyTries
from portal_app.features.access import contact_codes, rules, service, sessions, text_codes
from portal_app.features.access.errors import CodeRefused, CodeWornOut
from portal_app.features.access.views import Browser, NewSession
from portal_app.features.notify.tables import OutboxMessage
from portal_app.features.patients import telecom
from tests.factories import Clinic, Someone

wiring.load_features("policies")

NUMBER = "+17185550142"
BROWSER = Browser("", "", "a phone")
Outcome = NewSession | type[CodeRefused] | type[CodeWornOut]


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    limits.forget_all()


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient(phone=NUMBER, phone_keys=telecom.keys(NUMBER))


async def ask(database: Database, who: Someone) -> None:
    async with database.act_as(who.credential, "access.prove_by_text") as tx:
        await text_codes.ask_for_text_code(tx, "192.0.2.7")
    async with database.act_as_system("access.send_contact_code") as tx:
        for row in await tx.all("select id from contact_code where code_hash is null"):
            await contact_codes.answer(tx, row.id)


async def texts(database: Database) -> list[Any]:
    async with database.act_as_system("test") as tx:
        columns = (OutboxMessage.channel, OutboxMessage.content, OutboxMessage.person_id)
        return list(await tx.all(select(*columns).order_by(OutboxMessage.created_at)))  # type: ignore[call-overload]


async def code(database: Database) -> str:
    return str((await texts(database))[-1].content["params"]["code"])


async def check(database: Database, who: Someone, typed: str) -> Outcome:
    async with database.act_as(who.credential, "access.prove_by_text") as tx:
        return await text_codes.check_text_code(tx, typed, BROWSER, "192.0.2.7")


async def test_the_code_goes_to_the_number_of_the_chart_and_makes_a_session_of_assurance_two(
    database: Database, maria: Someone
) -> None:
    async with database.act_as(maria.credential, "access.prove_by_text") as tx:
        assert (await text_codes.text_offer(tx)).hint == "42"
    await ask(database, maria)
    (sent,) = await texts(database)
    assert (sent.channel, sent.content["to"]) == ("text", NUMBER)
    session = await check(database, maria, await code(database))
    assert isinstance(session, NewSession)
    async with database.act_as(Credential(session.secret), "access.who_am_i") as tx:
        assert (tx.actor.assurance, tx.actor.patient_id) == (2, maria.patient_id)
        phone = await tx.scalar("select phone from person where id = :id", {"id": maria.person_id})
    assert crypto.decrypt(phone) == NUMBER


async def test_a_code_works_once(database: Database, maria: Someone) -> None:
    await ask(database, maria)
    typed = await code(database)
    assert isinstance(await check(database, maria, typed), NewSession)
    assert await check(database, maria, typed) is CodeRefused


async def test_a_code_is_too_old_after_ten_minutes(database: Database, maria: Someone) -> None:
    await ask(database, maria)
    typed = await code(database)
    with clock.frozen_at(clock.now() + timedelta(minutes=10, seconds=1)):
        assert await check(database, maria, typed) is CodeRefused


async def test_a_code_works_only_in_the_browser_that_asked(database: Database, clinic: Clinic, maria: Someone) -> None:
    elsewhere = await clinic.sign_in_again(maria)
    await ask(database, maria)
    assert await check(database, elsewhere, await code(database)) is CodeRefused


async def test_five_wrong_tries_wear_a_code_out_even_for_the_right_one(database: Database, maria: Someone) -> None:
    await ask(database, maria)
    typed = await code(database)
    wrong = "000000" if typed != "000000" else "000001"
    assert [await check(database, maria, wrong) for _ in range(5)] == [CodeRefused] * 5
    assert await check(database, maria, typed) is CodeWornOut


async def test_in_two_tabs_the_newest_code_counts(database: Database, maria: Someone) -> None:
    await ask(database, maria)
    older = await code(database)
    await ask(database, maria)
    newer = await code(database)
    assert older == newer or await check(database, maria, older) is CodeRefused
    assert isinstance(await check(database, maria, newer), NewSession)


async def test_a_number_changed_while_its_code_is_out_is_proven_no_more(database: Database, maria: Someone) -> None:
    await ask(database, maria)
    async with database.act_as_system("test") as tx:
        given = {"id": maria.patient_id, "phone": crypto.encrypt("+17185550199")}
        await tx.execute("update patient set phone = :phone where id = :id", given)
    assert await check(database, maria, await code(database)) is CodeRefused


async def test_a_session_that_ended_in_between_proves_nothing(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    other = await clinic.sign_in_again(maria)
    await ask(database, maria)
    async with database.act_as(other.credential, "access.end_sessions") as tx:
        await sessions.end_other_sessions(tx)
    with pytest.raises(NotSignedIn):
        await check(database, maria, await code(database))


async def test_who_has_no_number_or_a_passkey_and_no_proven_one_gets_no_text(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    for who in (maria, await clinic.patient("Sam")):
        if who is maria:
            await ask(database, maria)
            await clinic.passkey(maria)
        with pytest.raises(NotAllowed):
            await ask(database, who)
    assert await check(database, maria, await code(database)) is CodeRefused


async def test_one_person_and_one_number_get_five_codes_an_hour(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    for _ in range(7):
        await ask(database, maria)
    assert len(await texts(database)) == 5
    husband = await clinic.patient("Sam", phone=NUMBER, phone_keys=telecom.keys(NUMBER))
    await ask(database, husband)
    assert len(await texts(database)) == 5


async def test_a_session_asks_so_often_and_no_more(
    database: Database, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_codes, "ASKS_PER_SESSION", "1/10 minutes")
    await ask(database, maria)
    with pytest.raises(TooManyTries):
        await ask(database, maria)


async def test_the_database_makes_no_stronger_session_without_a_text_answered_this_instant(
    database: Database, maria: Someone
) -> None:
    await ask(database, maria)
    async with database.act_as(maria.credential, "access.prove_by_text") as tx:
        await tx.execute("update contact_code set used_at = now() - interval '1 second'")
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        async with database.act_as(maria.credential, "access.prove_by_text") as tx:
            await service.open_session(tx, maria.person_id, assurance=2, user_agent="")


async def test_nobody_can_write_a_telephone_into_a_person_or_into_a_code_that_was_asked_for(
    database: Database, maria: Someone
) -> None:
    await ask(database, maria)
    for statement in ("update person set phone = 'x'", "update contact_code set address = 'x'",
                      "update contact_code set person_id = gen_random_uuid()"):  # fmt: skip
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.act_as(maria.credential, "access.prove_by_text") as tx:
                await tx.execute(statement)


async def test_the_code_is_nowhere_but_in_the_message(database: Database, maria: Someone) -> None:
    await ask(database, maria)
    typed = await code(database)
    async with database.act_as_system("test") as tx:
        rows = await tx.all("select to_jsonb(c)::text as held from contact_code c")
        jobs = await tx.all("select args::text as held from procrastinate_jobs")
        trail = await tx.all("select detail::text as held from audit_event")
    assert rows
    assert not any(typed in row.held or NUMBER[2:] in row.held for row in [*rows, *jobs, *trail])


async def test_codes_are_forgotten_a_day_after_they_ran_out(database: Database, maria: Someone) -> None:
    await ask(database, maria)
    with clock.frozen_at(clock.now() + rules.CODE_LIFE + timedelta(days=1, minutes=1)):
        async with database.act_as_system("access.sweep") as tx:
            await contact_codes.remove_old(tx)
            assert await tx.scalar("select count(*) from contact_code") == 0


async def test_a_text_stands_behind_the_passkey_that_was_added_in_its_session(
    database: Database, maria: Someone
) -> None:
    async with database.act_as(maria.credential, "access.add_passkey") as tx:
        await tx.execute(
            "insert into passkey (id, person_id, external_id, public_key, name, added_in)"
            " values (gen_random_uuid(), :who, 'x', '', 'x', :session)",
            {"who": maria.person_id, "session": tx.actor.session_id},
        )
    await ask(database, maria)
    assert isinstance(await check(database, maria, await code(database)), NewSession)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select vouched_at is not null from passkey")

"""Passkeys: what signs in, what does not, and what is kept of them."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import ProgrammingError
from sqlmodel import col

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database, secret_hash
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, StepUpNeeded
from portal_app.features.access import jobs, passkeys, rules
from portal_app.features.access.errors import PasskeyRefused, PasskeySetAside, TooManyPasskeys
from portal_app.features.access.tables import Person, Session
from portal_app.features.access.views import Browser, NewSession, PasskeyView, Site
from portal_app.web.policies import CONNECT
from tests.authenticator import BACKUP, PRESENT, Authenticator
from tests.factories import Clinic, Someone
from tests.statements import statements_asked

wiring.load_features("policies")
SITE = Site("localhost", "Clinic", ("http://localhost:4100",))
ODD = (
    '{"id": "\\u0000", "rawId": "AA", "type": "public-key",'
    ' "response": {"clientDataJSON": "", "authenticatorData": "", "signature": ""}}'
)
PHONE = Browser(
    "anon-phone", "", "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
)


async def add(database: Database, who: Someone, device: Authenticator) -> UUID | type[PasskeyRefused]:
    secret = who.credential.session_secret
    async with database.act_as(who.credential, "access.add_passkey") as tx:
        asked = await passkeys.begin_adding(tx, secret, SITE)
    async with database.act_as(who.credential, "access.add_passkey") as tx:
        return await passkeys.finish_adding(tx, device.make(asked), Browser(secret, "", PHONE.user_agent), SITE)


async def ask(database: Database, browser: Browser = PHONE) -> dict[str, Any]:
    async with database.act_as_visitor(browser.secret, "access.use_passkey") as tx:
        return await passkeys.begin_sign_in(tx, browser.secret, SITE)


async def answer(
    database: Database, said: str, browser: Browser = PHONE
) -> NewSession | type[PasskeyRefused] | type[PasskeySetAside]:
    async with database.act_as_visitor(browser.secret, "access.use_passkey") as tx:
        return await passkeys.finish_sign_in(tx, said, browser, SITE)


async def held(database: Database, who: Someone) -> list[PasskeyView]:
    async with database.act_as(who.credential, CONNECT) as tx:
        return list(await passkeys.list_passkeys(tx))


async def mails(database: Database) -> list[str]:
    async with database.act_as_system("test") as tx:
        return [row.template for row in await tx.all("select template from outbox_message order by created_at")]


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def device(database: Database, clinic: Clinic, maria: Someone) -> Authenticator:
    """Make a passkey in a session in which more was proved than a code by e-mail."""
    device = Authenticator()
    assert isinstance(await add(database, await clinic.sign_in_again(maria, assurance=2), device), UUID)
    return device


async def test_a_passkey_signs_its_owner_in_with_assurance_2(
    database: Database, maria: Someone, device: Authenticator
) -> None:
    session = await answer(database, device.use(await ask(database)))
    assert isinstance(session, NewSession)
    async with database.act_as(Credential(session.secret), "booking.view") as tx:
        assert (tx.actor.person_id, tx.actor.patient_id, tx.actor.assurance) == (maria.person_id, maria.patient_id, 2)
    assert session.known_secret


async def test_what_is_kept_is_named_after_the_device_and_its_owner_is_told(
    database: Database, maria: Someone, device: Authenticator
) -> None:
    (kept,) = await held(database, maria)
    assert (kept.name, kept.is_backed_up, kept.last_used_at) == ("Chrome, Android", True, None)
    assert await mails(database) == ["access_passkey_added"]


async def test_an_answer_signs_in_once(database: Database, device: Authenticator) -> None:
    said = device.use(await ask(database))
    assert isinstance(await answer(database, said), NewSession)
    assert await answer(database, said) is PasskeyRefused


async def test_a_question_is_for_the_browser_that_asked(database: Database, device: Authenticator) -> None:
    said = device.use(await ask(database))
    assert await answer(database, said, Browser("anon-another", "", "")) is PasskeyRefused


async def test_a_question_is_too_old_after_five_minutes(database: Database, device: Authenticator) -> None:
    said = device.use(await ask(database))
    with clock.frozen_at(clock.now() + rules.CHALLENGE_LIFE + timedelta(seconds=1)):
        assert await answer(database, said) is PasskeyRefused


async def test_a_question_asks_the_database_twice_and_an_answer_six_times(
    database: Database, device: Authenticator
) -> None:
    await answer(database, device.use(await ask(database)))  # what is connected once is connected
    with statements_asked() as for_question:
        asked = await ask(database)
    with statements_asked() as for_answer:
        assert isinstance(await answer(database, device.use(asked)), NewSession)
    assert [len(for_question), len(for_answer)] == [2, 6]


async def test_a_question_for_adding_does_not_sign_in(
    database: Database, maria: Someone, device: Authenticator
) -> None:
    async with database.act_as(maria.credential, CONNECT) as tx:
        challenge = passkeys._new_challenge(tx, maria.credential.session_secret, "add")
    asked = {"rpId": "localhost", "challenge": passkeys._written(challenge)}
    browser = Browser(maria.credential.session_secret, "", "")
    assert await answer(database, device.use(asked), browser) is PasskeyRefused


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:4101"},
        {"flags": PRESENT | BACKUP},
    ],
    ids=["another site", "another port", "nobody verified"],
)
async def test_what_another_page_or_an_unverified_person_signed_is_refused(
    database: Database, device: Authenticator, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(device, name, value)
    assert await answer(database, device.use(await ask(database))) is PasskeyRefused


async def test_a_new_passkey_of_another_site_or_without_verification_is_refused(
    database: Database, maria: Someone
) -> None:
    assert await add(database, maria, Authenticator(origin="https://evil.example")) is PasskeyRefused
    assert await add(database, maria, Authenticator(flags=PRESENT)) is PasskeyRefused
    assert await held(database, maria) == []


async def test_another_person_s_credential_id_opens_nothing(
    database: Database, clinic: Clinic, device: Authenticator
) -> None:
    mallory, hers = await clinic.patient("Mallory", "Moore"), Authenticator()
    await add(database, mallory, hers)
    hers.credential_id = device.credential_id
    assert await answer(database, hers.use(await ask(database))) is PasskeyRefused
    hers.user_id = device.user_id
    assert await answer(database, hers.use(await ask(database))) is PasskeyRefused


async def test_another_person_s_credential_id_cannot_be_added(
    database: Database, clinic: Clinic, device: Authenticator
) -> None:
    mallory = await clinic.patient("Mallory", "Moore")
    assert await add(database, mallory, Authenticator(credential_id=device.credential_id)) is PasskeyRefused


@pytest.mark.parametrize("said", ["", "{}", "[]", "null", '{"id": 7}', "\x00", "é" * 50, ODD])
async def test_nonsense_is_refused(database: Database, said: str) -> None:
    assert await answer(database, said) is PasskeyRefused


async def test_parts_of_an_answer_that_were_changed_are_refused(database: Database, device: Authenticator) -> None:
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        asked = await ask(database)
        assert await answer(database, device.use(asked, **{part: b"{}"})) is PasskeyRefused
        given = json.loads(device.use(asked))
        given["response"][part] = 7
        assert await answer(database, json.dumps(given)) is PasskeyRefused


async def test_a_count_that_fell_sets_the_passkey_aside_and_says_so(database: Database, maria: Someone) -> None:
    device = Authenticator(counts=True, count=7)
    await add(database, maria, device)
    assert isinstance(await answer(database, device.use(await ask(database))), NewSession)
    device.count = 3
    assert await answer(database, device.use(await ask(database))) is PasskeySetAside
    async with database.act_as_system("access.flag_passkey") as tx:
        passkey_id = await tx.scalar("select id from passkey")
        await jobs.set_aside(tx, passkey_id)
        await jobs.set_aside(tx, passkey_id)
        assert await tx.scalar("select count(*) from procrastinate_jobs where task_name = 'access.flag_passkey'") == 1
    assert (await mails(database)).count("access_passkey_set_aside") == 1
    device.count = 50
    assert await answer(database, device.use(await ask(database))) is PasskeySetAside
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from audit_event where action = 'access.flag_passkey'") == 1


async def test_a_count_of_nought_is_normal(database: Database, device: Authenticator) -> None:
    for _ in range(3):
        assert isinstance(await answer(database, device.use(await ask(database))), NewSession)


async def test_somebody_who_may_not_sign_in_any_more_is_refused(
    database: Database, maria: Someone, device: Authenticator
) -> None:
    async with database.act_as_system("test") as tx:
        await tx.execute(update(Person).where(col(Person.id) == maria.person_id).values(disabled_at=clock.now()))
    assert await answer(database, device.use(await ask(database))) is PasskeyRefused


async def test_a_browser_without_a_secret_is_asked_nothing(database: Database) -> None:
    async with database.act_as_visitor("", "access.use_passkey") as tx:
        with pytest.raises(NotAllowed):
            await passkeys.begin_sign_in(tx, "", SITE)


async def test_a_further_passkey_needs_a_passkey_just_used(
    database: Database, maria: Someone, device: Authenticator
) -> None:
    with pytest.raises(StepUpNeeded):
        await add(database, maria, Authenticator())
    session = await answer(database, device.use(await ask(database)))
    assert isinstance(session, NewSession)
    again = Someone(maria.person_id, maria.patient_id, Credential(session.secret), maria.email)
    assert isinstance(await add(database, again, Authenticator()), UUID)
    with clock.frozen_at(clock.now() + rules.FRESH_LIFE + timedelta(seconds=5)), pytest.raises(StepUpNeeded):
        await add(database, again, Authenticator())


async def test_nobody_has_more_passkeys_than_the_list_can_show(database: Database, maria: Someone) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "PASSKEYS_MOST", 0)
        with pytest.raises(TooManyPasskeys):
            await add(database, maria, Authenticator())


async def test_a_passkey_is_renamed_and_removed_by_its_owner_alone(
    database: Database, clinic: Clinic, maria: Someone, device: Authenticator
) -> None:
    (kept,) = await held(database, maria)
    mallory = await clinic.patient("Mallory", "Moore")
    async with database.act_as(mallory.credential, "access.keep_passkeys") as tx:
        with pytest.raises(NotFound):
            await passkeys.rename_passkey(tx, kept.id, "mine")
        await passkeys.remove_passkey(tx, kept.id)
        assert await passkeys.list_passkeys(tx) == []
    session = await answer(database, device.use(await ask(database)))
    assert isinstance(session, NewSession)
    async with database.act_as(Credential(session.secret), "access.keep_passkeys") as tx:
        await passkeys.rename_passkey(tx, kept.id, "  My   phone ")
        with pytest.raises(InputRefused):
            await passkeys.rename_passkey(tx, kept.id, " ")
        assert [one.name for one in await passkeys.list_passkeys(tx)] == ["My phone"]
        await passkeys.remove_passkey(tx, kept.id)
        await passkeys.remove_passkey(tx, kept.id)
    assert await answer(database, device.use(await ask(database))) is PasskeyRefused
    assert (await mails(database)).count("access_passkey_removed") == 1


async def test_removing_needs_the_passkey_too(database: Database, maria: Someone, device: Authenticator) -> None:
    (kept,) = await held(database, maria)
    async with database.act_as(maria.credential, CONNECT) as tx:
        with pytest.raises(StepUpNeeded):
            await passkeys.remove_passkey(tx, kept.id)


async def test_the_database_makes_no_strong_session_without_a_passkey_s_answer(
    database: Database, maria: Someone, device: Authenticator
) -> None:
    row = {"person_id": maria.person_id, "assurance": 2, "expires_at": clock.now() + timedelta(hours=1)}
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(maria.credential, CONNECT) as tx:
            await tx.execute(insert(Session).values(secret_hash=secret_hash("made up"), **row))


async def test_questions_that_are_over_are_swept(database: Database) -> None:
    await ask(database)
    with clock.frozen_at(clock.now() + timedelta(hours=1)):
        async with database.act_as_system("access.sweep") as tx:
            await jobs.remove_old(tx)
            assert await tx.scalar("select count(*) from passkey_challenge") == 0

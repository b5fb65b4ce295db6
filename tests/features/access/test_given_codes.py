"""A lost phone, and a first passkey: what stands behind a passkey, and the code that the front desk gives."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotSignedIn, StepUpNeeded
from portal_app.features.access import factors, given_codes, jobs, passkeys, rules
from portal_app.features.access.errors import CannotReset, FactorWornOut, GivenCodeRefused
from portal_app.features.access.views import Browser, NewSession, Site
from portal_app.web.policies import CONNECT
from tests.authenticator import Authenticator
from tests.factories import Clinic, Someone

wiring.load_features("policies")
SITE = Site("localhost", "Clinic", ("http://localhost:4100",))


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient(phone="+15550100100")


@pytest.fixture
async def desk(clinic: Clinic) -> Someone:
    return await clinic.staff("front_desk", name="Tom")


async def add(database: Database, who: Someone) -> Authenticator:
    device, secret = Authenticator(), who.credential.session_secret
    async with database.act_as(who.credential, "access.add_passkey") as tx:
        asked = await passkeys.begin_adding(tx, secret, SITE)
        assert isinstance(await passkeys.finish_adding(tx, device.make(asked), Browser(secret, "", ""), SITE), UUID)
    return device


async def sign_in(database: Database, who: Someone, device: Authenticator) -> Someone:
    browser = Browser(f"anon-{uuid4()}", "", "")
    async with database.act_as_visitor(browser.secret, "access.use_passkey") as tx:
        asked = await passkeys.begin_sign_in(tx, browser.secret, SITE)
        session = await passkeys.finish_sign_in(tx, device.use(asked), browser, SITE)
    assert isinstance(session, NewSession)
    return replace(who, credential=Credential(session.secret))


async def assurance(database: Database, who: Someone) -> int:
    async with database.act_as(who.credential, CONNECT) as tx:
        return tx.actor.assurance


async def reset(database: Database, desk: Someone, patient: Someone, *, reason: str = "lost") -> str:
    assert patient.patient_id
    async with database.act_as(desk.credential, "access.reset_patient") as tx:
        return await given_codes.reset_patient(tx, patient.patient_id, reason, "document")


async def use(database: Database, who: Someone, typed: str) -> Any:
    async with database.act_as(who.credential, "access.use_given_code") as tx:
        return await given_codes.use_given_code(tx, typed, Browser("", "", ""))


async def test_a_passkey_added_after_a_code_alone_opens_what_the_code_opens(database: Database, maria: Someone) -> None:
    again = await sign_in(database, maria, await add(database, maria))
    assert await assurance(database, again) == 1
    async with database.act_as(again.credential, "access.keep_passkeys") as tx:
        assert [one.is_vouched for one in await passkeys.list_passkeys(tx)] == [False]


async def test_the_database_vouches_for_no_passkey_of_a_code_alone(database: Database, maria: Someone) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(maria.credential, "access.add_passkey") as tx:
            await tx.execute(
                "insert into passkey (id, person_id, external_id, public_key, name, vouched_at)"
                " values (gen_random_uuid(), :me, 'mine', '', 'x', now())",
                {"me": maria.person_id},
            )


async def test_nobody_vouches_for_their_passkey_without_a_second_channel(database: Database, maria: Someone) -> None:
    await add(database, maria)
    async with database.act_as(maria.credential, "access.add_passkey") as tx:
        assert await tx.scalar("select vouch_for_passkeys()") == 0
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.act_as(maria.credential, "access.add_passkey") as tx:
            await tx.execute("update passkey set vouched_at = now()")


async def test_a_code_from_the_desk_vouches_for_the_passkey_of_its_session_and_for_no_other(
    database: Database, clinic: Clinic, maria: Someone, desk: Someone
) -> None:
    code = await reset(database, desk, maria)
    thief, owner = await clinic.code_alone(maria), await clinic.code_alone(maria)
    planted, own = await add(database, thief), await add(database, owner)
    assert isinstance(await use(database, owner, code), NewSession)
    assert await assurance(database, await sign_in(database, maria, own)) == 2
    assert await assurance(database, await sign_in(database, maria, planted)) == 1


async def test_a_lost_phone_is_shut_out_and_a_code_by_mail_with_that_of_the_desk_opens_everything(
    database: Database, clinic: Clinic, maria: Someone, desk: Someone
) -> None:
    strong = await clinic.sign_in_again(maria, assurance=2)
    lost = await add(database, strong)
    code = await reset(database, desk, maria)
    for ended in (maria, strong):
        with pytest.raises(NotSignedIn):
            await assurance(database, ended)
    with pytest.raises(AssertionError):
        await sign_in(database, maria, lost)
    again = await clinic.code_alone(maria)
    session = await use(database, again, f" {code.upper()} ")
    assert isinstance(session, NewSession)
    assert await assurance(database, replace(maria, credential=Credential(session.secret))) == 2
    assert await use(database, again, code) is GivenCodeRefused


async def test_it_is_told_by_mail_and_to_every_number_and_stands_in_the_chart(
    database: Database, maria: Someone, desk: Someone
) -> None:
    await reset(database, desk, maria)
    assert maria.patient_id
    async with database.act_as_system("test") as tx:
        await jobs.tell_everywhere(tx, maria.person_id, maria.patient_id, "1")
        sent = await tx.all("select channel from outbox_message where template = 'access_sign_in_reset' order by 1")
        assert [row.channel for row in sent] == ["mail", "text"]
        detail = "select detail ->> 'known_by' from audit_event where action = 'access.reset_patient'"
        assert await tx.scalar(detail) == "document"


async def test_wrong_codes_are_counted_and_an_old_one_is_refused(
    database: Database, clinic: Clinic, maria: Someone, desk: Someone
) -> None:
    code, again = await reset(database, desk, maria), await clinic.code_alone(maria)
    for typed in ("", "x" * 10_000, "\0", "22222-22222", "٢٢٢٢٢٢٢٢٢٢"):
        assert await use(database, again, typed) is GivenCodeRefused
    assert await use(database, again, code) is FactorWornOut
    with clock.frozen_at(clock.now() + timedelta(minutes=16)):
        assert isinstance(await use(database, again, code), NewSession)


async def test_the_code_is_that_person_s_alone_and_lasts_three_days(
    database: Database, clinic: Clinic, maria: Someone, desk: Someone
) -> None:
    code = await reset(database, desk, maria)
    assert await use(database, await clinic.patient("Mallory"), code) is GivenCodeRefused
    again = await clinic.sign_in_again(maria, rules.GIVEN_CODE_LIFE * 2)
    with clock.frozen_at(clock.now() + rules.GIVEN_CODE_LIFE + timedelta(minutes=1)):
        assert await use(database, again, code) is GivenCodeRefused


async def test_only_the_front_desk_resets_with_a_reason_afresh_and_never_a_colleague(
    database: Database, clinic: Clinic, maria: Someone, desk: Someone
) -> None:
    for role in ("nurse", "manager", "billing"):
        with pytest.raises(NotAllowed):
            await reset(database, await clinic.staff(role), maria)
    with pytest.raises(InputRefused):
        await reset(database, desk, maria, reason="because")
    with pytest.raises(CannotReset):
        await reset(database, desk, replace(maria, patient_id=uuid4()))
    with clock.frozen_at(clock.now() + timedelta(minutes=11)), pytest.raises(StepUpNeeded):
        await reset(database, desk, maria)
    async with database.act_as_system("test") as tx:
        given = {"id": uuid4(), "person": maria.person_id}
        await tx.execute("insert into person_role (id, person_id, role) values (:id, :person, 'nurse')", given)
    with pytest.raises(CannotReset):
        await reset(database, desk, maria)
    assert await assurance(database, maria) == 1


async def test_the_function_resets_for_nobody_else_past_the_service(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    call = "select reset_sign_in_of_chart(:patient, gen_random_uuid(), 'x', now())"
    for who in (maria, await clinic.patient("Mallory"), await clinic.staff("manager", "nurse")):
        async with database.act_as(who.credential, CONNECT) as tx:
            assert await tx.scalar(call, {"patient": maria.patient_id}) is None


async def test_a_set_up_code_makes_no_session_of_staff_by_itself(database: Database, clinic: Clinic) -> None:
    nurse = await clinic.unproven("nurse")
    async with database.act_as_system("test") as tx:
        await factors.invite(tx, nurse.person_id, timedelta(days=1))
    async with database.act_as(nurse.credential, "access.prove_factor") as tx:
        await tx.execute("update factor_invitation set used_at = now()")
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            await factors.strengthen(tx, "", "given_code")
        await tx.execute("rollback; begin")

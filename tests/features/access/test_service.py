"""Signing in by a code that was sent by e-mail."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotSignedIn
from portal_app.features.access import jobs, service
from portal_app.features.access.errors import CodeRefused, CodeWornOut
from portal_app.features.access.views import NewSession
from portal_app.features.notify.tables import OutboxMessage
from tests.factories import Clinic
from tests.statements import statements_asked

wiring.load_features("policies")
Outcome = NewSession | type[CodeRefused] | type[CodeWornOut]


async def ask(database: Database, email: str, browser: str = "anon-phone") -> None:
    async with database.act_as_visitor(browser, "access.ask_code") as tx:
        request_id = await service.ask_for_code(tx, email, browser, "en")
    async with database.act_as_system("access.send_code") as tx:
        await jobs.answer_request(tx, request_id)


async def codes(database: Database) -> list[str]:
    async with database.act_as_system("test") as tx:
        rows = await tx.all(select(OutboxMessage.content).order_by(OutboxMessage.created_at))  # type: ignore[call-overload]
    return [row.content["params"]["code"] for row in rows]


async def check(database: Database, code: str, browser: str = "anon-phone") -> Outcome:
    async with database.act_as_visitor(browser, "access.check_code") as tx:
        return await service.check_code(tx, code, browser, "a phone")


async def test_the_newest_code_signs_a_patient_in_to_their_own_chart(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await ask(database, maria.email.upper())
    session = await check(database, (await codes(database))[0])
    assert isinstance(session, NewSession)
    async with database.act_as(Credential(session.secret), "booking.view") as tx:
        assert (tx.actor.person_id, tx.actor.patient_id) == (maria.person_id, maria.patient_id)
        assert tx.actor.assurance == 1


async def test_staff_sign_in_without_a_chart_for_a_shift(database: Database, clinic: Clinic) -> None:
    desk = await clinic.staff("front_desk")
    await ask(database, desk.email)
    session = await check(database, (await codes(database))[0])
    assert isinstance(session, NewSession)
    assert session.is_staff
    assert session.expires_at - clock.now() < timedelta(hours=13)


async def test_a_code_works_once(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await ask(database, maria.email)
    code = (await codes(database))[0]
    assert isinstance(await check(database, code), NewSession)
    assert await check(database, code) is CodeRefused


async def test_a_code_works_only_in_the_browser_that_asked(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await ask(database, maria.email)
    code = (await codes(database))[0]
    assert await check(database, code, "anon-another") is CodeRefused
    assert isinstance(await check(database, code), NewSession)


async def test_a_code_is_too_old_after_ten_minutes(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await ask(database, maria.email)
    code = (await codes(database))[0]
    with clock.frozen_at(clock.now() + timedelta(minutes=10, seconds=1)):
        assert await check(database, code) is CodeRefused


async def test_five_wrong_tries_wear_a_code_out_even_for_the_right_one(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await ask(database, maria.email)
    code = (await codes(database))[0]
    wrong = "000000" if code != "000000" else "000001"
    assert [await check(database, wrong) for _ in range(5)] == [CodeRefused] * 5
    assert await check(database, code) is CodeWornOut


async def test_an_unknown_address_leaves_the_same_trace_and_no_mail(database: Database, clinic: Clinic) -> None:
    await clinic.patient()
    await ask(database, "nobody@example.test")
    assert await codes(database) == []
    assert await check(database, "123456") is CodeRefused
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from sign_in_code") == 1


async def test_the_request_path_is_the_same_for_known_and_unknown(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    sent: dict[str, list[str]] = {}
    for email in (maria.email, "nobody@example.test"):
        async with database.act_as_visitor("anon-x", "access.ask_code") as tx:
            with statements_asked() as seen:
                await service.ask_for_code(tx, email, "anon-x", "en")
        sent[email] = [statement for statement, _ in seen]
    assert sent[maria.email] == sent["nobody@example.test"]
    assert sent[maria.email]


async def test_nobody_gets_more_than_five_codes_an_hour(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    for number in range(7):
        await ask(database, maria.email, f"anon-{number}")
    assert len(await codes(database)) == 5


async def test_what_cannot_be_an_address_is_said_so(database: Database) -> None:
    with pytest.raises(InputRefused) as refused:
        await ask(database, "maria")
    assert refused.value.field == "email"


async def test_signing_out_ends_that_session_and_no_other(database: Database, clinic: Clinic) -> None:
    phone = await clinic.patient()
    tablet = await clinic.sign_in_again(phone)
    async with database.act_as(phone.credential, "access.sign_out") as tx:
        await service.sign_out(tx)
    with pytest.raises(NotSignedIn):
        async with database.act_as(phone.credential, "access.who_am_i"):
            pass
    async with database.act_as(tablet.credential, "access.who_am_i") as tx:
        assert (await service.who_am_i(tx)).email == phone.email


async def test_a_disabled_person_is_signed_out_and_gets_no_code(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    async with database.act_as_system("test") as tx:
        await tx.execute("update person set disabled_at = now() where id = :id", {"id": maria.person_id})
    await ask(database, maria.email)
    assert await codes(database) == []
    with pytest.raises(NotSignedIn):
        async with database.act_as(maria.credential, "access.who_am_i"):
            pass


async def test_a_visitor_sees_nobody_else_s_request_and_no_person(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await ask(database, maria.email)
    async with database.act_as_visitor("anon-stranger", "access.check_code") as tx:
        for table in ("sign_in_code", "person", "session", "patient", "access_grant", "outbox_message", "audit_event"):
            assert await tx.scalar(f"select count(*) from {table}") == 0, table
    with pytest.raises(NotAllowed):
        async with database.act_as_visitor("anon-stranger", "booking.view"):
            pass


async def test_a_language_is_kept_for_the_person(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    async with database.act_as(maria.credential, "access.choose_language") as tx:
        await service.choose_language(tx, "ar")
    async with database.act_as(maria.credential, "access.who_am_i") as tx:
        assert tx.actor.locale == "ar"
        with pytest.raises(InputRefused):
            await service.choose_language(tx, "tlh")


async def test_staff_are_added_once_with_as_many_roles_as_given(database: Database) -> None:
    email = f"{uuid4().hex}@example.test"
    async with database.act_as_system("test") as tx:
        first = await service.add_staff(tx, "Grace Mbeki", email, "manager")
        assert await service.add_staff(tx, "Grace Mbeki", email, "billing") == first
        roles = await tx.all("select role from person_role where person_id = :id order by 1", {"id": first})
    assert [row.role for row in roles] == ["billing", "manager"]


async def test_a_code_is_never_bound_to_no_browser_at_all(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    with pytest.raises(NotAllowed):
        await ask(database, maria.email, "")
    assert await codes(database) == []
    assert await check(database, "123456", "") is CodeRefused

"""A new e-mail address or telephone: proven, announced on the old one, and put back by staff."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import ProgrammingError

from portal_app import wiring
from portal_app.core import clock, crypto, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database, secret_hash
from portal_app.core.errors import InputRefused, NotAllowed, NotSignedIn, StepUpNeeded
from portal_app.features.access import contact_codes
from portal_app.features.access import service as access
from portal_app.features.access.errors import CodeRefused
from portal_app.features.access.rules import FRESH_LIFE
from portal_app.features.notify.tables import OutboxMessage
from portal_app.features.patients import telecom
from portal_app.features.practice.tables import Practice
from portal_app.features.profile import jobs, service
from portal_app.features.profile.errors import ChangeOver
from portal_app.settings import get_settings
from tests.factories import Clinic, Someone

wiring.load_features("policies")

OLD, NEW = "+17185550142", "+17185550199"


@pytest.fixture(autouse=True)
async def practice(database: Database) -> None:
    limits.forget_all()
    facts = {"name": "Riverside", "initial": "R", "accent": "#0b6b62", "phone": "(555) 014-2200"}
    async with database.act_as_system("test") as tx:
        await tx.execute(insert(Practice).values(id=uuid4(), emergency_phone="911", **facts))


async def strong(clinic: Clinic, someone: Someone) -> Someone:
    """Sign somebody in once more, as strongly as a passkey does."""
    secret = uuid4().hex
    async with clinic.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into session (id, secret_hash, person_id, patient_id, assurance, expires_at)"
            " select :id, :hash, :person, :patient, 2, :expires"
            " from set_config('portal.person_id', :said, true)",
            {"id": uuid4(), "hash": secret_hash(secret), "person": someone.person_id, "said": str(someone.person_id),
             "patient": someone.patient_id, "expires": clock.now() + timedelta(hours=1)},
        )  # fmt: skip
    return Someone(someone.person_id, someone.patient_id, Credential(secret, "192.0.2.7"), someone.email)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await strong(clinic, await clinic.patient(phone=OLD, phone_keys=telecom.keys(OLD)))


async def propose(database: Database, who: Someone, kind: service.Kind, typed: str) -> None:
    async with database.act_as(who.credential, "profile.change_contact") as tx:
        await service.propose(tx, kind, typed, "192.0.2.7")
    async with database.act_as_system("access.send_contact_code") as tx:
        for row in await tx.all("select id from contact_code where code_hash is null"):
            await contact_codes.answer(tx, row.id)


async def confirm(database: Database, who: Someone, kind: service.Kind, typed: str) -> object:
    async with database.act_as(who.credential, "profile.change_contact") as tx:
        outcome = await service.confirm(tx, kind, typed, "192.0.2.7")
    async with database.act_as_system("profile.tell_contact") as tx:
        for row in await tx.all("select id from contact_change where undone_at is null"):
            await jobs.tell_old_address(tx, row.id)
    return outcome


async def sent(database: Database, template: str) -> list[Any]:
    columns = (OutboxMessage.channel, OutboxMessage.content, OutboxMessage.person_id)
    wanted = select(*columns).where(OutboxMessage.template == template)  # type: ignore[call-overload]
    async with database.act_as_system("test") as tx:
        return list(await tx.all(wanted.order_by(OutboxMessage.created_at)))


async def code(database: Database) -> str:
    return str((await sent(database, "access_contact_code"))[-1].content["params"]["code"])


async def changed(database: Database, who: Someone, kind: service.Kind, typed: str) -> None:
    await propose(database, who, kind, typed)
    assert await confirm(database, who, kind, await code(database)) is None


async def signs_in(database: Database, email: str) -> UUID | None:
    async with database.act_as_system("test") as tx:
        return await access.person_of_address(tx, email)


async def newest(database: Database) -> UUID:
    async with database.act_as_system("test") as tx:
        return UUID(str(await tx.scalar("select id from contact_change order by created_at desc limit 1")))


async def test_a_new_email_counts_once_the_code_sent_to_it_is_typed_and_the_old_one_is_told(
    database: Database, maria: Someone
) -> None:
    await propose(database, maria, "email", "Maria.New@Example.test")
    (code_sent,) = await sent(database, "access_contact_code")
    assert (code_sent.channel, code_sent.content["to"]) == ("mail", "maria.new@example.test")
    assert await signs_in(database, maria.email) == maria.person_id
    assert await confirm(database, maria, "email", await code(database)) is None
    assert await signs_in(database, "maria.new@example.test") == maria.person_id
    assert await signs_in(database, maria.email) is None
    (told,) = await sent(database, "profile_email_changed")
    assert (told.content["to"], told.content["params"]["phone"]) == (maria.email, "(555) 014-2200")


async def test_a_new_number_is_the_charts_too_and_the_old_one_and_the_mail_are_told(
    database: Database, maria: Someone
) -> None:
    await changed(database, maria, "phone", "718 555 0142")
    await changed(database, maria, "phone", "(718) 555-0199")
    async with database.act_as_system("test") as tx:
        row = await tx.one("select p.phone, c.phone as chart, c.phone_keys from person p, patient c where c.id = :c"
                           " and p.id = :p", {"c": maria.patient_id, "p": maria.person_id})  # fmt: skip
    assert [crypto.decrypt(row.phone), crypto.decrypt(row.chart)] == [NEW, NEW]
    assert row.phone_keys == telecom.keys(NEW)
    told = await sent(database, "profile_phone_changed")
    assert [(one.channel, one.content["to"]) for one in told] == [("mail", None), ("mail", None), ("text", OLD)]


async def test_an_address_that_signs_somebody_else_in_is_answered_alike_and_only_its_owner_is_told(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    sam = await clinic.patient("Sam")
    await propose(database, maria, "email", sam.email)
    assert await sent(database, "access_contact_code") == []
    (told,) = await sent(database, "access_address_claimed")
    assert told.person_id == sam.person_id
    assert await confirm(database, maria, "email", "123456") is CodeRefused


async def test_of_two_who_prove_one_address_the_first_has_it_and_the_second_is_refused_like_any_other(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    sam = await strong(clinic, await clinic.patient("Sam"))
    codes = []
    for who in (maria, sam):
        await propose(database, who, "email", "shared@example.test")
        codes.append(await code(database))
    assert await confirm(database, sam, "email", codes[1]) is None
    assert await confirm(database, maria, "email", codes[0]) is CodeRefused
    assert await signs_in(database, "shared@example.test") == sam.person_id
    assert await signs_in(database, maria.email) == maria.person_id


async def test_a_code_alone_or_an_old_sign_in_changes_no_address(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    weak = await clinic.sign_in_again(maria)
    with pytest.raises(StepUpNeeded):
        await propose(database, weak, "email", "new@example.test")
    later = clock.now() + FRESH_LIFE + timedelta(minutes=1)
    with clock.frozen_at(later), pytest.raises(StepUpNeeded):
        await propose(database, maria, "email", "new@example.test")


async def test_a_code_for_one_thing_proves_no_other(database: Database, maria: Someone) -> None:
    await propose(database, maria, "phone", NEW)
    typed = await code(database)
    assert await confirm(database, maria, "email", typed) is CodeRefused
    assert await confirm(database, maria, "phone", typed) is None
    assert await confirm(database, maria, "phone", typed) is CodeRefused


async def test_another_session_of_the_same_person_cannot_use_the_code(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    await propose(database, maria, "phone", NEW)
    elsewhere = await strong(clinic, maria)
    assert await confirm(database, elsewhere, "phone", await code(database)) is CodeRefused


@pytest.mark.parametrize("typed", ["", "nobody", "x" * 300 + "@example.test", "a@b", "a\u202eb@example..", "  "])
async def test_what_is_no_address_is_refused_in_words(database: Database, maria: Someone, typed: str) -> None:
    with pytest.raises(InputRefused):
        await propose(database, maria, "email", typed)


async def test_ones_own_address_is_said_to_be_ones_own(database: Database, maria: Someone) -> None:
    with pytest.raises(InputRefused, match="address"):
        await propose(database, maria, "email", maria.email.upper())


async def test_without_a_gateway_no_number_is_asked_for(
    database: Database, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "mode", "serve")
    with pytest.raises(NotAllowed):
        await propose(database, maria, "phone", NEW)


async def test_a_sign_in_code_sent_to_the_old_address_is_worth_nothing_any_more(
    database: Database, maria: Someone
) -> None:
    async with database.act_as_visitor("anon-x", "access.ask_code") as tx:
        await access.ask_for_code(tx, maria.email, "anon-x", "en")
    async with database.act_as_system("test") as tx:
        await tx.execute("update sign_in_code set person_id = :id", {"id": maria.person_id})
    await changed(database, maria, "email", "new@example.test")
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from sign_in_code") == 0


async def test_the_front_desk_puts_an_address_back_and_everybody_is_signed_out(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    assert maria.patient_id
    await changed(database, maria, "email", "thief@example.test")
    desk, change_id = await clinic.staff("front_desk"), await newest(database)
    async with database.act_as(desk.credential, "patients.view") as tx:
        seen = await service.undoable(tx, maria.patient_id)
        assert seen
        await service.undo(tx, maria.patient_id, seen.id)
    async with database.act_as_system("profile.put_back") as tx:
        await jobs.put_back(tx, change_id)
    assert await signs_in(database, maria.email) == maria.person_id
    assert await signs_in(database, "thief@example.test") is None
    assert len(await sent(database, "profile_put_back")) == 1
    with pytest.raises(NotSignedIn):
        await propose(database, maria, "email", "again@example.test")
    async with database.act_as(desk.credential, "patients.view") as tx:
        with pytest.raises(ChangeOver):
            await service.undo(tx, maria.patient_id, change_id)


async def test_nobody_else_sees_or_undoes_a_change(database: Database, clinic: Clinic, maria: Someone) -> None:
    assert maria.patient_id
    await changed(database, maria, "phone", NEW)
    change_id = await newest(database)
    for who in (await clinic.patient("Sam"), await clinic.staff("nurse"), await clinic.staff("manager")):
        async with database.act_as(who.credential, "web.connect") as tx:
            assert await tx.scalar("select count(*) from contact_change") == 0
            assert await service.undoable(tx, maria.patient_id) is None
            with pytest.raises(NotAllowed):
                await service.undo(tx, maria.patient_id, change_id)


@pytest.mark.parametrize(
    "statement",
    ["update person set email = 'x'", "update person set email_index = 'x'", "update person set phone = 'x'",
     "update contact_change set new_address = 'x'",
     "insert into contact_change (person_id, kind, new_address, new_index) values (actor_person(), 'email', 'x', 'x')"],
)  # fmt: skip
async def test_an_address_changes_by_an_answered_code_alone(database: Database, maria: Someone, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.act_as(maria.credential, "profile.change_contact") as tx:
            await tx.execute(statement)


async def test_a_code_used_earlier_or_by_somebody_else_changes_nothing(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    await propose(database, maria, "email", "new@example.test")
    async with database.act_as(maria.credential, "profile.change_contact") as tx:
        code_id = await tx.scalar("select id from contact_code")
        assert await tx.scalar("select use_contact_code(:id)", {"id": code_id}) is None
        await tx.execute("update contact_code set used_at = now() - interval '1 minute'")
        assert await tx.scalar("select use_contact_code(:id)", {"id": code_id}) is None
    sam = await strong(clinic, await clinic.patient("Sam"))
    async with database.act_as(sam.credential, "profile.change_contact") as tx:
        assert await tx.scalar("select use_contact_code(:id)", {"id": code_id}) is None
        assert await tx.scalar("select undo_contact_change(:id)", {"id": code_id}) is False


async def test_each_step_is_in_the_trail_without_the_address(database: Database, maria: Someone) -> None:
    await changed(database, maria, "email", "new@example.test")
    async with database.act_as_system("test") as tx:
        rows = await tx.all("select action, detail::text as detail from audit_event where action like 'profile.%'")
        args = await tx.all("select args::text as args from procrastinate_jobs")
    assert [row.action for row in rows] == ["profile.propose_email", "profile.change_email"]
    assert not any("example.test" in row.detail for row in rows)
    assert not any("example.test" in row.args for row in args)

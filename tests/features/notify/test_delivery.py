"""The outbox: each message once, in the reader's language, and nothing left lying about."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal_app import wiring
from portal_app.core import clock, policy
from portal_app.core.actor import Credential, Role
from portal_app.core.db import Database
from portal_app.core.jobs import Workplace
from portal_app.features.notify import rules
from portal_app.features.notify.errors import MailAway, MailRefused, UnsafeParameter
from portal_app.features.notify.jobs import deliver
from portal_app.features.notify.ports import Attachment, MailPort, OutgoingMail
from portal_app.features.notify.service import enqueue_message, read_demo_outbox
from portal_app.integrations.mail.smtp import SmtpMail
from portal_app.operations import mail_catcher
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.factories import Clinic, Someone

wiring.load_features("policies")
policy.register("test.anything", set(Role))
policy.register("test.visit", public=True)


class Mailbox:
    """Takes mail in memory, or fails as told: the port, as a mail system might behave."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.taken = list(failures), list[OutgoingMail]()

    async def send(self, mail: OutgoingMail) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(mail)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


async def leave(database: Database, person: Someone, key: str = "code:1", **more: object) -> UUID:
    async with database.act_as_system("test") as tx:
        await enqueue_message(tx, person.person_id, "sign_in_code", key, {"code": "042917"}, **more)  # type: ignore[arg-type]
        return UUID(str(await tx.scalar("select id from outbox_message where dedupe_key = :key", {"key": key})))


async def run(database: Database, settings: Settings, mailbox: MailPort, message_id: UUID) -> None:
    await deliver.func(_Context(Workplace(database, settings, {MailPort: mailbox})), message_id=str(message_id))


class _Context:
    def __init__(self, workplace: Workplace) -> None:
        self.additional_context = {"workplace": workplace}


async def state(database: Database, message_id: UUID) -> tuple[object, ...]:
    async with database.act_as_system("test") as tx:
        return tuple(
            await tx.one(
                text("select status, attempts, last_error, content is null from outbox_message where id = :id"),
                {"id": message_id},
            )
        )


async def test_a_message_is_sent_once_and_its_code_is_gone(
    database: Database, settings: Settings, maria: Someone
) -> None:
    mailbox, message_id = Mailbox(), await leave(database, maria)
    for _ in range(2):
        await run(database, settings, mailbox, message_id)
    (mail,) = mailbox.taken
    assert (mail.to, mail.message_key) == (maria.email, str(message_id))
    assert "042917" in mail.text
    assert await state(database, message_id) == ("sent", 1, None, True)


async def test_the_same_occasion_is_told_once(database: Database, maria: Someone) -> None:
    await leave(database, maria, "appointment-booked:1")
    async with database.act_as_system("test") as tx:
        assert not await enqueue_message(
            tx, maria.person_id, "sign_in_code", "appointment-booked:1", {"code": "111111"}
        )
        assert await tx.scalar("select count(*) from procrastinate_jobs where task_name = 'notify.deliver'") == 1


async def test_a_code_at_rest_cannot_be_read(database: Database, maria: Someone) -> None:
    await leave(database, maria)
    async with database.act_as_system("test") as tx:
        content = await tx.scalar("select content from outbox_message")
    assert content.startswith("1:")
    assert "042917" not in content


async def test_a_mail_system_that_is_away_is_tried_again(
    database: Database, settings: Settings, maria: Someone
) -> None:
    mailbox, message_id = Mailbox(MailAway()), await leave(database, maria)
    with pytest.raises(MailAway):
        await run(database, settings, mailbox, message_id)
    assert await state(database, message_id) == ("queued", 1, "mail_away", False)
    await run(database, settings, mailbox, message_id)
    assert await state(database, message_id) == ("sent", 2, None, True)


async def test_a_refused_message_is_given_up_and_wiped(database: Database, settings: Settings, maria: Someone) -> None:
    message_id = await leave(database, maria)
    await run(database, settings, Mailbox(MailRefused(550)), message_id)
    assert await state(database, message_id) == ("failed", 1, "smtp_550", True)


async def test_the_last_try_gives_up(database: Database, settings: Settings, maria: Someone) -> None:
    message_id = await leave(database, maria)
    async with database.act_as_system("test") as tx:
        await tx.execute("update outbox_message set attempts = :n", {"n": rules.MAX_TRIES - 1})
    await run(database, settings, Mailbox(MailAway()), message_id)
    assert await state(database, message_id) == ("failed", rules.MAX_TRIES, "mail_away", True)


async def test_a_code_that_has_run_out_is_not_sent(database: Database, settings: Settings, maria: Someone) -> None:
    mailbox, message_id = Mailbox(), await leave(database, maria)
    with clock.frozen_at(clock.now() + timedelta(minutes=11)):
        await run(database, settings, mailbox, message_id)
    assert mailbox.taken == []
    assert await state(database, message_id) == ("failed", 0, "too_late", True)


async def test_a_worker_killed_while_sending_is_taken_over_under_the_same_message_id(
    database: Database, settings: Settings, maria: Someone
) -> None:
    mailbox, message_id = Mailbox(), await leave(database, maria)
    async with database.act_as_system("test") as tx:
        await tx.execute("update outbox_message set status = 'sending', attempts = 1, claimed_at = now()")
    with pytest.raises(MailAway):  # the other worker may still be alive
        await run(database, settings, mailbox, message_id)
    with clock.frozen_at(clock.now() + rules.CLAIM_LIFE):
        await run(database, settings, mailbox, message_id)
    assert [mail.message_key for mail in mailbox.taken] == [str(message_id)]


async def test_somebody_without_an_address_is_not_a_failure_of_the_job(database: Database, settings: Settings) -> None:
    nobody = Someone(uuid4(), None, Credential(""), "")
    async with database.act_as_system("test") as tx:
        await tx.execute("insert into person (id, display_name) values (:id, 'Maria')", {"id": nobody.person_id})
    message_id = await leave(database, nobody)
    await run(database, settings, Mailbox(), message_id)
    assert await state(database, message_id) == ("failed", 0, "no_address", True)


async def test_an_undeclared_parameter_never_reaches_the_outbox(database: Database, maria: Someone) -> None:
    async with database.act_as_system("test") as tx:
        with pytest.raises(UnsafeParameter):
            await enqueue_message(tx, maria.person_id, "appointment_booked", "x", {"reason": "rash"})


async def test_people_can_leave_messages_and_read_none(database: Database, maria: Someone, clinic: Clinic) -> None:
    desk = await clinic.staff("front_desk")
    for someone, key in ((maria, "a"), (desk, "b")):
        async with database.act_as(someone.credential, "test.anything") as tx:
            assert await enqueue_message(tx, maria.person_id, "sign_in_code", key, {"code": "1234"})
            assert await tx.scalar("select count(*) from outbox_message") == 0
    async with database.act_as_visitor("browser", "test.visit") as tx:
        assert await enqueue_message(tx, maria.person_id, "sign_in_code", "c", {"code": "1234"})


async def test_without_an_actor_nothing_can_be_left(database: Database) -> None:
    async def leave_as_nobody() -> None:
        async with database.engine.begin() as connection:
            await connection.execute(
                text("insert into outbox_message (id, person_id, template, dedupe_key) values (:id, :id, 'x', 'y')"),
                {"id": uuid4()},
            )

    with pytest.raises(DBAPIError, match="row-level security"):
        await leave_as_nobody()


@pytest.fixture
async def catching(settings: Settings) -> AsyncIterator[Settings]:
    settings = settings.model_copy(update={"smtp_port": unused_port()})
    ready = asyncio.Event()
    catcher = asyncio.create_task(mail_catcher.catch(settings, ready))
    await ready.wait()
    yield settings
    catcher.cancel()
    with suppress(asyncio.CancelledError):
        await catcher


async def test_the_demo_outbox_shows_what_was_really_sent(
    database: Database, catching: Settings, maria: Someone
) -> None:
    calendar = Attachment("appointment.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n")
    first, second = await leave(database, maria), await leave(database, maria, "code:2", attachment=calendar)
    for message_id in (first, second):
        await run(database, catching, SmtpMail(catching), message_id)
    newest, oldest = await read_demo_outbox(catching)
    assert (newest.to, newest.code, newest.attachments) == (maria.email, "042917", ("appointment.ics",))
    assert oldest.attachments == ()
    assert "042917" in oldest.text

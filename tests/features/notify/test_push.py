"""Notifications: on for a browser, sent once to each, ended with its session, by mail where no browser takes them."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from portal_app import wiring
from portal_app.core import clock, limits
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotFound, TooManyTries
from portal_app.core.jobs import Workplace
from portal_app.features.access import sessions
from portal_app.features.notify import push, rules, templates
from portal_app.features.notify.errors import PushAway
from portal_app.features.notify.jobs import deliver
from portal_app.features.notify.ports import MailPort, OutgoingMail, PushPort
from portal_app.features.notify.push_keys import PushKey, load_push_key
from portal_app.features.notify.service import enqueue_message, moment_parameter, sweep
from portal_app.features.profile import service as profile
from portal_app.integrations.push.web_push import WebPushes
from portal_app.settings import Settings
from tests.factories import Clinic, Someone, open_practice
from tests.integrations.push.service import Browser, PushService

wiring.load_features("policies")


class Mailbox:
    """Takes mail in memory."""

    def __init__(self) -> None:
        self.taken = list[OutgoingMail]()

    async def send(self, mail: OutgoingMail) -> None:
        self.taken.append(mail)


class Post:
    """A portal's worker, with a push service and a mailbox that answer."""

    def __init__(self, database: Database, settings: Settings, service: PushService) -> None:
        self.database, self.service, self.mailbox = database, service, Mailbox()
        key = load_push_key(settings)
        assert key
        ports: dict[type, object] = {PushPort: WebPushes(settings, key), MailPort: self.mailbox}
        self.context: Any = SimpleNamespace(additional_context={"workplace": Workplace(database, settings, ports)})

    async def deliver(self, message_id: UUID) -> None:
        await deliver.func(self.context, message_id=str(message_id))

    async def turn_on(self, who: Someone) -> Browser:
        browser = self.service.browser()
        async with self.database.act_as(who.credential, "notify.push") as tx:
            await push.turn_on(tx, browser.endpoint, **browser.keys)
        return browser

    async def wish(self, who: Someone) -> None:
        async with self.database.act_as(who.credential, "profile.choose_channels") as tx:
            await profile.choose_channels(tx, "push", "mail", "0-0")

    async def remind(self, who: Someone) -> UUID:
        given = {"practice": "Riverside", "place": "Main", "phone": "1", "link": "/reminder?key=x"}
        given["starts"] = moment_parameter(clock.now() + timedelta(days=1), "America/New_York")
        key = f"reminder:{uuid4()}"
        async with self.database.act_as_system("test") as tx:
            await enqueue_message(
                tx, who.person_id, "appointment_reminder", key, given, patient_id=who.patient_id, page="/appointments/1"
            )
            return UUID(str(await tx.scalar("select id from outbox_message where dedupe_key = :key", {"key": key})))

    async def state(self, message_id: UUID) -> tuple[object, ...]:
        async with self.database.act_as_system("test") as tx:
            return tuple(
                await tx.one("select status, last_error from outbox_message where id = :id", {"id": message_id})
            )

    async def left(self) -> int:
        async with self.database.act_as_system("test") as tx:
            return int(await tx.scalar("select count(*) from push_subscription"))


@pytest.fixture
async def post(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    limits.forget_all()
    async with PushService().running() as service:
        ours = settings.model_copy(update={"push_services": service.origin})
        monkeypatch.setattr(push, "get_settings", lambda: ours)
        yield Post(database, ours, service)


@pytest.fixture
async def maria(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Someone:
    monkeypatch.setattr(templates, "_checks", {})  # whether there still is such an appointment is booking's to say
    return await clinic.patient()


async def test_a_reminder_comes_to_each_browser_once_and_leads_to_the_appointment_itself(
    post: Post, clinic: Clinic, maria: Someone
) -> None:
    phone = await post.turn_on(maria)
    tablet = await post.turn_on(await clinic.sign_in_again(maria))
    await post.wish(maria)
    message_id = await post.remind(maria)
    for _again in range(2):
        await post.deliver(message_id)
    said = {path: body for path, _headers, body in post.service.asked}
    assert len(post.service.asked) == 2
    for browser in (phone, tablet):
        told = browser.decrypt(said[browser.endpoint.removeprefix(post.service.origin)])
        assert (told["title"], told["text"]) == ("Riverside", "Something new in your portal")
        assert told["link"] == "/appointments/1"
    assert await post.state(message_id) == ("sent", None)
    assert post.mailbox.taken == []


async def test_who_wishes_for_notifications_must_have_them_on_somewhere(
    post: Post, database: Database, maria: Someone
) -> None:
    with pytest.raises(InputRefused, match="reminders"):
        await post.wish(maria)
    await post.turn_on(maria)
    await post.wish(maria)
    async with database.act_as(maria.credential, "profile.choose_channels") as tx:
        assert (await profile.reading(tx)).reminders_by == "push"


async def test_turned_on_twice_is_once_and_a_new_address_takes_the_place_of_the_old(post: Post, maria: Someone) -> None:
    browser = post.service.browser()
    for _tap in range(2):
        async with post.database.act_as(maria.credential, "notify.push") as tx:
            await push.turn_on(tx, browser.endpoint, **browser.keys)
    assert await post.left() == 1
    await post.turn_on(maria)
    assert await post.left() == 1


async def test_a_browser_at_rest_cannot_be_read(post: Post, maria: Someone) -> None:
    browser = await post.turn_on(maria)
    async with post.database.act_as_system("test") as tx:
        row = await tx.one("select target, target_index from push_subscription")
    assert not {part for part in (browser.endpoint, *browser.keys.values()) if part in row.target + row.target_index}


@pytest.mark.parametrize(
    "broken",
    [
        {"endpoint": "https://evil.example/push/1"}, {"endpoint": "http://169.254.169.254/"}, {"endpoint": ""},
        {"endpoint": "https://fcm.googleapis.com/" + "x" * 100_000}, {"p256dh": ""}, {"p256dh": "x" * 100_000},
        {"p256dh": urlsafe_b64encode(b"\4" + bytes(64)).decode()}, {"p256dh": "é"}, {"auth": "AAAA"}, {"auth": "\0"},
    ],
)  # fmt: skip
async def test_what_no_browser_says_is_refused(post: Post, maria: Someone, broken: dict[str, str]) -> None:
    browser = post.service.browser()
    async with post.database.act_as(maria.credential, "notify.push") as tx:
        with pytest.raises(InputRefused):
            await push.turn_on(tx, **({"endpoint": browser.endpoint} | browser.keys | broken))
    assert await post.left() == 0


async def test_an_eleventh_browser_is_refused(post: Post, clinic: Clinic, maria: Someone) -> None:
    for _one in range(rules.BROWSERS_MAX):
        await post.turn_on(await clinic.sign_in_again(maria))
    with pytest.raises(InputRefused, match="browser"):
        await post.turn_on(maria)


async def test_somebody_elses_browser_is_neither_seen_nor_turned_off_nor_tried(
    post: Post, clinic: Clinic, maria: Someone
) -> None:
    await post.turn_on(maria)
    other = await clinic.patient("Sam")
    async with post.database.act_as(maria.credential, "notify.push") as tx:
        (hers,) = await push.browsers(tx)
    async with post.database.act_as(other.credential, "notify.push") as tx:
        assert await push.browsers(tx) == []
        await push.turn_off(tx, hers.id)
        with pytest.raises(NotFound):
            await push.try_out(tx, uuid4())
        for statement in ("update push_subscription set target = 'x'", "delete from push_subscription"):
            assert await tx.execute(statement) == 0
    assert await post.left() == 1


async def test_the_database_itself_takes_no_browser_for_somebody_else(
    post: Post, clinic: Clinic, maria: Someone
) -> None:
    other = await clinic.patient("Sam")
    row = "insert into push_subscription (person_id, session_id, target, target_index, key_id) values"
    async with post.database.act_as(maria.credential, "notify.push") as tx:
        hers = tx.actor.session_id
    for whose in ({"person": maria.person_id, "session": hers}, {"person": other.person_id, "session": hers}):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with post.database.act_as(other.credential, "notify.push") as tx:
                await tx.execute(f"{row} (:person, :session, 'x', 'x', 'x')", whose)


async def test_an_ended_session_ends_its_notifications_and_the_reminder_comes_by_mail(
    post: Post, clinic: Clinic, maria: Someone
) -> None:
    phone = await clinic.sign_in_again(maria)
    await post.turn_on(phone)
    await post.wish(maria)
    message_id = await post.remind(maria)
    async with post.database.act_as(maria.credential, "access.end_sessions") as tx:
        await sessions.end_other_sessions(tx)
    assert await post.left() == 0
    await post.deliver(message_id)
    assert (len(post.service.asked), len(post.mailbox.taken)) == (0, 1)


async def test_a_session_that_ran_out_shows_nothing_more_and_is_swept(
    post: Post, clinic: Clinic, maria: Someone
) -> None:
    await post.turn_on(await clinic.sign_in_again(maria, timedelta(hours=1)))
    await post.wish(maria)
    with clock.frozen_at(clock.now() + timedelta(hours=2)):
        await post.deliver(await post.remind(maria))
        assert (len(post.service.asked), len(post.mailbox.taken)) == (0, 1)
        async with post.database.act_as_system("test") as tx:
            await sweep(tx)
    assert await post.left() == 0


async def test_a_session_that_takes_the_place_of_another_keeps_the_notifications(
    post: Post, clinic: Clinic, maria: Someone
) -> None:
    await post.turn_on(maria)
    stronger = await clinic.sign_in_again(maria)
    async with post.database.act_as(stronger.credential, "notify.push") as tx:
        new = tx.actor.session_id
        assert new
    async with post.database.act_as(maria.credential, "access.sign_out") as tx:
        await push.hand_on(tx, new)
        await tx.execute("update session set ended_at = now() where id = :id", {"id": tx.actor.session_id})
    async with post.database.act_as(stronger.credential, "notify.push") as tx:
        assert [one.is_this for one in await push.browsers(tx)] == [True]


async def test_a_browser_that_is_gone_is_forgotten_and_the_message_goes_by_mail_at_once(
    post: Post, maria: Someone
) -> None:
    await post.turn_on(maria)
    await post.wish(maria)
    post.service.answers = [410]
    message_id = await post.remind(maria)
    await post.deliver(message_id)
    assert (await post.left(), len(post.mailbox.taken)) == (0, 1)
    assert await post.state(message_id) == ("sent", None)


async def test_a_service_that_fails_is_tried_again_and_then_mail_does_it(post: Post, maria: Someone) -> None:
    await post.turn_on(maria)
    await post.wish(maria)
    post.service.answers = [503]
    message_id = await post.remind(maria)
    for _try in range(rules.PUSH_TRIES):
        with pytest.raises(PushAway):
            await post.deliver(message_id)
    await post.deliver(message_id)
    assert (len(post.service.asked), len(post.mailbox.taken)) == (rules.PUSH_TRIES, 1)
    async with post.database.act_as(maria.credential, "notify.push") as tx:
        assert (await push.browsers(tx))[0].failed_at is not None


async def test_a_second_try_leaves_out_who_has_taken_it(post: Post, clinic: Clinic, maria: Someone) -> None:
    await post.turn_on(maria)
    await post.turn_on(await clinic.sign_in_again(maria))
    await post.wish(maria)
    post.service.answers = [201, 503, 201]
    message_id = await post.remind(maria)
    with pytest.raises(PushAway):
        await post.deliver(message_id)
    await post.deliver(message_id)
    assert (len(post.service.asked), len(post.service.kept)) == (3, 2)
    assert await post.state(message_id) == ("sent", None)


async def test_a_worker_killed_after_the_service_took_it_repeats_it_under_the_same_topic(
    post: Post, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post.turn_on(maria)
    await post.wish(maria)
    message_id = await post.remind(maria)
    with monkeypatch.context() as killed:
        killed.setattr("portal_app.features.notify.sending._note", _killed)
        with pytest.raises(KeyboardInterrupt):
            await post.deliver(message_id)
    with clock.frozen_at(clock.now() + rules.CLAIM_LIFE):
        await post.deliver(message_id)
    assert (len(post.service.asked), len(post.service.kept)) == (2, 1)
    assert await post.state(message_id) == ("sent", None)


async def _killed(*_given: object) -> None:
    raise KeyboardInterrupt


async def test_in_quiet_hours_no_device_sounds(post: Post, maria: Someone) -> None:
    await post.turn_on(maria)
    async with post.database.act_as(maria.credential, "profile.choose_channels") as tx:
        await profile.choose_channels(tx, "push", "mail", "21-8")
        await tx.execute("update person set quiet_from = 0, quiet_until = 23 where id = :id", {"id": maria.person_id})
        await tx.execute("update patient set zone = 'UTC' where id = :id", {"id": maria.patient_id})
    with clock.frozen_at(clock.now().replace(hour=12)):
        await post.deliver(await post.remind(maria))
    assert (len(post.service.asked), len(post.mailbox.taken)) == (0, 1)


async def test_one_to_try_goes_to_this_browser_alone_and_two_taps_send_one(
    post: Post, clinic: Clinic, maria: Someone
) -> None:
    browser = await post.turn_on(maria)
    await post.turn_on(await clinic.sign_in_again(maria))
    attempt = uuid4()
    await open_practice(post.database)
    for _tap in range(2):
        async with post.database.act_as(maria.credential, "notify.push") as tx:
            await push.try_out(tx, attempt)
    async with post.database.act_as_system("test") as tx:
        (row,) = await tx.all("select id from outbox_message")
    await post.deliver(row.id)
    ((_path, _headers, body),) = post.service.asked
    assert browser.decrypt(body)["link"] == "/profile/notifications"
    for _more in range(3):
        async with post.database.act_as(maria.credential, "notify.push") as tx:
            await push.try_out(tx, uuid4())
    async with post.database.act_as(maria.credential, "notify.push") as tx:
        with pytest.raises(TooManyTries):
            await push.try_out(tx, uuid4())


async def test_a_browser_that_let_another_key_in_is_not_sent_to(post: Post, settings: Settings, maria: Someone) -> None:
    await post.turn_on(maria)
    await post.wish(maria)
    async with post.database.act_as_system("test") as tx:
        await tx.execute("update push_subscription set key_id = :id", {"id": "of another key"})
    await post.deliver(await post.remind(maria))
    assert (len(post.service.asked), len(post.mailbox.taken)) == (0, 1)


def test_a_key_is_made_once_and_for_its_owner_alone(settings: Settings) -> None:
    key = load_push_key(settings)
    assert key
    assert settings.push_key_path.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        PushKey.make(settings.push_key_path)
    assert PushKey.of(key.private_pem).public == key.public

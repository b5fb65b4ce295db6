"""Reminders: at the right hour, once, about the time that holds; and a link that does one thing for one appointment."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from portal_app import wiring
from portal_app.core import clock, crypto
from portal_app.core.db import Database
from portal_app.core.errors import NotFound
from portal_app.core.jobs import Workplace
from portal_app.features.booking import jobs, rules, service
from portal_app.features.booking.errors import AppointmentMovedOn, TooLateToCancel
from portal_app.features.booking.views import AppointmentView, MoveRequest
from portal_app.features.notify.errors import MailRefused
from portal_app.features.notify.jobs import deliver
from portal_app.features.notify.ports import MailPort, OutgoingMail
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import NEW_YORK, Place, PracticeMaker, in_days

wiring.load_features("policies")


class Mailbox:
    """Takes mail in memory, or refuses it."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal, self.taken = refusal, list[OutgoingMail]()

    async def send(self, mail: OutgoingMail) -> None:
        if self.refusal:
            raise self.refusal
        self.taken.append(mail)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place(notice_h=24)


@pytest.fixture
async def booked(practice: PracticeMaker, place: Place, maria: Someone) -> AppointmentView:
    with clock.frozen_at(place.at(in_days(0), "12:00")):
        return await practice.booked(maria, place.request(place.at(in_days(10), "10:00"), reason="Chest pain"))


async def remind(database: Database, settings: Settings, at: datetime) -> None:
    """Run the job of that minute, twice, as two workers may."""
    with clock.frozen_at(at):
        for _ in range(2):
            context: Any = SimpleNamespace(
                job=SimpleNamespace(id=uuid4().int % 10**9),
                additional_context={"workplace": Workplace(database, settings)},
            )
            await jobs.send_reminders.func(context)


async def waiting(database: Database) -> list[Any]:
    async with database.act_as_system("test") as tx:
        rows = await tx.all(
            "select id, content from outbox_message where template = 'appointment_reminder'"
            " and status = 'queued' order by created_at, id"
        )
    return [SimpleNamespace(id=row.id, words=crypto.decrypt(row.content)) for row in rows]


async def send(database: Database, settings: Settings, mailbox: MailPort, message_id: UUID) -> None:
    context: Any = SimpleNamespace(additional_context={"workplace": Workplace(database, settings, {MailPort: mailbox})})
    await deliver.func(context, message_id=str(message_id))


async def key_of(database: Database, settings: Settings, booked: AppointmentView) -> str:
    """Send the reminder of the day before and return the key in its link."""
    await remind(database, settings, booked.starts_at - timedelta(hours=24))
    mailbox, (message,) = Mailbox(), await waiting(database)
    with clock.frozen_at(booked.starts_at - timedelta(hours=24)):
        await send(database, settings, mailbox, message.id)
    link = next(word for word in mailbox.taken[0].text.split() if "/reminder?" in word)
    return parse_qs(urlsplit(link).query)["key"][0]


async def answer(database: Database, key: str, wish: Any) -> service.LinkView:
    async with database.act_as_visitor("anon-browser", "booking.answer_link") as tx:
        return await service.answer_link(tx, key, wish)


async def see(database: Database, one: UUID) -> AppointmentView:
    async with database.act_as_system("test") as tx:
        return await service.appointment(tx, one)


@pytest.mark.parametrize(
    ("starts", "before_min", "expected"),
    [
        ("2027-06-10 10:00", 1440, "2027-06-09 10:00"),
        ("2027-06-10 10:00", 120, "2027-06-10 08:00"),
        ("2027-06-10 09:30", 120, "2027-06-10 08:00"),
        ("2027-06-10 08:30", 120, "2027-06-09 20:55"),
        ("2027-06-10 22:30", 60, "2027-06-10 20:55"),
        ("2027-03-15 10:00", 1440, "2027-03-14 10:00"),
        ("2027-03-14 10:00", 1440, "2027-03-13 09:00"),
        ("2028-03-01 10:00", 1440, "2028-02-29 10:00"),
    ],
)
def test_nobody_is_woken(starts: str, before_min: int, expected: str) -> None:
    zone = ZoneInfo(NEW_YORK)
    starts_at = datetime.fromisoformat(starts).replace(tzinfo=zone).astimezone(UTC)
    said = rules.remind_at(starts_at, before_min, NEW_YORK).astimezone(zone)
    assert f"{said:%Y-%m-%d %H:%M}" == expected


async def test_a_week_a_day_and_two_hours_before_each_once(
    database: Database, settings: Settings, booked: AppointmentView
) -> None:
    counts = []
    for before in (timedelta(days=7, minutes=1), timedelta(days=7), timedelta(days=1), timedelta(hours=2)):
        await remind(database, settings, booked.starts_at - before)
        counts.append(len(await waiting(database)))
    assert counts == [0, 1, 2, 3]


async def test_after_a_long_outage_only_the_latest_is_written(
    database: Database, settings: Settings, booked: AppointmentView
) -> None:
    with clock.frozen_at(booked.starts_at - timedelta(hours=1)):
        async with database.act_as_system("test") as tx:
            await tx.execute("update visit_type set remind_before_min = '{240,180,120}'")
    await remind(database, settings, booked.starts_at - timedelta(hours=1))
    assert len(await waiting(database)) == 1
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from reminder") == 3


async def test_who_booked_just_now_is_not_reminded_of_it(
    database: Database, settings: Settings, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    starts_at = place.at(in_days(3), "10:00")
    with clock.frozen_at(starts_at - timedelta(hours=24, minutes=30)):
        await practice.booked(maria, place.request(starts_at))
    await remind(database, settings, starts_at - timedelta(hours=24))
    assert await waiting(database) == []


async def test_it_says_nothing_about_health(database: Database, settings: Settings, booked: AppointmentView) -> None:
    await remind(database, settings, booked.starts_at - timedelta(days=7))
    (message,) = await waiting(database)
    assert "Riverside Clinic" in message.words
    for secret in ("Chest", "Family medicine", "Okafor", "Check-up", "Alvarez"):
        assert secret not in message.words


async def test_a_cancelled_time_is_never_reminded_of_not_even_by_mail_that_waits(
    database: Database, settings: Settings, maria: Someone, booked: AppointmentView
) -> None:
    at = booked.starts_at - timedelta(days=7)
    await remind(database, settings, at)
    (message,) = await waiting(database)
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, booked.id)
    mailbox = Mailbox()
    with clock.frozen_at(at):
        await send(database, settings, mailbox, message.id)
    await remind(database, settings, booked.starts_at - timedelta(days=1))
    assert mailbox.taken == []
    assert await waiting(database) == []
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from task") == 0


async def test_reminders_follow_a_move_and_the_old_ones_are_void(
    database: Database, settings: Settings, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    key, later = await key_of(database, settings, booked), place.at(in_days(20), "11:00")
    request = MoveRequest(booked.id, booked.practitioner_id, booked.location_id, "in_person", later, uuid4())
    with clock.frozen_at(booked.cancel_until):
        async with database.act_as(maria.credential, "booking.move") as tx:
            await service.move_appointment(tx, request)
        with pytest.raises(AppointmentMovedOn):
            await answer(database, key, "cancel")
    await remind(database, settings, later - timedelta(hours=24))
    assert len(await waiting(database)) == 1


async def test_the_link_confirms_without_a_session_and_the_day_shows_it(
    database: Database, settings: Settings, clinic: Clinic, booked: AppointmentView
) -> None:
    key, desk = await key_of(database, settings, booked), await clinic.staff("front_desk")
    with clock.frozen_at(booked.starts_at - timedelta(hours=23)):
        for _ in range(2):
            assert (await answer(database, key, "confirm")).appointment.confirmed_at == clock.now()
    async with database.act_as(desk.credential, "booking.view_day") as tx:
        (line,) = (await service.day(tx, in_days(10), location_id=booked.location_id)).appointments
    assert line.confirmed_at


async def test_opening_the_link_changes_nothing(
    database: Database, settings: Settings, booked: AppointmentView
) -> None:
    key = await key_of(database, settings, booked)
    with clock.frozen_at(booked.starts_at - timedelta(hours=23)):
        async with database.act_as_visitor("scanner", "booking.read_link") as tx:
            assert (await service.read_link(tx, key)).is_same_time
    assert await see(database, booked.id) == booked


async def test_the_link_cancels_keeps_to_the_notice_and_takes_it_back(
    database: Database, settings: Settings, booked: AppointmentView
) -> None:
    key = await key_of(database, settings, booked)
    with clock.frozen_at(booked.cancel_until):
        assert (await answer(database, key, "cancel")).appointment.status == "cancelled"
        assert (await answer(database, key, "undo")).appointment.status == "booked"
    with clock.frozen_at(booked.cancel_until + timedelta(seconds=1)), pytest.raises(TooLateToCancel):
        await answer(database, key, "cancel")


def spoilt(key: str, at: int) -> str:
    return key[:at] + ("y" if key[at] == "x" else "x") + key[at + 1 :]


@pytest.mark.parametrize(
    "spoil", [lambda key: spoilt(key, len(key) - 5), lambda key: spoilt(key, 0), lambda _: "", lambda _: "."]
)
async def test_any_other_key_opens_nothing(
    database: Database, settings: Settings, booked: AppointmentView, spoil: Any
) -> None:
    key = await key_of(database, settings, booked)
    with clock.frozen_at(booked.cancel_until), pytest.raises(NotFound):
        await answer(database, spoil(key), "cancel")


async def test_the_link_ends_with_the_time_it_is_about_and_with_its_readers_right(
    database: Database, settings: Settings, maria: Someone, booked: AppointmentView
) -> None:
    key = await key_of(database, settings, booked)
    with clock.frozen_at(booked.starts_at), pytest.raises(NotFound):
        await answer(database, key, "confirm")
    async with database.act_as_system("test") as tx:
        await tx.execute("update access_grant set sections = '{bills}' where grantee = :id", {"id": maria.person_id})
    with clock.frozen_at(booked.cancel_until), pytest.raises(NotFound):
        await answer(database, key, "confirm")


async def test_the_secret_is_kept_as_its_hash_and_the_link_of_one_opens_no_other(
    database: Database, settings: Settings, practice: PracticeMaker, place: Place, booked: AppointmentView,
    clinic: Clinic,
) -> None:  # fmt: skip
    key = await key_of(database, settings, booked)
    other = await practice.booked(await clinic.patient("Sam"), place.request(place.at(in_days(3), "10:00")))
    async with database.act_as_visitor("anon-browser", "booking.answer_link") as tx:
        await service.read_link(tx, key)
        with pytest.raises(NotFound):
            await service.appointment(tx, other.id)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from reminder where secret_hash = :s", {"s": key.split(".")[0]}) == 0


async def test_mail_that_does_not_arrive_becomes_one_task_for_the_front_desk(
    database: Database, settings: Settings, maria: Someone, booked: AppointmentView
) -> None:
    for before in (timedelta(days=7), timedelta(days=1)):
        await remind(database, settings, booked.starts_at - before)
        for message in await waiting(database):
            with clock.frozen_at(booked.starts_at - before):
                await send(database, settings, Mailbox(MailRefused(550)), message.id)
    async with database.act_as_system("test") as tx:
        (task,) = await tx.all("select code, patient_id from task")
    assert (task.code, task.patient_id) == ("undelivered", maria.patient_id)

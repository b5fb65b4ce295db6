"""What other people's calendars make of our entries: read by `ical`, which shares no code with what wrote them."""

from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default as mail_policy
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event
from ical.timezone import IcsTimezoneInfo

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.jobs import Workplace
from portal_app.features.booking import jobs, rules, service
from portal_app.features.booking.views import AppointmentView, MoveRequest
from portal_app.features.notify.jobs import deliver
from portal_app.features.notify.ports import MailPort, OutgoingMail
from portal_app.integrations.mail.smtp import SmtpMail
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import NEW_YORK, Place, PracticeMaker

wiring.load_features("policies")

Mails = Callable[[], Coroutine[Any, Any, list[tuple[str, str]]]]


class Mailbox:
    """Keeps what was sent as the bytes that go over the wire."""

    def __init__(self, settings: Settings) -> None:
        self.smtp, self.taken = SmtpMail(settings), list[bytes]()

    async def send(self, mail: OutgoingMail) -> None:
        self.taken.append(bytes(self.smtp.compose(mail)))


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
def mails(database: Database, settings: Settings) -> Mails:
    """Do every job that is due and return the calendar parts of the mails they make: method and content."""

    async def run() -> list[tuple[str, str]]:
        tasks: dict[str, Any] = {
            one.name: one for one in (jobs.confirm_booking, jobs.confirm_move, jobs.confirm_cancellation, deliver)
        }
        mailbox = Mailbox(settings)
        workplace = Workplace(database, settings, {MailPort: mailbox})
        for kind in ("booking.%", "notify.%"):
            async with database.act_as_system("test") as tx:
                due = await tx.all(
                    "select id, task_name, args from procrastinate_jobs where task_name like :kind"
                    " and (scheduled_at is null or scheduled_at <= :now) order by id",
                    {"kind": kind, "now": clock.now()},
                )
            for row in due:
                context: Any = SimpleNamespace(
                    job=SimpleNamespace(id=row.id), additional_context={"workplace": workplace}
                )
                await tasks[row.task_name].func(context, **row.args)
        return [_calendar_part(content) for content in mailbox.taken]

    return run


def _calendar_part(content: bytes) -> tuple[str, str]:
    """Return the part that mail programs act on: an alternative of the body (RFC 6047), the same as the file."""
    mail = message_from_bytes(content, policy=mail_policy)
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_content_disposition() for part in parts] == [None, "attachment"]
    assert {part["content-type"].params["method"] for part in parts} == {parts[0]["content-type"].params["method"]}
    words = [part.get_content() for part in parts]
    said = [one if isinstance(one, str) else one.decode() for one in words]
    assert said[0].splitlines() == said[1].splitlines()
    return parts[0]["content-type"].params["method"], said[1]


def imported(content: str) -> tuple[Calendar, Event]:
    calendar = IcsCalendarStream.calendar_from_ics(content)
    (event,) = calendar.events
    return calendar, event


async def _moved(database: Database, who: Someone, booked: AppointmentView, starts_at: datetime) -> AppointmentView:
    request = MoveRequest(booked.id, booked.practitioner_id, booked.location_id, "in_person", starts_at, uuid4())
    async with database.act_as(who.credential, "booking.move") as tx:
        return await service.move_appointment(tx, request)


async def _cancelled(database: Database, who: Someone, one: UUID) -> None:
    async with database.act_as(who.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, one)


async def test_booked_moved_and_cancelled_are_one_entry_with_a_rising_number(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone, mails: Mails
) -> None:
    first, second = (place.at(clock.now().date() + timedelta(days=days), "10:00") for days in (3, 4))
    booked = await practice.booked(maria, place.request(first))
    (asked,) = await mails()
    await _moved(database, maria, booked, second)
    moved = (await mails())[-1]
    await _cancelled(database, maria, booked.id)
    with clock.frozen_at(clock.now() + rules.UNDO_LIFE):
        cancelled = (await mails())[-1]

    assert [method for method, _ in (asked, moved, cancelled)] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [imported(content)[1] for _, content in (asked, moved, cancelled)]
    assert {event.uid for event in events} == {f"{booked.id}@sala"}
    assert [event.sequence for event in events] == [0, 1, 2]
    assert [event.dtstart for event in events] == [first, second, second]
    assert [event.status.value if event.status else "" for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


async def test_it_names_the_practice_and_the_reader_and_nothing_of_the_visit(
    practice: PracticeMaker, place: Place, maria: Someone, mails: Mails
) -> None:
    starts_at = place.at(clock.now().date() + timedelta(days=3), "10:00")
    await practice.booked(maria, place.request(starts_at, reason="Chest pain"))
    ((_, content),) = await mails()
    _, event = imported(content)
    assert event.organizer
    assert str(event.organizer.uri) == "mailto:portal@localhost"
    assert [str(one.uri) for one in event.attendees] == [f"mailto:{maria.email}"]
    for secret in ("Chest", "Family medicine", "Okafor", "Check-up", "Alvarez"):
        assert secret not in content


@pytest.mark.parametrize(
    "day", [date(2027, 3, 13), date(2027, 3, 14), date(2027, 11, 6), date(2027, 11, 7), date(2028, 2, 29)]
)
async def test_the_zone_in_the_file_says_the_same_moment_around_changes_of_the_clocks(
    practice: PracticeMaker, place: Place, maria: Someone, mails: Mails, day: date
) -> None:
    starts_at = place.at(day, "10:00")
    with clock.frozen_at(starts_at - timedelta(days=20)):
        await practice.booked(maria, place.request(starts_at))
        ((_, content),) = await mails()
    calendar, event = imported(content)
    assert isinstance(event.dtstart, datetime)
    assert event.dtstart.astimezone(UTC) == starts_at.astimezone(UTC)
    assert f"{event.dtstart:%H:%M}" == "10:00"
    (zone,) = calendar.timezones
    assert zone.tz_id == NEW_YORK
    # What the file itself says of the zone, not what this machine knows of it
    told = event.dtstart.replace(tzinfo=IcsTimezoneInfo.from_timezone(zone))
    assert told.utcoffset() == starts_at.astimezone(ZoneInfo(NEW_YORK)).utcoffset()

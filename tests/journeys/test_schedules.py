"""Schedules: a change is looked at before it is saved, and every visit it hits is seen to, in every language."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.core.i18n import ngettext
from portal_app.features.booking.views import AppointmentView
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import ZONE, Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import PHONE, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")
AT = "/staff/settings/schedules"
Book = Callable[..., Awaitable[tuple[Doctor, Someone, AppointmentView]]]


@pytest.fixture
def booked(practices: Practices) -> Book:
    async def book(locale: str = "en") -> tuple[Doctor, Someone, AppointmentView]:
        doctor = await practices.doctor()
        patient = await practices.patient(doctor, locale=locale)
        return doctor, patient, await practices.booked(patient, (await practices.free_times(patient, doctor))[-1])

    return book


def day_of(appointment: AppointmentView) -> date:
    return appointment.starts_at.astimezone(ZoneInfo(ZONE)).date()


def save_words(locale: str, count: int) -> str:
    with i18n.use(locale):
        words = ngettext("Save, and list {count} visit", "Save, and list {count} visits", count)
        return words.format(count=i18n.format_number(count))


async def what_this_changes(walker: Walker) -> None:
    """Wait until what a change does is shown and has the focus."""
    heading = walker.page.locator(":focus").get_by_role("heading", name=walker.say("What this changes"))
    await expect(heading).to_be_visible()


async def look_at_leave(walker: Walker, doctor: Doctor, day: date) -> None:
    """Open somebody's schedule and look at what a day away would change."""
    await walker.open(f"{AT}?who={doctor.practitioner_id}")
    await walker.button("Write down time away").click()
    await walker.page.locator("#first").fill(day.isoformat())
    await walker.page.locator("#last").fill(day.isoformat())
    await walker.button("See what this changes").click()
    await what_this_changes(walker)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_leave_is_looked_at_saved_and_the_visit_it_hits_is_moved(
    arrive: Arrive, house: House, practices: Practices, booked: Book, axe: str, locale: str
) -> None:
    # Given a visit, and a manager with a phone
    doctor, patient, visit = await booked(locale)
    manager = await arrive(locale, PHONE)
    await manager.let_in(await practices.people.staff("manager", name="Grace Lind"))

    # When the manager looks at what a day away changes, and saves it
    await look_at_leave(manager, doctor, day_of(visit))
    assert await axe_findings(manager.page, axe) == []
    assert await overflow(manager.page) == []
    await manager.page.get_by_role("button", name=save_words(locale, 1)).click()
    await expect(
        manager.page.get_by_text(manager.say("Saved. The visits that cannot be kept are in the inbox."))
    ).to_be_visible()

    # Then the visit comes up in the front desk's inbox, and is moved from its page
    desk = await arrive(locale, PHONE)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await desk.open("/staff/inbox")
    name = await practices.patient_name(patient)
    row = desk.page.get_by_role("row").filter(has=desk.page.get_by_text(name, exact=True))
    await expect(row).to_contain_text(desk.say("Appointment during a leave"))
    await desk.open(f"/staff/leave?visit={visit.id}")
    assert await axe_findings(desk.page, axe) == []
    assert await overflow(desk.page) == []
    await desk.page.locator("ul.rows button").first.click()
    await expect(desk.page.get_by_text(desk.say("Nothing is left to do here."))).to_be_visible()

    # And the patient has another time, and a mail that says so
    (moved,) = await practices.appointments(patient)
    assert (moved.status, moved.id) == ("booked", visit.id)
    assert moved.starts_at != visit.starts_at
    assert (manager.unexpected(), desk.unexpected()) == ([], [])


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_manager_changes_weekly_hours_and_sees_before_what_that_does(
    arrive: Arrive, practices: Practices, booked: Book, locale: str
) -> None:
    doctor, patient, visit = await booked(locale)
    manager = await arrive(locale, PHONE)
    await manager.let_in(await practices.people.staff("manager", name="Grace Lind"))
    await manager.open(f"{AT}?who={doctor.practitioner_id}")
    weekday = day_of(visit).isoweekday()
    rule = manager.page.get_by_role("row").nth(weekday)
    await rule.get_by_role("button").first.click()

    # When the day is to end before it begins, the form says so; when it ends at noon, the visit falls outside
    await manager.page.locator("#from").fill(day_of(visit).isoformat())
    for closes in ("07:00", "12:00"):
        await manager.page.locator("#closes").fill(closes)
        await manager.button("See what this changes").click()
        if closes == "07:00":
            await expect(
                manager.page.get_by_role("alert").filter(has=manager.heading("There is a problem"))
            ).to_be_focused()
    await what_this_changes(manager)
    await manager.page.get_by_role("button", name=save_words(locale, 1)).click()

    # Then it is saved from that day on, and the visit stays booked
    saved = manager.say("Saved. The visits that cannot be kept are in the inbox.")
    await expect(manager.page.get_by_text(saved)).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]
    assert {one.starts_at for one in await practices.free_times(patient, doctor)}.isdisjoint({visit.starts_at})
    assert manager.unexpected() == []


async def test_who_cannot_be_moved_is_asked_by_mail_once_and_keeps_their_time_meanwhile(
    arrive: Arrive, house: House, practices: Practices, booked: Book
) -> None:
    _doctor, patient, visit = await booked()
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into practitioner_leave (id, practitioner_id, starts_at) values (gen_random_uuid(), :who, :from)",
            {"who": visit.practitioner_id, "from": day_of(visit)},
        )
    await practices.telephone(patient, "+17185550142")
    desk = await arrive()
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await desk.open(f"/staff/leave?visit={visit.id}")
    await expect(desk.page.get_by_role("link", name="Call (718) 555-0142")).to_have_attribute(
        "href", "tel:(718) 555-0142"
    )
    await desk.button("Ask for another time").click()
    await expect(desk.page.get_by_text("Asked by e-mail. It stays in the inbox")).to_be_visible()
    await expect(desk.button("Ask for another time")).to_have_count(0)
    mail = await house.mail(patient.email, "schedules_time_lost")
    assert f"/appointments/{visit.id}" in body(mail)
    assert await practices.statuses(patient) == ["booked"]
    seen = "select count(*) from audit_event where action = 'patients.view_contact' and patient_id = :id"
    async with practices.database.act_as_system("test") as tx:
        assert await tx.scalar(seen, {"id": patient.patient_id}) == 1


async def test_two_managers_at_once_are_told_and_nothing_is_overwritten(
    arrive: Arrive, practices: Practices, booked: Book
) -> None:
    doctor, _patient, visit = await booked()
    first, second = await arrive(), await arrive()
    for walker, name in ((first, "Grace Lind"), (second, "Omar Said")):
        await walker.let_in(await practices.people.staff("manager", name=name))
        await look_at_leave(walker, doctor, day_of(visit))
    await first.page.get_by_role("button", name=save_words("en", 1)).click()
    await expect(first.page.get_by_text("Saved.")).to_be_visible()
    await second.page.get_by_role("button", name=save_words("en", 1)).click()
    await expect(second.page.get_by_text("Grace Lind changed this schedule a moment ago.")).to_be_visible()
    await expect(second.page.get_by_role("button", name="Take it back")).to_have_count(1)


async def test_a_clinician_gives_a_day_of_their_own_other_hours_by_keyboard(
    arrive: Arrive, practices: Practices
) -> None:
    doctor = await practices.doctor()
    walker = await arrive()
    await walker.let_in(doctor.account)
    await walker.open(AT)
    await expect(walker.button("Add weekly hours")).to_have_count(0)
    await walker.button("Other hours on a day").press("Enter")
    day = walker.page.locator("#day")
    await expect(day).to_be_visible()
    await walker.button("See what this changes").press("Enter")
    await expect(walker.page.get_by_role("alert").filter(has_text="There is a problem")).to_be_focused()
    tomorrow = (clock.now().date() + timedelta(days=3)).isoformat()
    await day.fill(tomorrow)
    for choice in ("Riverside Main", "No hours at all"):
        radio = walker.page.get_by_role("radio", name=choice)
        if not await radio.is_checked():
            await radio.press("Space")
    await walker.button("See what this changes").press("Enter")
    await walker.button("Save this change").press("Enter")
    await expect(walker.page.get_by_role("row").filter(has_text="No hours")).to_have_count(1)


async def test_the_manager_chooses_holidays_and_limits(arrive: Arrive, practices: Practices, axe: str) -> None:
    manager = await arrive()
    await manager.let_in(await practices.people.staff("manager", name="Grace Lind"))
    await manager.open("/staff/settings/closed-days")
    await manager.page.locator("#country").fill("us")
    await manager.page.locator("#part").fill("NY")
    await manager.button("Show its holidays").click()
    await manager.page.get_by_role("checkbox", name="Thanksgiving Day").check()
    assert await axe_findings(manager.page, axe) == []
    await manager.button("See what this changes").click()
    await what_this_changes(manager)
    await manager.button("Leave it as it is").click()
    await manager.open("/staff/settings/visit-limits")
    await manager.page.get_by_role("button", name="Change: Long visit").click()
    await manager.page.locator("#after").fill("500")
    await manager.button("See what this changes").click()
    await expect(manager.page.get_by_role("alert").filter(has_text="There is a problem")).to_be_focused()
    assert await axe_findings(manager.page, axe) == []
    await manager.page.locator("#after").fill("0")
    await manager.page.get_by_role("checkbox", name="3 days before").check()
    await manager.button("See what this changes").click()
    await what_this_changes(manager)
    await manager.button("Save this change").click()
    await expect(manager.page.get_by_text("Saved. Visits that are booked stay as they are.")).to_be_visible()

"""The week of a clinician: visits moved by keys and by mouse, times blocked, two desks at one visit."""

from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Locator, ViewportSize, expect

from portal_app.features.booking.views import AppointmentView
from tests.browser import overflow, resize
from tests.factories import Someone
from tests.journeys.clinic import ZONE, Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import DESK, PHONE, TABLET, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAPER: ViewportSize = {"width": 703, "height": 1000}
LANGUAGES_AND_SIZES = pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("es", TABLET), ("ar", DESK)])


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


@pytest_asyncio.fixture(loop_scope="session")
async def patient(practices: Practices, doctor: Doctor) -> Someone:
    return await practices.patient(doctor, "Inés")


@pytest_asyncio.fixture(loop_scope="session")
async def visit(practices: Practices, doctor: Doctor, patient: Someone) -> AppointmentView:
    """Book something about a week ahead, at nine on a Tuesday, Wednesday or Thursday."""
    times = await practices.free_times(patient, doctor, 14)
    local = {one: one.starts_at.astimezone(ZoneInfo(ZONE)) for one in times}
    wanted = next(one for one, at in local.items() if at.hour == 9 and at.minute == 0 and at.isoweekday() in (2, 3, 4))
    return await practices.booked(patient, wanted)


async def _week(
    arrive: Arrive, practices: Practices, doctor: Doctor, visit: AppointmentView, locale: str, size: ViewportSize
) -> Walker:
    desk = await arrive(locale, size)
    await desk.let_in(await practices.people.staff("front_desk"))
    day = visit.starts_at.astimezone(ZoneInfo(ZONE)).date()
    await desk.open(f"/staff/schedule/week?who=who:{doctor.practitioner_id}&day={day}")
    await expect(_item(desk)).to_be_visible()
    return desk


def _item(desk: Walker) -> Locator:
    return desk.page.locator(".week-item", has_text="Inés")


async def _local_hour(practices: Practices, patient: Someone) -> tuple[int, str]:
    (view,) = await practices.appointments(patient)
    local = view.starts_at.astimezone(ZoneInfo(ZONE))
    return local.isoweekday(), f"{local:%H:%M}"


@LANGUAGES_AND_SIZES
async def test_a_visit_is_moved_with_keys_alone_and_the_patient_is_told(
    arrive: Arrive,
    house: House,
    practices: Practices,
    doctor: Doctor,
    patient: Someone,
    visit: AppointmentView,
    locale: str,
    size: ViewportSize,
) -> None:
    desk = await _week(arrive, practices, doctor, visit, locale, size)
    weekday, _hour = await _local_hour(practices, patient)
    onward = "ArrowLeft" if locale == "ar" else "ArrowRight"

    await _item(desk).press("Enter")
    await desk.page.get_by_role("dialog").get_by_role("button", name=desk.say("Move"), exact=True).press("Enter")
    await expect(desk.page.locator(".week-ghost")).to_be_focused()
    for key in (onward, "ArrowDown", "ArrowDown"):
        await desk.page.keyboard.press(key)
    await desk.page.keyboard.press("Enter")
    await desk.page.get_by_role("dialog").get_by_role("button", name=desk.say("Yes, move it")).press("Enter")

    await expect(desk.page.locator(".banner.tone-good")).to_be_visible()
    assert await _local_hour(practices, patient) == (weekday + 1, "09:40")
    assert await house.mail(patient.email, "appointment_moved")
    assert desk.unexpected() == []


async def test_a_visit_is_dragged_to_another_day(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, visit: AppointmentView
) -> None:
    desk = await _week(arrive, practices, doctor, visit, "en", DESK)
    weekday, hour = await _local_hour(practices, patient)
    box = await _item(desk).bounding_box()
    column = await desk.page.locator(".week-hours").nth(weekday).bounding_box()
    assert box
    assert column

    await desk.page.mouse.move(box["x"] + 20, box["y"] + 10)
    await desk.page.mouse.down()
    await desk.page.mouse.move(column["x"] + 30, box["y"] + 12, steps=4)
    await desk.page.mouse.up()
    await desk.button("Yes, move it").click()

    await expect(desk.page.locator(".banner.tone-good")).to_be_visible()
    assert await _local_hour(practices, patient) == (weekday + 1, hour)


async def test_escape_leaves_a_visit_where_it_is(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, visit: AppointmentView
) -> None:
    desk = await _week(arrive, practices, doctor, visit, "en", DESK)
    before = await _local_hour(practices, patient)
    await _item(desk).click()
    await desk.button("Move").click()
    await expect(desk.page.locator(".week-ghost")).to_be_focused()
    await desk.page.keyboard.press("ArrowDown")
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.locator(".week-ghost")).to_have_count(0)
    assert await _local_hour(practices, patient) == before


async def test_two_desks_that_move_one_visit_are_one_that_moved_it_and_one_that_is_told(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, visit: AppointmentView
) -> None:
    desks = [await _week(arrive, practices, doctor, visit, "en", DESK) for _ in range(2)]
    for number, desk in enumerate(desks):
        await _item(desk).click()
        await desk.button("Move").click()
        await expect(desk.page.locator(".week-ghost")).to_be_focused()
        await desk.page.keyboard.press("ArrowDown")
        if number:
            await desk.page.keyboard.press("ArrowDown")
        await desk.page.keyboard.press("Enter")
        await expect(desk.button("Yes, move it")).to_be_visible()

    await desks[0].button("Yes, move it").click()
    await expect(desks[0].page.locator(".banner.tone-good")).to_be_visible()
    await desks[1].button("Yes, move it").click()

    changed = "This appointment has changed in the meantime. Look at it again before you go on."
    await expect(desks[1].page.get_by_role("status").filter(has_text=changed)).to_be_visible()
    assert (await _local_hour(practices, patient))[1] == "09:20"


async def test_on_a_phone_the_week_is_a_list_and_a_visit_moves_to_a_free_time(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, visit: AppointmentView
) -> None:
    phone = await _week(arrive, practices, doctor, visit, "en", PHONE)
    before = await _local_hour(practices, patient)
    await _item(phone).click()
    await phone.button("Move").click()
    await phone.page.locator(".card button.time").last.click()
    await phone.button("Yes, move it").click()
    await expect(phone.page.locator(".banner.tone-good")).to_be_visible()
    assert await _local_hour(practices, patient) != before


async def test_a_blocked_time_takes_nobody_until_it_is_freed(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, visit: AppointmentView
) -> None:
    desk = await _week(arrive, practices, doctor, visit, "en", DESK)
    day = visit.starts_at.astimezone(ZoneInfo(ZONE)).date()

    async def free_at_noon() -> bool:
        times = await practices.free_times(patient, doctor, 21)
        return any(one.starts_at.astimezone(ZoneInfo(ZONE)).strftime("%F %H") == f"{day} 12" for one in times)

    assert await free_at_noon()
    await desk.button("Block a time").click()
    await desk.page.locator("#day").select_option(str(day))
    await desk.page.locator("#from").fill("12:00")
    await desk.page.locator("#until").fill("13:00")
    await desk.page.locator("#reason").fill("Fire drill")
    await desk.button("Block it").click()
    await expect(desk.page.locator(".week-item", has_text="Fire drill")).to_be_visible()
    assert not await free_at_noon()

    await desk.page.locator(".week-item", has_text="Fire drill").click()
    await desk.button("Free this time").click()
    await expect(desk.page.locator(".week-item", has_text="Fire drill")).to_have_count(0)
    assert await free_at_noon()


async def test_the_month_leads_to_the_week(
    arrive: Arrive, practices: Practices, doctor: Doctor, visit: AppointmentView
) -> None:
    desk = await arrive("en", DESK)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule/month")
    day = visit.starts_at.astimezone(ZoneInfo(ZONE)).date()
    link = desk.page.locator(f".month-day[href*='{day}']")
    if await link.count() == 0:
        await desk.button("Month after").click()
    await expect(link).to_contain_text("1")
    await link.click()
    await desk.at("/staff/schedule/week", more=r"\?.*")
    await expect(_item(desk)).to_be_visible()


@pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("es", TABLET), ("ar", PHONE)])
async def test_a_visit_beside_another_says_so_on_day_week_month_and_chart(
    arrive: Arrive,
    practices: Practices,
    doctor: Doctor,
    patient: Someone,
    visit: AppointmentView,
    locale: str,
    size: ViewportSize,
) -> None:
    squeezed = await practices.overbooked(await practices.patient(doctor, "Bruno"), practices.wish_beside(visit))
    day, who = visit.starts_at.astimezone(ZoneInfo(ZONE)).date(), f"who=who:{doctor.practitioner_id}"
    desk = await _week(arrive, practices, doctor, visit, locale, size)
    word = desk.say("Overbooked")

    await expect(desk.page.locator(".week-item", has_text="Bruno")).to_contain_text(word)
    await expect(_item(desk)).not_to_contain_text(word)
    await desk.open(f"/staff/schedule?{who}&day={day}")
    await expect(desk.page.get_by_role("row").filter(has_text="Bruno")).to_contain_text(word)
    await expect(desk.page.get_by_role("row").filter(has_text="Inés")).not_to_contain_text(word)
    await desk.open(f"/staff/patients/{squeezed.patient_id}")
    await expect(desk.page.get_by_role("main").get_by_text(word)).to_be_visible()
    await desk.open(f"/staff/schedule/month?{who}&day={day}")
    await expect(desk.page.locator(f".month-day[href*='{day}'] .mark-beyond")).to_be_visible()
    assert desk.unexpected() == []


async def test_the_day_is_a_clinicians_a_places_or_a_rooms_and_keeps_its_choice_from_view_to_view(
    arrive: Arrive, practices: Practices, doctor: Doctor, visit: AppointmentView
) -> None:
    room_id = await practices.room("Blue room")
    day = visit.starts_at.astimezone(ZoneInfo(ZONE)).date()
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await desk.open(f"/staff/schedule?who=who:{doctor.practitioner_id}&day={day}")
    row = desk.page.get_by_role("row").filter(has_text="Inés")
    await expect(row).to_be_visible()
    await desk.page.locator("#scope").select_option(f"room:{room_id}")
    await expect(desk.heading("Nobody here")).to_be_visible()
    await desk.page.get_by_role("link", name="Week", exact=True).click()
    await desk.at("/staff/schedule/week", more=r"\?who=room:.*")
    await expect(desk.page.locator("#scope")).to_have_value(f"room:{room_id}")


@pytest.mark.parametrize("locale", ["en", "ar"])
async def test_on_paper_there_are_whole_names_and_nothing_to_press(
    arrive: Arrive, practices: Practices, doctor: Doctor, visit: AppointmentView, locale: str
) -> None:
    desk = await _week(arrive, practices, doctor, visit, locale, DESK)
    day, who = visit.starts_at.astimezone(ZoneInfo(ZONE)).date(), f"who=who:{doctor.practitioner_id}"
    for view, name in (("/week", _item(desk)), ("", desk.page.get_by_role("row").filter(has_text="Inés"))):
        await desk.open(f"/staff/schedule{view}?{who}&day={day}")
        await desk.page.emulate_media(media="print")
        await resize(desk.page, PAPER)
        await expect(name).to_be_visible()
        for chrome in (".rail", ".bar", ".btn", "select"):
            await expect(desk.page.locator(f"{chrome}:visible")).to_have_count(0)
        cut = "e => [...e.querySelectorAll('bdi')].some((part) => part.scrollWidth > part.clientWidth + 1)"
        assert not await name.evaluate(cut)
        await desk.page.emulate_media(media="screen")
    assert await overflow(desk.page) == []

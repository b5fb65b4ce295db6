"""Wait for an earlier time, be asked after somebody else let it lapse, say yes; ask in words, be answered, say yes."""

import re
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.booking.views import FreeTime
from portal_app.features.waiting import service as waiting
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import until
from tests.journeys.walker import DESK, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY_LANGUAGE = pytest.mark.parametrize("locale", list(i18n.LOCALES))


async def _look(walker: Walker, axe: str) -> None:
    assert await axe_findings(walker.page, axe) == []
    assert await overflow(walker.page) == []


def _where_it_is_day() -> str:
    """Return a zone in which nobody is asleep while this test runs: at night no mail goes out."""
    zones = ("America/New_York", "Asia/Tokyo", "Europe/London", "Pacific/Honolulu", "Asia/Karachi")
    return next(zone for zone in zones if 8 <= clock.now().astimezone(ZoneInfo(zone)).hour < 20)


async def _first_who_sleeps(practices: Practices, doctor: Doctor) -> Someone:
    """Make somebody who is first in line and never looks."""
    someone = await practices.patient(doctor)
    wish = waiting.Wish(practices.visit_type_id, "in_person", uuid4(), doctor.practitioner_id, notice_h=2)
    async with practices.database.act_as(someone.credential, "waiting.ask") as tx:
        await waiting.ask_for_earlier(tx, wish)
    return someone


async def _freed(practices: Practices, free: FreeTime) -> None:
    async with practices.database.act_as_system("test") as tx:
        assert await waiting.offer_time(tx, free.practitioner_id, free.location_id, free.starts_at)


async def _let_lapse(practices: Practices, someone: Someone) -> UUID:
    """Let an offer run out now, as if its hours had passed; the worker passes it on."""
    async with practices.database.act_as_system("test") as tx:
        past = {"past": clock.now() - timedelta(seconds=1), "id": someone.patient_id}
        offer_id = await tx.scalar(
            "update time_offer set answer_by = :past where patient_id = :id and status = 'open' returning id", past
        )
        return UUID(str(offer_id))


@EVERY_LANGUAGE
async def test_the_second_takes_what_the_first_let_lapse(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    sleeper = await _first_who_sleeps(practices, doctor)
    someone = await practices.patient(doctor, locale=locale, zone=_where_it_is_day())
    times = await practices.free_times(someone, doctor, days=8)
    has = await practices.booked(someone, times[-1])
    phone = await arrive(locale)
    await phone.let_in(someone)
    await phone.open(f"/appointments/{has.id}")
    await phone.link("Tell me if an earlier time comes free").click()
    await phone.at("/waiting/ask")
    await phone.button("Put me on the list").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await _look(phone, axe)
    await phone.page.locator("input[name=who]").first.check(force=True)
    await phone.page.locator("input[name=notice]").first.check(force=True)
    await phone.button("Put me on the list").click()
    await phone.at("/waiting")
    await expect(
        phone.page.get_by_text(phone.say("You are on the list. We write to you when it is your turn."))
    ).to_be_visible()
    await _look(phone, axe)
    await _freed(practices, times[len(times) // 2])
    await _let_lapse(practices, sleeper)
    kept = phone.page.get_by_role("listitem").get_by_role("link").filter(has_text=doctor.name).first
    await expect(kept).to_be_visible()
    mail = body(await phone.house.mail(someone.email, "waiting_offer"))
    link = re.search(r"https?://\S+/offers/\S+", mail)
    assert link
    assert doctor.name not in mail
    await phone.page.goto(link.group())
    await phone.answers()
    await _look(phone, axe)
    await phone.page.locator(".dock button").press("Enter")
    await phone.at(f"/appointments/{has.id}")

    async def moved() -> bool:
        return (await practices.appointments(someone))[0].starts_at == times[len(times) // 2].starts_at

    await until(moved, what="the visit to move")
    assert phone.unexpected() == []


@EVERY_LANGUAGE
async def test_a_lapsed_offer_accepted_late_says_so_and_keeps_the_place(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    someone = await _first_who_sleeps(practices, doctor)
    times = await practices.free_times(someone, doctor, days=8)
    await _freed(practices, times[len(times) // 2])
    phone = await arrive(locale)
    await phone.let_in(someone)
    await phone.open("/")
    await phone.page.get_by_role("link").filter(has_text=doctor.name).first.click()
    await expect(phone.page.locator(".dock button")).to_be_visible()
    await _let_lapse(practices, someone)
    still = phone.say("You are still on the list, with your place in it.")
    await expect(phone.page.get_by_text(still)).to_be_visible()
    await _look(phone, axe)


@EVERY_LANGUAGE
async def test_a_request_is_answered_with_times_and_one_is_taken(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    someone = await practices.patient(doctor, locale=locale)
    name = await practices.patient_name(someone)
    phone, desk = await arrive(locale), await arrive(locale, DESK)
    await phone.let_in(someone)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await desk.open("/staff/inbox")
    await phone.open("/book")
    await phone.link("Ask us for a time").click()
    await phone.at("/requests/ask")
    await phone.button("Send it to us").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await _look(phone, axe)
    await phone.page.locator("#words").fill("Only Tuesdays before nine")
    await phone.button("Send it to us").click()
    await expect(phone.heading("Your request is sent")).to_be_visible()
    await _look(phone, axe)
    row = desk.page.get_by_role("row").filter(has_text=name)
    await row.get_by_role("button", name=desk.say("Take it")).click()
    await desk.page.locator("label.view-tab").filter(has_text=desk.say("Mine")).first.click()
    await row.get_by_role("link", name=desk.say("Answer")).click()
    await expect(desk.page.get_by_text("Only Tuesdays before nine")).to_be_visible()
    await _look(desk, axe)
    times = desk.page.locator("button[aria-pressed]")
    for number in (0, 1):
        await times.nth(number).click()
        await expect(times.nth(number)).to_have_attribute("aria-pressed", "true")
    await desk.button("Send the answer").click()
    await desk.at("/staff/inbox")
    offered = phone.page.locator("section.card button.btn")
    await expect(offered).to_have_count(2)
    await _look(phone, axe)
    await offered.first.press("Enter")
    await phone.at("/appointments/", more=".*")
    assert await practices.statuses(someone) == ["booked"]
    assert "Tuesdays" not in body(await phone.house.mail(someone.email, "request_answered"))
    assert phone.unexpected() == desk.unexpected() == []


@EVERY_LANGUAGE
async def test_staff_see_the_line_take_somebody_off_and_see_whether_it_is_fair(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    someone = await _first_who_sleeps(practices, doctor)
    await practices.booked(someone, (await practices.free_times(someone, doctor, days=8))[-1])
    name = await practices.patient_name(someone)
    desk = await arrive(locale, DESK)
    await desk.let_in(doctor.account)
    await desk.open("/staff/waiting")
    row = desk.page.get_by_role("row").filter(has_text=name)
    await row.get_by_role("button", name=desk.say("Sooner")).press("Enter")
    await expect(row.get_by_text(desk.say("Soon"), exact=True)).to_be_visible()
    await _look(desk, axe)

    # Whoever is taken off is asked why first, and is told
    await row.get_by_role("button", name=desk.say("Take off the list")).press("Enter")
    sheet = desk.page.get_by_role("dialog", name=desk.say("Take them off the waiting list?"))
    await sheet.get_by_role("button", name=desk.say("Yes, take them off")).press("Enter")
    await expect(sheet.get_by_role("alert")).to_be_focused()
    await _look(desk, axe)
    await sheet.get_by_role("radio", name=desk.say("They asked us to")).press("Space")
    await sheet.get_by_role("button", name=desk.say("Yes, take them off")).press("Enter")
    await expect(row).to_have_count(0)
    assert await desk.house.mail(someone.email, "waiting_taken_off_asked")
    manager = await arrive(locale, DESK)
    await manager.let_in(await practices.people.staff("manager"))
    await manager.open("/staff/insights")
    await expect(manager.heading("By language")).to_be_visible()
    await _look(manager, axe)


@pytest.mark.parametrize("locale", ["ar"])
async def test_the_desk_puts_a_caller_on_the_list_and_says_yes_for_them(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    caller = await practices.patient(doctor)
    times = await practices.free_times(caller, doctor, days=8)
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("delete from access_grant where grantee = :id", {"id": caller.person_id})
    desk = await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await desk.open(f"/staff/patients/{caller.patient_id}")
    await desk.link("Put on the waiting list").click()
    await desk.at("/staff/waiting/ask")
    await desk.button("Put them on the list").click()
    await expect(desk.page.get_by_text(desk.say("There is a problem"))).to_be_visible()
    await _look(desk, axe)
    await desk.page.locator(f"input[value='in_person:{practices.visit_type_id}']").check(force=True)
    await desk.page.locator("#who").select_option(str(doctor.practitioner_id))
    await desk.page.locator("input[name=notice]").first.check(force=True)
    await desk.button("Put them on the list").click()
    await desk.at("/staff/waiting")
    await _freed(practices, times[len(times) // 2])
    row = desk.page.get_by_role("row").filter(has_text=await _name(practices, caller))
    await row.get_by_role("link", name=desk.say("Answer for them")).press("Enter")
    await desk.at("/staff/waiting/offer")
    await _look(desk, axe)
    yes = desk.page.locator("main button.btn").first
    await yes.press("Enter")
    await expect(desk.page.get_by_text(desk.say("Booked. Say the day and the time to them once more."))).to_be_visible()
    await expect(yes).to_be_hidden()
    await _look(desk, axe)
    assert desk.unexpected() == []


async def _name(practices: Practices, someone: Someone) -> str:
    async with practices.database.act_as_system("test") as tx:
        return str(await tx.scalar("select family_name from patient where id = :id", {"id": someone.patient_id}))

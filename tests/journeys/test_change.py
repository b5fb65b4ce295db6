"""Move a visit, be too late for it, cancel one and take that back: on the patient's phone, in every language."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.booking import rules
from portal_app.features.booking.views import AppointmentView
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import ZONE, Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import DESK, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY_LANGUAGE = pytest.mark.parametrize("locale", list(i18n.LOCALES))


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


async def _booked(practices: Practices, doctor: Doctor, locale: str) -> tuple[Someone, AppointmentView]:
    patient = await practices.patient(doctor, locale=locale)
    return patient, await practices.booked(patient, (await practices.free_times(patient, doctor))[0])


async def _phone(arrive: Arrive, patient: Someone, booked: AppointmentView, locale: str) -> Walker:
    phone = await arrive(locale)
    await phone.let_in(patient)
    await phone.open(f"/appointments/{booked.id}")
    return phone


@EVERY_LANGUAGE
async def test_a_visit_is_moved_in_place_and_the_clinician_sees_it(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor, locale: str
) -> None:
    patient, booked = await _booked(practices, doctor, locale)
    desk = await arrive(size=DESK)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")
    phone = await _phone(arrive, patient, booked, locale)

    # When they choose another time for it
    await phone.link("Move to another time").click()
    await expect(phone.heading("Move your visit")).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("What kind of visit?"))).to_have_count(0)
    await phone.times.nth(3).click()
    await expect(phone.book).to_contain_text(phone.say("Move to {when}").split("{")[0])
    starts_at = datetime.fromisoformat(parse_qs(urlsplit(phone.page.url).query)["at"][0])
    await desk.turn_to(starts_at)
    assert await practices.statuses(patient) == ["booked"]
    await phone.book.click()

    # Then it is the same visit at the new time, on both screens and in the mail
    await phone.at(f"/appointments/{booked.id}", more=r"\?done=moved$")
    await expect(phone.heading("Your visit is moved")).to_be_visible()
    (moved,) = await practices.appointments(patient)
    assert (moved.id, moved.starts_at, moved.moved_from) == (booked.id, starts_at, booked.starts_at)
    name = await practices.patient_name(patient)
    with i18n.use("en"):
        clock_time = i18n.format_clock(starts_at, ZONE)
    await expect(desk.page.get_by_role("row").filter(has_text=name).filter(has_text=clock_time)).to_have_count(1)
    mail = await house.mail(patient.email, "appointment_moved")
    with i18n.use(locale):
        for moment in (starts_at, booked.starts_at):
            assert i18n.format_clock(moment, ZONE) in body(mail)
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


@EVERY_LANGUAGE
async def test_too_late_to_move_or_cancel_shows_whom_to_call(
    arrive: Arrive, practices: Practices, doctor: Doctor, locale: str
) -> None:
    patient, booked = await _booked(practices, doctor, locale)
    phone = await _phone(arrive, patient, booked, locale)
    await phone.button("Cancel this visit").click()

    # The notice runs out while the question is open
    await practices.ask_for_notice(booked.id, 24 * 100)
    await phone.button("Yes, cancel it").click()

    await expect(phone.page.get_by_role("status").filter(has_text=phone.say(
        "It is too late to cancel here. Call us and we will help you."
    ))).to_be_visible()  # fmt: skip
    await expect(phone.page.get_by_role("status").locator("a[href='tel:(555) 014-2201']")).to_be_visible()
    await phone.page.reload()
    await expect(
        phone.page.get_by_text(phone.say("It is too late to move or cancel this here. If you cannot come, call us."))
    ).to_be_visible()
    await expect(phone.button("Cancel this visit")).to_have_count(0)
    await phone.page.goto(phone.house.origin + phone.path(f"/book?move={booked.id}"))
    await phone.at(f"/appointments/{booked.id}")
    assert await practices.statuses(patient) == ["booked"]


@EVERY_LANGUAGE
async def test_a_cancellation_is_taken_back_within_the_minute_and_nobody_was_told(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor, locale: str
) -> None:
    patient, booked = await _booked(practices, doctor, locale)
    phone = await _phone(arrive, patient, booked, locale)
    await phone.button("Cancel this visit").click()
    await expect(phone.page.locator("input[type=radio]:checked")).to_have_count(0)
    await phone.page.get_by_role("radio", name=phone.say("I feel better")).check()
    await phone.button("Yes, cancel it").click()
    await expect(phone.heading("Your visit is cancelled")).to_be_visible()
    assert await practices.statuses(patient) == ["cancelled"]

    await phone.button("Undo: keep this visit").click()

    await expect(phone.heading("Your visit is booked again")).to_be_visible()
    await expect(phone.button("Undo: keep this visit")).to_have_count(0)
    assert [(one.status, one.starts_at) for one in await practices.appointments(patient)] == [
        ("booked", booked.starts_at)
    ]
    assert house.mails(patient.email, "appointment_cancelled") == []
    assert phone.unexpected() == []


async def test_a_time_somebody_took_meanwhile_stays_theirs(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    patient, booked = await _booked(practices, doctor, "en")
    phone = await _phone(arrive, patient, booked, "en")
    await phone.button("Cancel this visit").click()
    await phone.button("Yes, cancel it").click()
    await expect(phone.heading("Your visit is cancelled")).to_be_visible()
    quick = await practices.patient(doctor)
    await practices.booked(quick, (await practices.free_times(quick, doctor))[0])

    await phone.button("Undo: keep this visit").click()

    await expect(phone.page.get_by_text("Someone else has this time now")).to_be_visible()
    assert await practices.statuses(patient) == ["cancelled"]


async def test_two_tabs_that_move_one_visit_move_it_once(arrive: Arrive, practices: Practices, doctor: Doctor) -> None:
    patient, booked = await _booked(practices, doctor, "en")
    first = await _phone(arrive, patient, booked, "en")
    second = await first.another_tab()
    await second.open(f"/appointments/{booked.id}")
    for number, tab in enumerate((first, second)):
        await tab.link("Move to another time").click()
        await expect(tab.heading("Move your visit")).to_be_visible()
        await tab.times.nth(3 + number).click()
        await expect(tab.book).to_be_visible()

    await first.book.click()
    await expect(first.heading("Your visit is moved")).to_be_visible()
    await second.book.click()

    await expect(second.heading("Your visit has not been moved")).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]


@pytest.mark.parametrize("locale", ["es"])
async def test_a_patient_says_at_home_or_on_the_visits_page_that_they_will_come(
    arrive: Arrive, practices: Practices, doctor: Doctor, locale: str, axe: str
) -> None:
    patient, first = await _booked(practices, doctor, locale)
    second = await practices.booked(patient, (await practices.free_times(patient, doctor))[-1])
    phone = await _phone(arrive, patient, second, locale)
    await phone.button("I will come").press("Enter")
    await expect(phone.page.get_by_text(phone.say("You are coming."))).to_be_visible()
    await expect(phone.button("I will come")).to_be_hidden()
    await phone.open("/")
    await phone.button("I will come").press("Enter")
    await expect(phone.page.get_by_text(phone.say("You told us that you will come"))).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    confirmed = {one.id: one.confirmed_at is not None for one in await practices.appointments(patient)}
    assert confirmed == {first.id: True, second.id: True}
    assert phone.unexpected() == []


@EVERY_LANGUAGE
async def test_a_visit_is_repeated_all_together_and_the_rest_cancelled_and_taken_back(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor, locale: str, axe: str
) -> None:
    patient = await practices.patient(doctor, locale=locale)
    phone = await arrive(locale)
    await phone.let_in(patient)
    await phone.to_confirmation()
    starts_at = datetime.fromisoformat(parse_qs(urlsplit(phone.page.url).query)["at"][0])
    other = await practices.patient(doctor)
    weeks = rules.series_starts(starts_at, ZONE, 1, 3)
    (free,) = [one for one in await practices.free_times(other, doctor, days=9) if one.starts_at == weeks[1]]
    await practices.booked(other, free)

    # When they ask for three visits, the second of which somebody else has
    await phone.link("Repeat this visit").click()
    await expect(phone.page.locator("input[type=radio]:checked")).to_have_count(0)
    await phone.page.locator("input[name=every][value='1']").check()
    await phone.page.locator("input[name=count][value='3']").check()
    await phone.button("Show the dates").click()
    await expect(phone.page.get_by_text(phone.say("Cannot be had"))).to_have_count(1)
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []

    # Then another time in its place makes the series whole, and one tap books it
    await phone.page.locator("main li button").first.click()
    await phone.page.locator(".dock button").click()
    await phone.at("/appointments")
    booked = await practices.appointments(patient)
    assert [one.status for one in booked] == ["booked"] * 3
    assert len({one.series_id for one in booked}) == 1
    await house.mail(patient.email, "appointment_series")

    # And the second is cancelled with the rest
    await phone.open(f"/appointments/{booked[1].id}")
    await phone.button("Cancel this visit").click()
    await phone.page.locator("input[name=rest]").check()
    await phone.button("Yes, cancel it").click()
    await expect(phone.heading("Your visit is cancelled")).to_be_visible()
    assert await practices.statuses(patient) == ["booked", "cancelled", "cancelled"]

    # And both come back together
    await phone.button("Undo: keep these visits").click()
    await expect(phone.heading("Your visit is booked again")).to_be_visible()
    assert await practices.statuses(patient) == ["booked"] * 3
    assert phone.unexpected() == []

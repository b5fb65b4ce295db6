"""Sign in, book in three taps, be seen on the clinician's open page, cancel: in every language and size."""

import asyncio
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar
from playwright.async_api import Locator, ViewportSize, expect

from portal_app.core import i18n
from portal_app.features.access.demo import DEMO_PEOPLE
from tests.journeys.clinic import ZONE, Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import DESK, PHONE, TABLET, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_signed_in_by_mail_a_visit_is_booked_seen_by_the_clinician_and_cancelled(
    arrive: Arrive, house: House, practices: Practices, locale: str
) -> None:
    # Given a clinician's open day page, and a patient with a phone who reads their mail
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    desk = await arrive(size=DESK)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")
    phone = await arrive(locale, PHONE)
    await phone.sign_in_by_code(patient.email)

    # When the patient books the first time there is
    starts_at = await _book_in_three_taps(phone, seen_on=desk)

    # Then the day page shows it by itself, and the patient has a mail and a calendar entry
    booked = _row(desk, starts_at).filter(has_text="Booked")
    await expect(booked).to_have_count(1)
    mail = await house.mail(patient.email, "appointment_booked")
    with i18n.use(locale):
        assert i18n.format_clock(starts_at, ZONE) in body(mail)
    assert await _calendar_start(phone) == starts_at

    # And when it is cancelled, it leaves the day page by itself
    await _cancel(phone)
    await expect(booked).to_have_count(0)
    await practices.let_a_minute_pass(patient)
    await house.mail(patient.email, "appointment_cancelled")
    assert await practices.statuses(patient) == ["cancelled"]
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


@pytest.mark.parametrize("size", [TABLET, DESK], ids=["tablet", "desk"])
@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_signed_in_by_a_tap_of_the_demo_the_same_is_done_on_larger_screens(
    arrive: Arrive, demo_doctor: Doctor, locale: str, size: ViewportSize
) -> None:
    person = next(one for one in DEMO_PEOPLE if one.locale == locale)
    patient = await arrive(locale, size)
    await patient.sign_in_by_tap(person.name)
    clinician = await arrive("en", DESK)
    await clinician.sign_in_by_tap(demo_doctor.name)
    await clinician.at("/staff/schedule")

    starts_at = await _book_in_three_taps(patient, seen_on=clinician)

    booked = _row(clinician, starts_at).filter(has_text=person.name).filter(has_not_text="Cancelled")
    await expect(booked).to_have_count(1)
    await _cancel(patient)
    await expect(booked).to_have_count(0)
    assert (patient.unexpected(), clinician.unexpected()) == ([], [])


async def test_a_visit_that_the_practice_cancels_says_so_on_the_patients_open_page_and_by_mail(
    arrive: Arrive, house: House, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone, desk = await arrive(), await arrive(size=DESK)
    await phone.let_in(patient)
    await phone.open(f"/appointments/{booked.id}")
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")
    await desk.turn_to(booked.starts_at)

    await desk.page.get_by_role("button", name="Cancel: Maria").click()
    await desk.button("Yes, cancel it").click()

    await expect(phone.page.get_by_text("This visit has changed: Cancelled.")).to_be_visible()
    await expect(desk.page.get_by_role("row").filter(has_text="Booked")).to_have_count(0)
    await practices.let_a_minute_pass(patient)
    await house.mail(patient.email, "appointment_cancelled")
    assert await practices.statuses(patient) == ["cancelled"]


async def test_the_front_desk_sees_who_arrives_on_another_open_day_page(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    desk, room = await arrive(size=TABLET), await arrive(size=DESK)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await room.let_in(doctor.account)
    for walker in (desk, room):
        await walker.open("/staff/schedule")
        await walker.turn_to(booked.starts_at)

    name = await practices.patient_name(patient)
    await desk.page.get_by_role("button", name=f"Arrived: {name}").click()

    await expect(room.page.get_by_role("row").filter(has_text=name).filter(has_text="Visit over")).to_have_count(1)
    assert await practices.statuses(patient) == ["arrived"]


async def test_a_language_chosen_while_confirming_keeps_the_page_the_time_and_the_words(
    arrive: Arrive, practices: Practices
) -> None:
    patient = await practices.patient(await practices.doctor())
    phone = await arrive()
    await phone.let_in(patient)
    await phone.to_confirmation()
    await phone.reason.fill("My knee hurts")
    before = urlsplit(phone.page.url)

    await phone.switch_language("ar")

    await expect(phone.book).to_be_visible()
    after = urlsplit(phone.page.url)
    assert (after.path, after.query) == (f"/ar{before.path}", before.query)
    await expect(phone.reason).to_have_value("My knee hurts")
    assert len(await practices.appointments(patient)) == 1


async def test_a_language_once_chosen_is_there_after_signing_out_and_in(arrive: Arrive, practices: Practices) -> None:
    patient = await practices.patient(await practices.doctor())
    phone = await arrive()
    await phone.let_in(patient)
    await phone.open("/profile")
    await phone.switch_language("es")
    await phone.at("/profile")
    await phone.button("Sign out").click()
    await phone.at("/sign-in")

    phone.locale = "en"
    await phone.sign_in_by_code(patient.email)

    phone.locale = "es"
    await phone.at("/")


async def test_home_opens_in_the_persons_own_language_and_staff_at_their_day_in_the_same_tab(
    arrive: Arrive, practices: Practices
) -> None:
    doctor = await practices.doctor()
    for someone, locale, start in (
        (await practices.patient(doctor, locale="ar"), "ar", "/"),
        (doctor.account, "en", "/staff/schedule"),
    ):
        walker = await arrive(locale)
        await walker.let_in(someone)
        await walker.page.goto(f"{walker.house.origin}/")
        await walker.at(start)
        assert len(walker.context.pages) == 1


async def _book_in_three_taps(patient: Walker, *, seen_on: Walker) -> datetime:
    """Book the first time from home, while `seen_on` looks at that day; return when it is."""
    await patient.at("/")
    patient.taps = 0
    await patient.tap(patient.link("Book a visit").or_(patient.link("Find a time")).first)
    await patient.tap(patient.times.first)
    await expect(patient.book).to_be_visible()
    starts_at = datetime.fromisoformat(parse_qs(urlsplit(patient.page.url).query)["at"][0])
    await seen_on.turn_to(starts_at)
    await expect(_row(seen_on, starts_at).filter(has_not_text="Cancelled")).to_have_count(0)

    await patient.tap(patient.book)

    await patient.at("/appointments/", more=r"[0-9a-f-]{36}\?done=booked$")
    await expect(patient.heading("Your visit is booked")).to_be_visible()
    assert patient.taps <= 3
    return starts_at


def _row(desk: Walker, starts_at: datetime) -> Locator:
    with i18n.use("en"):
        return desk.page.get_by_role("row").filter(has_text=i18n.format_clock(starts_at, ZONE))


async def _cancel(patient: Walker) -> None:
    await patient.button("Cancel this visit").click()
    await patient.page.get_by_role("dialog").get_by_role("button", name=patient.say("Yes, cancel it")).click()
    await expect(patient.page.locator(".tag", has_text=patient.say("Cancelled")).first).to_be_visible()


async def _calendar_start(patient: Walker) -> datetime:
    async with patient.page.expect_download() as download:
        await patient.link("Add to your calendar").click()
    path = await (await download.value).path()
    file = await asyncio.to_thread(path.read_bytes)
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    starts_at = event.decoded("DTSTART")
    assert isinstance(starts_at, datetime)
    return starts_at

"""A reminder's mail: confirmed or cancelled from its link, by somebody who has not signed in, in every language."""

import re

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.booking import jobs, reminders
from portal_app.features.booking.views import AppointmentView
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import PATIENCE_S, House
from tests.journeys.walker import DESK, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY_LANGUAGE = pytest.mark.parametrize("locale", list(i18n.LOCALES))


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


async def _link(
    house: House, practices: Practices, doctor: Doctor, locale: str
) -> tuple[Someone, AppointmentView, str]:
    """Book a visit, have its reminder written as the job does, and return the link in the mail that came."""
    patient = await practices.patient(doctor, locale=locale)
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[4])
    return patient, booked, await _reminded(house, practices, patient, booked, locale)


async def _reminded(
    house: House, practices: Practices, patient: Someone, booked: AppointmentView, locale: str = "en"
) -> str:
    async with practices.database.act_as_system("test") as tx:
        for person in await jobs.recipients(tx, booked):
            with i18n.use(locale):
                await jobs.remind(tx, person, booked, reminders.Due(booked.id, 1440))
    mail = await house.mail(patient.email, "appointment_reminder")
    link = re.search(r"http://\S+/reminder\?key=\S+", body(mail))
    assert link
    return link.group()


async def _reader(arrive: Arrive, link: str, locale: str) -> Walker:
    reader = await arrive(locale)
    await reader.page.goto(link)
    await reader.answers()
    return reader


@EVERY_LANGUAGE
async def test_confirmed_from_the_mail_and_seen_by_the_clinician(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor, locale: str, axe: str
) -> None:
    patient, booked, link = await _link(house, practices, doctor, locale)
    desk = await arrive(size=DESK)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")
    await desk.turn_to(booked.starts_at)

    # A program that checks mail opens the link: nothing happens
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True, timeout=PATIENCE_S) as scanner:
        assert (await scanner.get(link)).status_code == 200
    reader = await _reader(arrive, link, locale)
    await expect(reader.button("I am coming")).to_be_visible()
    content, name = await reader.page.content(), await practices.patient_name(patient)
    assert [words for words in (doctor.name, "Family medicine", name) if words in content] == []
    assert await axe_findings(reader.page, axe) == []
    assert await overflow(reader.page) == []

    await reader.button("I am coming").click()

    await expect(reader.page.get_by_text(reader.say("Thank you. We expect you."))).to_be_visible()
    await expect(reader.button("I am coming")).to_have_count(0)
    await expect(desk.page.get_by_role("row").filter(has_text=name)).to_contain_text("says they will come")
    assert (reader.unexpected(), desk.unexpected()) == ([], [])


@EVERY_LANGUAGE
async def test_cancelled_from_the_mail_and_taken_back(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor, locale: str
) -> None:
    patient, _booked, link = await _link(house, practices, doctor, locale)
    reader = await _reader(arrive, link, locale)

    await reader.button("Cancel this visit").click()
    await expect(reader.page.get_by_text(reader.say(
        "Your visit is cancelled. In a minute we send you an e-mail that says so."
    ))).to_be_visible()  # fmt: skip
    assert await practices.statuses(patient) == ["cancelled"]

    await reader.button("Undo: keep this visit").click()
    await expect(
        reader.page.get_by_text(reader.say("Your visit is booked again. Nothing has changed."))
    ).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]


async def test_too_late_to_cancel_from_the_mail_says_whom_to_call_and_a_wrong_link_too(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor
) -> None:
    patient, booked, link = await _link(house, practices, doctor, "en")
    reader = await _reader(arrive, link, "en")
    await expect(reader.button("Cancel this visit")).to_be_visible()
    await practices.ask_for_notice(booked.id, 24 * 100)

    await reader.button("Cancel this visit").click()

    await expect(reader.page.get_by_role("status").locator("a[href^='tel:']")).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]
    await reader.open("/reminder?key=made-up.nothing")
    await expect(reader.heading("This link has run out")).to_be_visible()


async def test_the_link_of_a_video_visit_leads_into_it_by_a_code_alone(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor
) -> None:
    patient = await practices.patient(doctor)
    await practices.video_visit_soon(patient, doctor)
    (visit,) = await practices.appointments(patient)
    phone = await _reader(arrive, await _reminded(house, practices, patient, visit), "en")
    await phone.link("Join the video visit").click()
    await phone.at("/sign-in")
    await phone.type_code(patient.email)
    await phone.at("/visit")
    await expect(phone.button("Try camera and sound")).to_be_visible()
    assert phone.unexpected() == []

"""The desk without a mouse: find and book, answer a request, decide who becomes a patient, settle a leave, run late."""

from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.features.patients import service as patients
from portal_app.features.patients.views import RegistrationForm
from portal_app.features.waiting import service as waiting
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import ZONE, Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_keyboard import Keyboard
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


async def _desk(arrive: Arrive, practices: Practices) -> tuple[Walker, Keyboard]:
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    devtools = await desk.context.new_cdp_session(desk.page)
    await devtools.send("Accessibility.enable")
    return desk, Keyboard(desk, devtools)


async def test_a_caller_is_found_and_booked(arrive: Arrive, practices: Practices, doctor: Doctor) -> None:
    caller = await practices.patient(doctor)
    name = await practices.patient_name(caller)
    desk, keys = await _desk(arrive, practices)
    await desk.open("/staff/patients")
    await keys.to("searchbox", "Name, birth date")
    await desk.page.keyboard.type(name)
    await expect(desk.page.get_by_role("main").get_by_role("link").filter(has_text=name)).to_be_visible()
    await keys.to("link", name)
    await keys.press("Enter")
    await expect(desk.button("Book a visit for them")).to_be_visible()

    await desk.button("Book a visit for them").press("Enter")
    await desk.page.locator(f"input[value='{practices.visit_type_id}']").press("Space")
    await expect(desk.times.first).to_be_visible()
    await desk.times.first.press("Enter")
    sheet = desk.page.get_by_role("dialog", name="Book this time?")
    await keys.to("textbox", "What is it about?")
    await keys.to("button", "Book it")
    await keys.press("Enter")

    await expect(desk.page.get_by_role("status").filter(has_text=name)).to_be_visible()
    await expect(sheet).to_have_count(0)
    assert await practices.statuses(caller) == ["booked"]


async def test_a_request_is_answered(arrive: Arrive, practices: Practices, doctor: Doctor) -> None:
    someone = await practices.patient(doctor)
    async with practices.database.act_as(someone.credential, "waiting.ask") as tx:
        request_id = await waiting.ask_in_words(
            tx, "Only before nine", uuid4(), visit_type_id=practices.visit_type_id, modality="in_person"
        )
    desk, keys = await _desk(arrive, practices)
    await desk.open(f"/staff/requests/{request_id}")
    first = desk.page.locator("button[aria-pressed]").first
    await expect(first).to_be_visible()
    await keys.to("button", (await first.inner_text()).split("\n")[0])
    await keys.press("Enter")
    await expect(first).to_have_attribute("aria-pressed", "true")
    await desk.page.locator("#answer").press("Shift+Tab")
    await keys.to("textbox", "Words to the patient")
    await desk.page.keyboard.type("This one is free.")
    await keys.to("button", "Send the answer")
    await keys.press("Enter")
    await desk.at("/staff/inbox")


async def test_somebody_becomes_a_patient(arrive: Arrive, house: House, practices: Practices) -> None:
    form = RegistrationForm("Nia", f"Weber{uuid4().hex[:6]}", "5", "3", "1990", f"{uuid4().hex[:8]}@example.test",
                            "718 555 0177", "", "")  # fmt: skip
    async with practices.database.act_as_visitor("", "patients.register") as tx:
        await patients.ask_to_register(tx, form, uuid4(), "en")
    desk, keys = await _desk(arrive, practices)
    await desk.open(f"/staff/registration?id={await practices.newest_registration()}")
    await keys.to("button", "New patient: open a chart")
    await keys.press("Enter")
    await expect(desk.page.get_by_role("dialog", name="Open a new chart?")).to_be_visible()
    await keys.to("button", "Yes, open a new chart")
    await keys.press("Enter")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    assert await house.mail(form.email, "registration_accepted")


async def test_a_visit_that_cannot_be_kept_is_settled(arrive: Arrive, practices: Practices, doctor: Doctor) -> None:
    patient = await practices.patient(doctor)
    await practices.telephone(patient, "+17185550142")
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[-1])
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into practitioner_leave (id, practitioner_id, starts_at)"
            " select gen_random_uuid(), :who, cast(:at as timestamptz) at time zone :zone",
            {"who": visit.practitioner_id, "at": visit.starts_at, "zone": ZONE},
        )
    desk, keys = await _desk(arrive, practices)
    await desk.open(f"/staff/leave?visit={visit.id}")
    await expect(desk.button("Settled by telephone")).to_be_visible()
    await keys.to("link", "Call (718) 555-0142")
    await keys.to("button", "Settled by telephone")
    await keys.press("Enter")
    await expect(desk.page.get_by_text("Noted: settled by telephone.")).to_be_visible()


@pytest.mark.parametrize("locale", ["en", "ar"])
async def test_a_clinician_says_how_late_they_run(
    arrive: Arrive, practices: Practices, doctor: Doctor, axe: str, locale: str
) -> None:
    desk = await arrive(locale, PHONE)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")
    await desk.button("Running late").press("Enter")
    sheet = desk.page.get_by_role("dialog", name=desk.say("How late?"))
    await expect(sheet).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    assert await overflow(desk.page) == []
    await sheet.get_by_role("button").nth(1).press("Enter")
    said = desk.page.locator(".banner").filter(has_text=doctor.name)
    await expect(said).to_be_visible()
    assert await axe_findings(desk.page, axe) == []

    await desk.button("Running late").press("Enter")
    await sheet.get_by_role("button", name=desk.say("On time")).press("Enter")
    await expect(said).to_have_count(0)
    assert desk.unexpected() == []

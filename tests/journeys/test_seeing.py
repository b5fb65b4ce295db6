"""The front desk sees a patient's own pages as the patient does, helps, and goes back to work."""

import pytest
from playwright.async_api import expect

from tests.browser import EVERY_RULE, axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_patients_pages_in_their_language_with_nothing_to_tap_and_the_way_back(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale="es")
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    name = await practices.patient_name(patient)
    desk, phone = await arrive("en", DESK), await arrive("es")
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await phone.let_in(patient)

    # Given the patient's chart, the front desk says why, having forgotten it first
    await desk.open(f"/staff/patients/{patient.patient_id}")
    await desk.link("See as the patient sees").click()
    await desk.at("/staff/as-patient")
    await desk.button("See their pages").click()
    await expect(desk.page.get_by_text("There is a problem")).to_be_visible()
    assert await axe_findings(desk.page, axe, EVERY_RULE) == []
    await desk.page.get_by_role("radio", name="The patient asked for help", exact=True).check()
    await desk.button("See their pages").click()

    # Then the pages are the patient's own, in the patient's language, and a bar in the other's says so
    await expect(
        desk.page.get_by_role("heading", name=phone.say("Hello, {name}", name=name.split()[0]))
    ).to_be_visible()
    bar = desk.page.get_by_role("complementary", name="As the patient sees it")
    await expect(bar).to_contain_text(f"You see what {name} sees. Nothing can be changed.")
    assert await axe_findings(desk.page, axe, EVERY_RULE) == []
    await desk.page.goto(f"{desk.house.origin}/es/appointments/{visit.id}")
    await expect(
        desk.page.get_by_text(phone.say("This page is only looked at. Nothing can be booked or changed here."))
    ).to_be_visible()
    await expect(desk.page.get_by_role("button", name=phone.say("Cancel this visit"))).to_have_count(0)
    await desk.page.goto(f"{desk.house.origin}/es/profile")
    await expect(desk.page.get_by_text(patient.email)).to_be_visible()
    assert await overflow(desk.page) == []

    # And a page of the desk's own work leads to the way back
    await desk.page.goto(f"{desk.house.origin}/staff/schedule")
    await desk.at("/looked")
    assert await axe_findings(desk.page, axe, EVERY_RULE) == []
    await desk.button("Back to your work").click()
    await desk.at("/staff/schedule")

    # And the patient reads who it was and why
    await phone.open("/profile/who-looked")
    because = "Began to see these pages as the patient sees them, because the patient asked for help"
    await expect(phone.page.get_by_text(phone.say(because)).first).to_be_visible()
    assert (desk.unexpected(), phone.unexpected()) == ([], [])

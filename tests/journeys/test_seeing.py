"""The front desk sees a patient's own pages as the patient does, helps, and goes back to work."""

import re
from uuid import UUID, uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.coverage import service as coverages
from tests.browser import EVERY_RULE, axe_findings, overflow
from tests.factories import Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.ages.conftest import born
from tests.features.coverage.conftest import typed
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _ask_to_see(desk: Walker, patient: Someone, axe: str) -> None:
    """Go from the chart to the patient's own pages, having forgotten first to say why."""
    await desk.open(f"/staff/patients/{patient.patient_id}")
    await desk.link("See as the patient sees").click()
    await desk.at("/staff/as-patient")
    await desk.button("See their pages").click()
    await expect(desk.page.get_by_text("There is a problem")).to_be_visible()
    assert await axe_findings(desk.page, axe, EVERY_RULE) == []
    await desk.page.get_by_role("radio", name="The patient asked for help", exact=True).check()
    await desk.button("See their pages").click()


async def _nothing_can_be_changed(desk: Walker, phone: Walker, visit_id: UUID, name: str, axe: str) -> None:
    """Go through the pages: a bar says whose they are, and there is nothing to tap."""
    bar = desk.page.get_by_role("complementary", name="As the patient sees it")
    await expect(bar).to_contain_text(f"You see what {name} sees. Nothing can be changed.")
    assert await axe_findings(desk.page, axe, EVERY_RULE) == []
    await desk.page.goto(f"{desk.house.origin}/es/appointments/{visit_id}")
    await expect(
        desk.page.get_by_text(phone.say("This page is only looked at. Nothing can be booked or changed here."))
    ).to_be_visible()
    await expect(desk.page.get_by_role("button", name=phone.say("Cancel this visit"))).to_have_count(0)


async def _go_back_to_work(desk: Walker, axe: str) -> None:
    """Open a page of the desk's own work, and be led to the way back."""
    await desk.page.goto(f"{desk.house.origin}/staff/schedule")
    await desk.at("/looked")
    assert await axe_findings(desk.page, axe, EVERY_RULE) == []
    await desk.button("Back to your work").click()
    await desk.at("/staff/schedule")


async def test_the_patients_pages_in_their_language_with_nothing_to_tap_and_the_way_back(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale="es")
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    name = await practices.patient_name(patient)
    desk, phone = await arrive("en", DESK), await arrive("es")
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))

    # Given the patient's chart, the front desk says why, having forgotten it first
    await _ask_to_see(desk, patient, axe)

    # Then the pages are the patient's own, in the patient's language, and a bar in the other's says so
    await expect(
        desk.page.get_by_role("heading", name=phone.say("Hello, {name}", name=name.split()[0]))
    ).to_be_visible()
    await _nothing_can_be_changed(desk, phone, visit.id, name, axe)
    await desk.page.goto(f"{desk.house.origin}/es/profile")
    await expect(desk.page.get_by_text(patient.email)).to_be_visible()
    assert await overflow(desk.page) == []

    # And a page of the desk's own work leads to the way back
    await _go_back_to_work(desk, axe)

    # And the patient reads who it was and why
    await phone.open("/profile/who-looked")
    because = "Began to see these pages as the patient sees them, because the patient asked for help"
    await expect(phone.page.get_by_text(phone.say(because)).first).to_be_visible()
    assert (desk.unexpected(), phone.unexpected()) == ([], [])


async def _with_insurance_and_caregiver(practices: Practices, locale: str) -> Someone:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    strong = await practices.people.sign_in_again(patient, assurance=2)
    async with practices.database.act_as(strong.credential, "coverage.change") as tx:
        await coverages.add_coverage(tx, typed(), uuid4())
    await invited(practices.database, patient, "ana@example.test", "booking_view")
    return patient


@pytest.mark.parametrize("locale", ["en", "ar"])
async def test_the_desk_helps_with_insurance_and_caregivers_and_is_told_what_is_not_for_it(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    patient = await _with_insurance_and_caregiver(practices, locale)
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    seen = Walker(desk.page, desk.house, locale)

    # Given a look at the patient's pages
    await desk.open(f"/staff/as-patient?chart={patient.patient_id}")
    await desk.page.get_by_role("radio", name="The patient asked for help", exact=True).check()
    await desk.button("See their pages").click()
    await expect(desk.page.get_by_role("complementary", name="As the patient sees it")).to_be_visible()

    # Then their insurance is there, without what changes it
    await seen.open("/insurance")
    await expect(desk.page.get_by_text("Northwind Health")).to_be_visible()
    await expect(seen.link("Add an insurance")).to_have_count(0)
    assert await axe_findings(desk.page, axe) == []
    assert await overflow(desk.page) == []

    # And who acts for them, by the way the patient goes
    await seen.open("/profile")
    await seen.link("Caregivers").click()
    await seen.at("/profile/caregivers")
    await expect(desk.page.get_by_text("Ana Moreno")).to_be_visible()
    await expect(seen.link("Invite a caregiver")).to_have_count(0)
    assert await axe_findings(desk.page, axe) == []

    # And bills, which are none of theirs, say so in the language of whoever looks, from where they go on
    await seen.link("Bills").click()
    await desk.at("/looked")
    await expect(desk.page.get_by_text("This part of the patient's pages is not shown to your role.")).to_be_visible()
    assert await axe_findings(desk.page, axe, EVERY_RULE) == []
    await desk.link("Go on looking").click()
    await seen.at("/")

    # And the patient reads it all
    phone = await arrive(locale)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open("/profile/who-looked")
    await expect(phone.page.get_by_text(phone.say("Looked at who acts for the patient")).first).to_be_visible()
    assert (desk.unexpected(), phone.unexpected()) == ([], [])


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_patient_refuses_to_be_looked_at_and_the_look_that_is_open_ends(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    desk, phone = await arrive("en", DESK), await arrive(locale)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))

    # Given a look of the desk's that is open
    await desk.open(f"/staff/as-patient?chart={patient.patient_id}")
    await desk.page.get_by_role("radio", name="The patient asked for help", exact=True).check()
    await desk.button("See their pages").click()
    await expect(desk.page.get_by_role("complementary", name="As the patient sees it")).to_be_visible()

    # When the patient refuses
    await phone.open("/profile/who-looked")
    await phone.button("Do not let staff see my pages this way").click()
    await expect(phone.page.get_by_text(phone.say("Staff cannot see your pages as you see them"))).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []

    # Then the look is over, and the desk is told before it asks again
    await expect(desk.page).to_have_url(re.compile(r"/looked(\?.*)?$"))
    await desk.page.get_by_role("button", name=phone.say("Back to your work"), exact=True).click()
    await expect(desk.page).to_have_url(re.compile(r"/staff/schedule(\?.*)?$"))
    await desk.open(f"/staff/as-patient?chart={patient.patient_id}")
    await expect(desk.page.get_by_text("The patient does not want this")).to_be_visible()
    await expect(desk.button("See their pages")).to_have_count(0)

    # And the patient may let them again
    await phone.button("Let staff see my pages to help me").click()
    await expect(phone.button("Do not let staff see my pages this way")).to_be_visible()
    assert (desk.unexpected(), phone.unexpected()) == ([], [])


async def test_who_acts_for_a_small_child_refuses_in_its_stead(arrive: Arrive, practices: Practices, axe: str) -> None:
    database = practices.database
    child = await practices.patient(await practices.doctor(), "Pia", "Small-child", birth_date=born(6))
    parent = await practices.patient(await practices.doctor())
    shared = {"relationship": "parent", "until": "open"}
    await accept(database, parent, await invited(database, child, parent.email, "booking_act", **shared))
    phone = await arrive()
    strong = await practices.people.sign_in_again(parent, assurance=2)
    await phone.let_in(await acting_for(database, strong, child))
    await phone.open("/profile/acting-for")
    await phone.button("Do not let staff see these pages this way").click()
    await expect(phone.page.get_by_text("Staff cannot see these pages as you see them")).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    await phone.button("Let staff see these pages to help").click()
    await expect(phone.button("Do not let staff see these pages this way")).to_be_visible()
    assert phone.unexpected() == []

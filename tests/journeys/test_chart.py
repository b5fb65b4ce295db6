"""A patient goes through their medicines on the phone; a nurse takes and leaves what they say before the visit."""

from uuid import UUID, uuid4

import pytest
from playwright.async_api import Locator, expect

from portal_app.core import i18n
from portal_app.features.chart import service as chart
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker

FINISHED = "Done. Your care team sees what you said before your visit."
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _written(practices: Practices, nurse: Someone, someone: Someone) -> None:
    """Put a medicine and an allergy on somebody's lists."""
    assert someone.patient_id
    async with practices.database.act_as(nurse.credential, "chart.write") as tx:
        medicine = {"name": "Metformin 500 mg", "how": "1 tablet in the morning"}
        await chart.add_entry(tx, someone.patient_id, "medication", medicine, None, uuid4())
        allergy = {"name": "Penicillin", "reaction": "Rash", "severity": "mild"}
        await chart.add_entry(tx, someone.patient_id, "allergy", allergy, None, uuid4())


async def _says_it_is_taken_differently_and_stops_halfway(phone: Walker, axe: str) -> None:
    await phone.open("/medications/review")
    medicine = _row(phone, "Metformin")
    await medicine.get_by_role("button", name=phone.say("I take it differently")).click()
    await phone.page.locator("#words").fill("Por la noche, dos")
    await phone.button("Save what I wrote").click()
    await expect(medicine.get_by_text("Por la noche, dos")).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []


async def _goes_on_another_day_and_finishes(phone: Walker) -> None:
    """Find the answer that was given, answer for the allergy, and add one that is missing."""
    await phone.open("/medications/review")
    given = _row(phone, "Metformin").locator("[aria-pressed=true]")
    await expect(given).to_have_text(phone.say("I take it differently"))
    allergy = _row(phone, "Penicillin")
    await allergy.get_by_role("button", name=phone.say("I don't know")).click()
    await expect(allergy.locator("[aria-pressed=true]")).to_be_visible()
    await phone.button("Add an allergy that is missing").click()
    await phone.page.locator("#name").fill("Walnuts")
    await phone.page.locator("label.choice:has(input[value='severe'])").click()
    await phone.button("Add this").click()
    await expect(phone.page.get_by_text("Walnuts")).to_be_visible()
    await phone.button("That is everything").click()
    await expect(phone.page.get_by_text(phone.say(FINISHED))).to_be_visible()


def _row(phone: Walker, name: str) -> Locator:
    return phone.page.get_by_role("listitem").filter(has=phone.page.get_by_role("heading", name=name))


async def _takes_over_what_is_said_of_the_medicine(desk: Walker, visit_id: UUID, axe: str) -> None:
    """Find the changes first on the page before the visit, in the patient's own words."""
    await desk.open(f"/staff/before?id={visit_id}")
    said = desk.page.locator("#changes").get_by_role("listitem").filter(has_text="Por la noche, dos")
    assert await axe_findings(desk.page, axe) == []
    await said.get_by_role("button", name=desk.say("Take over")).click()
    await desk.page.locator("#list-how").fill("2 tablets in the evening")
    await desk.button("Put it on the list").click()
    await expect(desk.page.get_by_role("listitem").filter(has_text="Metformin 500 mg · 2 tablets")).to_be_visible()


async def _leaves_the_allergy_for_a_reason(desk: Walker, axe: str) -> None:
    nuts = desk.page.locator("#changes").get_by_role("listitem").filter(has_text="Walnuts")
    await nuts.get_by_role("button", name=desk.say("Leave the list as it is")).click()
    await desk.button("Leave it and tell the patient why").click()
    await expect(desk.page.locator("#reason-error")).to_be_visible()
    await desk.page.locator("#reason").fill("We test it first.")
    await desk.button("Leave it and tell the patient why").click()
    await expect(desk.page.get_by_text(desk.say("Nothing waits for you"))).to_be_visible()
    assert await axe_findings(desk.page, axe) == []


async def _sees_what_became_of_both(phone: Walker, axe: str) -> None:
    await phone.open("/medications")
    await expect(phone.page.get_by_text("2 tablets in the evening")).to_be_visible()
    await expect(phone.page.get_by_text("We test it first.")).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_what_a_patient_says_before_a_visit_is_taken_or_left_and_they_see_which(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    someone = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(someone, (await practices.free_times(someone, doctor))[0])
    nurse = await practices.people.staff("nurse", location_id=practices.location_id, name="Noor Haddad")
    await _written(practices, nurse, someone)
    phone, desk = await arrive(locale, PHONE), await arrive(locale, DESK)
    await phone.let_in(await practices.people.sign_in_again(someone, assurance=2))
    await desk.let_in(nurse)

    await _says_it_is_taken_differently_and_stops_halfway(phone, axe)
    await _goes_on_another_day_and_finishes(phone)
    await _takes_over_what_is_said_of_the_medicine(desk, visit.id, axe)
    await _leaves_the_allergy_for_a_reason(desk, axe)
    await _sees_what_became_of_both(phone, axe)
    assert desk.unexpected() == phone.unexpected() == []

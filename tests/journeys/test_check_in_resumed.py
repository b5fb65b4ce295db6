"""Check-in is left in the middle and gone on with: out of the device check, after a reload, on another telephone."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Response, expect

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.features.intake.conftest import PHQ, PHQ_ITEMS
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_check_in import ended
from tests.journeys.test_forms import begun, given
from tests.journeys.walker import PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROW = "main a.row[href*='/visit?']"


async def _finds_all_well(phone: Walker) -> None:
    await expect(phone.page.get_by_text(phone.say("We hear you."), exact=True)).to_be_visible()
    await expect(phone.page.locator("[data-line=measured]")).to_be_visible()
    await phone.button("Go on").click()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_the_device_check_leads_back_to_the_list_which_then_says_so(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit_id = await practices.video_visit_soon(patient, doctor, 120)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(f"/check-in?id={visit_id}")
    await expect(phone.page.locator(ROW)).to_contain_text(phone.say("Optional"))

    # Whoever thinks better of it is back with one tap
    await phone.page.locator(ROW).click()
    await expect(phone.button("Try camera and sound")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.link("Back to your check-in").click()
    await phone.at("/check-in", more=rf"\?id={visit_id}$")

    # A reload in the middle goes on with what was heard and answered, and once it is done both pages know it
    await phone.page.locator(ROW).click()
    await phone.button("Try camera and sound").click()
    await expect(phone.page.get_by_text(phone.say("Say a few words. The bar should move."))).to_be_visible()
    await phone.button("Yes").click()
    answered = phone.page.get_by_text(phone.say("Good. You will hear us."))
    await expect(answered).to_be_visible()
    await phone.page.reload()
    await expect(answered).to_be_visible()
    await _finds_all_well(phone)
    await expect(phone.page.get_by_text(phone.say("Camera and sound are checked. Come back then."))).to_be_visible()
    await phone.page.reload()
    await expect(phone.page.get_by_text(phone.say("Camera and sound are checked. Come back then."))).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.link("Back to your check-in").click()
    await expect(phone.page.locator(ROW)).to_contain_text(phone.say("Completed"))
    assert phone.unexpected() == []


@asynccontextmanager
async def _is_known_at(phone: Walker, key: str) -> AsyncIterator[None]:
    """Wait until the server knows that somebody is at a question."""

    def says_so(said: Response) -> bool:
        return said.url.endswith("/answers") and said.ok and f'"place":"{key}"' in (said.request.post_data or "")

    async with phone.page.expect_response(says_so):
        yield


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_killed_at_question_seven_it_goes_on_there_on_another_telephone_and_back_to_the_list(
    arrive: Arrive, practices: Practices, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await begun(practices, patient, visit.id, PHQ)
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    await phone.open(f"/check-in?id={visit.id}")
    form = re.compile(re.escape("PHQ-9"))
    await phone.page.get_by_role("button", name=form).click()
    for _question in range(5):
        await phone.page.locator("label.choice").nth(0).click()
        await phone.button("Continue").click()
    await phone.page.locator("label.choice").nth(1).click()
    async with _is_known_at(phone, PHQ_ITEMS[6]):
        await phone.button("Continue").click()
    seventh = "Trouble concentrating"
    await expect(phone.page.get_by_text(seventh)).to_be_visible()

    # A reload stays at the question, and so does another telephone once the browser is gone
    await phone.page.reload()
    await expect(phone.page.get_by_text(seventh)).to_be_visible()
    await phone.context.close()
    other = await arrive(locale, PHONE)
    await other.let_in(await practices.people.sign_in_again(patient))
    await other.open(f"/check-in?id={visit.id}")
    row = other.page.get_by_role("button", name=form)
    await expect(row).to_contain_text(other.say("In progress"))
    await row.click()
    await expect(other.page.get_by_text(seventh)).to_be_visible()
    await other.button("Back to the question before").click()
    await expect(other.page.locator("label.choice").nth(1).locator("input")).to_be_checked()

    # It is finished there, and leads back to the list
    await other.button("Continue").click()
    for _question in range(3):
        await other.page.locator("label.choice").nth(0).click()
        await other.button("Continue").click()
    await other.button("Continue").click()
    await other.button("Send my answers").click()
    await expect(other.heading("Sent")).to_be_focused()
    await other.link("Back to your check-in").click()
    await expect(row).to_contain_text(other.say("Completed"))
    assert phone.complaints == other.complaints == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_session_that_ends_in_the_middle_of_a_form_loses_no_answer_and_leads_back_to_the_question(
    arrive: Arrive, house: House, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    [form_id] = await begun(practices, patient, visit.id, PHQ)
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    await phone.page.route("**/auth/still-here", lambda route: route.abort())  # so that the answer is what tells it
    await phone.open(f"/forms/{form_id}?visit={visit.id}")
    await phone.page.locator("label.choice").nth(0).click()
    async with _is_known_at(phone, PHQ_ITEMS[1]):
        await phone.button("Continue").click()
    ended(house, patient)

    # What is answered now stays on the device, and says so
    await phone.page.locator("label.choice").nth(2).click()
    await expect(
        phone.page.get_by_text(phone.say("You have been signed out. Your answers are kept on this device."))
    ).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    assert await given(practices, form_id) == 1
    await phone.link("Sign in and go on").click()
    await phone.answers()
    await phone.type_code(patient.email)
    await phone.at(f"/forms/{form_id}", more=rf"\?visit={visit.id}$")
    await expect(phone.page.get_by_text("Feeling down")).to_be_visible()
    await expect(phone.page.locator("label.choice").nth(2).locator("input")).to_be_checked()
    await expect(
        phone.page.get_by_text(phone.say("Waiting to send. Your answers are kept on this device."))
    ).to_have_count(0)
    assert await given(practices, form_id) == 2


async def test_a_reload_in_the_middle_of_check_in_stays_at_the_card(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/check-in?id={visit.id}")
    card = phone.page.locator("a[href*='/check-in/contact']")
    await card.click()
    await expect(phone.button("Yes, this is right")).to_be_visible()
    await phone.page.reload()
    await phone.button("Yes, this is right").click()
    await expect(card).to_contain_text("Completed")
    await phone.page.reload()
    await expect(card).to_contain_text("Completed")
    assert phone.unexpected() == []

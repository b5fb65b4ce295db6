"""In the room stands what is known before the visit: what changed first, taken over there, and forms with scores."""

from uuid import UUID, uuid4

import pytest
from playwright.async_api import expect

from portal_app.features.chart import service as chart
from portal_app.features.intake import service as intake
from portal_app.features.profile import service as profile
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.features.intake.conftest import PHQ, PHQ_ITEMS, answer
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_forms import begun
from tests.journeys.test_video_visit import admitted, into_waiting_room
from tests.journeys.walker import DESK, PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")
SEVERAL_DAYS, NEVER = "LA6569-3", "LA6568-5"


async def _sent(practices: Practices, patient: Someone, visit_id: UUID) -> None:
    """Send a PHQ-9 with 8 points and its ninth question at never."""
    [form_id] = await begun(practices, patient, visit_id, PHQ)
    codes = [*[SEVERAL_DAYS] * 8, NEVER]
    given = [answer(n, key, code) for n, (key, code) in enumerate(zip(PHQ_ITEMS, codes, strict=True), 1)]
    async with practices.database.act_as(patient.credential, "intake.fill_in") as tx:
        saved = await intake.save_answers(tx, form_id, uuid4(), given)
        await intake.submit_form(tx, form_id, saved.latest, "en")


async def _says_more(practices: Practices, doctor: Doctor, patient: Someone) -> None:
    """Have a patient take a medicine differently, and want to be called otherwise."""
    assert patient.patient_id
    async with practices.database.act_as(doctor.account.credential, "chart.write") as tx:
        medicine = {"name": "Metformin 500 mg", "how": "1 tablet in the morning"}
        await chart.add_entry(tx, patient.patient_id, "medication", medicine, None, uuid4())
        [entry] = (await chart.lists_of(tx, patient.patient_id)).standing("medication")
    strong = await practices.people.sign_in_again(patient, assurance=2)
    async with practices.database.act_as(strong.credential, "chart.tell") as tx:
        await chart.answer(tx, None, entry.id, 1, "differs", "Two in the evening")
    async with practices.database.act_as(strong.credential, "profile.change") as tx:
        await profile.be_called(tx, "Mari")


async def test_what_changed_and_what_scores_mean_is_beside_the_picture_and_taken_over_there(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    # Given a patient who sent a form, says that a medicine is taken differently, and waits
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    name = await practices.patient_name(patient)
    await _sent(practices, patient, await practices.video_visit_soon(patient, doctor))
    phone, desk = await arrive("en", PHONE), await arrive("en", DESK)
    await phone.let_in(patient)
    await into_waiting_room(phone)
    await admitted(desk, doctor, name)
    await expect(phone.heading("Messages in this visit")).to_be_visible()

    # When they change something meanwhile, it stands in the room at once, before the lists and the forms
    await _says_more(practices, doctor, patient)
    said = desk.page.locator("#changes").get_by_role("listitem").filter(has_text="Two in the evening")
    await expect(said).to_be_visible()
    accept = desk.button("Accept: {what}", what=desk.say("Wants to be called"))
    await expect(accept).to_be_visible()
    order = await desk.page.locator("h2").all_inner_texts()
    told = ("Changed about themself", "What the patient says is different", "Medicines and allergies", "Forms")
    assert [one for one in order if one in told] == list(told)
    form = desk.page.locator(".card").filter(has=desk.page.get_by_role("heading", name="PHQ-9"))
    await expect(form.get_by_text("8 · ", exact=False)).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []

    # Then it is accepted, taken over and marked as read without leaving the call
    await accept.click()
    await expect(accept).to_have_count(0)
    await said.get_by_role("button", name=desk.say("Take over")).click()
    await desk.page.locator("#list-how").fill("2 tablets in the evening")
    await desk.button("Put it on the list").click()
    await expect(desk.page.get_by_role("listitem").filter(has_text="Metformin 500 mg · 2 tablets")).to_be_visible()
    await desk.button("Mark all as read").click()
    await expect(desk.button("Mark all as read")).to_have_count(0)
    await expect(desk.page.locator(".video-room")).to_be_visible()
    await expect(phone.heading("Messages in this visit")).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    assert (phone.unexpected(), desk.unexpected()) == ([], [])

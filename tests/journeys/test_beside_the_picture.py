"""In the room stands what is known before the visit: what changed first, forms with scores, readings as they come."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from playwright.async_api import expect

from portal_app.features.chart import service as chart
from portal_app.features.intake import service as intake
from portal_app.features.profile import service as profile
from portal_app.features.vitals import service as vitals
from portal_app.state import vital_words
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.features.intake.conftest import PHQ, PHQ_ITEMS, answer
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.meeting import ANY, both_move
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


async def test_readings_and_answers_stand_beside_the_picture_and_a_new_reading_comes_by_itself(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    # Given a patient with a reading and a form that was sent, and a clinician who sees them in the visit
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale="ar")
    name = await practices.patient_name(patient)
    strong = await practices.people.sign_in_again(patient, timedelta(hours=1), 2)
    await _sent(practices, patient, await practices.video_visit_soon(patient, doctor))
    async with practices.database.act_as(strong.credential, "vitals.log") as tx:
        new = vitals.NewReading("blood_pressure", "mm[Hg]", Decimal(128), uuid4(), pair=Decimal(79))
        await vitals.log_reading(tx, new)
    phone, cuff, desk = [await arrive(locale, size) for locale, size in (("ar", PHONE), ("ar", PHONE), ("en", DESK))]
    await phone.let_in(strong)
    await into_waiting_room(phone)
    await admitted(desk, doctor, name)
    await both_move(ANY, phone, desk)
    last = desk.page.locator("section").filter(has=desk.heading("Last readings")).get_by_role("listitem")
    await expect(last.filter(has_text="128/79 mmHg")).to_be_visible()
    form = desk.page.locator(".card").filter(has=desk.page.get_by_role("heading", name="PHQ-9"))
    await expect(form.get_by_text("8 · ", exact=False)).to_be_visible()

    # When the patient measures during the visit, on another device
    await cuff.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await cuff.open("/vitals/log?what=oxygen")
    await cuff.page.locator("#value").fill("٩١")
    await cuff.button("Save this reading").click()
    await expect(cuff.page.get_by_text("91 %", exact=True)).to_be_visible()

    # Then it stands beside the picture with what it means, the newer one too, and the answers where they were
    low, _tone = vital_words.FINDINGS["low"]
    await expect(last.filter(has_text="91 %").get_by_text(low, exact=True)).to_be_visible()
    await cuff.button("Measure again").click()
    await cuff.page.locator("#value").fill("96")
    await cuff.button("Save this reading").click()
    await expect(last.filter(has_text="96 %")).to_be_visible()
    await expect(last).to_have_count(2)
    await expect(form).to_be_visible()
    await both_move(ANY, phone, desk)
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    assert [one.unexpected() for one in (phone, cuff, desk)] == [[], [], []]

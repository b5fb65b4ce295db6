"""A visit in person comes to its end: note, diagnosis, summary, charge; then the patient reads it on a phone."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.billing import service as billing
from portal_app.features.booking import service as booking
from portal_app.features.notes import service as notes
from portal_app.features.notes.rules import Picked
from portal_app.features.notes.sentences import sentence
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import PHONE, TABLET, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAMED = "Hypertension made for a journey"


async def codes(practices: Practices) -> None:
    async with practices.database.act_as_system("test") as tx:
        await notes.fill_diagnoses(tx, [notes.Diagnosis("I10", NAMED)], "test")
        await billing.fill_services(tx, [billing.ServiceCode("T1015", "Clinic visit")], "test")


async def pick(desk: Walker, field: str) -> None:
    """Tick a sentence: its card is the label around it."""
    await desk.page.locator(f"label.choice:has(input[name='{field}'])").click()
    await expect(desk.page.locator(f"input[name='{field}']")).to_be_checked()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_visit_is_ended_and_read_on_the_patients_phone(  # noqa: PLR0915 - one journey from end to end
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody who is here, and a clinician with a tablet
    await codes(practices)
    doctor = await practices.doctor()
    family = f"Ending{uuid4().hex[:6]}"
    patient = await practices.patient(doctor, "Luz", family, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    async with practices.database.act_as(doctor.account.credential, "booking.change_day") as tx:
        await booking.mark_arrived(tx, visit.id)
    desk = await arrive("en", TABLET)
    await desk.let_in(doctor.account)
    await desk.open(f"/staff/visits/{visit.id}/note")

    # When the note is written, it saves itself
    await desk.page.locator("#brought").fill("Headache for a week")
    await expect(desk.page.get_by_role("status").filter(has_text="Saved at")).to_be_visible()
    await desk.page.locator("#plan").fill("Lisinopril 10 mg")
    await desk.tap(desk.button("End visit"))

    # And the visit is ended: diagnosis, what the patient is told, charge, signature
    await desk.page.locator("#diagnosis").fill("hyper journ")
    await desk.page.get_by_role("button", name=f"Choose: {NAMED}").click()
    await expect(desk.page.get_by_role("button", name=f"Remove: {NAMED}")).to_be_visible()
    await desk.tap(desk.button("Go on to what the patient is told"))
    await pick(desk, "found-pressure")
    await desk.page.locator("#found-pressure-1").fill("150")
    await desk.page.locator("#found-pressure-2").fill("95")
    await pick(desk, "warning-chest")
    await pick(desk, "call-worse")
    await desk.page.locator("label.choice:has(input[name='again'][value='weeks'])").click()
    await desk.tap(desk.button("Go on to the charge"))
    await expect(desk.page.locator("#again-weeks-1")).to_have_attribute("aria-invalid", "true")
    await desk.page.locator("#again-weeks-1").fill("2")
    await desk.tap(desk.button("Go on to the charge"))
    await desk.page.locator("#look").fill("T1015")
    await desk.page.locator("label.choice:has(input[value='T1015'])").click()
    await desk.tap(desk.button("Go on to sign"))
    with i18n.use(locale):
        said = sentence("found", Picked("pressure", (150, 95)))
    await expect(desk.page.get_by_text(said)).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    assert await overflow(desk.page) == []
    await desk.tap(desk.button("Sign and send the summary"))
    await expect(desk.heading("Signed and sent")).to_be_visible()
    await expect(desk.page.get_by_text("Waits for billing", exact=True)).to_be_visible()

    # Then the patient reads it in their language, and says how it was
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open(f"/appointments/{visit.id}")
    await expect(phone.page.get_by_text(said)).to_be_visible()
    await expect(phone.page.get_by_text("Lisinopril 10 mg")).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []
    await phone.page.locator("label.choice:has(input[name='stars'][value='5'])").click()
    await phone.tap(phone.button("Send my answer"))
    await expect(phone.page.get_by_text(phone.say("Thank you. You can change your answer for a day."))).to_be_visible()
    assert desk.unexpected() == phone.unexpected() == []

    # And its charge waits for billing, who finds it right
    till = await arrive(locale, PHONE)
    await till.let_in(await practices.people.staff("billing"))
    await till.open("/staff/billing")
    await till.page.get_by_role("link", name=f"{till.say('Open the charge')}: Luz {family}", exact=True).click()
    await expect(till.button("Ready to be billed")).to_be_visible()
    await expect(till.page.get_by_role("definition").filter(has_text="T1015 Clinic visit")).to_be_visible()
    assert await axe_findings(till.page, axe) == []
    assert await overflow(till.page) == []
    await till.tap(till.button("Ready to be billed"))
    await expect(till.page.get_by_text(till.say("Ready to be billed."), exact=True)).to_be_visible()
    assert till.unexpected() == []


async def test_two_tabs_show_each_other_what_was_written(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    first = await arrive("en", TABLET)
    await first.let_in(doctor.account)
    await first.open(f"/staff/visits/{visit.id}/note")
    second = await first.another_tab()
    await second.open(f"/staff/visits/{visit.id}/note")
    await first.page.locator("#plan").fill("Words of the first tab")
    await expect(second.heading("This note was changed elsewhere")).to_be_visible()
    await expect(second.page.get_by_text("Words of the first tab")).to_be_visible()
    await second.tap(second.button("Take what was written elsewhere"))
    await expect(second.page.locator("#plan")).to_have_value("Words of the first tab")
    assert clock.now() < visit.starts_at


async def signed(practices: Practices, doctor: Doctor, visit_id: UUID) -> None:
    """Have a visit come to its end, with a summary that can be read."""
    from tests.features.notes.conftest import NOTE, ending

    await codes(practices)
    async with practices.database.act_as(doctor.account.credential, "booking.change_day") as tx:
        await booking.mark_arrived(tx, visit_id)
    async with practices.database.act_as(doctor.account.credential, "notes.sign") as tx:
        await notes.save_note(tx, visit_id, 0, NOTE, {})
        await notes.sign_visit(tx, visit_id, 1, ending(diagnoses=("I10",)))


async def test_a_code_alone_is_asked_for_more_before_the_summary(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await signed(practices, doctor, visit.id)
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/appointments/{visit.id}")
    await phone.tap(phone.button("Read the summary"))
    await phone.page.wait_for_url("**/sign-in?**step-up**")

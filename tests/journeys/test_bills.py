"""From a signed visit to a bill that a patient understands: made, partly paid, put right, seen at once."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.billing import service as billing
from portal_app.features.booking import service as booking
from portal_app.features.notes import service as notes
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.features.notes.conftest import NOTE, ending
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _ended(practices: Practices, appointment_id: UUID, doctor: Someone, facts: dict[str, notes.Facts]) -> None:
    async with practices.database.act_as_system("test") as tx:
        await notes.fill_diagnoses(tx, [notes.Diagnosis("I10", "Hypertension made for a journey")], "test")
        await billing.fill_services(tx, [billing.ServiceCode("T1015", "Clinic visit")], "test")
        await billing.fill_fees(tx, [billing.FeeEntry("T1015", date(2020, 1, 1), "USD", 16_400)])
    async with practices.database.act_as(doctor.credential, "booking.change_day") as tx:
        await booking.mark_arrived(tx, appointment_id)
    async with practices.database.act_as(doctor.credential, "notes.sign") as tx:
        await notes.save_note(tx, appointment_id, 0, NOTE, {})
        await notes.sign_visit(tx, appointment_id, 1, ending(diagnoses=("I10",), **facts))


async def ended_by_video(practices: Practices, appointment_id: UUID, doctor: Someone) -> None:
    """Let a video visit be over and signed; its charge waits for billing."""
    now = clock.now()
    facts = notes.Facts("video", "home", now - timedelta(minutes=20), now, (("Maria Alvarez", "patient"),))
    await _ended(practices, appointment_id, doctor, {"facts": facts})


async def charged(practices: Practices, patient: Someone, appointment_id: UUID, doctor: Someone) -> None:
    """Let a visit be over and signed, and its charge ready to be billed."""
    del patient
    await _ended(practices, appointment_id, doctor, {})
    keeper = await practices.people.staff("billing")
    async with practices.database.act_as(keeper.credential, "billing.review") as tx:
        charge = await billing.charge_of(tx, appointment_id)
        assert charge is not None
        await billing.mark_ready(tx, charge.id, charge.corrections)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_signed_visit_becomes_a_bill_seen_at_once_paid_in_part_and_put_right(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given a signed visit, a patient who looks at their bills, and somebody who keeps the books
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await charged(practices, patient, visit.id, doctor.account)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open("/bills")
    await expect(phone.heading("You owe nothing")).to_be_visible()
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("billing"))

    # When the bill is made, then the patient sees it at once, as one number
    await desk.open("/staff/bills")
    row = desk.page.get_by_role("row").filter(has_text=await practices.name_of(patient.patient_id))
    await row.get_by_role("button", name=re.compile("^Make the bill")).click()
    await expect(desk.page.get_by_text("The bill is made. The patient sees it now.")).to_be_visible()
    with i18n.use(locale):
        whole, left = (i18n.format_money(minor, "USD", 2) for minor in (16_400, 11_000))
    await expect(phone.page.get_by_text(whole, exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await axe_findings(desk.page, axe) == []
    assert await overflow(phone.page) == await overflow(desk.page) == []

    # And when the insurance has paid, what is left is said the same way, and how it came about
    await row.get_by_role("link").click()
    await expect(desk.heading("Write what happened")).to_be_visible()
    await desk.page.locator("label.choice:has(input[value='insurance'])").click()
    await desk.page.locator("#amount").fill("1.000,5")
    await desk.tap(desk.button("Write it in the books"))
    await expect(desk.page.locator("#amount")).to_have_attribute("aria-invalid", "true")
    await desk.page.locator("#amount").fill("54")
    await desk.button("Write it in the books").dblclick()
    await expect(desk.page.get_by_text("Written. The patient sees it now.")).to_be_visible()
    await expect(phone.page.get_by_text(left, exact=True)).to_be_visible()
    await phone.page.locator("a[href*='/bills/']").first.click()
    await expect(phone.page.get_by_text(phone.say("Left for you to pay"))).to_be_visible()
    assert await axe_findings(phone.page, axe) == await axe_findings(desk.page, axe) == []
    assert await overflow(phone.page) == await overflow(desk.page) == []

    # And an entry that was wrong is taken back, and both stay
    await desk.tap(desk.page.get_by_role("button", name=re.compile("^Take back: Your insurance paid")))
    await desk.page.locator("#why").fill("Another patient's")
    await desk.tap(desk.button("Take it back now"))
    await expect(desk.page.get_by_text("Taken back. Both entries stay in the books.")).to_be_visible()
    await expect(phone.page.get_by_text(whole, exact=True).first).to_be_visible()
    assert desk.unexpected() == phone.unexpected() == []


async def test_another_patients_bill_is_not_found(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient, other = await practices.patient(doctor), await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await charged(practices, patient, visit.id, doctor.account)
    keeper = await practices.people.staff("billing")
    async with practices.database.act_as(keeper.credential, "billing.keep_books") as tx:
        name = await practices.name_of(patient.patient_id)
        (charge,) = [one for one in await billing.charges_to_bill(tx) if one.patient_name == name]
        bill_id = await billing.issue_bill(tx, charge.charge_id, 0)
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(other, timedelta(hours=1), 2))
    await phone.open(f"/bills/{bill_id}")
    await expect(phone.heading("We could not find that bill")).to_be_visible()

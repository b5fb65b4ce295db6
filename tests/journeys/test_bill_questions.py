"""Something on a bill is not understood, or is not right: asked, answered, given back, taken back, seen at once."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.billing import service as billing
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_bills import charged
from tests.journeys.walker import DESK, PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def billed(practices: Practices, doctor: Doctor, patient: Someone) -> UUID:
    """Give a patient a bill of a visit."""
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await charged(practices, patient, visit.id, doctor.account)
    keeper = await practices.people.staff("billing")
    async with practices.database.act_as(keeper.credential, "billing.keep_books") as tx:
        name = await practices.name_of(patient.patient_id)
        (charge,) = [one for one in await billing.charges_to_bill(tx) if one.patient_name == name]
        return await billing.issue_bill(tx, charge.charge_id, charge.corrections)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_money_given_back_and_a_bill_taken_back_are_seen_by_the_patient(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given a patient who looks at a bill that was paid by mistake, and a manager of billing who looks at it too
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    bill_id = await billed(practices, doctor, patient)
    keeper = await practices.people.staff("billing", "manager")
    async with practices.database.act_as(keeper.credential, "billing.keep_books") as tx:
        await billing.post(tx, billing.Posting(bill_id, "payment", 16_400, uuid4()))
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open(f"/bills/{bill_id}")
    desk = await arrive("en", DESK)
    await desk.let_in(keeper)
    await desk.open(f"/staff/bills/{bill_id}")

    # When more is given back than was paid, nothing is written; when it is what was paid, the patient sees it at once
    await desk.tap(desk.page.get_by_role("button", name=re.compile("^Give back: ")))
    await desk.page.locator("#given").fill("164.01")
    await desk.page.locator("label.choice:has(input[value='yes'])").click()
    await desk.page.locator("#because").fill("Paid twice")
    await desk.tap(desk.button("Write that it was given back"))
    await expect(desk.page.locator("#given")).to_have_attribute("aria-invalid", "true")
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await desk.page.locator("#given").fill("164")
    await desk.button("Write that it was given back").dblclick()
    await expect(phone.page.get_by_text(phone.say("We paid you back"))).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # And when the bill is taken back, it says so, and nothing is owed
    await desk.tap(desk.button("Take the whole bill back"))
    await desk.page.locator("#because").fill("Another patient's")
    await desk.tap(desk.button("Take the bill back now"))
    await expect(desk.page.get_by_text("The bill is taken back.", exact=False).first).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("Taken back"), exact=True)).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    assert desk.unexpected() == phone.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_question_is_asked_from_the_bill_answered_at_the_desk_and_read_on_the_bill(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given a patient who looks at a bill, and somebody of billing who looks at the questions
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    bill_id = await billed(practices, doctor, patient)
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("billing"))
    await desk.open("/staff/bill-questions")
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open(f"/bills/{bill_id}")

    # When they say that something is wrong, first without a word of what
    await phone.tap(phone.link("This is wrong"))
    await expect(phone.heading("Ask about a bill")).to_be_visible()
    await phone.page.locator("label.choice:has(input[value='charged'])").click()
    await phone.tap(phone.button("Send it to our billing team"))
    await expect(phone.page.locator("#words")).to_have_attribute("aria-invalid", "true")
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.locator("#words").fill("I paid \u202eat the desk")
    await phone.button("Send it to our billing team").dblclick()
    await expect(phone.page.get_by_text(phone.say("We have your question"))).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # Then billing has it at once, takes it and answers, and the bill says that nothing is chased meanwhile
    name = await practices.name_of(patient.patient_id)
    row = desk.page.get_by_role("listitem").filter(has_text=name)
    await row.get_by_role("button", name=re.compile("^Take it: ")).click()
    await expect(row.get_by_text("You have it")).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await phone.tap(phone.link("Back to the bills"))
    await expect(phone.page.get_by_text(phone.say("Asked"), exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await row.get_by_role("button", name=re.compile("^Answer: ")).click()
    await desk.page.locator("#answer").fill("You did. We have put it right.")
    assert await axe_findings(desk.page, axe) == []
    await desk.tap(desk.button("Send the answer"))
    await expect(desk.page.get_by_text("Sent: the patient reads it on the bill.")).to_be_visible()

    # And the patient reads the answer on the open bill
    await expect(phone.page.get_by_text("You did. We have put it right.")).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("Answered"), exact=True)).to_be_visible()
    assert desk.unexpected() == phone.unexpected() == []

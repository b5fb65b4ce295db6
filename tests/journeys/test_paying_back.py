"""What was paid online goes back and is seen; a statement is paid from its link; statements are made and saved."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.billing import account_statements
from portal_app.features.billing.account_statements import Period
from portal_app.features.payments import links
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_bill_questions import billed
from tests.journeys.walker import DESK, PHONE
from tests.practice_stripe import WORKS

pytestmark = pytest.mark.asyncio(loop_scope="session")
FEE, BACK = 16_400, 4_000


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_what_was_paid_online_goes_back_and_the_patient_sees_it(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given a patient who has paid a bill on the phone and looks at it, and somebody of billing who does too
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    bill_id = await billed(practices, doctor, patient)
    with i18n.use(locale):
        whole, back = (i18n.format_money(minor, "USD", 2) for minor in (FEE, BACK))
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open("/pay")
    await phone.button("Pay {amount}", amount=whole).click()
    await phone.page.locator(f"button[value='{WORKS}']").click()
    await expect(phone.heading("Paid: {amount}", amount=whole)).to_be_visible()
    await phone.open(f"/bills/{bill_id}")
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("billing"))
    await desk.open(f"/staff/bills/{bill_id}")

    # When a part of it is paid back, with two taps on one button
    await desk.tap(desk.page.get_by_role("button", name=re.compile("^Give back: ")))
    await desk.page.locator("#given").fill("40")
    await desk.page.locator("label.choice:has(input[value='yes'])").click()
    await desk.page.locator("#because").fill("Paid twice")
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await desk.button("Pay it back now").dblclick()

    # Then both see that it goes back to the card, and the patient what is owed again
    await expect(desk.page.get_by_text("To the card or account you paid with")).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("We paid you back"))).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("To the card or account you paid with"))).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("{amount} to pay", amount=back))).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    assert phone.unexpected() == desk.unexpected() == []


async def _link(practices: Practices, patient: Someone) -> str:
    """Return the link in the mail of a statement of a patient."""
    today = clock.now().date()
    assert patient.patient_id is not None
    async with practices.database.act_as_system("test") as tx:
        period = Period(today - timedelta(days=90), today, "UTC")
        (made,) = await account_statements.make_statements(tx, patient.patient_id, period, uuid4())
        return await links.make_link(tx, made, patient.person_id)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_statement_is_paid_from_its_link_with_keys_alone_and_without_signing_in(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody who opens the link in a mail, on a phone that never signed in
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    await billed(practices, doctor, patient)
    address = await _link(practices, patient)
    phone = await arrive(locale, PHONE)
    await phone.page.goto(phone.house.origin + phone.path(address))
    with i18n.use(locale):
        whole = i18n.format_money(FEE, "USD", 2)

    # When they leave the payment page, read that they have not paid, and go on and pay
    await expect(phone.heading("Pay {amount}", amount=whole)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.keyboard.press("Tab")
    await expect(phone.button("Pay {amount}", amount=whole)).to_be_focused()
    await phone.page.keyboard.press("Enter")
    await phone.page.get_by_role("link", name=phone.say("Go back without paying")).click()
    await expect(phone.heading("You have not paid yet")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.keyboard.press("Tab")
    await expect(phone.button("Pay {amount}", amount=whole)).to_be_focused()
    await phone.page.keyboard.press("Enter")
    await phone.page.locator(f"button[value='{WORKS}']").click()

    # Then they read that it is paid, and the link that nothing is left
    await expect(phone.heading("Paid: {amount}", amount=whole)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.goto(phone.house.origin + phone.path(address))
    await expect(phone.heading("There is nothing left to pay here")).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert phone.unexpected() == []


async def test_a_patient_saves_a_statement_of_today_and_billing_begins_those_of_a_month(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale="ar")
    await billed(practices, doctor, patient)
    phone = await arrive("ar", PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open("/bills")

    await phone.button("Make a statement of today").dblclick()
    made = phone.say("The statement of today is made. You find it in the list.")
    await expect(phone.page.get_by_text(made)).to_be_visible()
    saved = phone.page.locator("a[href$='/statement.pdf']")
    await expect(saved).to_have_count(1)
    file = await phone.context.request.get(phone.house.origin + str(await saved.get_attribute("href")))
    assert (file.status, (await file.body())[:4]) == (200, b"%PDF")
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("billing"))
    await desk.open("/staff/statements")
    await desk.button("Make the statements and tell everybody").click()
    await expect(desk.page.get_by_text("Choose a month that is over.").first).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await desk.page.locator("label.choice").first.click()
    await desk.button("Make the statements and tell everybody").click()
    await expect(desk.page.get_by_text("All made").first).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    assert desk.unexpected() == phone.unexpected() == []

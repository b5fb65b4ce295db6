"""Paying bills on a phone: all or a part, refused and tried again, left and come back to."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.payments import plans
from portal_app.integrations.stripe.client import StripePayments
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_bill_questions import billed
from tests.journeys.test_bills import ended_by_video
from tests.journeys.walker import DESK, PHONE, Walker
from tests.practice_stripe import ASKS, DECLINED, WORKS

pytestmark = pytest.mark.asyncio(loop_scope="session")
FEE, PART = 16_400, 4_000


async def _pays_by(phone: Walker, number: str) -> None:
    """Choose a card on the page of the practice's own payment service."""
    await phone.page.locator(f"button[value='{number}']").click()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_part_is_left_refused_proved_and_paid_and_then_the_rest_in_three_taps(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given a patient with a bill, and somebody of billing who looks at it
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    bill_id = await billed(practices, doctor, patient)
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("billing"))
    await desk.open(f"/staff/bills/{bill_id}")
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    with i18n.use(locale):
        whole, part, rest = (i18n.format_money(minor, "USD", 2) for minor in (FEE, PART, FEE - PART))

    # When they begin to pay a part, leave, come back, are refused and prove themself to their bank
    await phone.open("/pay")
    await expect(phone.button("Pay {amount}", amount=whole)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.locator("#amount").fill("40")
    await phone.button("Pay {amount}", amount=part).click()
    await phone.page.get_by_role("link", name=phone.say("Go back without paying")).click()
    await expect(phone.heading("You have not paid yet")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.button("Pay {amount}", amount=part).click()
    await _pays_by(phone, DECLINED)
    await expect(phone.page.get_by_role("alert")).to_be_visible()
    await _pays_by(phone, ASKS)
    await phone.page.locator("button[value='yes']").click()

    # Then they read that it is paid, and billing sees it without doing anything
    await expect(phone.heading("Paid: {amount}", amount=part)).to_be_visible()
    await expect(desk.page.get_by_text("You paid online. Thank you")).to_be_visible()
    assert await axe_findings(phone.page, axe) == []

    # And the rest takes three taps
    await phone.open("/bills")
    phone.taps = 0
    await phone.tap(phone.link("Pay"))
    await phone.tap(phone.button("Pay {amount}", amount=rest))
    await phone.tap(phone.page.locator(f"button[value='{WORKS}']"))
    await expect(phone.heading("Paid: {amount}", amount=rest)).to_be_visible()
    assert phone.taps == 3
    await expect(desk.page.get_by_text("Paid", exact=True)).to_be_visible()
    assert phone.unexpected() == desk.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_bill_is_paid_in_two_parts_the_second_by_the_clock(
    arrive: Arrive, practices: Practices, house: House, axe: str, locale: str
) -> None:
    # Given a patient who has begun to pay a bill in two parts
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    await billed(practices, doctor, patient)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open("/pay/plan")
    await phone.page.locator("label.choice:has(input[value='2'])").click()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.button("Pay the first part and begin").click()
    await _pays_by(phone, WORKS)
    with i18n.use(locale):
        half = i18n.format_money(FEE // 2, "USD", 2)
    await expect(phone.heading("Paid: {amount}", amount=half)).to_be_visible()
    await phone.open("/pay/plan")
    await expect(phone.heading("Your payment plan")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # When the clock has come to the second part, then they were told, and it is paid while they look
    for days in (29, 35):
        with clock.frozen_at(datetime.now(UTC) + timedelta(days=days)):
            await plans.run_plans(practices.database, StripePayments(house.settings))
    await expect(phone.heading("Your payment plan is paid")).to_be_visible()
    assert phone.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_finished_video_visit_becomes_a_charge_a_bill_and_a_payment(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given a video visit that is finished and signed, and billing, who finds its charge ready
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    await ended_by_video(practices, await practices.video_visit_soon(patient, doctor), doctor.account)
    desk, name = await arrive("en", DESK), await practices.name_of(patient.patient_id)
    await desk.let_in(await practices.people.staff("billing"))
    await desk.open("/staff/billing")
    await desk.page.get_by_role("link", name=f"Open the charge: {name}", exact=True).click()
    await expect(desk.page.get_by_role("definition").filter(has_text="95: by video")).to_be_visible()
    await desk.tap(desk.button("Ready to be billed"))
    await expect(desk.page.get_by_text("Ready to be billed.", exact=True)).to_be_visible()

    # When the bill is made, then the patient sees on the phone and pays it
    await desk.open("/staff/bills")
    row = desk.page.get_by_role("row").filter(has_text=name)
    await row.get_by_role("button", name=re.compile("^Make the bill")).click()
    await expect(desk.page.get_by_text("The bill is made. The patient sees it now.")).to_be_visible()
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open("/bills")
    with i18n.use(locale):
        whole = i18n.format_money(FEE, "USD", 2)
    await expect(phone.page.get_by_text(whole, exact=True)).to_be_visible()
    await phone.tap(phone.link("Pay"))
    await phone.tap(phone.button("Pay {amount}", amount=whole))
    await _pays_by(phone, WORKS)
    await expect(phone.heading("Paid: {amount}", amount=whole)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # And both sides see that nothing is owed
    await phone.open("/bills")
    await expect(phone.heading("You owe nothing")).to_be_visible()
    assert desk.unexpected() == phone.unexpected() == []


async def test_another_patients_payment_is_not_there(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient, other = await practices.patient(doctor), await practices.patient(doctor)
    bill_id = await billed(practices, doctor, patient)
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(other, timedelta(hours=1), 2))
    await phone.open(f"/pay?bill={bill_id}")
    await expect(phone.heading("There is nothing to pay online here")).to_be_visible()

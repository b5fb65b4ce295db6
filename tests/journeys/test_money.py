"""Billing sees that a bank asks a payment back, live, says what was done about it, and settles it."""

from datetime import timedelta
from uuid import UUID, uuid4, uuid5

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.billing import service as billing
from portal_app.features.reconciling import disputes
from portal_app.features.reconciling.ports import Dispute
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_bill_questions import billed
from tests.journeys.walker import PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")

_PAID = """
insert into payment_attempt (id, patient_id, purpose, via, amount_minor, currency, status, request_key, person_id,
  locale, keeps_method, intent_id, created_at, expires_at)
values (:id, :patient_id, 'bills', 'portal', 9000, 'USD', 'new', gen_random_uuid(), :person_id, 'en', false, :intent,
  now(), now())
"""
_SHARE = """
insert into payment_share (attempt_id, invoice_id, patient_id, amount_minor) values (:id, :bill_id, :patient_id, 9000)
"""


async def paid(practices: Practices, patient: Someone, bill_id: UUID) -> str:
    """Pay a bill online, and return how the processor knows the payment."""
    attempt_id, intent = uuid4(), f"pi_{uuid4().hex}"
    about = {"id": attempt_id, "patient_id": patient.patient_id}
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(_PAID, about | {"person_id": patient.person_id, "intent": intent})
        await tx.execute(_SHARE, about | {"bill_id": bill_id})
        key = uuid5(attempt_id, str(bill_id))
        await billing.post(tx, billing.Posting(bill_id, "online_payment", 9_000, key))
        await tx.execute("update payment_attempt set status = 'paid' where id = :id", {"id": attempt_id})
    return intent


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_dispute_is_seen_by_billing_and_settled_with_a_reason(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody of billing who looks at the money online, and a bill that was paid there
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    intent = await paid(practices, patient, await billed(practices, doctor, patient))
    name = await practices.name_of(patient.patient_id)
    desk = await arrive(locale, PHONE)
    await desk.let_in(await practices.people.staff("billing"))
    await desk.open("/staff/money")

    # When the payer's bank asks the payment back
    until = clock.now() + timedelta(days=7)
    told = Dispute(f"dp_{uuid4().hex}", intent, 9_000, "USD", "open", clock.now(), until)
    await disputes.follow(practices.database, told)

    # Then it stands on the open page, with the patient, and until when to answer
    row = desk.page.get_by_role("listitem").filter(has_text=name)
    await expect(row.get_by_text(desk.say("A bank asks a payment back"), exact=True)).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    seen = desk.say("Seen") + ": " + desk.say("A bank asks a payment back")
    await row.get_by_role("button", name=seen).click()
    await expect(row.get_by_role("button", name=seen)).to_have_count(0)

    # And it is settled with a word on what was done, not without
    await row.get_by_role("button", name=desk.say("Settle it") + ": " + desk.say("A bank asks a payment back")).click()
    await desk.tap(desk.button("Settled"))
    await expect(desk.page.locator("#why")).to_have_attribute("aria-invalid", "true")
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await desk.page.locator("#why").fill("Sent the receipt to the bank")
    await desk.tap(desk.button("Settled"))
    await expect(row.get_by_text("Sent the receipt to the bank")).to_be_visible()

    # And who owes for how long is one page on, with the same as a file
    await desk.open("/staff/aging")
    await expect(desk.heading("All accounts together")).to_be_visible()
    file = desk.page.get_by_role("link", name=desk.say("All accounts as a file (CSV)"))
    await expect(file).to_have_attribute("href", "/staff/aging/accounts.csv")
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    assert desk.unexpected() == []

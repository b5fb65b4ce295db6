"""On a phone: the card is written down and photographed, the insurer answers, and the visit's price is told."""

import io
from datetime import date
from uuid import uuid4

import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from portal_app.core import i18n
from portal_app.features.billing import service as billing
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import Identity
from portal_app.features.estimates import service as estimates
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker
from tests.practice_stripe import WORKS

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAYER = "Insurer of a journey"


async def prepare(practices: Practices) -> None:
    """Say who the practice is to insurers, which insurer there is, and what a visit usually is and costs."""
    async with practices.database.act_as_system("test") as tx:
        await coverages.fill_payers(tx, [coverages.PayerEntry(PAYER, "DEMO9")])
        await billing.fill_services(tx, [billing.ServiceCode("T1015", "Clinic visit")], "test")
        await billing.fill_fees(tx, [billing.FeeEntry("T1015", date(2020, 1, 1), "USD", 16_400)])
    manager = await practices.people.staff("manager", "billing")
    async with practices.database.act_as(manager.credential, "coverage.identify") as tx:
        await coverages.set_identity(tx, Identity(None, "Journey", "1234567893", "", ""))
    async with practices.database.act_as(manager.credential, "estimates.keep") as tx:
        await estimates.expect_service(tx, practices.visit_type_id, "T1015")


def _photo() -> FilePayload:
    content = io.BytesIO()
    Image.new("RGB", (64, 40), "#0b6b62").save(content, "PNG")
    return {"name": "card.png", "mimeType": "image/png", "buffer": content.getvalue()}


async def _looks_right(walker: Walker, axe: str) -> None:
    assert await axe_findings(walker.page, axe) == []
    assert await overflow(walker.page) == []


async def _pays_copay(phone: Walker, axe: str, visit: str, copay: str) -> None:
    """Pay the co-pay of a visit from its page, on which it is not asked for again."""
    await phone.open(visit)
    await phone.tap(phone.link("Pay the co-pay: {amount}", amount=copay))
    await expect(phone.button("Pay {amount}", amount=copay)).to_be_visible()
    await _looks_right(phone, axe)
    await phone.button("Pay {amount}", amount=copay).click()
    await phone.page.locator(f"button[value='{WORKS}']").click()
    await expect(phone.heading("Paid: {amount}", amount=copay)).to_be_visible()
    await phone.open(visit)
    await expect(phone.link("What will it cost?")).to_be_visible()
    await expect(phone.link("Pay the co-pay: {amount}", amount=copay)).to_have_count(0)


async def _writes_the_card_down(phone: Walker, axe: str) -> None:
    """Fill the form in, first with a slip, then whole, by two quick taps."""
    await phone.open("/insurance")
    await expect(phone.heading("We do not know of an insurance yet")).to_be_visible()
    await _looks_right(phone, axe)
    await phone.tap(phone.link("Add an insurance"))
    await phone.page.locator(f"label.choice:has-text('{PAYER}')").click()
    await phone.page.locator("#member_id").fill("NW~1")
    for name, value in (("relation", "self"), ("precedence", "1")):
        await phone.page.locator(f"label.choice:has(input[name='{name}'][value='{value}'])").click()
    await phone.tap(phone.button("Save this insurance"))
    await expect(phone.page.locator("#member_id")).to_have_attribute("aria-invalid", "true")
    await _looks_right(phone, axe)
    await phone.page.locator("#member_id").fill("NW 123")
    await phone.button("Save this insurance").dblclick()
    saved = phone.say("Saved. Now take a picture of the card, front and back.")
    await expect(phone.page.get_by_text(saved)).to_be_visible()


async def _photographs_both_sides(phone: Walker) -> None:
    for n, side in enumerate(("Front of the card", "Back of the card")):
        await phone.page.locator("input[data-chooser]").nth(n).set_input_files(_photo())
        await expect(phone.page.get_by_role("img", name=phone.say(side))).to_be_visible()


async def _sees_the_card_at_once(desk: Walker, patient: Someone) -> None:
    await desk.open(f"/staff/insurance?patient={patient.patient_id}")
    await expect(desk.page.get_by_role("img", name="Front of the card")).to_be_visible()


async def _sees_what_the_insurer_answers(phone: Walker, axe: str, copay: str) -> None:
    await expect(phone.page.get_by_text(copay)).to_be_visible()
    await _looks_right(phone, axe)


async def _says_that_it_was_looked_at(desk: Walker, phone: Walker, axe: str) -> None:
    """Tap at the desk; the phone shows it."""
    await desk.tap(desk.page.get_by_role("button", name=f"I looked at it: {PAYER}"))
    await expect(desk.page.get_by_text("Noted: you looked at it. The patient sees that.")).to_be_visible()
    await _looks_right(desk, axe)
    await expect(phone.page.get_by_text(phone.say("We have not looked at it yet."))).to_have_count(0)


async def _asks_what_it_will_cost(phone: Walker, axe: str, visit: str, copay: str) -> None:
    await phone.open(visit)
    await phone.tap(phone.link("What will it cost?"))
    await phone.tap(phone.button("Tell me what it will cost"))
    row = phone.page.locator("main a[href*='/estimates/']")
    await expect(row).to_contain_text(copay)
    await _looks_right(phone, axe)
    await phone.tap(row)
    await expect(phone.heading("How we worked it out")).to_be_visible()
    await expect(phone.page.get_by_text(copay).first).to_be_visible()
    await _looks_right(phone, axe)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_card_is_photographed_the_insurer_answers_and_the_price_is_told(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    await prepare(practices)
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    visit = f"/appointments/{booked.id}"
    phone, desk = await arrive(locale, PHONE), await arrive("en", DESK)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await desk.let_in(await practices.people.staff("front_desk", location_id=practices.location_id))
    with i18n.use(locale):
        copay = i18n.format_money(2_500, "USD", 2)

    await _writes_the_card_down(phone, axe)
    await _photographs_both_sides(phone)
    await _sees_the_card_at_once(desk, patient)
    await _sees_what_the_insurer_answers(phone, axe, copay)
    await _says_that_it_was_looked_at(desk, phone, axe)
    await _asks_what_it_will_cost(phone, axe, visit, copay)
    await _pays_copay(phone, axe, visit, copay)
    assert phone.unexpected() == desk.unexpected() == []


async def test_no_insurance_is_said_with_one_question_and_another_s_card_is_not_found(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor = await practices.doctor()
    patient, other = await practices.patient(doctor), await practices.patient(doctor)
    strong = await practices.people.sign_in_again(patient, assurance=2)
    form = coverages.CoverageForm("other", "Theirs", "", "T1", "", "1", "self")
    async with practices.database.act_as(strong.credential, "coverage.change") as tx:
        theirs = await coverages.add_coverage(tx, form, uuid4())
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(other, assurance=2))
    await phone.open(f"/insurance/{theirs}")
    await expect(phone.heading("We could not find that insurance")).to_be_visible()
    await phone.open("/insurance")
    await phone.tap(phone.button("There is no insurance"))
    await phone.tap(phone.button("Yes, there is none"))
    await expect(phone.heading("No insurance")).to_be_visible()
    await _looks_right(phone, axe)

"""The co-pay in check-in: paid at once, left for the desk after a card that was refused, and none where none is due."""

from uuid import UUID, uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.coverage import service as coverages
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_insurance import PAYER, prepare
from tests.journeys.walker import DESK, PHONE, Walker
from tests.practice_stripe import DECLINED, WORKS

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROW = "main a.row[href*='/check-in/copay']"
COPAY = 2_500
"""What the practice's own insurer, which stands for a real one, says of every visit."""


async def insured(practices: Practices, patient: Someone) -> UUID:
    """Write an insurance down whose insurer is asked at once."""
    strong = await practices.people.sign_in_again(patient, assurance=2)
    async with practices.database.act_as(strong.credential, "coverage.change") as tx:
        payer = next(one for one in await coverages.payers(tx) if one.name == PAYER)
        form = coverages.CoverageForm(str(payer.id), "", "", "NW 123", "", "1", "self")
        return await coverages.add_coverage(tx, form, uuid4())


async def at_check_in(phone: Walker, practices: Practices, patient: Someone, visit_id: UUID) -> str:
    """Let the insurer answer, open the list, and return the co-pay as it is said."""
    with i18n.use(phone.locale):
        said = i18n.format_money(COPAY, "USD", 2)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(f"/insurance/{await insured(practices, patient)}")
    await expect(phone.page.get_by_text(said)).to_be_visible(timeout=60_000)
    await phone.open(f"/check-in?id={visit_id}")
    await expect(phone.page.locator(ROW)).to_be_visible()
    return said


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_it_is_paid_from_the_list_which_then_says_so(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    await prepare(practices)
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive(locale, PHONE)
    copay = await at_check_in(phone, practices, patient, visit.id)

    await phone.page.locator(ROW).click()
    await expect(phone.page.get_by_text(copay)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.link("Pay it now").click()
    await phone.button("Pay {amount}", amount=copay).click()
    await phone.page.locator(f"button[value='{WORKS}']").click()
    await expect(phone.heading("Paid: {amount}", amount=copay)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.link("Back to your check-in").click()
    await expect(phone.page.locator(ROW)).to_contain_text(phone.say("Completed"))

    # The card asks for nothing any more
    await phone.page.locator(ROW).click()
    await expect(phone.heading("Nothing is left to pay before this visit")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    assert phone.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_card_that_is_refused_leads_back_and_it_can_be_paid_at_the_desk(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    await prepare(practices)
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive(locale, PHONE)
    copay = await at_check_in(phone, practices, patient, visit.id)

    # The payment service refuses the card; nothing is paid, and the way back is there
    await phone.page.locator(ROW).click()
    await phone.link("Pay it now").click()
    await phone.button("Pay {amount}", amount=copay).click()
    await phone.page.locator(f"button[value='{DECLINED}']").click()
    await expect(phone.page.get_by_role("alert")).to_be_visible()
    await phone.page.get_by_role("link", name=phone.say("Go back without paying")).click()
    await expect(phone.heading("The payment did not go through")).to_be_visible()
    await phone.link("Back to your check-in").click()
    await expect(phone.page.locator(ROW)).not_to_contain_text(phone.say("Completed"))

    # Later is an answer too, and both sides read it
    await phone.page.locator(ROW).click()
    await phone.button("I pay it at the desk").click()
    await expect(phone.page.locator(ROW)).to_contain_text(phone.say("At the desk"))
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    desk = await arrive(size=DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await desk.open(f"/staff/check-in?id={visit.id}")
    await expect(desk.page.get_by_text("Is paid at the desk")).to_be_visible()
    assert phone.unexpected() == desk.unexpected() == []


async def test_none_is_asked_for_where_no_insurer_named_one(arrive: Arrive, practices: Practices, axe: str) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(f"/check-in?id={visit.id}")
    await expect(phone.page.locator("main a.row[href*='/check-in/insurance']")).to_be_visible()
    await expect(phone.page.locator(ROW)).to_have_count(0)
    await phone.open(f"/check-in/copay?id={visit.id}")
    await expect(phone.heading("Nothing is left to pay before this visit")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.link("Back to the list").click()
    await phone.button("Check in for this visit").click()
    await expect(phone.heading("You are checked in")).to_be_visible()
    assert phone.unexpected() == []

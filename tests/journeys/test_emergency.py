"""A chart opened in an emergency: by a nurse with a reason, in the sight of the manager and of the patient."""

from uuid import uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.browser import EVERY_RULE, axe_findings
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_nurse_opens_a_chart_the_manager_reviews_it_and_the_patient_asks_about_it(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    name, who = await practices.patient_name(patient), f"Ruth Baker{uuid4().hex[:6]}"
    ward, office, phone = await arrive(locale, DESK), await arrive(locale, DESK), await arrive(locale)
    await ward.let_in(await practices.people.staff("nurse", location_id=uuid4(), name=who))
    await office.let_in(await practices.people.staff("manager", name="Grace Lin"))
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await office.open("/staff/privacy")

    # When the nurse finds somebody by name, forgets the reason, and then gives it
    await ward.open("/staff/patients")
    await ward.link("Not one of your patients, and urgent?").click()
    await ward.at("/staff/emergency")
    await ward.page.locator("#query").fill(name)
    await ward.page.locator("#query").press("Enter")
    await ward.page.get_by_role("button", name=f"{ward.say('Open this chart')}: {name}", exact=True).click()
    await ward.button("Open the chart, and tell the manager").click()
    await expect(ward.page.get_by_text(ward.say("There is a problem"))).to_be_visible()
    assert await axe_findings(ward.page, axe, EVERY_RULE) == []
    await ward.page.get_by_role("radio", name=ward.say("A medical emergency"), exact=True).check()
    await ward.page.locator("#reason").fill("Found unconscious in the street")
    await ward.button("Open the chart, and tell the manager").click()

    # Then the chart is open, and says for how long
    await ward.at(f"/staff/patients/{patient.patient_id}")
    await expect(ward.heading("Who it is")).to_be_visible()
    await expect(ward.button("I am done: close it")).to_be_visible()

    # And the manager's open page has it, and ends it at once
    row = office.page.get_by_role("row").filter(has_text=who)
    await expect(row).to_contain_text("Found unconscious in the street")
    assert await axe_findings(office.page, axe, EVERY_RULE) == []
    await row.get_by_role("button", name=office.say("I have looked into it")).click()
    await expect(row.get_by_role("button", name=office.say("I have looked into it"))).to_have_count(0)
    await row.get_by_role("button", name=office.say("Close the chart now")).click()
    await expect(ward.heading("We could not find that chart")).to_be_visible()

    # And the patient reads who it was and why, and asks about it
    await phone.open("/profile/who-looked")
    says_so = f"{phone.say('This looks wrong')}: {who}, {phone.say('Opened this chart in an emergency')}"
    line = phone.page.get_by_role("listitem").filter(has=phone.page.get_by_role("button", name=says_so, exact=True))
    await expect(line).to_contain_text(phone.say("Not one of their own patients. Reason given: a medical emergency"))
    await phone.page.get_by_role("button", name=says_so, exact=True).click()
    await phone.page.locator("#words").fill("I was at home that day")
    await phone.button("Ask the practice to look into it").click()
    await expect(phone.heading("What you asked")).to_be_visible()
    assert await axe_findings(phone.page, axe, EVERY_RULE) == []

    # And the manager answers
    await office.page.get_by_role("button", name=f"{office.say('Answer')}: {name}", exact=True).click()
    await office.page.locator("#answer").fill("It was somebody of the same name. We are sorry.")
    await office.button("Send the answer").click()
    await expect(phone.page.get_by_text("It was somebody of the same name.")).to_be_visible()
    assert (ward.unexpected(), office.unexpected(), phone.unexpected()) == ([], [], [])

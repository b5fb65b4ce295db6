"""A caregiver is invited, accepts, books for the patient, and is shut out while their page is open."""

import re

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _invites(phone: Walker, email: str, *shares: str) -> None:
    await phone.open("/profile/caregivers")
    await phone.link("Invite a caregiver").click()
    await phone.at("/profile/caregivers/invite")
    await phone.page.locator("#name").fill("Ana Moreno")
    await phone.page.locator("#email").fill(email)
    for choice in ("Daughter or son", *shares, "For one year"):
        await phone.page.get_by_text(phone.say(choice), exact=True).click()
    await phone.button("Send the invitation").click()
    await expect(phone.page.get_by_text(phone.say("Invited, has not answered yet"))).to_be_visible()


async def _accepts(house: House, phone: Walker, email: str) -> None:
    """Open the link of the mail, prove the address, accept, and go to the chart."""
    link = re.search(r"https?://\S+/invitation\?key=\S+", body(await house.mail(email, "access_caregiver_invited")))
    assert link
    await phone.page.goto(link.group())
    await phone.at("/sign-in")
    await phone.type_code(email)
    await phone.at("/invitation")
    await phone.button("Accept").click()
    await phone.button("Open their page").click()
    await phone.at("/")


async def _bar(phone: Walker, patient: str) -> None:
    bar = phone.page.get_by_role("complementary", name=phone.say("Acting for another person"))
    await expect(bar).to_contain_text(phone.say("Acting for {name}", name=patient))


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_invited_by_mail_somebody_new_books_for_the_patient_and_is_shut_out_with_the_page_open(
    arrive: Arrive, house: House, practices: Practices, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    email, name = f"ana-{patient.person_id}@example.test", await practices.patient_name(patient)
    owner, carer = await arrive(locale), await arrive(locale)
    await owner.let_in(await practices.people.sign_in_again(patient))
    await _invites(owner, email, "See visits", "Book, change and cancel visits")
    await _accepts(house, carer, email)
    await _bar(carer, name)
    await expect(owner.page.get_by_text(owner.say("Can act for you"))).to_be_visible()

    await carer.to_confirmation()
    await _bar(carer, name)
    await carer.book.click()
    await expect(carer.page).to_have_url(re.compile(r"/appointments/[0-9a-f-]{36}"))
    assert await practices.statuses(patient) == ["booked"]

    await carer.open("/appointments")
    await owner.page.get_by_role("button", name=f"{owner.say('End their access now')}: Ana Moreno", exact=True).click()
    await carer.at("/sign-in")
    said = "You do not act for this person any more. Nothing was changed. If you think you should, call us."
    await expect(carer.page.get_by_text(carer.say(said))).to_be_visible()
    assert carer.unexpected() == []

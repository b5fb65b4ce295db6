"""Proving oneself once more: the passkey is touched, and what was asked is done."""

import re

import psycopg
import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.core.db import libpq_conninfo
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_passkeys import add_passkey, with_passkeys

pytestmark = pytest.mark.asyncio(loop_scope="session")
DEVICES = "/profile/devices"
NOTHING_KEPT = "() => !JSON.stringify(sessionStorage).includes('typed:')"
SOMETHING_KEPT = "() => JSON.stringify(sessionStorage).includes('typed:')"


def signed_in_long_ago(house: House, someone: Someone) -> None:
    with psycopg.connect(libpq_conninfo(house.settings.database_owner_url or "")) as connection:
        connection.execute("select begin_as_system('test')")
        long_ago = (
            "update session set created_at = created_at - interval '1 hour', proved_at = null where person_id = %s"
        )
        connection.execute(long_ago, [someone.person_id])


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_what_wants_a_fresh_proof_is_done_after_one_touch(
    arrive: Arrive, practices: Practices, house: House, axe: str, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale)
    # A passkey that counts in full is added in a session in which more was proved than a code by e-mail.
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await with_passkeys(phone)
    await add_passkey(phone)
    await phone.let_in(patient)
    remove = phone.page.get_by_role("button", name=f"{phone.say('Remove')}: ")
    proof, stayed = phone.page.locator("#step-up"), phone.page.locator("html[data-stayed]")

    # In by a code, but the owner of a passkey: nothing opens before it, and then the very page that was wanted.
    await phone.page.goto(phone.house.origin + phone.path(DEVICES))
    await phone.at("/text-code")
    await phone.button("Use your passkey").click()
    await phone.at(DEVICES)

    # In by the passkey, but long ago: asked for in place, and then done.
    signed_in_long_ago(house, patient)
    await remove.click()
    await phone.button("Remove the passkey").click()
    await expect(proof).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []
    await phone.page.evaluate("document.documentElement.dataset.stayed = 1")
    await phone.button("Use your passkey").click()
    await expect(phone.page.get_by_text(phone.say("You have no passkey yet."))).to_be_visible()
    await expect(stayed).to_have_count(1)
    assert phone.unexpected() == []


async def test_an_address_typed_long_after_signing_in_is_kept_over_the_touch(
    arrive: Arrive, practices: Practices, house: House
) -> None:
    patient = await practices.people.sign_in_again(await practices.patient(await practices.doctor()), assurance=2)
    phone = await arrive()
    await phone.let_in(patient)
    await with_passkeys(phone)
    await add_passkey(phone)
    await phone.open("/profile/contact?q=email")
    await phone.page.locator("#address").fill("kept.over.the.touch@example.test")
    signed_in_long_ago(house, patient)
    await phone.button("Send me a code").click()
    await expect(phone.page.locator("#step-up")).to_be_visible()
    await phone.button("Use your passkey").click()
    await expect(phone.page.get_by_text("kept.over.the.touch@example.test")).to_be_visible()
    await phone.open("/profile/caregivers/invite")
    await phone.page.locator("#name").fill("Kept Over-the-touch")
    signed_in_long_ago(house, patient)
    await phone.button("Send the invitation").click()
    await expect(phone.page.locator("#step-up")).to_be_visible()
    await phone.button("Use your passkey").click()
    await expect(phone.page.locator("#step-up")).to_be_hidden()
    await expect(phone.page.locator("#name")).to_have_value("Kept Over-the-touch")
    assert phone.unexpected() == []


async def test_who_has_nothing_to_touch_finds_what_was_typed_again_after_the_sign_in_page(
    arrive: Arrive, practices: Practices, house: House
) -> None:
    patient = await practices.people.sign_in_again(await practices.patient(await practices.doctor()), assurance=2)
    phone = await arrive()
    await phone.let_in(patient)
    await phone.open("/profile/caregivers/invite")
    await phone.page.locator("#name").fill("Kept Over-the-mail")
    family = phone.page.get_by_role("radio", name=phone.say("Mother or father"), exact=True)
    visits = phone.page.get_by_role("group", name=phone.say("Visits"), exact=True)
    ticked = visits.get_by_role("radio", name=phone.say("See"), exact=True)
    await family.check()
    await ticked.check()
    signed_in_long_ago(house, patient)
    await phone.button("Send the invitation").click()
    await expect(phone.page).to_have_url(re.compile("/sign-in.*step-up=1"))
    assert "Kept" not in await phone.page.evaluate("JSON.stringify(sessionStorage)")

    # As after the code: another session of the same person, and back by the way that the page was given.
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open("/profile/caregivers/invite")
    await expect(phone.page.locator("#name")).to_have_value("Kept Over-the-mail")
    await expect(family).to_be_checked()
    await expect(ticked).to_be_checked()

    # Whoever signs in next in this tab finds nothing, and wipes it.
    other = await practices.people.sign_in_again(await practices.patient(await practices.doctor()), assurance=2)
    await phone.let_in(other)
    await phone.open("/profile/caregivers/invite")
    await expect(phone.page.locator("#name")).to_have_value("")
    await phone.page.wait_for_function(NOTHING_KEPT)

    # What was sent and taken does not come back either.
    for field, text in (("#name", "Sent and taken"), ("#email", f"sent-{other.person_id}@example.test")):
        await phone.page.locator(field).fill(text)
    for choice in ("Mother or father", "Until I end it"):
        await phone.page.get_by_role("radio", name=choice, exact=True).check()
    await ticked.check()
    await phone.page.wait_for_function(SOMETHING_KEPT)
    await phone.button("Send the invitation").click()
    await expect(phone.page).to_have_url(re.compile("/profile/caregivers.done=invited"))
    await phone.page.wait_for_function(NOTHING_KEPT)
    assert phone.unexpected() == []

"""A patient who lost the phone with their passkey comes to the front desk, and has all of their chart again."""

import re

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_passkeys import add_passkey, with_passkeys
from tests.journeys.walker import DESK, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")
DEVICES = "/profile/devices"
WEAK = "Opens what a code by e-mail opens"
NUMBERS = {"en": "+15550109951", "es": "+15550109952", "ar": "+15550109953"}


async def looks_well(walker: Walker, axe: str) -> None:
    assert (await axe_findings(walker.page, axe), await overflow(walker.page)) == ([], [])


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_who_lost_the_phone_is_let_in_again_by_the_front_desk(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    desk, lost, phone = await arrive(locale, DESK), await arrive(locale), await arrive(locale)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await lost.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await lost.open("/appointments")

    await desk.open(f"/staff/invite?patient={patient.patient_id}")
    await desk.button("Reset the sign-in").click()
    await desk.page.get_by_role("radio", name=desk.say("The device is lost or stolen"), exact=True).check()
    await desk.page.get_by_role("radio", name=desk.say("They are here and showed a photo ID"), exact=True).check()
    await looks_well(desk, axe)
    await desk.button("Reset and show the code").click()
    shown = desk.page.locator("#reset code")
    await expect(shown).to_have_text(re.compile(r"[2-9a-z]{5}-[2-9a-z]{5}"))
    await lost.at("/sign-in")

    await with_passkeys(phone)
    await phone.let_in(await practices.people.code_alone(patient))
    await phone.open(DEVICES)
    await phone.link("I was given a code at the front desk").click()
    await phone.at("/given-code")
    await phone.page.locator("#code").fill("22222-22222")
    await phone.button("Go on").click()
    refused = phone.page.locator("#code-error")
    await expect(refused).to_have_text(phone.say("That code did not work. Check it, or ask us for a new one."))
    await looks_well(phone, axe)
    await phone.page.locator("#code").fill(await shown.inner_text())
    await phone.button("Go on").click()
    await phone.at(DEVICES)
    await phone.button("Add a passkey").click()
    ready = phone.page.get_by_text(phone.say("Your passkey is ready. Next time, sign in with one tap."))
    await expect(ready).to_be_visible()
    await expect(phone.page.get_by_text(phone.say(WEAK))).to_have_count(0)
    assert desk.unexpected() == phone.unexpected() == []


async def test_a_first_passkey_after_a_code_alone_is_said_to_open_no_more(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    patient = await practices.patient(await practices.doctor())
    await practices.telephone(patient, "+15550109944")
    phone = await arrive()
    await phone.let_in(patient)
    await with_passkeys(phone)
    await phone.open(DEVICES)
    await phone.button("Add a passkey").click()
    await expect(phone.page.get_by_text(phone.say(WEAK))).to_be_visible()
    await looks_well(phone, axe)
    await phone.link("Get a code by text message").click()
    await phone.at("/text-code")
    await phone.button("Send me a text message").click()
    await expect(phone.page.locator("#code")).to_be_visible()
    code = re.search(r"\b\d{6}\b", await phone.house.text_message("+15550109944"))
    assert code
    await phone.page.locator("#code").fill(code.group())
    await phone.button("Go on").click()
    await phone.at(DEVICES)
    await expect(phone.button("Add a passkey")).to_be_visible()
    await expect(phone.page.get_by_text(phone.say(WEAK))).to_have_count(0)
    assert phone.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_who_owns_a_passkey_and_has_only_their_mail_proves_more_before_anything_opens(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    await practices.people.prove_number(patient, NUMBERS[locale])
    await practices.people.passkey(patient)
    phone = await arrive(locale)
    await phone.let_in(await practices.people.code_alone(patient))
    await phone.page.goto(f"{phone.house.origin}{phone.path('/appointments')}")
    await phone.at("/text-code")
    await expect(phone.button("Use your passkey")).to_be_visible()
    await expect(phone.link("I was given a code at the front desk")).to_be_visible()
    await looks_well(phone, axe)
    await phone.button("Sign out everywhere else").click()
    await expect(phone.page.get_by_text(phone.say("All other devices are signed out."))).to_be_visible()
    await phone.button("Send me a text message").click()
    await expect(phone.page.locator("#code")).to_be_visible()
    code = re.search(r"\b\d{6}\b", await phone.house.text_message(NUMBERS[locale]))
    assert code
    await phone.page.locator("#code").fill(code.group())
    await phone.button("Go on").click()
    await phone.at("/appointments")
    told = body(await phone.house.mail(patient.email, "access_without_passkey"))
    assert phone.say("A code from your e-mail and one by text message opened your account, not your passkey.") in told
    assert phone.unexpected() == []


async def test_the_passkey_itself_leads_from_the_code_to_what_was_wanted(arrive: Arrive, practices: Practices) -> None:
    patient = await practices.patient(await practices.doctor())
    phone = await arrive()
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await with_passkeys(phone)
    await add_passkey(phone)
    await phone.context.clear_cookies()
    await phone.let_in(await practices.people.code_alone(patient))
    await phone.page.goto(f"{phone.house.origin}/book")
    await phone.at("/text-code")
    await phone.button("Use your passkey").click()
    await phone.at("/book")
    assert phone.unexpected() == []

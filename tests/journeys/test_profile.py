"""What people say about themselves, and the proof that it is they who say it."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import crypto, i18n
from portal_app.features.patients import telecom
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_passkeys import with_passkeys
from tests.journeys.walker import AWAY, DESK, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY_LANGUAGE = pytest.mark.parametrize("locale", list(i18n.LOCALES))


async def with_number(practices: Practices, locale: str = "en") -> tuple[Someone, str]:
    """Make a patient whose chart has a telephone number of their own."""
    someone = await practices.patient(await practices.doctor(opens=False), locale=locale)
    number = f"+1718{uuid4().int % 9_000_000 + 1_000_000}"
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "update patient set phone = :phone, phone_keys = :keys where id = :id",
            {"phone": crypto.encrypt(number), "keys": telecom.keys(number), "id": someone.patient_id},
        )
    return someone, number


async def text_code(phone: Walker, number: str, button: str = "Send me a text message") -> str:
    """Ask for a code by text message on the page that is open, and return it from the message that came."""
    await phone.button(button).click()
    await expect(phone.page.locator("#code")).to_be_visible()
    code = re.search(r"\d{6}", await phone.house.text_message(number))
    assert code
    return code.group()


@EVERY_LANGUAGE
async def test_one_more_proof_by_a_text_message(arrive: Arrive, practices: Practices, axe: str, locale: str) -> None:
    patient, number = await with_number(practices, locale)
    phone = await arrive(locale)
    await phone.let_in(patient)
    await phone.open("/sign-in?step-up=1&next=" + phone.path("/profile/devices"))
    await phone.link("Get a code by text message").click()
    await phone.at("/text-code")
    await expect(phone.page.get_by_text(number[-2:], exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    code = await text_code(phone, number)
    await phone.page.locator("#code").fill("12 34")
    await phone.button("Go on").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []
    await phone.page.locator("#code").fill(code)
    await phone.button("Go on").click()
    await phone.at("/profile/devices")
    async with practices.database.act_as_system("test") as tx:
        proven = await tx.scalar("select phone from person where id = :id", {"id": patient.person_id})
    assert crypto.decrypt(proven) == number
    assert phone.unexpected(AWAY) == []


@EVERY_LANGUAGE
async def test_beside_a_text_message_stands_what_it_is_worth_and_a_passkey_that_needs_none_from_then_on(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody without a passkey, where a code by telephone is offered
    patient, number = await with_number(practices, locale)
    phone = await arrive(locale)
    await with_passkeys(phone)
    await phone.let_in(patient)
    await phone.open("/text-code?next=" + phone.path("/vitals"))
    worth = "Text messages are less safe than a passkey: somebody else can read them, or get hold of your number."
    await expect(phone.page.get_by_text(phone.say(worth))).to_be_visible()
    await expect(phone.heading("Safer: a passkey")).to_be_visible()
    await expect(phone.link("I was given a code at the front desk")).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []

    # When they choose the passkey, then it is made on the page that follows, and counts in full
    code = await text_code(phone, number, "Send the text message, then make a passkey")
    await phone.page.locator("#code").fill(code)
    await phone.button("Go on").click()
    await phone.at("/profile/devices")
    await phone.button("Add a passkey").click()
    ready = phone.say("Your passkey is ready. Next time, sign in with one tap.")
    await expect(phone.page.get_by_text(ready)).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("Opens what a code by e-mail opens"))).to_have_count(0)

    # And from then on it stands first, and the worth of a text beside the text
    await phone.context.clear_cookies()
    await phone.let_in(await practices.people.code_alone(patient))
    await phone.open("/text-code")
    await expect(phone.button("Use your passkey")).to_be_visible()
    await expect(phone.page.get_by_text(phone.say(worth))).to_be_visible()
    assert phone.unexpected(AWAY) == []


@EVERY_LANGUAGE
async def test_how_to_be_reached_is_chosen_on_a_phone_and_read_by_the_desk_beside_the_number(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody who never said, and the desk with their chart open
    patient, _number = await with_number(practices, locale)
    desk, phone = await arrive(locale, DESK), await arrive(locale)
    await desk.let_in(await practices.people.staff("front_desk"))
    await desk.open(f"/staff/patients/{patient.patient_id}")
    wanted = desk.page.locator("dt").filter(has_text=desk.say("Wants to be reached")).locator("xpath=following::dd[1]")
    await expect(wanted).to_contain_text(desk.say("Either way"))

    # When they choose on their phone to be called
    await phone.let_in(patient)
    await phone.open("/profile")
    row = phone.page.get_by_role("link").filter(has_text=phone.say("When there is something to talk about"))
    await expect(row).to_contain_text(phone.say("I do not mind"))
    await row.click()
    await phone.at("/profile/answer")
    await expect(phone.page.locator("input[name=reached][value=either]")).to_be_checked()
    assert (await axe_findings(phone.page, axe), await overflow(phone.page)) == ([], [])
    await phone.page.locator("input[name=reached][value=phone]").check()
    await phone.button("Save").click()
    await phone.at("/profile")

    # Then their page says so, and the desk reads it without opening the chart again
    await expect(row).to_contain_text(phone.say("Call me"))
    assert (await axe_findings(phone.page, axe), await overflow(phone.page)) == ([], [])
    await expect(wanted).to_contain_text(desk.say("By telephone"))
    assert phone.unexpected(AWAY) + desk.unexpected(AWAY) == []


@EVERY_LANGUAGE
async def test_from_a_page_that_patients_have_too_the_staffs_menu_leads_on_and_back(
    arrive: Arrive, practices: Practices, locale: str
) -> None:
    doctor = await practices.doctor()
    desk = await arrive(locale, DESK)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")

    await desk.open("/profile/devices")
    await (
        desk.page.get_by_role("navigation", name=desk.say("Menu"))
        .get_by_role("link", name=desk.say("Inbox"), exact=True)
        .click()
    )
    await desk.at("/staff/inbox")
    await expect(desk.page.get_by_role("heading", level=1)).to_have_text(desk.say("Inbox"))
    await desk.page.go_back()
    await desk.at("/profile/devices")
    assert desk.unexpected() == []

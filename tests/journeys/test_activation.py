"""From a card on the desk to home: staff issue, the patient says who they are, proves an address, and is in."""

import io
import re
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import expect

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_passkeys import with_passkeys
from tests.journeys.walker import DESK, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")
WHAT_FOR = (
    "Book and move visits, by video too", "Do forms and check-in before a visit", "See your bills and pay them",
    "Note what you measure at home", "Let somebody you trust act for you",
)  # fmt: skip
EVERY_LANGUAGE = pytest.mark.parametrize("locale", list(i18n.LOCALES))


async def card_from_the_desk(desk: Walker, patient_id: object) -> tuple[str, str]:
    """Make a card as the front desk does, and return its code and the address of its link."""
    await desk.open(f"/staff/patients/{patient_id}")
    await desk.link("Invite, or see how far they are").click()
    await desk.button("Make a card").click()
    code = await desk.page.locator(".card-code").inner_text()
    return code, await desk.page.locator(".card-page").inner_text()


async def say_who(phone: Walker, name: str, code: str = "") -> None:
    """Fill in who one is, and go on."""
    if code:
        await phone.page.locator("#card").fill(code)
    await phone.page.locator("#name").fill(name)
    for part, typed in (("day", "9"), ("month", "4"), ("year", "1950")):
        await phone.page.locator(f"#birth-{part}").fill(typed)
    await phone.tap(phone.button("Go on"))


async def prove_address(phone: Walker, email: str) -> None:
    """Have a code sent to an address, and type it."""
    await phone.page.locator("#email").fill(email)
    await phone.tap(phone.button("Send me a code"))
    await expect(phone.page.locator("#code")).to_be_visible()
    code = re.search(r"\b\d{6}\b", body(await phone.house.mail(email, "enrolment_code")))
    assert code
    await phone.page.locator("#code").fill(code.group())
    await phone.tap(phone.button("Open my account"))


async def looks_well(walker: Walker, axe: str) -> None:
    assert (await axe_findings(walker.page, axe), await overflow(walker.page)) == ([], [])


async def says_what_for(phone: Walker) -> None:
    """Find what is built named, and the way on."""
    for line in WHAT_FOR:
        await expect(phone.page.get_by_text(phone.say(line), exact=True)).to_be_visible()
    await expect(phone.button("I understand")).to_be_visible()


async def settle_in(phone: Walker, look: Callable[[], Awaitable[None]] | None = None) -> None:
    """Take the first steps, one by one, until home; the phone is closed once in between."""
    await with_passkeys(phone)

    async def arrived(message: str) -> None:
        await expect(phone.heading(message)).to_be_visible()
        if look:
            await look()

    await arrived("Which language do you read?")
    await phone.tap(phone.page.locator("main").get_by_role("button", name=i18n.LOCALES[phone.locale].own_name).first)
    await arrived("How shall we reach you?")
    await phone.open("/")
    await phone.at("/welcome")
    await arrived("How shall we reach you?")
    await phone.tap(phone.button("Call me"))
    await arrived("Sign in with one tap next time")
    await phone.tap(phone.button("Make a passkey on this device"))
    await arrived("What the portal is for")
    await says_what_for(phone)
    await phone.tap(phone.button("I understand"))
    await arrived("What we promise")
    await phone.tap(phone.button("Go to my home page"))
    await phone.at("/")


@EVERY_LANGUAGE
async def test_a_card_leads_home(arrive: Arrive, practices: Practices, axe: str, locale: str) -> None:
    patient_id, email = await practices.unseen("Nadia", locale=locale), f"{uuid4().hex[:10]}@example.test"
    name = await practices.name_of(patient_id)
    desk = await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    code, _ = await card_from_the_desk(desk, patient_id)
    await expect(desk.page.locator(".card-square path")).to_be_attached()
    assert await axe_findings(desk.page, axe) == []

    phone = await arrive(locale)
    await phone.open("/sign-in")
    await phone.link("Open your account").click()
    await phone.at("/activate")
    await say_who(phone, "Somebody Else", code)
    refused = "That does not fit together. Check the code, your name and your birth date, or call us."
    await expect(phone.page.get_by_text(phone.say(refused))).to_be_visible()
    assert await phone.page.locator("#birth-year").input_value() == "1950"
    await looks_well(phone, axe)
    await say_who(phone, name, code)
    await expect(phone.page.locator("#email")).to_be_visible()
    await looks_well(phone, axe)
    await prove_address(phone, email)
    await phone.at("/welcome")
    await settle_in(phone, look=lambda: looks_well(phone, axe))
    await expect(phone.heading("Hello, {name}", name="Nadia")).to_be_visible()
    assert phone.unexpected() == []

    await expect(desk.page.locator(".activation-card")).to_be_visible()
    await desk.open(f"/staff/patients/{patient_id}")
    await expect(desk.page.get_by_text(email)).to_be_visible()


@EVERY_LANGUAGE
async def test_a_mailed_link_leads_home_and_opens_once(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given an invitation that the desk sends by e-mail
    patient_id, email = await practices.unseen("Nadia", locale=locale), f"{uuid4().hex[:10]}@example.test"
    name = await practices.name_of(patient_id)
    desk = await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await desk.open(f"/staff/patients/{patient_id}")
    await desk.link("Invite, or see how far they are").click()
    await desk.page.locator("#email").fill(email)
    await desk.button("Send the invitation").click()
    words = body(await desk.house.mail(email, "enrolment_invitation"))
    assert desk.say("It works once, for thirty days. Do not pass this e-mail on.") in words
    link = re.search(r"https?://\S+/activate\?key=\S+", words)
    assert link
    assert link.group().startswith(desk.house.origin + i18n.localized_path(locale, "/activate?key="))
    assert name not in words

    # When it is opened on a phone that was never here, then no code is typed, and home is reached
    phone = await arrive(locale)
    await phone.page.goto(link.group())
    await phone.at("/activate")
    await expect(phone.page.locator("#name")).to_be_visible()
    await expect(phone.page.locator("#card")).to_have_count(0)
    await say_who(phone, name)
    await looks_well(phone, axe)
    await phone.tap(phone.button("Use this address"))
    await phone.at("/welcome")
    await settle_in(phone)
    await expect(phone.heading("Hello, {name}", name="Nadia")).to_be_visible()
    assert phone.unexpected() == []

    # And whoever reads that mail afterwards gets nowhere with it, knowing all the rest
    later = await arrive(locale)
    await later.page.goto(link.group())
    await later.at("/activate")
    await say_who(later, name)
    refused = "That does not fit together. Check the code, your name and your birth date, or call us."
    await expect(later.page.get_by_text(later.say(refused))).to_be_visible()
    await expect(later.button("Use this address")).to_have_count(0)
    assert later.unexpected() == []


async def test_the_square_of_a_printed_card_leads_a_camera_home(arrive: Arrive, practices: Practices) -> None:
    # Given a card as it comes out of the printer
    patient_id, email = await practices.unseen("Nadia", locale="ar"), f"{uuid4().hex[:10]}@example.test"
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    code, _ = await card_from_the_desk(desk, patient_id)
    await desk.page.emulate_media(media="print")
    square = desk.page.locator(".activation-card .card-square")
    await expect(square.locator("path")).to_be_attached()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(await square.screenshot())).convert("L"))
    link = found.text
    assert link.startswith(desk.house.origin + i18n.localized_path("ar", "/activate"))
    assert code not in link

    # When a camera is pointed at it, then no code is typed, and home is reached
    phone = await arrive("ar")
    await phone.page.goto(link)
    await phone.at("/activate")
    await say_who(phone, await practices.name_of(patient_id))
    await prove_address(phone, email)
    await phone.at("/welcome")
    await settle_in(phone)
    await expect(phone.heading("Hello, {name}", name="Nadia")).to_be_visible()
    assert phone.unexpected() == []

    # And whoever finds the card afterwards gets nowhere with it
    finder = await arrive("ar")
    await finder.page.goto(link)
    await finder.at("/activate")
    await say_who(finder, await practices.name_of(patient_id))
    refused = "That does not fit together. Check the code, your name and your birth date, or call us."
    await expect(finder.page.get_by_text(finder.say(refused))).to_be_visible()

"""Check-in: from the reminder to "You are checked in", with the desk's page changing by itself; and by the square."""

import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
import pytest
from playwright.async_api import Locator, expect

from portal_app.core import i18n
from portal_app.core.db import libpq_conninfo
from portal_app.features.booking import jobs, reminders
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_passkeys import add_passkey, with_passkeys
from tests.journeys.walker import DESK, PHONE, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_from_the_reminder_to_checked_in_and_seen_at_the_desk_at_once(
    arrive: Arrive, house: House, practices: Practices, axe: str, locale: str
) -> None:
    # Given a visit soon, its reminder in the mail, and the day open at the desk
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    async with practices.database.act_as_system("test") as tx:
        for person in await jobs.recipients(tx, visit):
            with i18n.use(locale):
                await jobs.remind(tx, person, visit, reminders.Due(visit.id, 1440))
    link = re.search(r"http://\S+/reminder\?key=\S+", body(await house.mail(patient.email, "appointment_reminder")))
    assert link
    desk = await arrive(size=DESK)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")
    await desk.turn_to(visit.starts_at)
    row = desk.page.get_by_role("row").filter(has_text=await practices.patient_name(patient))

    # When the patient goes from the mail to the list, and confirms what we know
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    await phone.page.goto(link.group())
    await phone.link("Check in").click()
    await expect(phone.heading("Before your visit")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.locator("a[href*='/check-in/contact']").click()
    await phone.button("Yes, this is right").click()
    contact = phone.page.locator("a[href*='/check-in/contact']")
    await expect(contact).to_contain_text(phone.say("Completed"))
    await expect(row).to_contain_text("Checking in")

    # Then one button checks them in, and the desk sees it, and what is missing, without a reload
    await phone.button("Check in for this visit").click()
    await expect(phone.heading("You are checked in")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await expect(row).to_contain_text("Checked in")
    await expect(row).to_contain_text("Missing: Insurance")
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_what_is_changed_on_a_card_leads_back_to_the_list_with_that_card_done(
    arrive: Arrive, house: House, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(f"/check-in?id={visit.id}")

    # Whom to call in an emergency is said, and the contact details are done
    await _row(phone, "contact").click()
    await phone.link("Change whom we call in an emergency").click()
    await phone.page.locator("#name").fill("Rosa Alvarez")
    await phone.page.locator("#phone").fill("(555) 014-7788")
    await phone.button("Save").click()
    await _back_at(phone, visit.id, "contact")

    # A new e-mail address counts once its code is typed, and leads back too
    await _row(phone, "contact").click()
    await expect(phone.page.get_by_text("Rosa Alvarez")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.link("Change your e-mail address").click()
    address = f"new.{patient.person_id}@example.test"
    await phone.page.locator("#address").fill(address)
    await phone.button("Send me a code").click()
    field = phone.page.locator("#code")
    await expect(field).to_be_visible()
    code = re.search(r"\b\d{6}\b", body(await house.mail(address, "access_contact_code")))
    assert code
    await field.fill(code.group())
    await phone.button("Use the new one from now on").click()
    await _back_at(phone, visit.id, "contact")

    # The lists are gone through, and lead back
    await phone.page.locator("a[href*='/medications/review']").click()
    await phone.button("That is everything").click()
    await _back_at(phone, visit.id, "/medications/review")
    assert phone.unexpected() == []


WATCH_MEMBER = """() => {
    window.members = [];
    new MutationObserver(() => {
        const field = document.querySelector("#member_id");
        if (field) members.push(field.value);
    }).observe(document.body, { childList: true, subtree: true });
}"""


async def test_a_card_written_down_from_check_in_is_photographed_and_leads_back(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(f"/check-in?id={visit.id}")
    await _row(phone, "insurance").click()
    await phone.link("Change the insurance").click()
    await expect(phone.link("Back to your check-in")).to_be_visible()
    await phone.link("Add an insurance").click()
    await phone.page.locator("label.choice:has(input[name='payer'][value='other'])").click()
    await phone.page.locator("#payer_name").fill("Insurer of a check-in")
    await phone.page.locator("#member_id").fill("CI 1")
    for name, value in (("relation", "self"), ("precedence", "1")):
        await phone.page.locator(f"label.choice:has(input[name='{name}'][value='{value}'])").click()
    await phone.button("Save this insurance").click()
    await expect(phone.page.get_by_text("Saved. Now take a picture of the card, front and back.")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.link("Back to your check-in").click()
    await _back_at(phone, visit.id, "insurance")

    # What is put right afterwards leads straight back
    await _row(phone, "insurance").click()
    await phone.link("Change the insurance").click()
    await phone.page.locator("main a.row[href*='/insurance/']").click()
    await phone.page.evaluate(WATCH_MEMBER)
    await phone.link("Put something right").click()
    await expect(phone.page.locator("#member_id")).to_have_value("CI1")
    assert set(await phone.page.evaluate("members")) == {"CI1"}, "a form to type into that is then drawn anew"
    await phone.page.locator("#member_id").fill("CI 2")
    await phone.button("Save this insurance").click()
    await _back_at(phone, visit.id, "insurance")
    assert phone.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_what_wants_a_second_proof_says_so_first_and_opens_the_very_same_card(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody who came in by a code alone
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    await phone.open(f"/check-in?id={visit.id}")
    money = phone.say("We first ask for your passkey or a second code, because this is about money.")
    await expect(_row(phone, "insurance")).to_contain_text(money)
    health = phone.say("We first ask for your passkey or a second code, because this is about health.")
    await expect(_row(phone, "/medications/review")).to_contain_text(health)
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # Once it is proved the card that they had tapped opens, and the others ask no more
    await _row(phone, "insurance").click()
    await expect(phone.page).to_have_url(re.compile("/sign-in.*step-up=1"))
    back = _next_of(phone)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.page.goto(phone.house.origin + back)
    await expect(phone.heading("Nobody has told us yet which insurance there is")).to_be_visible()
    await phone.at("/check-in/insurance", more=rf"\?id={visit.id}$")
    await phone.open(f"/check-in?id={visit.id}")
    await expect(_row(phone, "insurance")).to_be_visible()
    await expect(phone.page.get_by_text(money)).to_have_count(0)
    await expect(phone.page.get_by_text(health)).to_have_count(0)
    assert phone.unexpected() == []


async def test_who_owns_a_passkey_touches_it_first_and_is_led_to_the_check_in(
    arrive: Arrive, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await with_passkeys(phone)
    await add_passkey(phone)
    await phone.let_in(patient)
    await phone.page.goto(f"{phone.house.origin}/check-in?id={visit.id}")
    await phone.at("/text-code")
    await phone.button("Use your passkey").click()
    await phone.at("/check-in", more=rf"\?id={visit.id}$")
    await expect(_row(phone, "insurance")).to_be_visible()
    await expect(phone.page.get_by_text(re.compile("We first ask for your passkey"))).to_have_count(0)
    assert phone.unexpected() == []


async def test_who_has_no_passkey_proves_it_on_another_page_and_finds_the_card_and_what_was_typed(
    arrive: Arrive, practices: Practices, house: House
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/check-in?id={visit.id}")
    await phone.page.locator("a[href*='/medications/review']").click()
    await expect(phone.page).to_have_url(re.compile("/sign-in.*step-up=1"))
    await phone.let_in(strong := await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(_next_of(phone))
    await phone.at("/medications/review", more=rf"\?visit={visit.id}$")

    # What is half typed when the session ends is there again, on the same page, for the same person
    await phone.button("Add a medicine that is missing").click()
    await phone.page.locator("#name").fill("Metformin 500 mg")
    await phone.page.wait_for_function("() => JSON.stringify(sessionStorage).includes('typed:')")
    ended(house, strong)
    await phone.button("Add this").click()
    await expect(phone.page).to_have_url(re.compile("/sign-in"))
    back = _next_of(phone)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(back)
    await phone.button("Add a medicine that is missing").click()
    await expect(phone.page.locator("#name")).to_have_value("Metformin 500 mg")
    await phone.button("Add this").click()
    await expect(phone.heading("You added")).to_be_visible()
    await phone.button("That is everything").click()
    await _back_at(phone, visit.id, "/medications/review")


def _next_of(phone: Walker) -> str:
    """Return the address to which the sign-in page that is open leads back."""
    return parse_qs(urlsplit(phone.page.url).query)["next"][0]


def ended(house: House, someone: Someone) -> None:
    """End all sessions of somebody, as after a long time."""
    with psycopg.connect(libpq_conninfo(house.settings.database_owner_url or "")) as connection:
        connection.execute("select begin_as_system('test')")
        over = "update session set expires_at = created_at + interval '1 millisecond' where person_id = %s"
        connection.execute(over, [someone.person_id])


def _row(phone: Walker, task: str) -> Locator:
    """Return what there is to do in the list, by its card or by the address it leads to."""
    address = task if task.startswith("/") else f"/check-in/{task}"
    return phone.page.locator(f"main a.row[href*='{address}']")


async def _back_at(phone: Walker, visit_id: UUID, done: str) -> None:
    await phone.at("/check-in", more=rf"\?id={visit_id}$")
    await expect(_row(phone, done)).to_contain_text(phone.say("Completed"))


async def test_the_desk_checks_somebody_in_by_keys_and_their_phone_says_so(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/check-in?id={visit.id}")
    await expect(phone.button("Check in for this visit")).to_be_visible()
    desk = await arrive(size=DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await desk.open(f"/staff/check-in?id={visit.id}")
    confirm = desk.page.get_by_role("button", name="The patient says it is right: Insurance")
    await confirm.focus()
    await desk.page.keyboard.press("Enter")
    await expect(confirm).to_have_count(0)
    await desk.button("Check the patient in").focus()
    await desk.page.keyboard.press("Enter")
    await expect(desk.button("Undo the check-in")).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await expect(phone.heading("You are checked in")).to_be_visible()
    await expect(phone.page.get_by_text("The front desk checked you in")).to_be_visible()
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_the_square_in_the_waiting_room_opens_ones_own_visit_by_keys(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given the sheet of the waiting room, and somebody without a visit today
    desk = await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await desk.open("/staff/here")
    square = desk.page.get_by_role("img", name=desk.say("A square to point a camera at; it opens your check-in"))
    await expect(square).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=1))
    await phone.open("/here")
    await expect(phone.heading("We see no visit for you here today")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # When the visit is today, it opens that one, to be gone through by keys alone
    await practices.video_visit_soon(patient, doctor, modality="in_person")
    await phone.open("/here")
    await expect(phone.page.get_by_text(phone.say("Tell the front desk that you are here"))).to_be_visible()
    button = phone.button("Check in for this visit")
    await button.focus()
    await phone.page.keyboard.press("Enter")
    await expect(phone.heading("You are checked in")).to_be_visible()
    assert (phone.unexpected(), desk.unexpected()) == ([], [])

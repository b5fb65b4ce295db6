"""A reading put right on a phone: opened where it was kept, changed, its history read, deleted after a question."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.journeys.beside import visit_and_medicine
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _looks_right(phone: Walker, axe: str) -> None:
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []


async def _keeps_a_slip_and_opens_it(phone: Walker, axe: str) -> None:
    await phone.open("/vitals/log?what=pulse")
    await phone.page.locator("#value").fill("91")
    await phone.tap(phone.button("Save this reading"))
    await phone.tap(phone.link("Open this reading, to change it"))
    await expect(phone.page.get_by_text("91 /min", exact=True)).to_be_visible()
    await _looks_right(phone, axe)


async def _puts_it_right(phone: Walker, axe: str) -> None:
    """Find what was typed in the form, and change only the number."""
    await phone.tap(phone.link("Change it"))
    await expect(phone.page.locator("#value")).to_have_value("91")
    await expect(phone.page.locator("#at")).not_to_have_value("")
    await _looks_right(phone, axe)
    await phone.page.locator("#value").fill("19")
    await phone.tap(phone.button("Save the change"))
    await expect(phone.heading("Are these numbers right?")).to_be_visible()
    await phone.tap(phone.button("Change the numbers"))
    await phone.page.locator("#value").fill("71")
    await phone.tap(phone.button("Save the change"))
    await phone.tap(phone.link("Open this reading, to change it"))


async def _reads_what_it_was(phone: Walker, axe: str) -> None:
    await expect(phone.heading("What it was before")).to_be_visible()
    before = phone.page.get_by_role("listitem").filter(has_text="91 /min")
    await expect(before).to_contain_text(
        phone.say("Changed by {who}: {when}.", who=phone.say("you"), when="").rstrip(" .")
    )
    await _looks_right(phone, axe)


async def _deletes_it_after_a_question(phone: Walker, axe: str) -> None:
    await phone.tap(phone.button("Delete it"))
    await expect(phone.heading("Delete this reading?")).to_be_visible()
    await _looks_right(phone, axe)
    await phone.tap(phone.button("Keep it"))
    await phone.tap(phone.button("Delete it"))
    await phone.tap(phone.button("Delete it"))
    gone = "Deleted. It counts for nothing now, and your care team can see that it was there."
    await expect(phone.page.get_by_text(phone.say(gone))).to_be_visible()
    await expect(phone.link("Change it")).to_have_count(0)
    await _looks_right(phone, axe)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_slip_is_put_right_its_history_is_read_and_it_is_deleted(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    someone = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await _keeps_a_slip_and_opens_it(phone, axe)
    await _puts_it_right(phone, axe)
    await _reads_what_it_was(phone, axe)
    await phone.open("/vitals/see?what=pulse")
    await phone.tap(phone.page.get_by_role("row").filter(has_text="71 /min").locator("a[href*='/vitals/reading']"))
    await _deletes_it_after_a_question(phone, axe)
    assert phone.unexpected() == []


async def test_what_was_dangerous_and_is_deleted_is_seen_by_the_care_team_and_by_the_patient(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor = await practices.doctor()
    someone = await practices.patient(doctor)
    await visit_and_medicine(practices, doctor, someone, "Lisinopril 10 mg")
    phone, desk = await arrive("en", PHONE), await arrive("en", DESK)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await desk.let_in(doctor.account)
    await phone.open("/vitals/log?what=blood_pressure")
    await phone.page.locator("#value").fill("217")
    await phone.page.locator("#pair").fill("80")
    await phone.tap(phone.button("Save this reading"))
    await phone.tap(phone.button("It was a mistake: take it back"))
    await phone.open("/vitals/see?what=blood_pressure")
    await phone.page.locator("summary", has_text=phone.say("What was deleted or changed")).click()
    await expect(phone.page.get_by_text("Deleted by you:")).to_be_visible()
    await _looks_right(phone, axe)
    await desk.open(f"/staff/vitals/patient?id={someone.patient_id}")
    gone = desk.page.get_by_role("listitem").filter(has_text="217/80")
    await expect(gone).to_contain_text("Deleted by")
    await expect(gone).to_contain_text("It had been dangerous: Very high")
    await _looks_right(desk, axe)


async def test_a_tab_that_was_left_open_reads_that_it_has_changed(arrive: Arrive, practices: Practices) -> None:
    someone = await practices.patient(await practices.doctor())
    phone, tablet = await arrive("en", PHONE), await arrive("en", PHONE)
    for one in (phone, tablet):
        await one.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await phone.open("/vitals/log?what=pulse")
    await phone.page.locator("#value").fill("91")
    await phone.tap(phone.button("Save this reading"))
    address = await phone.link("Open this reading, to change it").get_attribute("href")
    assert address
    await tablet.open(address.replace("/reading?", "/log?"))
    await expect(tablet.page.locator("#value")).to_have_value("91")
    await phone.open(address)
    await phone.tap(phone.button("Delete it"))
    await phone.tap(phone.button("Delete it"))
    await tablet.tap(tablet.button("Save the change"))
    await expect(tablet.page.get_by_text("This reading has changed")).to_be_visible()
    await tablet.tap(tablet.link("Open the reading"))
    await expect(tablet.page.get_by_text("Deleted by you:")).to_be_visible()

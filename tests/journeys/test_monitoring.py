"""Monitoring: a nurse sets a plan, the patient follows it, the panel changes by itself, and the clock escalates."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Locator, expect

from portal_app.core import clock, i18n
from portal_app.state import vital_words
from tests.browser import axe_findings, overflow, resize
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
NUMBERS = {locale: f"718555016{n}" for n, locale in enumerate(i18n.LOCALES)}


async def _treats(practices: Practices, nurse: Someone, someone: Someone) -> None:
    """Put a patient into the care of a nurse."""
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)"
            " values (:who, :id, '{vitals}', '{view,act}', 'R', 1, 'care_team')",
            {"who": nurse.person_id, "id": someone.patient_id},
        )


async def _sets_a_plan(desk: Walker, someone: Someone, axe: str) -> None:
    await desk.open(f"/staff/vitals/patient?id={someone.patient_id}")
    await desk.button("Set a plan").click()
    await desk.button("Set this plan").click()
    await expect(desk.page.get_by_role("alert").get_by_text(desk.say("Choose what to measure."))).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    await desk.page.locator("label.choice:has(input[name='measure'][value='blood_pressure'])").click()
    await desk.page.locator("label.choice:has(input[name='times'][value='2'])").click()
    await desk.page.locator("#until").fill((clock.now() + timedelta(days=14)).date().isoformat())
    await desk.button("Set this plan").press("Enter")
    await expect(desk.page.get_by_text(desk.say("The plan is set. The patient sees it now."))).to_be_visible()


async def _finds_the_plan_and_is_reminded(phone: Walker, axe: str) -> None:
    await phone.open("/vitals")
    await phone.page.locator("a.row[href*='/vitals/plan']").click()
    await phone.page.locator("#at-0").fill("08:00")
    await phone.tap(phone.button("Save the reminders"))
    await expect(phone.page.get_by_text(phone.say("Saved."), exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []


async def _is_fit_to_read(walker: Walker, axe: str) -> None:
    assert await axe_findings(walker.page, axe) == []
    assert await overflow(walker.page) == []


async def _logs_a_high_pressure(phone: Walker) -> None:
    await phone.open("/vitals/log?what=blood_pressure")
    await phone.page.locator("#value").fill("190")
    await phone.page.locator("#pair").fill("100")
    await phone.tap(phone.button("Save this reading"))
    await expect(phone.page.get_by_text("190/100 mmHg", exact=True)).to_be_visible()


async def _sees_it_without_a_tap_and_goes_to_the_picture(desk: Walker, row: Locator, name: str, axe: str) -> None:
    await expect(row.get_by_text("190/100 mmHg")).to_be_visible()
    await expect(row.get_by_text(desk.say("Today"), exact=True)).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    await row.get_by_role("link", name=name).press("Enter")
    await expect(desk.page.get_by_role("row").filter(has_text="190/100 mmHg")).to_be_visible()
    await expect(desk.heading("Open alerts")).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    await resize(desk.page, PHONE)
    assert await overflow(desk.page) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_nurse_sets_a_plan_the_patient_logs_and_the_panel_changes_by_itself(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    someone = await practices.patient(await practices.doctor(), locale=locale)
    name = await practices.patient_name(someone)
    nurse = await practices.people.staff("nurse", "clinician", name="Noor Haddad")
    await _treats(practices, nurse, someone)
    phone, desk = await arrive(locale, PHONE), await arrive(locale, DESK)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await desk.let_in(nurse)

    await _sets_a_plan(desk, someone, axe)
    await _finds_the_plan_and_is_reminded(phone, axe)
    await desk.open("/staff/vitals")
    row = desk.page.get_by_role("row").filter(has_text=name)
    await expect(row).to_be_visible()
    await _logs_a_high_pressure(phone)
    await _sees_it_without_a_tap_and_goes_to_the_picture(desk, row, name, axe)
    assert desk.unexpected() == phone.unexpected() == []


async def _logs_little_oxygen(phone: Walker) -> None:
    await phone.open("/vitals/log?what=oxygen")
    await phone.page.locator("#value").fill("91")
    await phone.tap(phone.button("Save this reading"))


async def _deletes_it_on_its_own_page(phone: Walker) -> None:
    await phone.open("/vitals/see?what=oxygen")
    await phone.tap(phone.page.get_by_role("row").filter(has_text="91").locator("a[href*='/vitals/reading']"))
    await phone.tap(phone.button("Delete it"))
    await expect(phone.heading("Delete this reading?")).to_be_visible()
    await phone.tap(phone.button("Delete it"))


async def _closes_it_as_a_mistake(desk: Walker, row: Locator) -> None:
    await row.get_by_role("button", name=desk.say("Close it")).press("Enter")
    await desk.page.locator("label.choice:has(input[value='mistake'])").click()
    await desk.button("Close the alert").press("Enter")


async def _reads_a_rule_and_is_told_what_is_missing_to_change_it(desk: Walker, axe: str) -> None:
    await desk.open("/staff/settings/readings")
    await expect(desk.page.get_by_text(desk.say("Not reviewed by your practice"), exact=True).first).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    await desk.page.get_by_role("row").get_by_role("button").first.click()
    await desk.button("Put it in force").click()
    await expect(desk.page.get_by_role("alert").filter(has_text=desk.say("There is a problem"))).to_be_focused()
    assert await axe_findings(desk.page, axe) == []
    await desk.button("Leave it as it is").click()
    await resize(desk.page, PHONE)
    assert await overflow(desk.page) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_an_alert_that_nobody_takes_goes_further_by_the_clock_and_rules_are_reviewed(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given an urgent alert of a reading, which nobody has taken
    someone = await practices.patient(await practices.doctor(), locale=locale)
    name = await practices.patient_name(someone)
    phone, desk = await arrive(locale, PHONE), await arrive(locale, DESK)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    ana = await practices.people.staff("clinician", name="Ana Ruiz")
    await practices.put_on_call(ana, NUMBERS[locale])
    await desk.let_in(ana)
    await desk.open("/staff/alerts")
    await _logs_little_oxygen(phone)
    row = desk.page.get_by_role("row").filter(has_text=name)
    await expect(row.get_by_text(desk.say("Today"), exact=True)).to_be_visible()

    # When its hour is over, the worker takes it to more people by itself, and the open list says so
    await practices.let_alerts_wait(someone, 61)
    await expect(row.get_by_text(desk.say("Nobody took it in time"))).to_be_visible()

    # And calls her who is on call, by text and without a word of health, and she takes it
    said = await desk.house.text_message(f"+1{NUMBERS[locale]}")
    assert "/staff/alerts" in said
    assert not set(name.split()) & set(said.split())
    await expect(row.get_by_text("Ana Ruiz")).to_be_visible()
    await row.get_by_role("button", name=desk.say("I have it")).press("Enter")
    await expect(row.get_by_text(desk.say("You have it"), exact=True)).to_be_visible()

    # And when the patient deletes the reading, on its own page and after a question, the list says that too
    await _deletes_it_on_its_own_page(phone)
    await expect(row.get_by_text(desk.say("The reading was taken back"))).to_be_visible()

    # And what came of it is on the patient's page, with the name of who was called to it
    await _closes_it_as_a_mistake(desk, row)
    await phone.open("/vitals")
    told = phone.page.get_by_role("status").get_by_role("listitem").filter(has_text="Ana Ruiz")
    await expect(told.get_by_text(phone.say(vital_words.OUTCOMES["mistake"]), exact=False)).to_be_visible()
    await _is_fit_to_read(phone, axe)

    # And a clinician reads what a number means, with its source, and changes it in a version
    await _reads_a_rule_and_is_told_what_is_missing_to_change_it(desk, axe)
    assert desk.unexpected() == phone.unexpected() == []


SETS = ("Copy or change", "End")


async def _is_told_of_an_age_that_ends_before_it_begins(desk: Walker, form: Locator, axe: str) -> None:
    await form.locator("#since").fill("12")
    await form.locator("#until").fill("5")
    await desk.button("Put these numbers in force").click()
    await expect(desk.page.get_by_role("alert").filter(has_text=desk.say("There is a problem"))).to_be_focused()
    await expect(form.locator("#until[aria-invalid='true']")).to_be_visible()
    assert await axe_findings(desk.page, axe) == []


async def _is_told_of_a_slow_pulse_above_the_fast_one_and_puts_both_right(desk: Walker, form: Locator) -> None:
    slow, fast = form.locator("input[id^='number-']").nth(0), form.locator("input[id^='number-']").nth(1)
    await form.locator("#since").fill("٥")
    await form.locator("#until").fill("12")
    await form.locator("#source").fill("Our paediatrician")
    await form.locator("#because").fill("Children of our practice")
    await slow.fill("145")
    await fast.fill("140")
    await desk.button("Put these numbers in force").click()
    await expect(form.locator("input[id^='number-'][aria-invalid='true']").first).to_be_visible()
    await slow.fill("60")
    await desk.button("Put these numbers in force").press("Enter")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_clinician_gives_an_age_its_own_numbers_reviews_them_and_ends_them(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given a clinician who reads what a pulse means
    desk = await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("clinician", name="Ana Ruiz"))
    await desk.open("/staff/settings/readings")
    await desk.page.locator("label.view-tab").filter(has_text=desk.say("Pulse")).click()
    table = desk.page.get_by_role("table")
    copy, end = (desk.page.get_by_role("button", name=re.compile(f"^{re.escape(desk.say(said))}:")) for said in SETS)
    await expect(table.get_by_role("row").filter(has_text="131")).to_have_count(1)
    there = await copy.count()  # first those of children, then the one of grown-ups, and one in pregnancy

    # When children from 5 until 12 get numbers of their own, copied from those of grown-ups
    await copy.nth(there - 2).click()
    form = desk.page.locator("form#write-set")
    await _is_told_of_an_age_that_ends_before_it_begins(desk, form, axe)
    await _is_told_of_a_slow_pulse_above_the_fast_one_and_puts_both_right(desk, form)

    # Then both stand there, the new ones as not reviewed, until they are
    await expect(copy).to_have_count(8)
    children = table.get_by_role("row").filter(has_text="Our paediatrician")
    await expect(children).to_have_count(2)
    await expect(children.get_by_text(desk.say("Not reviewed by your practice"), exact=True)).to_have_count(2)
    assert await axe_findings(desk.page, axe) == []
    await desk.button("I have reviewed them all").click()
    await expect(children.get_by_text("Ana Ruiz")).to_have_count(2)
    await expect(desk.page.get_by_text(desk.say("Not reviewed by your practice"), exact=True)).to_have_count(0)

    # And ended with a reason they are gone, and those of grown-ups are as they were
    await end.nth(4).click()
    await desk.page.locator("#why").fill("Tried")
    await desk.button("End them").click()
    await expect(copy).to_have_count(7)
    await expect(children).to_have_count(0)
    await expect(table.get_by_role("row").filter(has_text="131")).to_have_count(1)
    await resize(desk.page, PHONE)
    assert await overflow(desk.page) == []
    assert desk.unexpected() == []

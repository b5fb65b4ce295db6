"""Who is on call: put on the roster on a phone, seen by others at once, called by text, and the alert is taken."""

import re
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Locator, expect

from portal_app.core import clock, i18n
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import NewAlert
from portal_app.features.practice import service as practice
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
AT = "/staff/settings/on-call"
NUMBERS = {locale: f"718555017{n}" for n, locale in enumerate(i18n.LOCALES)}


async def _fill(walker: Walker, practices: Practices, since_h: int, until_h: int) -> None:
    """Write from when until when, in hours from now by the practice's clock."""
    async with practices.database.act_as_system("test") as tx:
        zone = ZoneInfo(await practice.home_zone(tx))
    for part, hours in (("from", since_h), ("until", until_h)):
        moment = (clock.now() + timedelta(hours=hours)).astimezone(zone)
        await walker.page.locator(f"#{part}-day").fill(f"{moment:%F}")
        await walker.page.locator(f"#{part}-time").fill(f"{moment:%H:%M}")


def _card(walker: Walker, name: str) -> Locator:
    return walker.page.get_by_role("row").filter(has_text=name)


async def _is_refused(walker: Walker, words: str, axe: str) -> None:
    await walker.button("Put them on call").press("Enter")
    await expect(walker.page.get_by_role("alert").get_by_text(walker.say(words))).to_be_visible()
    assert await axe_findings(walker.page, axe) == []


async def _puts_on_call(walker: Walker, practices: Practices, name: str, number: str, axe: str) -> None:
    await _is_refused(walker, "Choose one from the list.", axe)
    await walker.page.locator("label.choice").filter(has_text=name).click()
    await _fill(walker, practices, 2, 1)
    await _is_refused(walker, "The end has to come after the beginning.", axe)
    await _fill(walker, practices, -2, 30)
    await walker.page.locator("#phone").fill(number)
    await walker.button("Put them on call").press("Enter")
    await expect(_card(walker, name)).to_be_visible()
    await expect(walker.page.get_by_text(walker.say("They are on call then. The list shows it."))).to_be_visible()
    assert await axe_findings(walker.page, axe) == []
    assert await overflow(walker.page) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_manager_fills_the_roster_and_whoever_is_on_call_is_called_and_takes_the_alert(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given nobody on call, a manager at a phone, another at a desk, and a nurse who looks at the alerts
    someone = await practices.patient(await practices.doctor())
    patient, name = await practices.patient_name(someone), f"Noor {uuid4().hex[:6]}"
    nurse = await practices.people.staff("nurse", name=name)
    await practices.put_on_call(None)
    phone, other, desk = [await arrive(locale, size) for size in (PHONE, DESK, DESK)]
    for walker, who, page in (
        (phone, await practices.people.staff("manager"), AT),
        (other, await practices.people.staff("manager"), AT),
        (desk, nurse, "/staff/alerts"),
    ):
        await walker.let_in(who)
        await walker.open(page)
    await expect(desk.page.get_by_text(desk.say("Nobody is on call now."))).to_be_visible()
    gap = "In the coming seven days nobody is on call at these times:"
    await expect(phone.page.get_by_text(phone.say(gap))).to_be_visible()

    # When the one puts the nurse on call, then the others see it by themselves, and the gap that is left
    await _puts_on_call(phone, practices, name, NUMBERS[locale], axe)
    await expect(_card(other, name)).to_be_visible()
    await expect(phone.page.get_by_text(phone.say(gap))).to_be_visible()
    await expect(desk.page.get_by_text(desk.say("On call now: {people}", people=name))).to_be_visible()
    assert await axe_findings(other.page, axe) == []

    # And the nurse, who changes nothing there, reads it without a column for what she cannot do
    reader = await desk.another_tab()
    await reader.open(AT)
    for walker, columns in ((reader, 4), (other, 5)):
        await expect(walker.page.get_by_role("columnheader")).to_have_count(columns)
    await expect(_card(reader, name)).to_be_visible()
    assert await axe_findings(reader.page, axe) == []
    await reader.page.close()

    # And what is critical calls her by text, without a word of whom or what, and the list says so
    assert someone.patient_id
    async with practices.database.act_as_system("test") as tx:
        new = NewAlert(someone.patient_id, "forms", "forms.self_harm", "critical", uuid4())
        await alerts.raise_alert(tx, new)
    said = await phone.house.text_message(f"+1{NUMBERS[locale]}")
    assert patient.split()[0] not in said
    assert "/staff/alerts" in said
    row = desk.page.get_by_role("row").filter(has_text=patient)
    await expect(row.get_by_text(name)).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    await row.get_by_role("button", name=desk.say("I have it")).press("Enter")
    await expect(row.get_by_text(desk.say("You have it"), exact=True)).to_be_visible()

    # And when the other ends the turn, it is gone everywhere, and stands in the form to be put in again
    await _card(other, name).get_by_role("button").press("Enter")
    await expect(_card(phone, name)).to_have_count(0)
    await expect(desk.page.get_by_text(desk.say("Nobody is on call now."))).to_be_visible()
    await expect(other.page.locator("#phone")).to_have_value(re.compile(f"{NUMBERS[locale][-4:]}$"))
    assert desk.unexpected() == phone.unexpected() == other.unexpected() == []

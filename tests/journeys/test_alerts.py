"""The care team's alerts: raised while two look, taken by keyboard, closed with what came of it, in every language."""

from uuid import uuid4

import pytest
from playwright.async_api import Locator, expect

from portal_app.core import i18n
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import NewAlert
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _row(walker: Walker, name: str) -> Locator:
    return walker.page.get_by_role("row").filter(has_text=name)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_an_alert_is_taken_by_one_seen_by_the_other_and_closed_with_an_outcome(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given two of the care team who look at the alerts
    someone = await practices.patient(await practices.doctor())
    name = await practices.patient_name(someone)
    desk, phone = await arrive(locale, DESK), await arrive(locale, PHONE)
    for walker in (desk, phone):
        await walker.let_in(await practices.people.staff("nurse", name="Noor Haddad"))
        await walker.open("/staff/alerts")

    # When something dangerous comes, then it stands on both pages by itself, and in the rail
    assert someone.patient_id
    async with practices.database.act_as_system("test") as tx:
        new = NewAlert(someone.patient_id, "forms", "forms.self_harm", "critical", uuid4())
        await alerts.raise_alert(tx, new)
    for walker in (desk, phone):
        await expect(_row(walker, name).get_by_text(walker.say("Call now"), exact=True)).to_be_visible()
        assert await axe_findings(walker.page, axe) == []
        assert await overflow(walker.page) == []

    # And one takes it by keyboard, and the other sees who has it
    await _row(desk, name).get_by_role("button", name=desk.say("I have it")).press("Enter")
    await expect(_row(desk, name).get_by_text(desk.say("You have it"), exact=True)).to_be_visible()
    await expect(_row(phone, name).get_by_text(phone.say("{name} has it", name="Noor Haddad"))).to_be_visible()

    # And it is closed only with what came of it
    await _row(desk, name).get_by_role("button", name=desk.say("Close it")).press("Enter")
    await desk.button("Close the alert").press("Enter")
    await expect(desk.page.get_by_role("alert").get_by_text(desk.say("Say what came of it."))).to_be_visible()
    await desk.page.locator("label.choice:has(input[value='called'])").click()
    await desk.button("Close the alert").press("Enter")
    await expect(_row(phone, name).get_by_text(phone.say("We spoke with the patient"))).to_be_visible()
    assert desk.unexpected() == phone.unexpected() == []

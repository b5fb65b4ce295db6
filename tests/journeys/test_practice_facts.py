"""The practice's own facts: a visitor reads them, the manager keeps them, and what changes is seen at once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.core import i18n
from tests.factories import Someone
from tests.journeys.clinic import PHONE as MAIN_PHONE
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def manager(practices: Practices) -> AsyncIterator[Someone]:
    """Give a manager, and take back afterwards what they changed."""
    yield await practices.people.staff("manager", name="Grace Lin")
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("delete from phone_line")
        await tx.execute("update practice set phone = :phone", {"phone": MAIN_PHONE})
        await tx.execute("update location set phone = '(555) 014-2201'")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_number_the_manager_changes_and_calls_is_seen_by_a_visitor_at_once_and_on_a_patients_dead_end(
    arrive: Arrive, practices: Practices, manager: Someone, locale: str
) -> None:
    # Given a visitor who looks at the practice, a patient at a dead end, and a manager who signs in
    visitor, phone, desk = await arrive(locale, PHONE), await arrive(locale, PHONE), await arrive(locale, DESK)
    await visitor.open("/practice")
    await expect(visitor.heading("Hours, phone numbers and the way here")).to_be_visible()
    await phone.let_in(await practices.patient(await practices.doctor(opens=False), locale=locale))
    await phone.open("/book")
    await expect(phone.page.get_by_role("link", name=f"{phone.say('Call')} {MAIN_PHONE}")).to_be_visible()
    await desk.let_in(manager)
    await desk.open("/staff/settings")

    # When the manager writes another number and calls it
    row = desk.page.get_by_role("row").filter(has_text=desk.say("Whole practice")).first
    await row.get_by_role("button", name=desk.say("Change")).click()
    await desk.page.locator("#number").fill("212 555 0190")
    await desk.button("Save this number").click()
    await expect(row.get_by_text("(212) 555-0190")).to_be_visible()
    await row.get_by_role("button", name=desk.say("Test call")).click()
    await desk.button("Yes, a person answered").click()
    await expect(row.get_by_text("Grace Lin")).to_be_visible()

    # Then the visitor's open page has it by itself, and the patient's dead end after a reload
    name = f"{visitor.say('Appointments')} (212) 555-0190"
    await expect(visitor.page.get_by_role("link", name=name)).to_be_visible()
    await phone.page.reload()
    await expect(phone.page.get_by_role("link", name=f"{phone.say('Call')} (212) 555-0190")).to_be_visible()
    assert (visitor.unexpected(), phone.unexpected(), desk.unexpected()) == ([], [], [])

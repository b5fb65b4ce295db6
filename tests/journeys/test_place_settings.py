"""The manager keeps a place: rooms, its clock, its end; each change of times is looked at before it is saved."""

from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import ZONE, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_manager_adds_renames_and_retires_a_room_with_keys_alone(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    first, second = (f"{uuid4().hex[:8]}" for _ in range(2))
    manager = await arrive(locale, PHONE)
    await manager.let_in(await practices.people.staff("manager", name="Grace Lind"))
    await manager.open(f"/staff/settings/rooms?id={practices.location_id}")

    # When the room has no name the form says so; with a name it is there
    await manager.button("Add a room").press("Enter")
    sheet = manager.page.get_by_role("dialog", name=manager.say("The room's name"))
    await sheet.get_by_role("button", name=manager.say("Save this name")).press("Enter")
    await expect(sheet.get_by_text(manager.say("Write the room's name in 40 characters or fewer."))).to_be_visible()
    await sheet.locator("#room").fill(first)
    await sheet.locator("#room").press("Enter")
    row = manager.page.get_by_role("row").filter(has_text=first)
    await expect(row.get_by_text(manager.say("In use"), exact=True)).to_be_visible()
    assert await axe_findings(manager.page, axe) == []
    assert await overflow(manager.page) == []

    # Then it gets another name, is retired, and is used again
    await row.get_by_role("button", name=manager.say("Rename")).press("Enter")
    await sheet.locator("#room").fill(second)
    await sheet.locator("#room").press("Enter")
    row = manager.page.get_by_role("row").filter(has_text=second)
    await row.get_by_role("button", name=manager.say("Retire")).press("Enter")
    await expect(row.get_by_text(manager.say("Retired"), exact=True)).to_be_visible()
    await row.get_by_role("button", name=manager.say("Use it again")).press("Enter")
    await expect(row.get_by_text(manager.say("In use"), exact=True)).to_be_visible()
    assert manager.unexpected() == []


async def test_a_manager_sees_what_another_zone_or_an_end_would_change(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    """Looked at and left alone: the other journeys live at this place."""
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[-1])
    manager = await arrive("en", PHONE)
    await manager.let_in(await practices.people.staff("manager", name="Grace Lind"))
    await manager.open(f"/staff/settings/rooms?id={practices.location_id}")

    await manager.page.locator("#zone").fill("Springfield")
    await manager.button("See what this changes").click()
    await expect(manager.page.get_by_role("alert").filter(has_text="There is a problem")).to_be_focused()
    await manager.page.locator("#zone").fill("America/Chicago")
    await manager.button("See what this changes").click()
    await expect(manager.page.get_by_text("Free times fewer")).to_be_visible()
    assert await axe_findings(manager.page, axe) == []
    await manager.button("Leave it as it is").click()

    await manager.page.locator("#from").fill(visit.starts_at.astimezone(ZoneInfo(ZONE)).date().isoformat())
    await manager.button("See what closing changes").click()
    await expect(manager.page.get_by_text("This is the only place that is open.").first).to_be_visible()
    assert manager.unexpected() == []

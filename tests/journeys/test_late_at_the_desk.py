"""Running late: said at the desk, seen by whoever waits, in every language."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.booking.views import AppointmentView
from portal_app.state import booking_words, running_late
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")
PUT_AT = """
with moved as (
  update slot set starts_at = cast(:from as timestamptz), ends_at = cast(:until as timestamptz)
  where id = (select slot_id from appointment where id = :id)
)
update appointment set starts_at = cast(:from as timestamptz), ends_at = cast(:until as timestamptz) where id = :id
"""


async def _begins_now(practices: Practices, visit: AppointmentView) -> None:
    """Let a visit begin this very moment: at any hour there is no later one that is sure to be of today."""
    async with practices.database.act_as_system("test") as tx:
        now = clock.now()
        times = {"from": now, "until": now + timedelta(minutes=20), "id": visit.id}
        await tx.execute(PUT_AT, times)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_who_waits_sees_on_their_open_page_that_the_clinician_runs_late(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody who waits with their visit open, and a clinician's day page
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await _begins_now(practices, visit)
    phone, desk = await arrive(locale, PHONE), await arrive(locale, DESK)
    await phone.let_in(patient)
    await phone.open(f"/appointments/{visit.id}")
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")

    # When the clinician says so
    await desk.button("Running late").press("Enter")
    dialog = desk.page.get_by_role("dialog", name=desk.say("How late?"))
    with i18n.use(locale):
        half_an_hour, said = running_late.minutes_words(30), booking_words.late_words(30)
    await dialog.get_by_role("button", name=half_an_hour).press("Enter")

    # Then both pages say it by themselves
    await expect(desk.page.get_by_role("status").filter(has_text=doctor.name)).to_be_visible()
    await expect(phone.page.get_by_text(said)).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []
    assert phone.unexpected() == desk.unexpected() == []

"""Somebody runs late: whoever waits reads it on the page they have open, and has it by mail."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from portal_app.core import clock
from portal_app.features.booking import service as booking
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import ZONE, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import body

pytestmark = pytest.mark.asyncio(loop_scope="session")

LAST_MINUTE = time(23, 59)
"""A visit that is to come today, whenever this runs."""
PUT_AT = """
with moved as (
  update slot set starts_at = :at, ends_at = :at + interval '20 minutes'
  where id = (select slot_id from appointment where id = :id)
)
update appointment set starts_at = :at, ends_at = :at + interval '20 minutes' where id = :id
"""


@pytest.mark.parametrize("locale", ["ar"])
async def test_whoever_waits_reads_it_at_once_and_has_it_by_mail(
    arrive: Arrive, house: House, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    today = clock.now().astimezone(ZoneInfo(ZONE)).date()
    async with practices.database.act_as_system("test") as tx:
        at = datetime.combine(today, LAST_MINUTE, ZoneInfo(ZONE))
        await tx.execute(PUT_AT.replace(":at", "cast(:at as timestamptz)"), {"id": booked.id, "at": at})
    phone, home = await arrive(locale), await arrive(locale)
    for walker, address in ((phone, f"/appointments/{booked.id}"), (home, "/")):
        await walker.let_in(patient)
        await walker.open(address)
        await expect(walker.page.locator("[aria-busy=true]")).to_have_count(0)

    # When the clinician says it
    async with practices.database.act_as(doctor.account.credential, "booking.say_delay") as tx:
        await booking.say_delay(tx, doctor.practitioner_id, 20)

    # Then both open pages say so, in a place that is read out, and a mail comes
    said = phone.say("We are running about {late} late. Your visit will begin later than planned.").split("{")[0]
    for walker in (phone, home):
        await expect(walker.page.get_by_role("status").filter(has_text=said.strip())).to_be_visible()
        assert await axe_findings(walker.page, axe) == []
        assert await overflow(walker.page) == []
        assert walker.unexpected() == []
    mail = body(await house.mail(patient.email, "appointment_running_late"))
    assert f"/appointments/{booked.id}" in mail
    assert doctor.name not in mail

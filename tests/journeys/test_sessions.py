"""A phone that was left somewhere is signed out from another device, while its page is open."""

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_ending_a_session_from_another_device_closes_its_open_page(
    arrive: Arrive, practices: Practices, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    lost, found = await arrive(locale), await arrive(locale)
    await lost.let_in(patient)
    await found.let_in(await practices.people.sign_in_again(patient))
    devtools = await lost.context.new_cdp_session(lost.page)
    await devtools.send("Emulation.setTimezoneOverride", {"timezoneId": "Europe/Madrid"})
    await lost.open("/appointments")
    await found.open("/profile/devices")
    there = found.page.get_by_role("button", name=found.say("Sign out there"))
    await expect(there).to_have_count(1)
    with i18n.use(locale):
        place = found.say("{city}, by the clock of the device", city=i18n.zone_city("Europe/Madrid"))
    await expect(found.page.get_by_text(place)).to_have_count(1)
    await there.click()
    await expect(found.page.get_by_text(found.say("That device is signed out."))).to_be_visible()
    await expect(there).to_have_count(0)
    await lost.at("/sign-in")

"""Who looked: what staff and the portal did with a chart is read by its patient, in plain words."""

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_patient_reads_who_opened_the_chart_and_why(arrive: Arrive, practices: Practices, locale: str) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    desk, phone = await arrive("en", DESK), await arrive(locale)
    await desk.let_in(await practices.people.staff("front_desk", name="Tomasina Ortiz"))
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))

    # When the front desk opens the chart twice
    for _ in range(2):
        await desk.open(f"/staff/patients/{patient.patient_id}")
        await expect(desk.heading("Who it is")).to_be_visible()

    # Then the patient finds it in one line, from their own page
    await phone.open("/profile")
    await phone.page.get_by_role("link", name=phone.say("Who looked")).click()
    await phone.at("/profile/who-looked")
    line = phone.page.get_by_role("listitem").filter(has_text="Tomasina Ortiz")
    await expect(line).to_have_count(1)
    await expect(line).to_contain_text(phone.say("Front desk"))
    await expect(line).to_contain_text(phone.say("Looked at name, birth date, contact details and appointments"))
    await expect(line).to_contain_text(phone.say("Looks after appointments and contact details"))

    # And their own acts are folded away until asked for
    own = phone.page.get_by_text(phone.say("Booked an appointment"), exact=True)
    await expect(own).to_be_hidden()
    await phone.page.locator("details > summary").last.press("Enter")
    await expect(own).to_be_visible()

    # And the portal's own lines can be read apart
    await phone.page.get_by_role("radio", name=phone.say("The portal itself"), exact=True).check()
    await expect(line).to_have_count(0)
    assert (phone.unexpected(), desk.unexpected()) == ([], [])

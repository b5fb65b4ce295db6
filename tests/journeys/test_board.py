"""The board of video visits: what it says of who waits, a message to all of them, and a visit handed over."""

import pytest
from playwright.async_api import expect

from portal_app.features.visits import service as visits
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")
HOME = visits.Whereabouts("12 Elm Street, Albany", "US-NY", "(718) 555-0143", "alone")


async def test_whoever_waits_reads_a_message_and_moves_along_to_the_colleague_who_lets_them_in(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor, colleague = await practices.doctor(), await practices.doctor()
    patient = await practices.patient(doctor)
    name = await practices.patient_name(patient)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    async with practices.database.act_as(patient.credential, "visits.join") as tx:
        check = visits.DeviceCheck("refused", "works", "not_heard", 80, 0, 2000, 2000)
        await visits.keep_check(tx, appointment_id, check)
        await visits.say_whereabouts(tx, appointment_id, HOME, agrees=True)
        await visits.join(tx, appointment_id)
    phone, desk, other = await arrive("en", PHONE), await arrive("en", DESK), await arrive("en", DESK)
    for walker, someone in ((phone, patient), (desk, doctor.account), (other, colleague.account)):
        await walker.let_in(someone)
    await phone.open(f"/visit?id={appointment_id}")
    await expect(phone.heading("You are in the waiting room")).to_be_visible()

    # Given a board that says how well whoever waits can be seen and heard
    await desk.open("/staff/visits")
    row = desk.page.get_by_role("row").filter(has_text=name)
    await expect(row.get_by_text("Camera not allowed · Does not hear, reads", exact=True)).to_be_visible()
    assert (await axe_findings(desk.page, axe), await overflow(desk.page)) == ([], [])

    # When the clinician writes to the waiting room, whoever waits reads it at once
    await desk.button("Message the waiting room").click()
    await desk.page.locator("#words").fill("Ten minutes more, sorry")
    await desk.button("Show it to them").click()
    await expect(phone.page.get_by_role("status").get_by_text("Ten minutes more, sorry", exact=True)).to_be_visible()

    # And hands the visit over, they wait for the colleague, who lets them in
    await row.get_by_role("button", name=f"Hand over: {name}", exact=True).click()
    sheet = desk.page.get_by_role("dialog", name="Hand over to whom?")
    await sheet.get_by_role("button").filter(has_text=colleague.name).click()
    await expect(phone.page.get_by_text(colleague.name)).to_be_visible()
    await expect(phone.heading("You are in the waiting room")).to_be_visible()
    await expect(row).to_have_count(0)
    await other.open("/staff/visits")
    theirs = other.page.get_by_role("row").filter(has_text=name)
    await theirs.get_by_role("button", name=f"Admit: {name}", exact=True).click()
    await other.at("/staff/visit")
    await expect(phone.heading("You are in the visit")).to_be_attached()
    people = other.page.get_by_role("listitem").filter(has_text="Camera not allowed")
    await expect(people.get_by_text(name, exact=True)).to_be_visible()

    # And whoever is taken out reads so, and asks to come in again
    await other.page.get_by_role("button", name=f"Take out: {name}", exact=True).click()
    await expect(phone.heading("You are not in this visit any more.")).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    await phone.button("Ask to come in").click()
    await expect(phone.heading("You are in the waiting room")).to_be_visible()
    assert [one.unexpected() for one in (phone, desk, other)] == [[], [], []]

"""What a patient changes about themself before a visit is seen old and new, and accepted one by one."""

from uuid import uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.coverage import service as coverages
from portal_app.features.profile import service as profile
from tests.browser import axe_findings, overflow
from tests.features.coverage.conftest import typed
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_change_from_check_in_is_seen_at_the_desk_old_and_new_and_accepted(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody whom to call that the practice has accepted, and the check-in open at the desk
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    strong = await practices.people.sign_in_again(patient, assurance=2)
    async with practices.database.act_as(strong.credential, "profile.change") as tx:
        await profile.name_emergency_contact(tx, profile.EmergencyContact("Ana Alvarez", "", "(555) 014-2200"))
        await profile.be_called(tx, "Mari")
    desk, nurse = await arrive(locale, DESK), await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await nurse.let_in(doctor.account)
    await desk.open(f"/staff/check-in?id={visit.id}")
    whom = desk.button("Accept: {what}", what=desk.say("In an emergency we call"))
    name = desk.button("Accept: {what}", what=desk.say("Wants to be called"))
    await expect(name).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await whom.click()
    await expect(whom).to_have_count(0)

    # When the patient names somebody else on their phone
    phone = await arrive("en", PHONE)
    await phone.let_in(strong)
    await phone.open(f"/profile/answer?q=emergency&visit={visit.id}")
    await phone.page.locator("#name").fill("Rosa Alvarez")
    await phone.page.locator("#phone").fill("(555) 014-7788")
    await phone.button("Save").click()
    await phone.at("/check-in", more=rf"\?id={visit.id}$")

    # Then both stand on the open page, each with its own button
    await expect(whom).to_be_visible()
    row = desk.page.get_by_role("listitem").filter(has=whom)
    await expect(row).to_contain_text("Rosa Alvarez")
    await expect(row).to_contain_text("Ana Alvarez")
    # Whoever treats the patient reads whom to call nowhere, so here no more than that it changed
    await nurse.open(f"/staff/before?id={visit.id}")
    theirs = nurse.page.get_by_role("listitem").filter(has_text=nurse.say("In an emergency we call"))
    await expect(theirs).to_be_visible()
    await expect(theirs.get_by_role("button")).to_have_count(0)
    await expect(nurse.page.get_by_text("Alvarez").filter(has_text="Rosa")).to_have_count(0)
    assert await axe_findings(nurse.page, axe) == await overflow(nurse.page) == []
    await nurse.button("Accept: {what}", what=nurse.say("Wants to be called")).click()
    await expect(name).to_have_count(0)
    await whom.click()
    await expect(whom).to_have_count(0)
    assert phone.unexpected() == desk.unexpected() == nurse.unexpected() == []


async def test_an_insurance_changed_at_check_in_stands_among_the_changes_and_is_looked_at_in_one_tap(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    desk, nurse = await arrive("en", DESK), await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await nurse.let_in(doctor.account)
    await desk.open(f"/staff/check-in?id={visit.id}")
    await nurse.open(f"/staff/before?id={visit.id}")
    await expect(nurse.heading("What the patient says is different")).to_be_visible()

    # When the patient writes an insurance down, both open pages say so, and the desk's leads to it
    strong = await practices.people.sign_in_again(patient, assurance=2)
    async with practices.database.act_as(strong.credential, "coverage.change") as tx:
        await coverages.add_coverage(tx, typed(), uuid4())
    theirs = nurse.page.get_by_role("listitem").filter(has_text="Insurance")
    await expect(theirs).to_contain_text("The front desk looks at it.")
    await expect(theirs.get_by_role("link")).to_have_count(0)
    look = desk.page.get_by_role("link", name="Look at it: Insurance", exact=True)
    await expect(look).to_be_visible()
    assert [await axe_findings(one.page, axe) for one in (desk, nurse)] == [[], []]
    await look.click()
    await desk.at("/staff/insurance", more=rf"\?patient={patient.patient_id}$")
    await desk.page.get_by_role("button", name="I looked at it").click()

    # Then nothing waits any more
    await expect(theirs).to_have_count(0)
    assert desk.unexpected() == nurse.unexpected() == []

"""The front desk on the telephone: find the caller, book in their name, while others try for the same time."""

import pytest
import pytest_asyncio
from playwright.async_api import ViewportSize, expect

from portal_app.core import i18n
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import DESK, PHONE, TABLET, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY_LANGUAGE = pytest.mark.parametrize("locale", list(i18n.LOCALES))


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


async def _at_the_desk(arrive: Arrive, practices: Practices, locale: str, size: ViewportSize = DESK) -> Walker:
    desk = await arrive(locale, size)
    await desk.let_in(await practices.people.staff("front_desk"))
    return desk


async def _find(desk: Walker, query: str, name: str) -> None:
    await desk.open("/staff/patients")
    await desk.page.locator("#query").fill(query)
    await desk.page.get_by_role("main").get_by_role("link").filter(has_text=name).click()
    await expect(desk.button("Book a visit for them")).to_be_visible()


async def _choose_a_visit(desk: Walker, practices: Practices, doctor: Doctor) -> None:
    await desk.button("Book a visit for them").click()
    # With whom comes first: times are looked for with the kind of visit, and these are then this clinician's alone.
    await desk.page.locator(f"input[value='{doctor.practitioner_id}']").check(force=True)
    await desk.page.locator(f"input[value='{practices.visit_type_id}']").check(force=True)
    await expect(desk.times.first).to_be_visible()


@pytest.mark.parametrize(("locale", "size"), [("en", PHONE), ("es", DESK), ("ar", TABLET)])
async def test_the_desk_books_for_a_caller_who_gets_the_mail(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor, locale: str, size: ViewportSize
) -> None:
    caller = await practices.patient(doctor, "Inés", locale=locale)
    desk = await _at_the_desk(arrive, practices, locale, size)
    name = await practices.patient_name(caller)

    await _find(desk, f"{name.split()[1].lower()} ines", name)
    await _choose_a_visit(desk, practices, doctor)
    await desk.times.first.click()
    await desk.page.get_by_role("dialog").get_by_role("button", name=desk.say("Book it")).click()

    await expect(desk.page.get_by_role("status").filter(has_text=name)).to_be_visible()
    assert await practices.statuses(caller) == ["booked"]
    assert await house.mail(caller.email, "appointment_booked")
    assert desk.unexpected() == []


@EVERY_LANGUAGE
async def test_the_desk_that_comes_second_is_told_and_shown_what_is_free(
    arrive: Arrive, practices: Practices, doctor: Doctor, locale: str
) -> None:
    """A patient books the time the desk is looking at."""
    caller, quick = await practices.patient(doctor, locale=locale), await practices.patient(doctor)
    desk = await _at_the_desk(arrive, practices, locale)
    name = await practices.patient_name(caller)
    await _find(desk, name, name)
    await _choose_a_visit(desk, practices, doctor)
    before = str(await desk.times.first.get_attribute("aria-label"))
    await desk.times.first.click()
    await practices.booked(quick, (await practices.free_times(quick, doctor))[0])

    await desk.page.get_by_role("dialog").get_by_role("button", name=desk.say("Book it")).click()

    taken = "That time has just been taken or is no longer offered. Nothing was booked; these are free now."
    await expect(desk.page.get_by_role("status").filter(has_text=desk.say(taken))).to_be_visible()
    await expect(desk.times.first).not_to_have_attribute("aria-label", before)
    assert await practices.statuses(caller) == []


async def test_a_patient_who_confirms_what_the_desk_has_just_booked_is_told(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    """The patient's hold has lapsed while their page was open; the desk books the time for somebody else."""
    slow, caller = await practices.patient(doctor), await practices.patient(doctor)
    phone, desk = await arrive(), await _at_the_desk(arrive, practices, "en")
    await phone.let_in(slow)
    await phone.to_confirmation()
    await practices.let_lapse((await practices.appointments(slow))[0].id)
    name = await practices.patient_name(caller)
    await _find(desk, name, name)
    await _choose_a_visit(desk, practices, doctor)
    await desk.times.first.click()
    await desk.page.get_by_role("dialog").get_by_role("button", name="Book it").click()
    await expect(desk.page.get_by_role("status").filter(has_text=name)).to_be_visible()

    await phone.book.click()

    await expect(phone.heading("You have not been booked")).to_be_visible()
    assert (await practices.statuses(slow), await practices.statuses(caller)) == ([], ["booked"])


async def test_a_chart_out_of_reach_is_not_there(arrive: Arrive, practices: Practices, doctor: Doctor) -> None:
    hidden: Someone = await practices.people.patient("Vera", "Verborgen", confidentiality="V")
    desk = await _at_the_desk(arrive, practices, "en")
    await desk.open(f"/staff/patients/{hidden.patient_id}")
    await expect(desk.heading("We could not find that chart")).to_be_visible()

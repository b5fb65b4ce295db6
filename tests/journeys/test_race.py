"""Two people want one time; one person taps twice, goes back, reloads and opens a second tab."""

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.core import i18n
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
TAKEN = "Someone else has just taken that time. You have not been booked. Choose another time."


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


async def _patient(arrive: Arrive, practices: Practices, doctor: Doctor, locale: str = "en") -> Walker:
    walker = await arrive(locale)
    await walker.let_in(await practices.patient(doctor, locale=locale))
    return walker


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_who_comes_second_to_a_time_is_told_and_takes_one_of_the_nearest_in_a_tap(
    arrive: Arrive, practices: Practices, doctor: Doctor, locale: str
) -> None:
    # Given two people who see the same times
    first, second = [await _patient(arrive, practices, doctor) for _ in range(2)]
    second.locale = locale
    await asyncio.gather(first.open("/book"), second.open("/book"))

    # When one confirms the first time and the other chooses the same
    await first.confirm_first_time()
    await second.times.first.click()

    # Then the other is told so plainly, and is offered three
    await expect(second.page.get_by_role("alert").filter(has_text=second.say(TAKEN))).to_be_visible()
    await expect(second.heading("You have not been booked")).to_be_visible()
    nearest = second.page.get_by_role("main").locator("ul button")
    await expect(nearest).to_have_count(3)

    # And one tap leads to the confirmation of another time
    await nearest.first.click()
    await expect(second.book).to_be_visible()
    for walker in (first, second):
        await walker.book.click()
        await expect(walker.heading("Your visit is booked")).to_be_visible()
    assert (first.unexpected(), second.unexpected()) == ([], [])


async def test_a_time_lost_between_the_hold_and_the_tap_is_told_with_the_nearest(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    """The hold had lapsed while the page was open, and somebody else has booked since."""
    slow, quick = await practices.patient(doctor), await practices.patient(doctor)
    phone = await arrive()
    await phone.let_in(slow)
    await phone.to_confirmation()
    (held,) = await practices.appointments(slow)
    await practices.let_lapse(held.id)
    taken = (await practices.free_times(quick, doctor))[0]
    assert (await practices.booked(quick, taken)).starts_at == held.starts_at

    await phone.book.click()

    await expect(phone.page.get_by_role("alert").filter(has_text=TAKEN)).to_be_visible()
    await expect(phone.page.get_by_role("main").locator("ul button")).to_have_count(3)
    assert await practices.statuses(slow) == []


async def test_two_people_who_tap_at_the_same_moment_are_one_booked_and_one_told(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    people = [await practices.patient(doctor) for _ in range(2)]
    walkers = [await arrive() for _ in people]
    for walker, person in zip(walkers, people, strict=True):
        await walker.let_in(person)
    await walkers[0].to_confirmation()
    (held,) = await practices.appointments(people[0])
    await practices.let_lapse(held.id)
    await walkers[1].to_confirmation()
    await practices.let_lapse((await practices.appointments(people[1]))[0].id)

    await asyncio.gather(*(walker.book.click() for walker in walkers))

    for walker in walkers:
        await expect(
            walker.heading("Your visit is booked").or_(walker.heading("You have not been booked"))
        ).to_be_visible()
    statuses = [await practices.statuses(person) for person in people]
    assert sorted(statuses) == [[], ["booked"]]


async def test_two_taps_on_the_button_make_one_appointment(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    patient = await practices.patient(doctor)
    phone = await arrive()
    await phone.let_in(patient)
    await phone.to_confirmation()

    await phone.book.dblclick()

    await expect(phone.heading("Your visit is booked")).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]


async def test_two_tabs_with_the_same_time_come_to_the_same_appointment(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    patient = await practices.patient(doctor)
    phone = await arrive()
    await phone.let_in(patient)
    await phone.to_confirmation()
    other = await phone.another_tab()
    await other.page.goto(phone.page.url)
    await expect(other.book).to_be_visible()

    for tab in (phone, other):
        await tab.book.click()
        await expect(tab.heading("Your visit is booked")).to_be_visible()

    assert phone.appointment_id == other.appointment_id
    assert await practices.statuses(patient) == ["booked"]


async def test_a_second_tab_takes_the_hold_along_and_both_tabs_say_the_truth(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    patient = await practices.patient(doctor)
    phone = await arrive()
    await phone.let_in(patient)
    await phone.to_confirmation()
    other = await phone.another_tab()
    await other.open("/book")
    await other.times.nth(3).click()
    await expect(other.book).to_be_visible()

    await other.book.click()
    await expect(other.heading("Your visit is booked")).to_be_visible()
    await phone.book.click()
    await expect(phone.heading("Your visit is booked")).to_be_visible()

    assert phone.appointment_id != other.appointment_id
    assert await practices.statuses(patient) == ["booked", "booked"]


async def test_reload_and_back_after_booking_come_to_the_appointment_not_to_another(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    patient = await practices.patient(doctor)
    phone = await arrive()
    await phone.let_in(patient)
    await phone.to_confirmation()
    confirming = phone.page.url
    await phone.book.click()
    await expect(phone.heading("Your visit is booked")).to_be_visible()
    booked = phone.appointment_id

    await phone.page.reload()
    await expect(phone.page.get_by_role("main").get_by_text("Booked").first).to_be_visible()
    await phone.page.go_back()
    await phone.at("/book")
    await phone.page.goto(confirming)
    await phone.at("/appointments/", more=r"[0-9a-f-]{36}.*")

    assert phone.appointment_id == booked
    assert await practices.statuses(patient) == ["booked"]


async def test_back_from_the_confirmation_gives_the_time_back_to_others(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    patient, other = await practices.patient(doctor), await practices.patient(doctor)
    first = (await practices.free_times(other, doctor))[0]
    phone = await arrive()
    await phone.let_in(patient)
    await phone.to_confirmation()
    assert (await practices.free_times(other, doctor))[0] != first

    await phone.page.get_by_role("button", name=phone.say("Back")).click()
    await phone.at("/book")

    assert (await practices.free_times(other, doctor))[0] == first

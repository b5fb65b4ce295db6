"""The session ends, the time runs out, the server goes away: nothing typed is lost and nothing is booked twice."""

import signal
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.state.confirm import WARN_BEFORE_S
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import HOLD_FILE, House
from tests.journeys.walker import AWAY, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
WORDS = "My knee hurts since Monday"
ENDING = "We keep this time for you for one more minute."
LAPSED = "We could not keep that time any longer. Choose a time again; it may still be free."


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


@pytest_asyncio.fixture(loop_scope="session")
async def patient(practices: Practices, doctor: Doctor) -> Someone:
    return await practices.patient(doctor)


@pytest_asyncio.fixture(loop_scope="session")
async def phone(arrive: Arrive, patient: Someone) -> Walker:
    walker = await arrive()
    await walker.let_in(patient)
    return walker


async def test_a_session_that_ended_comes_back_to_the_same_step_with_the_words_typed(
    practices: Practices, patient: Someone, phone: Walker
) -> None:
    await phone.to_confirmation()
    confirming = phone.page.url
    await phone.reason.fill(WORDS)
    await practices.end_session(patient)

    await phone.book.click()
    await expect(phone.page.locator("#email")).to_be_visible()
    await phone.type_code(patient.email)

    await expect(phone.book).to_be_visible()
    assert phone.page.url == confirming
    await expect(phone.reason).to_have_value(WORDS)
    await phone.book.click()
    await expect(phone.page.get_by_text(WORDS)).to_be_visible()
    assert await practices.statuses(await practices.people.sign_in_again(patient)) == ["booked"]


async def test_somebody_else_who_signs_in_in_that_tab_does_not_see_the_words(
    practices: Practices, doctor: Doctor, patient: Someone, phone: Walker
) -> None:
    other = await practices.patient(doctor, "Mallory")
    await phone.to_confirmation()
    await phone.reason.fill(WORDS)
    await practices.end_session(patient)
    await phone.book.click()
    await expect(phone.page.locator("#email")).to_be_visible()

    await phone.type_code(other.email)

    await phone.at("/book/confirm", more=".*")
    await expect(phone.page.get_by_role("main").get_by_role("heading").first).to_be_visible()
    assert WORDS not in await phone.page.content()
    assert not await phone.page.locator(f"textarea:text('{WORDS}')").count()
    if await phone.reason.count():
        await expect(phone.reason).to_have_value("")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_hold_that_ends_is_warned_of_and_can_be_extended(
    arrive: Arrive, practices: Practices, hasty: House, patient: Someone, locale: str
) -> None:
    phone = await _hurried(arrive, hasty, patient, locale, hold_s=WARN_BEFORE_S + 2)
    await expect(phone.book).to_be_visible()
    (held,) = await practices.appointments(patient)

    warning = phone.page.locator(".dock").get_by_text(phone.say(ENDING))
    await expect(warning).to_be_visible()
    await phone.button("Keep it five more minutes").click()

    await expect(warning).to_be_hidden()
    (extended,) = await practices.appointments(patient)
    assert extended.held_until
    assert held.held_until
    assert extended.held_until - held.held_until > timedelta(minutes=3)


async def test_a_hold_that_ended_is_told_and_leads_back_to_the_times(
    arrive: Arrive, practices: Practices, hasty: House, patient: Someone
) -> None:
    phone = await _hurried(arrive, hasty, patient, "en", hold_s=4)

    await expect(phone.page.get_by_role("alert").filter(has_text=LAPSED)).to_be_visible()
    await expect(phone.book).to_be_hidden()
    await phone.link("Find another time").click()
    await expect(phone.times.first).to_be_visible()
    assert await practices.statuses(patient) == []


async def _hurried(arrive: Arrive, hasty: House, patient: Someone, locale: str, *, hold_s: int) -> Walker:
    """Return a phone on which a time is confirmed that is kept for some seconds only."""
    (hasty.settings.data_dir / HOLD_FILE).write_text(str(hold_s))
    phone = await arrive(locale, at=hasty)
    await phone.let_in(patient)
    await phone.open("/book")
    await phone.times.first.click()
    await phone.at("/book/confirm", more=".*")
    return phone


async def test_taps_while_the_server_hangs_make_one_appointment(
    practices: Practices, house: House, patient: Someone, phone: Walker
) -> None:
    await phone.to_confirmation()
    house.signal("web", signal.SIGSTOP)
    try:
        for _ in range(3):
            await phone.book.click()
    finally:
        house.signal("web", signal.SIGCONT)

    await expect(phone.heading("Your visit is booked")).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]


async def test_taps_while_the_server_is_gone_make_no_appointment_and_one_when_it_is_back(
    practices: Practices, house: House, patient: Someone, phone: Walker
) -> None:
    await phone.to_confirmation()
    await phone.reason.fill(WORDS)
    house.kill("web")
    try:
        await expect(phone.page.get_by_role("status").filter(has_text="You are offline")).to_be_visible()
        for _ in range(3):
            await phone.book.click(force=True)
    finally:
        house.start("web")
        await house.ready()

    await expect(phone.page.locator("html[data-away]")).to_have_count(0)
    await expect(phone.page.get_by_text("You are offline")).to_be_hidden()
    assert await practices.statuses(patient) == []
    await expect(phone.reason).to_have_value(WORDS)
    await phone.book.click()
    await expect(phone.heading("Your visit is booked")).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]
    assert phone.unexpected(AWAY) == []

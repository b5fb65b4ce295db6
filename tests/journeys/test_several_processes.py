"""Two web processes behind one address, with Redis between them: pages stay true, and one may die."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House, until
from tests.journeys.walker import AWAY, DESK, Walker

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.needs_redis]
WORDS = "My knee hurts since Monday"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pair(house_settings: Settings, pages: Path, practices: Practices, redis_url: str) -> AsyncIterator[House]:
    """Serve the shared clinic by two web processes."""
    given = {"port": unused_port(), "web_processes": 2, "redis_url": redis_url}
    pair = House(house_settings.model_copy(update=given), pages)
    pair.start("web")
    try:
        await _both_answer(pair)
        yield pair
    finally:
        pair.stop()


async def _both_answer(pair: House) -> None:
    """Wait until there are two, and each of them answers by itself."""

    async def look() -> bool:
        return len(_processes(pair)) == 2

    await until(look, what="two web processes")
    for process in _processes(pair):
        with _alone(pair, process):
            await pair.ready()


def _processes(pair: House) -> list[psutil.Process]:
    children = psutil.Process(pair.running["web"].pid).children()
    return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]


@contextmanager
def _alone(pair: House, process: psutil.Process) -> Iterator[None]:
    """Let one process take all that comes, while the other stands still."""
    others = [other for other in _processes(pair) if other.pid != process.pid]
    for other in others:
        other.suspend()
    try:
        yield
    finally:
        for other in others:
            other.resume()


async def test_what_is_booked_in_one_process_shows_on_the_day_page_in_the_other(
    arrive: Arrive, pair: House, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    one, other = _processes(pair)
    desk, phone = await arrive(size=DESK, at=pair), await arrive(at=pair)
    await desk.let_in(doctor.account)
    await phone.let_in(patient)
    with _alone(pair, one):
        await desk.open("/staff/schedule")
    with _alone(pair, other):
        await phone.to_confirmation()
    (held,) = await practices.appointments(patient)
    await desk.turn_to(held.starts_at)

    await phone.book.click()

    await expect(phone.heading("Your visit is booked")).to_be_visible()
    await expect(desk.page.get_by_role("row").filter(has_text="Booked")).to_have_count(1)
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


async def test_signing_out_in_one_process_ends_the_page_in_the_other(
    arrive: Arrive, pair: House, practices: Practices
) -> None:
    patient = await practices.patient(await practices.doctor())
    one, other = _processes(pair)
    # The same session in two browsers: those of one would share connections, and so the process.
    tab, second = await arrive(at=pair), await arrive(at=pair)
    for browser in (tab, second):
        await browser.let_in(patient)
    with _alone(pair, one):
        await tab.open("/appointments")
    with _alone(pair, other):
        await second.open("/profile")

    await second.button("Sign out").click()

    await tab.at("/sign-in")
    await second.at("/sign-in")


async def test_one_process_killed_leaves_the_other_answering_and_the_page_usable(
    arrive: Arrive, pair: House, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    one, other = _processes(pair)
    phone = await arrive(at=pair)
    await phone.let_in(patient)
    with _alone(pair, one):
        await phone.to_confirmation()
        await phone.reason.fill(WORDS)

    os.kill(one.pid, signal.SIGKILL)
    await pair.ready()
    assert other.is_running()

    await _book(phone)
    assert await practices.statuses(patient) == ["booked"]
    assert phone.unexpected(AWAY) == []
    await _both_answer(pair)


async def _book(phone: Walker) -> None:
    """Go on, on the page that was open all the time, once it has found the other process."""
    await expect(phone.page.get_by_text("You are offline")).to_be_hidden()
    await phone.answers()
    await expect(phone.reason).to_have_value(WORDS)
    await phone.book.click()
    await expect(phone.heading("Your visit is booked")).to_be_visible()
    await expect(phone.page.get_by_text(WORDS)).to_be_visible()

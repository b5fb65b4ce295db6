"""Two web processes behind one address, with Redis between them: pages stay true, and either may die."""

import os
import pickle
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import psutil
import pytest
import pytest_asyncio
from playwright.async_api import ViewportSize, expect
from redis.asyncio import Redis

from portal_app.core.errors import PagesAway
from portal_app.features.visits import service as visits
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.conftest import RedisServer
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House, until
from tests.journeys.walker import AWAY, DESK, PHONE, Walker

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.needs_redis]
SOCKETS = "token_manager_socket_record_"
WORDS = "My knee hurts since Monday"


@dataclass
class Pair:
    """A portal of two web processes, and what Redis knows of them."""

    house: House
    redis: Redis
    arrive: Arrive

    def processes(self) -> list[psutil.Process]:
        children = psutil.Process(self.house.running["web"].pid).children()
        return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]

    async def are_two(self) -> None:
        async def look() -> bool:
            return len(self.processes()) == 2

        await until(look, what="two web processes")

    async def kill_one(self) -> None:
        """Kill the older process, and return when there are two again."""
        oldest = min(self.processes(), key=lambda process: process.create_time())
        os.kill(oldest.pid, signal.SIGKILL)
        await self.house.ready()
        await self.are_two()

    async def open(self, someone: Someone, address: str, size: ViewportSize = PHONE) -> tuple[Walker, str]:
        """Open a page in a browser of its own; returns it with the name of the process that has its socket."""
        before = set(await self.redis.keys(f"{SOCKETS}*"))
        walker = await self.arrive(size=size, at=self.house)
        await walker.let_in(someone)
        await walker.open(address)

        async def look() -> str | None:
            fresh = set(await self.redis.keys(f"{SOCKETS}*")) - before
            records = [record for key in fresh if (record := await self.redis.get(key))]
            return str(pickle.loads(records[0]).instance_id) if records else None

        return walker, await until(look, what="the tab's socket to be known")

    async def open_in_both(self, someone: Someone, address: str, size: ViewportSize = PHONE) -> dict[str, Walker]:
        """Open a page again and again until both processes serve one; the system deals out connections by chance."""
        found: dict[str, Walker] = {}

        async def look() -> bool:
            walker, process = await self.open(someone, address, size)
            found[process] = walker
            return len(found) == 2

        await until(look, what="a page in each process")
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house_of_two(house_settings: Settings, house: House, redis_url: str) -> AsyncIterator[House]:
    """Serve the shared clinic a second time, by two web processes."""
    given = {"port": unused_port(), "web_processes": 2, "redis_url": redis_url}
    of_two = House(house_settings.model_copy(update=given), house.pages)
    of_two.start("web")
    try:
        await of_two.ready()
        yield of_two
    finally:
        of_two.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def pair(house_of_two: House, redis_url: str, arrive: Arrive) -> AsyncIterator[Pair]:
    async with Redis.from_url(redis_url) as redis:
        pair = Pair(house_of_two, redis, arrive)
        await pair.are_two()
        yield pair


async def test_what_is_booked_in_one_process_shows_on_the_day_page_in_the_other(
    pair: Pair, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    desks = await pair.open_in_both(doctor.account, "/staff/schedule", DESK)
    phone, _process = await pair.open(patient, "/book")
    await phone.confirm_first_time()
    (held,) = await practices.appointments(patient)
    for desk in desks.values():
        await desk.turn_to(held.starts_at)

    await phone.book.click()

    await expect(phone.heading("Your visit is booked")).to_be_visible()
    for desk in desks.values():
        await expect(desk.page.get_by_role("row").filter(has_text="Booked")).to_have_count(1)
        assert desk.unexpected() == []


async def test_who_waits_who_is_there_and_what_is_written_in_a_visit_is_the_same_in_both(
    pair: Pair, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    name = await practices.patient_name(patient)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    boards = await pair.open_in_both(doctor.account, "/staff/visits", DESK)
    phone, _process = await pair.open(patient, f"/visit?id={appointment_id}")

    async with practices.database.act_as(patient.credential, "visits.join") as tx:
        place = await visits.join(tx, appointment_id)

    for board in boards.values():
        row = board.page.get_by_role("row").filter(has_text=name)
        await expect(row.get_by_role("button", name=f"Admit: {name}", exact=True)).to_be_visible()
    async with practices.database.act_as(doctor.account.credential, "visits.host") as tx:
        await visits.admit(tx, place.visit_id, place.participant_id)
    rooms = await pair.open_in_both(doctor.account, f"/staff/visit?id={appointment_id}", DESK)
    await phone.page.locator("#words").fill("I am here")
    await phone.button("Send").click()
    for room in rooms.values():
        await expect(room.page.get_by_role("log").get_by_text("I am here", exact=True)).to_be_visible()
        await expect(room.page.get_by_role("list", name="In this visit").get_by_text(name)).to_be_visible()


async def test_signing_out_ends_the_pages_in_both_processes(pair: Pair, practices: Practices) -> None:
    patient = await practices.patient(await practices.doctor())
    tabs = await pair.open_in_both(patient, "/profile")

    await next(iter(tabs.values())).button("Sign out").click()

    for tab in tabs.values():
        await tab.at("/sign-in")


async def test_a_page_goes_on_by_itself_whichever_process_is_killed(pair: Pair, practices: Practices) -> None:
    patient = await practices.patient(await practices.doctor())
    phone, _process = await pair.open(patient, "/book")
    await phone.confirm_first_time()
    await phone.reason.fill(WORDS)

    for _turn in range(2):
        await pair.kill_one()

    await expect(phone.page.get_by_text("You are offline")).to_be_hidden()
    await phone.answers()
    await expect(phone.reason).to_have_value(WORDS)
    await phone.book.click()
    await expect(phone.heading("Your visit is booked")).to_be_visible()
    await expect(phone.page.get_by_text(WORDS)).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]
    assert phone.unexpected(AWAY) == []


async def test_a_redis_gone_is_said_and_the_page_says_by_itself_what_was_saved_when_it_is_back(
    pair: Pair, redis: RedisServer, practices: Practices
) -> None:
    patient = await practices.patient(await practices.doctor())
    phone, _process = await pair.open(patient, "/book")
    await phone.confirm_first_time()
    await phone.reason.fill(WORDS)

    redis.stop()
    try:
        await phone.book.click()
        # Whether the page of the new visit still fills hangs on what its process has just asked Redis.
        said = phone.page.locator("#notice").get_by_text(PagesAway.message)
        await expect(said.or_(phone.page.get_by_text(WORDS)).first).to_be_visible()
    finally:
        redis.start()

    await expect(phone.page.get_by_text(PagesAway.message)).to_be_hidden()
    await expect(phone.heading("Your visit is booked")).to_be_visible()
    await expect(phone.page.get_by_text(WORDS)).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]

"""One portal with a clinic for all journeys, and browsers to walk it with."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize

from portal_app.core import crypto
from portal_app.core.db import Database
from portal_app.operations import practice_money
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from portal_app.wiring import load_features
from tests.conftest import Server
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.house import PATIENCE_S, House
from tests.journeys.walker import PHONE, Walker
from tests.trail import assert_intact

Arrive = Callable[..., Awaitable[Walker]]
WITHOUT_WINDOWS = {
    "alerts", "bill_questions", "bills", "board", "by_reason", "call_back", "caregivers", "change", "chart",
    "check_in", "check_in_by_keys", "check_in_copay", "check_in_proof", "desk", "desk_by_keys", "emergency", "ending",
    "forms", "inbox", "kept_private", "keyboard_changes", "lost_phone", "money", "monitoring",
    "on_call", "opened_again", "other_peoples_ids", "others_forms", "paying", "place_settings", "practice_facts",
    "profile", "race", "reminder", "said_changes", "schedules", "seeing", "sessions", "step_up", "waiting", "way_out",
    "week", "who_looked",
}  # fmt: skip
"""The journeys, by the names of their files, that were seen to pass in the browser without windows. None has a camera,
a file that is chosen or saved, or a process that ends."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the served portal said last: the browser shows only that something did not come."""
    report = yield
    house = getattr(item, "funcargs", {}).get("house")
    if report.failed and isinstance(house, House):
        report.sections += [(f"The end of the portal's {name} log", house.log(name)) for name in house.running]
    return report


@pytest.fixture(scope="session")
def house_settings(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    name = f"test_journeys_{uuid4().hex[:12]}"
    server.run(f"create database {name} template {template} owner portal_owner strategy file_copy")
    settings = Settings(
        mode="demo",
        data_dir=tmp_path_factory.mktemp("journeys"),
        port=unused_port(),
        smtp_port=unused_port(),
        database_url=server.url(server.app, name),
        database_owner_url=server.url(server.owner, name),
    )
    return practice_money.with_practice(settings)


@pytest.fixture(autouse=True)
def _keys(house_settings: Settings) -> None:
    """Write with the keys of the served portal; other tests open rings of their own in this process."""
    crypto.load_key_ring(house_settings)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def practices(house_settings: Settings) -> AsyncIterator[Practices]:
    """Open the practice in the served portal's database."""
    crypto.load_key_ring(house_settings)
    load_features("policies")
    assert house_settings.database_url
    database = Database(house_settings.database_url, pool=4)
    practices = Practices(database)
    await practices.open()
    yield practices
    await database.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo_doctor(practices: Practices) -> Doctor:
    """Make the demo's people."""
    return await practices.demo_people()


@pytest.fixture(scope="session")
def _processes(house_settings: Settings, pages: Path, server: Server) -> Iterator[House]:
    house = House(house_settings, pages)
    house.start()
    yield house
    house.stop()
    assert_intact(house_settings, server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(_processes: House, practices: Practices, demo_doctor: Doctor) -> House:
    """Serve the portal as the demo does, worker and mailbox included."""
    await _processes.ready()
    return _processes


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hasty(house: House) -> AsyncIterator[House]:
    """Serve the same clinic a second time, with holds as short as `HOLD_FILE` says."""
    hasty = House(
        house.settings.model_copy(update={"port": unused_port()}), house.pages, app="tests.journeys.hasty:app"
    )
    hasty.start("web")
    try:
        await hasty.ready()
        yield hasty
    finally:
        hasty.stop()


@pytest.fixture
def chromium(request: pytest.FixtureRequest, chromium: Browser, bare_chromium: Browser) -> Browser:
    """Walk without windows where a journey can."""
    return bare_chromium if request.path.stem.removeprefix("test_") in WITHOUT_WINDOWS else chromium


@pytest_asyncio.fixture(loop_scope="session")
async def arrive(chromium: Browser, house: House) -> AsyncIterator[Arrive]:
    """Give each caller a browser of their own, with nothing remembered."""
    async with AsyncExitStack() as stack:

        async def open_browser(
            locale: str = "en", size: ViewportSize = PHONE, at: House = house, by: Browser = chromium
        ) -> Walker:
            # A portal behind https shows a certificate that only its own test vouches for.
            is_https = at.origin.startswith("https:")
            context = await by.new_context(viewport=size, accept_downloads=True, ignore_https_errors=is_https)
            context.set_default_timeout(PATIENCE_S * 1000)
            stack.push_async_callback(context.close)
            return Walker(await context.new_page(), at, locale)

        yield open_browser

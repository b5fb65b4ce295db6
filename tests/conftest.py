"""Fixtures that every test may ask for: a real PostgreSQL, a fresh database each, keys, people and charts."""

import gc
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy.engine import URL, make_url

from portal_app.core import crypto
from portal_app.core.db import Database
from portal_app.operations import migrate
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from portal_app.wiring import load_features
from tests.factories import Clinic

if TYPE_CHECKING:
    from playwright.async_api import Browser

TEMPLATE = "portal_test_template"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 3 * 2**30
_IN_MEMORY = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-url", default=os.environ.get("PORTAL_TEST_DATABASE_URL"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests and their programs write in memory, where there is room.

    Each test's copy of the database is some seven hundred files, each new key ring waits twice until it is on disk, and
    Chromium shares pictures between its processes in files.
    """
    if config.option.basetemp is None and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        for left in MEMORY.glob("portal-test-*"):
            if not Path("/proc", left.name.split("-")[2]).exists():  # of a run that was killed
                shutil.rmtree(left, ignore_errors=True)
        folder = config.stash[_IN_MEMORY] = Path(tempfile.mkdtemp(prefix=f"portal-test-{os.getpid()}-", dir=MEMORY))
        config.option.basetemp = folder / "tests"
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder := config.stash.get(_IN_MEMORY, None):
        shutil.rmtree(folder, ignore_errors=True)


_LEFT_OUT = pytest.StashKey[list[str]]()
SAID_CHARS = 1500
_NEEDED = {
    "needs_redis": ("PORTAL_TEST_REDIS", "several web processes", "a Redis server", "redis-server"),
    "needs_turn": ("PORTAL_TEST_TURN", "networks without UDP", "coturn", "coturn"),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a program that could not be had, and say so at the end; try once more what failed."""
    for item in items:
        item.add_marker(pytest.mark.flaky(reruns=1))
    config.stash[_LEFT_OUT] = []
    for marker, (variable, about, needed, package) in _NEEDED.items():
        without = [item for item in items if variable not in os.environ and item.get_closest_marker(marker)]
        if without:
            config.hook.pytest_deselected(items=without)
            items[:] = [item for item in items if item not in without]
            words = f"NOT TRIED: {len(without)} tests of {about}. They need {needed}, and there is none: install it"
            config.stash[_LEFT_OUT].append(f"{words} (Debian and Ubuntu: apt install {package}).")


def pytest_collection_finish() -> None:
    """Leave out of every later collection of garbage what is there for the whole run: modules, classes, the tests."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for words in config.stash.get(_LEFT_OUT, []):
        terminalreporter.write_line(words, red=True)
    for first in terminalreporter.stats.get("rerun", []):
        said = getattr(getattr(first.longrepr, "reprcrash", None), "message", None) or str(first.longrepr)
        words = f"NOT STEADY: {first.nodeid} was tried a second time. At first it said: {said[:SAID_CHARS]}"
        terminalreporter.write_line(words, yellow=True)


class Server:
    """A PostgreSQL server for the run, reached as its superuser."""

    def __init__(self, superuser: URL, owner: URL, app: URL) -> None:
        self.superuser, self.owner, self.app = superuser, owner, app

    def run(self, *statements: str) -> None:
        dsn = self.superuser.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def url(self, role: URL, database: str) -> str:
        return role.set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve PostgreSQL: the address given on the command line, else the embedded one."""
    given = request.config.getoption("--database-url")
    if given:
        yield _foreign_server(make_url(given))
        return
    from portal_app.operations import embedded_postgres

    embedded = embedded_postgres.start(tmp_path_factory.mktemp("postgres"))
    roles = (embedded.url(role, "postgres") for role in ("postgres", "portal_owner", "portal_app"))
    server = Server(*(make_url(url) for url in roles))
    # No test cuts the power, and a crash of the server alone loses nothing without these.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.run(f"alter system set {setting} = off")
    server.run("select pg_reload_conf()")
    yield server
    embedded.stop()


def _foreign_server(superuser: URL) -> Server:
    superuser = superuser.set(drivername="postgresql+psycopg")
    password = uuid4().hex
    users = [superuser.set(username=role, password=password) for role in ("portal_owner", "portal_app")]
    server = Server(superuser, *users)
    for role in ("portal_owner", "portal_app"):
        server.run(
            f"do $$ begin create role {role} login; exception when duplicate_object then null; end $$",
            f"alter role {role} password '{password}' nosuperuser nobypassrls",
        )
    return server


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """Migrate one database that every test's own is copied from."""
    server.run(f"drop database if exists {TEMPLATE} with (force)", f"create database {TEMPLATE} owner portal_owner")
    migrate.upgrade(server.url(server.owner, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def settings(server: Server, template: str, tmp_path: Path) -> Iterator[Settings]:
    """Give this test a database and a data folder of its own."""
    name = f"test_{uuid4().hex[:12]}"
    server.run(f"create database {name} template {template} owner portal_owner strategy file_copy")
    yield Settings(
        mode="test",
        data_dir=tmp_path / "data",
        database_url=server.url(server.app, name),
        database_owner_url=server.url(server.owner, name),
    )
    server.run(f"drop database {name} with (force)")


@pytest.fixture
def keys(settings: Settings) -> None:
    """Open a key ring of this test's own."""
    crypto.load_key_ring(settings)


@pytest.fixture
async def database(settings: Settings, keys: None) -> AsyncIterator[Database]:
    """Connect as the role that owns nothing, with every policy known, whichever tests have run before."""
    load_features("policies")
    assert settings.database_url
    database = Database(settings.database_url, pool=5)
    yield database
    await database.close()


@pytest.fixture
def clinic(database: Database) -> Clinic:
    """Make people, charts and sessions."""
    return Clinic(database)


class RedisServer:
    """A Redis that writes nothing to the disk, to be stopped and started again where it was."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, unused_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [os.environ["PORTAL_TEST_REDIS"], "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _wait_until_listening(self.port)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Serve a Redis for the run."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()
    assert list(server.folder.iterdir()) == []


@pytest.fixture(scope="session")
def redis_url(redis: RedisServer) -> str:
    """Return the address of the Redis of the run."""
    return redis.url


def _wait_until_listening(port: int, limit_s: float = 60) -> None:
    limit = time.monotonic() + limit_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < limit, "Redis did not start"
            time.sleep(0.02)
        else:
            return


@pytest.fixture(scope="session")
def pages() -> Path:
    """Build the pages once for these sources."""
    from portal_app.operations.build import ensure_built
    from portal_app.operations.places import Places

    return ensure_built(Places.from_environment(), print)


@pytest.fixture(scope="session")
def axe() -> str:
    """Return axe-core's source."""
    from tests.browser import axe_source

    return axe_source()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator["Browser"]:
    """Start the browser once for the whole run; each test has a context of its own in it."""
    from tests.browser import running_chromium

    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bare_chromium() -> AsyncIterator["Browser"]:
    """Start the browser without windows, where there is one: for what looks at page after page."""
    from tests.browser import BARE_CHROMIUM, running_chromium

    async with running_chromium(program=BARE_CHROMIUM) as browser:
        yield browser

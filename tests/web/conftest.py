"""The production build under the production server, with a database of its own."""

import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portal_app.core import crypto, realtime
from portal_app.core.db import Database
from portal_app.operations.places import CHECKOUT, Places
from portal_app.operations.startup import unused_port
from portal_app.operations.web_server import web_program
from portal_app.settings import Settings
from portal_app.web import cookies
from portal_app.wiring import load_features
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.trail import assert_intact
from tests.web.wire import PATIENCE_S


@dataclass(frozen=True)
class Portal:
    """A web process that runs, and how to reach it."""

    settings: Settings
    pages: Path
    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def origin(self) -> str:
        return self.settings.public_origin

    @property
    def cookie_name(self) -> str:
        return cookies.cookie_name(self.settings)

    def headers(self, secret: str, **others: str) -> dict[str, str]:
        """Return what a browser with this secret would send from one of our own pages."""
        return {"Origin": self.origin, "Cookie": f"{self.cookie_name}={secret}", **others}

    def signed_in(self, someone: Someone) -> dict[str, str]:
        return self.headers(someone.credential.session_secret)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        wanted = {"Accept": "text/html", **(headers or {})}
        return httpx.get(self.origin + path, headers=wanted, trust_env=False, timeout=PATIENCE_S)

    def post(self, path: str, headers: dict[str, str], **body: Any) -> httpx.Response:
        return httpx.post(self.origin + path, headers=headers, trust_env=False, timeout=PATIENCE_S, **body)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")


@pytest.fixture(scope="session")
def web_settings(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Make the database of all web tests; after the last of their raw attacks its audit trail is whole."""
    name = f"test_web_{uuid4().hex[:12]}"
    server.run(f"create database {name} template {template} owner portal_owner strategy file_copy")
    settings = Settings(
        mode="test",
        data_dir=tmp_path_factory.mktemp("web"),
        port=unused_port(),
        database_url=server.url(server.app, name),
        database_owner_url=server.url(server.owner, name),
    )
    yield settings
    assert_intact(settings, server)


def serve(settings: Settings, pages: Path, target: str) -> Iterator[Portal]:
    """Run a web process until the generator ends."""
    log_path = settings.data_dir / f"{target}-{settings.port}.log"
    program = web_program(settings, Places.from_environment(), pages, log_path)
    command = [target if part == "portal_app.portal_app:app" else part for part in program.command]
    process = replace(program, command=command).start()
    portal = Portal(settings, pages, process, log_path)
    try:
        _wait_until_ready(portal)
        yield portal
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait_until_ready(portal: Portal) -> None:
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit and portal.process.poll() is None:
        try:
            if portal.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"the portal did not start:\n{portal.log()[-4000:]}")


@pytest.fixture(scope="session")
def portal(web_settings: Settings, pages: Path) -> Iterator[Portal]:
    """Serve the portal as it is."""
    yield from serve(web_settings, pages, "portal_app.portal_app:app")


@pytest.fixture(scope="session")
def careless(web_settings: Settings, pages: Path) -> Iterator[Portal]:
    """Serve the portal with `careless.py` in it, in a second process on the same database."""
    assert (CHECKOUT / "tests" / "web" / "careless.py").exists()
    settings = web_settings.model_copy(update={"port": unused_port()})
    yield from serve(settings, pages, "tests.web.careless:app")


@asynccontextmanager
async def people_of(web_settings: Settings) -> AsyncIterator[Clinic]:
    """Open the served portal's database to make people in it."""
    crypto.load_key_ring(web_settings)
    load_features("policies")
    assert web_settings.database_url
    database = Database(web_settings.database_url, pool=2)
    yield Clinic(database)
    await database.close()


@pytest.fixture
async def people(web_settings: Settings) -> AsyncIterator[Clinic]:
    """Make people in the served portal's database."""
    async with people_of(web_settings) as people:
        yield people


async def tell(people: Clinic, *topics: str) -> None:
    """Announce a change as another process would."""
    async with people.database.act_as_system("test") as tx:
        await realtime.announce(tx, *topics)

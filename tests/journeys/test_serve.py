"""`./portal serve` for real people: behind a proxy that ends TLS, with keys of its own and nothing of the demo."""

import json
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.core import crypto
from portal_app.core.db import Database
from portal_app.operations.places import CHECKOUT, Places
from portal_app.operations.startup import unused_port
from portal_app.operations.web_server import process_environment
from portal_app.settings import Settings
from portal_app.web.cookies import cookie_name
from tests.conftest import Server
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import PATIENCE_S, House, until
from tests.journeys.tls_proxy import TlsProxy, certificate
from tests.journeys.walker import Walker
from tests.web.relay import Relay

pytestmark = pytest.mark.asyncio(loop_scope="session")
BROWSER, FORGED = "203.0.113.7", "198.51.100.99"
WORDS = "My knee hurts since Monday"


@pytest.fixture(scope="module")
def relay(server: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """Lead to a database of the served portal's own, by a way that can be cut."""
    name = f"test_serve_{uuid4().hex[:12]}"
    server.run(f"create database {name} template {template} owner portal_owner strategy file_copy")
    relay = Relay(server.url(server.app, name), tmp_path_factory.mktemp("r"))
    yield relay
    relay.stop()


@pytest.fixture(scope="module")
def serve_settings(relay: Relay, pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settle a portal in a folder of its own, which holds keys that an operator made, and the finished pages."""
    folder = tmp_path_factory.mktemp("serve")
    settings = Settings(
        mode="serve",
        data_dir=folder,
        port=unused_port(),
        origin=f"https://localhost:{unused_port()}",
        proxy_hops=1,
        smtp_port=unused_port(),
        database_url=relay.url,
    )
    (folder / "pages").symlink_to(pages.parent)
    making = [sys.executable, "-m", "portal_app.cli", "keys", "make"]
    subprocess.run(making, env=process_environment(settings, Places.from_environment()), cwd=CHECKOUT, check=True)
    return settings


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(
    serve_settings: Settings, pages: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    pem = certificate(tmp_path_factory.mktemp("tls"))
    port = httpx.URL(serve_settings.origin).port
    assert port
    proxy = TlsProxy(pem, port, serve_settings.port, BROWSER)
    await proxy.start()
    house = House(serve_settings, pages, trusted=ssl.create_default_context(cafile=str(pem)))
    house.start("mail", "serve")
    try:
        await house.ready()
        yield house
    finally:
        house.stop()
        await proxy.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def clinic(served: House, relay: Relay) -> AsyncIterator[Practices]:
    crypto.load_key_ring(served.settings)
    database = Database(relay.url, pool=2)
    practices = Practices(database)
    await practices.open()
    yield practices
    await database.close()


@pytest.fixture(autouse=True)
def _keys_of_the_served(_keys: None, serve_settings: Settings) -> None:
    crypto.load_key_ring(serve_settings)


@pytest_asyncio.fixture(loop_scope="session")
async def patient(clinic: Practices) -> Someone:
    return await clinic.patient(await clinic.doctor())


@pytest_asyncio.fixture(loop_scope="session")
async def phone(arrive: Arrive, served: House) -> Walker:
    """A phone that claims to sit elsewhere than it does."""
    walker = await arrive(at=served)
    await walker.context.set_extra_http_headers({"X-Forwarded-For": FORGED})
    return walker


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(served: House) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the address people open, without a browser."""
    verify = served.trusted or True
    async with httpx.AsyncClient(base_url=served.origin, verify=verify, trust_env=False, timeout=PATIENCE_S) as client:
        yield client


async def test_a_visit_is_booked_over_https_and_the_logs_say_nothing_of_the_patient(
    served: House, clinic: Practices, patient: Someone, phone: Walker
) -> None:
    await phone.sign_in_by_code(patient.email)
    await phone.at("/")
    await phone.to_confirmation()
    await phone.reason.fill(WORDS)
    await phone.book.click()

    await expect(phone.heading("Your visit is booked")).to_be_visible()
    await served.mail(patient.email, "appointment_booked")
    assert await clinic.statuses(patient) == ["booked"]
    assert phone.unexpected() == []
    lines = (served.settings.data_dir / f"serve-{served.settings.port}.log").read_text().splitlines()
    assert all({"event", "level", "timestamp"} <= json.loads(line).keys() for line in lines)
    private = [patient.email, WORDS, *(await clinic.patient_name(patient)).split()]
    assert [line for line in lines if any(word in line for word in private)] == []


async def test_the_session_is_in_a_cookie_that_only_https_and_this_address_see(
    served: House, patient: Someone, phone: Walker
) -> None:
    await phone.sign_in_by_code(patient.email)
    await phone.at("/")

    (session,) = (one for one in await phone.context.cookies() if one["name"] == cookie_name(served.settings))
    assert session["name"].startswith("__Host-")
    assert (session["secure"], session["httpOnly"], session["sameSite"]) == (True, True, "Lax")
    assert (session["domain"], session["path"]) == ("localhost", "/")


async def test_the_trail_has_the_address_that_our_proxy_saw_not_the_one_the_browser_claimed(
    clinic: Practices, patient: Someone, phone: Walker
) -> None:
    await phone.sign_in_by_code(patient.email)
    await phone.at("/")

    async with clinic.database.act_as_system("test") as tx:
        rows = await tx.all("select distinct address from audit_event where person_id = :id", {"id": patient.person_id})
    assert [row.address for row in rows] == [BROWSER]


async def test_every_answer_tells_the_browser_to_come_back_by_https_and_to_run_our_scripts_alone(
    served: House, visitor: httpx.AsyncClient
) -> None:
    for path in ("/sign-in", "/es/sign-in", "/healthz", "/no-such-page"):
        headers = (await visitor.get(path)).headers
        assert headers["strict-transport-security"].startswith("max-age=31536000"), path
        assert "unsafe-eval" not in headers["content-security-policy"], path
    policy = (await visitor.get("/sign-in")).headers["content-security-policy"]
    scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert f"wss://localhost:{httpx.URL(served.origin).port}" in policy


@pytest.mark.parametrize("path", ["/outbox", "/design", "/es/outbox", "/ar/design"])
async def test_no_page_of_the_demo_can_be_opened(visitor: httpx.AsyncClient, path: str) -> None:
    assert (await visitor.get(path)).status_code == 404


async def test_nobody_gets_in_by_a_tap_as_in_the_demo(served: House, visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/auth/demo", data={"person": str(uuid4())}, headers={"Origin": served.origin})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


async def test_it_is_alive_but_not_ready_while_the_database_is_gone(visitor: httpx.AsyncClient, relay: Relay) -> None:
    relay.cut()
    try:
        assert (await visitor.get("/readyz")).status_code == 503
        assert (await visitor.get("/healthz")).status_code == 200
    finally:
        relay.mend()

    async def is_back() -> bool:
        return (await visitor.get("/readyz")).status_code == 200

    await until(is_back, what="the portal to be ready again")

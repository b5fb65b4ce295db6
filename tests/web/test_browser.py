"""The production build in a real browser: nothing blocked, nobody else asked, one document per language."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Page, Request, Route, WebSocketRoute, expect

from portal_app.core import clock
from portal_app.features.access import service as access
from portal_app.settings import Settings
from portal_app.web.registry import all_pages
from tests.browser import PHONE
from tests.factories import Clinic, Someone
from tests.web.conftest import Portal, people_of
from tests.web.wire import PATIENCE_S

pytestmark = pytest.mark.asyncio(loop_scope="session")
STAFF = ("clinician", "nurse", "front_desk", "billing", "manager")


@dataclass
class Browser:
    """A phone's browser, and all it complained about."""

    context: BrowserContext
    page: Page
    portal: Portal
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def sign_in(self, someone: Someone) -> None:
        secret = someone.credential.session_secret
        name = self.portal.cookie_name
        await self.context.add_cookies(
            [{"name": name, "value": secret, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True}]
        )

    async def open(self, path: str) -> None:
        await self.page.goto(self.portal.origin + path)
        await expect(self.page.locator("html[data-ready]")).to_have_count(1)


@pytest_asyncio.fixture(loop_scope="session")
async def browser(portal: Portal, bare_chromium: Chromium) -> AsyncIterator[Browser]:
    context = await bare_chromium.new_context(viewport=PHONE)
    context.set_default_timeout(PATIENCE_S * 1000)
    page = await context.new_page()
    browser = Browser(context, page, portal)
    page.on("request", lambda request: browser.requests.extend([request]))
    page.on("pageerror", lambda error: browser.complaints.append(str(error)))
    page.on("console", lambda said: browser.complaints.append(said.text) if said.type == "error" else None)
    yield browser
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def people(web_settings: Settings) -> AsyncIterator[Clinic]:
    async with people_of(web_settings) as people:
        yield people


_PROVED = ("/contact", "/invite", "/who-looked")
"""How the addresses of pages end that ask for a second proof before they show anything."""

_VIDEO = ("/visit", "/room")
"""How the addresses of pages end that carry a picture, and may weigh 240 kB."""


def _addresses(*audiences: str) -> list[str]:
    bare = [page.route for page in all_pages() if page.audience in audiences and not page.is_dynamic]
    return [f"{prefix}{route}".rstrip("/") or "/" for route in bare for prefix in ("", "/es", "/ar")]


@pytest.mark.parametrize("audience", ["patient", "staff", "public"])
async def test_no_page_asks_another_host_or_complains(browser: Browser, people: Clinic, audience: str) -> None:
    patient = await people.patient()
    someone = await people.staff(*STAFF) if audience == "staff" else await people.sign_in_again(patient, assurance=2)
    await browser.sign_in(someone)
    for path in _addresses(audience):
        await browser.open(path)

    assert browser.complaints == []
    asked = {"{0.scheme}://{0.netloc}".format(urlsplit(request.url)) for request in browser.requests}
    assert asked == {browser.portal.origin}


@pytest.mark.parametrize(
    ("path", "language", "direction"), [("/", "en", "ltr"), ("/es", "es", "ltr"), ("/ar", "ar", "rtl")]
)
async def test_the_document_keeps_its_language_once_scripts_run(
    browser: Browser, people: Clinic, path: str, language: str, direction: str
) -> None:
    await browser.sign_in(await people.patient())
    await browser.open(path)

    await expect(browser.page.locator(f'html[lang="{language}"][dir="{direction}"]')).to_have_count(1)
    assert browser.complaints == []


async def test_a_page_stays_within_its_weight_on_first_load(browser: Browser, people: Clinic) -> None:
    maria = await people.patient()
    proved = await people.sign_in_again(maria, assurance=2)
    devtools = await browser.context.new_cdp_session(browser.page)
    await devtools.send("Network.enable")
    await devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    taken: list[float] = []
    heavy: dict[str, float] = {}
    devtools.on("Network.loadingFinished", lambda event: taken.append(event["encodedDataLength"]))
    for path in sorted(_addresses("patient", "public"), key=lambda path: path.endswith("/welcome")):
        await browser.sign_in(proved if path.endswith(_PROVED) else maria)
        if path.endswith("/welcome"):
            await _begin_first_steps(people, maria)  # last: until they are taken, home leads to them
        taken.clear()
        await browser.open(path)
        if sum(taken) > (240_000 if path.endswith(_VIDEO) else 180_000):
            heavy[path] = sum(taken)
    assert heavy == {}


async def _begin_first_steps(people: Clinic, someone: Someone) -> None:
    values = {"person": someone.person_id, "patient": someone.patient_id, "now": clock.now()}
    async with people.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into onboarding (person_id, patient_id, created_at) values (:person, :patient, :now)"
            " on conflict do nothing",
            values,
        )


async def test_an_address_no_screen_has_shows_the_plain_page(browser: Browser) -> None:
    await browser.page.goto(f"{browser.portal.origin}/ar/nowhere")

    await expect(browser.page.locator('html[lang="ar"][dir="rtl"] h1')).to_have_count(1)
    assert browser.page.url.endswith("/ar/nowhere")


async def test_back_after_signing_out_shows_nothing(browser: Browser, people: Clinic) -> None:
    await browser.sign_in(await people.patient())
    await browser.open("/")
    await browser.context.clear_cookies()
    await browser.page.goto(f"{browser.portal.origin}/sign-in")
    await browser.page.go_back()

    await expect(browser.page).to_have_url(re.compile(r"/sign-in\?next=/$"))


async def test_an_open_page_leaves_for_sign_in_when_its_session_ends_elsewhere(
    browser: Browser, people: Clinic
) -> None:
    patient = await people.patient()
    await browser.sign_in(patient)
    await browser.open("/es")
    await _end(people, patient)

    await expect(browser.page).to_have_url(re.compile(r"/es/sign-in\?next=/es$"))
    await expect(browser.page.locator("html[data-ready]")).to_have_count(1)


async def test_a_page_whose_session_ended_unheard_finds_out_by_itself(browser: Browser, people: Clinic) -> None:
    patient = await people.patient()
    await browser.sign_in(patient)
    has_ended = asyncio.Event()

    async def late(route: Route) -> None:
        await has_ended.wait()
        await route.continue_()

    await browser.page.route("**/assets/entry.client*.js", late)
    await browser.page.goto(f"{browser.portal.origin}/book", wait_until="commit")
    await _end(people, patient)
    has_ended.set()

    await expect(browser.page).to_have_url(re.compile(r"/sign-in\?next=/book$"))


@pytest.mark.parametrize("held_back", ["**/assets/entry.client*.js", "**/_event/**"], ids=["scripts", "socket"])
async def test_a_tap_before_the_page_answers_is_kept_and_its_words_never_reach_the_address(
    browser: Browser, held_back: str
) -> None:
    may_go_on = asyncio.Event()

    async def late(route: Route) -> None:
        await may_go_on.wait()
        await route.continue_()

    async def late_socket(socket: WebSocketRoute) -> None:
        await may_go_on.wait()
        socket.connect_to_server()

    if "_event" in held_back:
        await browser.page.route_web_socket("**/_event/**", late_socket)
    else:
        await browser.page.route(held_back, late)
    await browser.page.goto(f"{browser.portal.origin}/sign-in", wait_until="commit")
    await browser.page.locator("#email").fill("early@example.test")
    await browser.page.get_by_role("button", name="Send me a code").click()
    may_go_on.set()

    await expect(browser.page.locator("#code")).to_be_visible()
    assert not [one.url for one in browser.requests if "early" in one.url]


async def _end(people: Clinic, someone: Someone) -> None:
    async with people.database.act_as(someone.credential, "access.sign_out") as tx:
        await access.sign_out(tx)

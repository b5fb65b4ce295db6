"""A browser's whole way: to a certified provider and back, in by its word, and out of both."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import sign_in, single_sign_on
from portal_app.core import clock, db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.features.access import single_sign_on as feature
from portal_app.features.access.ports import Asked, EndedThere
from portal_app.integrations.oidc.provider import OidcProvider
from portal_app.settings import Settings
from portal_app.web import cookies
from portal_app.web.csp import plain_policy
from portal_app.web.documents import Documents
from portal_app.web.gate import Gate
from tests.contract.provider import CLIENT_ID, Provider, running, sign_in_there
from tests.factories import Clinic, Someone

wiring.load_features("policies")
ORIGIN = "http://localhost:4100"
NAME = cookies.cookie_name()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running(tmp_path_factory.mktemp("provider"), ORIGIN) as running_one:
        yield running_one


class Browser:
    """Follows what it is told to, with one jar of cookies for the portal and another for the provider."""

    def __init__(self, portal: httpx.AsyncClient, there: httpx.AsyncClient) -> None:
        self.portal, self.there = portal, there

    async def handed_over(self, path: str, **form: str) -> str:
        """Send a form to the portal and return where the page that comes goes on to."""
        page = (await self.portal.post(path, data={"locale": "es", **form})).text
        found = re.search(r'content="0;url=([^"]*)"', page)
        assert found, page
        return html.unescape(found[1])

    async def back_from(self, address: str, **typed: str) -> httpx.Response:
        """Do at the provider what it asks for, until it sends the browser back; return what the portal answers."""
        answer = await self.there.get(address)
        while not answer.headers.get("location", "").startswith(ORIGIN):
            if answer.is_redirect:
                answer = await self.there.get(answer.url.join(answer.headers["location"]))
            else:
                answer = await self._fill_in(answer, typed)
        return await self.portal.get(answer.headers["location"])

    async def _fill_in(self, page: httpx.Response, typed: dict[str, str]) -> httpx.Response:
        assert page.status_code == 200, page.text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        action = re.search(r'action="([^"]*)"', page.text)
        return await self.there.post(page.url.join(html.unescape(action[1]) if action else ""), data=hidden | typed)


@pytest.fixture
async def browser(database: Database, provider: Provider, tmp_path: Path) -> AsyncIterator[Browser]:
    db.use(database)
    feature.use_provider(OidcProvider(provider.settings_of_portal()))
    limits.forget_all()
    routes = [*single_sign_on.every_route, *sign_in.routes]
    gate = Gate(
        Starlette(routes=routes), settings=Settings(mode="serve", origin=ORIGIN), documents=Documents([], {}),
        static_root=tmp_path, routes=routes, database=db.opened,
    )  # fmt: skip
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url=ORIGIN, headers={"origin": ORIGIN}) as portal,
        httpx.AsyncClient(trust_env=False, timeout=60) as there,
    ):
        portal.cookies.set(NAME, "anon-desk")
        yield Browser(portal, there)
    feature.use_provider(None)
    limits.forget_all()
    db.use(None)


async def joined(browser: Browser, someone: Someone) -> str:
    """Come in for the first time and return the secret of the session that opens."""
    back = await browser.back_from(await browser.handed_over("/auth/single-sign-on"), login="ada")
    assert back.headers["location"] == "/es/sign-in?step=join&next=/join-account"
    join_secret = back.cookies[f"{NAME}-join"]
    browser.portal.cookies.set(NAME, someone.credential.session_secret)
    browser.portal.cookies.set(f"{NAME}-join", join_secret)
    answer = await browser.portal.post("/auth/single-sign-on/join", data={"locale": "es"})
    return str(answer.cookies[NAME])


async def test_joined_in_again_without_a_question_and_out_of_both(
    browser: Browser, clinic: Clinic, database: Database
) -> None:
    ada = await clinic.unproven("nurse")
    await joined(browser, ada)
    browser.portal.cookies.set(NAME, "anon-tomorrow")
    again = await browser.back_from(await browser.handed_over("/auth/single-sign-on", next="/staff/inbox"))
    assert again.headers["location"] == "/staff/inbox"
    async with database.act_as(Credential(again.cookies[NAME]), "access.who_am_i") as tx:
        assert (tx.actor.person_id, tx.actor.assurance) == (ada.person_id, 2)

    browser.portal.cookies.set(NAME, again.cookies[NAME])
    left = await browser.back_from(await browser.handed_over("/auth/sign-out"), logout="yes")
    assert left.headers["location"] == "/es/sign-in?done=signed-out"
    browser.portal.cookies.set(NAME, "anon-later")
    asked = await browser.there.get(await browser.handed_over("/auth/single-sign-on"), follow_redirects=True)
    assert "Sign in at the provider" in asked.text


async def test_who_stops_there_is_told_and_can_try_again(browser: Browser) -> None:
    back = await browser.back_from(await browser.handed_over("/auth/single-sign-on"), cancel="yes")
    assert "problem=sign_on_declined" in back.headers["location"]


async def test_a_notice_needs_no_page_of_ours_and_everything_else_does(browser: Browser, provider: Provider) -> None:
    at = int(clock.now().timestamp())
    claims = {
        "iss": provider.issuer, "aud": CLIENT_ID, "iat": at, "exp": at + 60, "jti": "1", "sub": "nobody-here",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }  # fmt: skip
    strange = {"origin": "https://elsewhere.test"}
    answers = [
        await browser.portal.post(f"/auth/{path}", data={"logout_token": provider.signed(claims)}, headers=strange)
        for path in ("single-sign-on/ended", "single-sign-on", "single-sign-on/join", "sign-out")
    ]
    assert [answer.status_code for answer in answers] == [200, 403, 403, 403]


async def test_the_pages_on_the_way_run_no_script_and_are_dressed(browser: Browser) -> None:
    page = await browser.portal.post("/auth/single-sign-on", data={"locale": "es"})
    policy = page.headers["content-security-policy"]
    assert plain_policy(page.text) == policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


async def test_the_notice_the_provider_itself_sends_is_understood(tmp_path: Path) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def hear(asked: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await asked.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head)
        assert length
        await heard.put((await asked.readexactly(int(length[1]))).decode())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(hear, "127.0.0.1", 0)
    origin = f"http://localhost:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        with running(tmp_path, origin) as provider:
            portal, asked = OidcProvider(provider.settings_of_portal()), Asked("s", "n", "v" * 50)
            async with httpx.AsyncClient(trust_env=False, timeout=60) as there:
                answered = await sign_in_there(await portal.address(asked, provider.back_to, anew=False), "ada", there)
                identity = await portal.identify(answered, asked, provider.back_to)
                page = await there.get(f"{provider.issuer}/session/end")
                await Browser(there, there)._fill_in(page, {"logout": "yes"})
            (notice,) = parse_qs(await heard.get())["logout_token"]
            assert await portal.ended(notice) == EndedThere(provider.issuer, "ada", identity.session)
    assert identity.session

"""Single sign-on over HTTP: where each step leads, and which cookies it sets."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import sign_in, single_sign_on
from portal_app.core import db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn
from portal_app.features.access import single_sign_on as feature
from portal_app.features.access.errors import ProviderAway, SignOnRefused
from portal_app.features.access.ports import Answered, Asked, EndedThere, Identity
from portal_app.web import cookies
from tests.factories import Clinic, Someone

wiring.load_features("policies")
NAME = cookies.cookie_name()
BEGIN, BACK = "/auth/single-sign-on", "/auth/single-sign-on/back"


class Somewhere:
    """A provider at which Ada signs in, and which can be away."""

    name, governed_roles = "Practice <account>", frozenset({"nurse"})
    is_away = False

    async def address(self, asked: Asked, back_to: str, *, anew: bool) -> str:
        self._require_there()
        return f"https://provider.test/authorize?state={asked.state}&redirect_uri={back_to}&anew={anew}"

    async def identify(self, answered: Answered, asked: Asked, back_to: str) -> Identity:
        self._require_there()
        if answered.code != "good":
            raise SignOnRefused
        return Identity("https://provider.test", "ada", "ada@provider.test", None, 2, None, "s-1", "a.b.c")

    async def leaving_address(self, token: str, back_to: str, locale: str) -> str | None:
        self._require_there()
        return f"https://provider.test/leave?token={token}&to={back_to}&state={locale}"

    async def ended(self, notice: str) -> EndedThere:
        if notice != "true":
            raise SignOnRefused
        return EndedThere("https://provider.test", "ada", "")

    def _require_there(self) -> None:
        if self.is_away:
            raise ProviderAway


@pytest.fixture
def provider() -> Iterator[Somewhere]:
    provider = Somewhere()
    feature.use_provider(provider)
    yield provider
    feature.use_provider(None)


@pytest.fixture
async def browser(database: Database, provider: Somewhere) -> AsyncIterator[httpx.AsyncClient]:
    db.use(database)
    limits.forget_all()
    app = Starlette(routes=[*single_sign_on.every_route, *sign_in.routes])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://localhost") as client:
        client.cookies.set(NAME, "anon-desk")
        yield client
    limits.forget_all()
    db.use(None)


async def went(browser: httpx.AsyncClient, target: str = "/staff/inbox") -> str:
    """Go to the provider and return the state it was given."""
    answer = await browser.post(BEGIN, data={"locale": "es", "next": target})
    assert answer.status_code == 200
    return answer.text.partition("state=")[2].partition("&")[0]


async def came_back(browser: httpx.AsyncClient, state: str, **said: str) -> httpx.Response:
    return await browser.get(BACK, params={"state": state, "code": "good", **said})


async def joined(browser: httpx.AsyncClient, who: Someone) -> httpx.Response:
    await came_back(browser, await went(browser))
    browser.cookies.set(NAME, who.credential.session_secret)
    return await browser.post("/auth/single-sign-on/join", data={"locale": "es"})


def problem_of(answer: httpx.Response) -> tuple[str, list[str]]:
    where = urlsplit(answer.headers["location"])
    return where.path, parse_qs(where.query)["problem"]


async def test_the_way_out_is_a_page_that_goes_on_to_the_provider(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(BEGIN, data={"locale": "es", "next": "/staff/inbox"})
    assert "Practice &lt;account&gt;" in answer.text
    assert 'content="0;url=https://provider.test/authorize?state=es.' in answer.text
    assert "redirect_uri=http://localhost:4100/auth/single-sign-on/back" in answer.text


@pytest.mark.parametrize(("anew", "asked"), [("", "anew=False"), ("yes", "anew=True")])
async def test_a_step_up_asks_people_to_prove_themselves_there_once_more(
    browser: httpx.AsyncClient, anew: str, asked: str
) -> None:
    answer = await browser.post(BEGIN, data={"locale": "en", "anew": anew})
    assert asked in answer.text


async def test_an_account_nobody_joined_leads_to_signing_in_here(browser: httpx.AsyncClient) -> None:
    answer = await came_back(browser, await went(browser))
    assert answer.headers["location"] == "/es/sign-in?step=join&next=/join-account"
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{NAME}-join=")
    assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=900")
    assert (await browser.get("/es/join-account")).headers["location"] == "/es/sign-in?next=/es/join-account"


async def test_signed_in_here_both_accounts_are_named_and_joined(
    browser: httpx.AsyncClient, clinic: Clinic, database: Database
) -> None:
    ada = await clinic.staff("nurse", name="Ada <b>")
    await came_back(browser, await went(browser))
    browser.cookies.set(NAME, ada.credential.session_secret)
    page = await browser.get("/ar/join-account")
    assert 'lang="ar" dir="rtl"' in page.text
    assert "<bdi>ada@provider.test</bdi>" in page.text
    assert "<bdi>Ada &lt;b&gt;</bdi>" in page.text
    answer = await browser.post("/auth/single-sign-on/join", data={"locale": "ar"})
    assert answer.status_code == 303
    assert answer.headers.get_list("set-cookie")[-1].startswith(f"{NAME}-join=;")
    with pytest.raises(NotSignedIn):  # the session of before has ended
        async with database.act_as(ada.credential, "access.who_am_i"):
            pass


async def test_joined_once_it_leads_where_the_person_wanted_to_go(browser: httpx.AsyncClient, clinic: Clinic) -> None:
    await joined(browser, await clinic.staff("nurse"))
    browser.cookies.set(NAME, "anon-desk")
    answer = await came_back(browser, await went(browser))
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/inbox")
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]


async def test_nobody_comes_back_from_the_provider_to_a_session_that_was_planted_in_their_browser(
    browser: httpx.AsyncClient, clinic: Clinic, database: Database
) -> None:
    ada, mallory = await clinic.staff("nurse"), await clinic.patient("Mallory")
    own = cookie_of(await joined(browser, ada))
    planted = mallory.credential.session_secret
    browser.cookies.clear()
    browser.cookies.set(NAME, planted)
    secret = cookie_of(await came_back(browser, await went(browser)))
    assert len({secret, planted, own}) == 3
    async with database.act_as(Credential(secret), "access.who_am_i") as tx:
        assert tx.actor.person_id == ada.person_id
    with pytest.raises(NotSignedIn):
        async with database.act_as(mallory.credential, "access.who_am_i"):
            pass


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"code": "replayed"}, "sign_on_refused"),
        ({"error": "access_denied"}, "sign_on_declined"),
        ({"state": "es.made-up"}, "sign_on_refused"),
    ],
)
async def test_what_fails_leads_to_signing_in_another_way(
    browser: httpx.AsyncClient, said: dict[str, str], problem: str
) -> None:
    answer = await browser.get(BACK, params={"state": await went(browser), "code": "good"} | said)
    assert problem_of(answer) == ("/es/sign-in", [problem])
    assert "set-cookie" not in answer.headers


async def test_a_way_back_is_good_once_and_for_the_browser_that_went(browser: httpx.AsyncClient) -> None:
    state = await went(browser)
    browser.cookies.set(NAME, "anon-other")
    assert problem_of(await came_back(browser, state)) == ("/es/sign-in", ["sign_on_refused"])
    browser.cookies.set(NAME, "anon-desk")
    assert "join" in (await came_back(browser, state)).headers["location"]
    assert problem_of(await came_back(browser, state)) == ("/es/sign-in", ["sign_on_refused"])


async def test_a_provider_that_is_away_is_said_before_and_after(
    browser: httpx.AsyncClient, provider: Somewhere
) -> None:
    state = await went(browser)
    provider.is_away = True
    for answer in (await browser.post(BEGIN, data={"locale": "es"}), await came_back(browser, state)):
        assert problem_of(answer) == ("/es/sign-in", ["provider_away"])


async def test_a_browser_goes_so_often_and_no_more(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_sign_on, "TRIES_PER_BROWSER", "1/10 minutes")
    await went(browser)
    assert problem_of(await browser.post(BEGIN, data={"locale": "es"})) == ("/es/sign-in", ["too_many_tries"])


async def test_signing_out_leads_past_the_provider(
    browser: httpx.AsyncClient, clinic: Clinic, provider: Somewhere
) -> None:
    session = cookie_of(await joined(browser, await clinic.staff("nurse")))
    browser.cookies.set(NAME, session)
    answer = await browser.post("/auth/sign-out", data={"locale": "ar"})
    assert (
        "https://provider.test/leave?token=a.b.c&amp;to=http://localhost:4100/auth/single-sign-on/left" in answer.text
    )
    assert answer.headers["set-cookie"].startswith(f"{NAME}=;")
    back = await browser.get("/auth/single-sign-on/left?state=ar")
    assert back.headers["location"] == "/ar/sign-in?done=signed-out"


async def test_signing_out_works_while_the_provider_is_away(
    browser: httpx.AsyncClient, clinic: Clinic, provider: Somewhere, database: Database
) -> None:
    session = cookie_of(await joined(browser, await clinic.staff("nurse")))
    browser.cookies.set(NAME, session)
    provider.is_away = True
    answer = await browser.post("/auth/sign-out", data={"locale": "en"})
    assert answer.headers["location"] == "/sign-in?done=signed-out"
    with pytest.raises(NotSignedIn):
        async with database.act_as(Credential(session), "access.sign_out"):
            pass


@pytest.mark.parametrize(("notice", "status"), [("true", 200), ("made up", 400), ("", 400)])
async def test_a_notice_of_the_providers_is_taken_if_it_is_true(
    browser: httpx.AsyncClient, notice: str, status: int
) -> None:
    answer = await browser.post("/auth/single-sign-on/ended", data={"logout_token": notice})
    assert (answer.status_code, answer.content) == (status, b"")


def test_without_a_provider_there_are_no_such_routes() -> None:
    assert single_sign_on.routes == []
    assert feature.provider_name() == ""


def cookie_of(answer: httpx.Response) -> str:
    given = (line.partition("=") for line in answer.headers.get_list("set-cookie"))
    return next(value.partition(";")[0] for name, _, value in given if name == NAME)

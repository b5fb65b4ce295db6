"""Passkeys over HTTP: questions as JSON, answers as forms, cookies and where they lead."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import passkeys
from portal_app.core import clock, db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn
from portal_app.features.access import rules
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.authenticator import Authenticator
from tests.factories import Clinic, Someone

wiring.load_features("policies")
SECRET = cookies.cookie_name()
LATER = rules.FRESH_LIFE * 2


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    db.use(database)
    limits.forget_all()
    transport = httpx.ASGITransport(Starlette(routes=passkeys.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4100") as client:
        yield client
    limits.forget_all()
    db.use(None)


async def send(browser: httpx.AsyncClient, path: str, secret: str, **form: str) -> httpx.Response:
    referer = "http://localhost:4100/es/profile/devices"
    headers = {"cookie": f"{SECRET}={secret}", "referer": referer, "user-agent": "Firefox/140.0 Windows"}
    return await browser.post(path, headers=headers, data={"locale": "es", **form})


async def added(browser: httpx.AsyncClient, who: Someone, device: Authenticator) -> httpx.Response:
    secret = who.credential.session_secret
    asked = (await send(browser, "/auth/passkey/new/question", secret)).json()
    return await send(browser, "/auth/passkey/new", secret, answer=device.make(asked))


async def signed_in(browser: httpx.AsyncClient, device: Authenticator, secret: str = "anon-phone") -> httpx.Response:
    asked = (await send(browser, "/auth/passkey/question", secret)).json()
    return await send(browser, "/auth/passkey", secret, answer=device.use(asked), next="/book")


def session_of(answer: httpx.Response) -> str:
    given = (line.partition("=") for line in answer.headers.get_list("set-cookie"))
    return next(value.partition(";")[0] for name, _, value in given if name == SECRET)


async def test_added_then_used_it_leads_where_the_person_wanted_to_go(
    browser: httpx.AsyncClient, clinic: Clinic
) -> None:
    maria, device = await clinic.patient(), Authenticator()
    assert (await added(browser, maria, device)).headers["location"] == "/es/profile/devices?done=added"
    answer = await signed_in(browser, device)
    assert (answer.status_code, answer.headers["location"]) == (303, "/book")
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]


async def test_the_session_of_before_ends_with_signing_in_once_more(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic
) -> None:
    maria, device = await clinic.patient(), Authenticator()
    await added(browser, maria, device)
    answer = await signed_in(browser, device, maria.credential.session_secret)
    assert session_of(answer) != maria.credential.session_secret
    with pytest.raises(NotSignedIn):
        async with database.act_as(maria.credential, "access.who_am_i"):
            pass
    async with database.act_as(Credential(session_of(answer)), "access.who_am_i") as tx:
        assert tx.actor.assurance == 1  # no more than what it was added with


async def test_a_wrong_answer_leads_back_to_signing_in_with_the_reason(browser: httpx.AsyncClient) -> None:
    answer = await signed_in(browser, Authenticator())
    assert answer.headers["location"] == "/es/sign-in?step=passkey&problem=passkey_refused&next=%2Fbook"
    assert "set-cookie" not in answer.headers


async def test_the_question_names_nobody_and_asks_who_holds_the_device_to_prove_it(browser: httpx.AsyncClient) -> None:
    asked = (await send(browser, "/auth/passkey/question", "anon-phone")).json()
    assert (asked["rpId"], asked["allowCredentials"], asked["userVerification"]) == ("localhost", [], "required")


async def test_a_browser_is_asked_so_often_and_no_more(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passkeys, "QUESTIONS_PER_BROWSER", "1/10 minutes")
    answers = [await send(browser, "/auth/passkey/question", "anon-phone") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 403]
    assert answers[1].json() == {"leave": "", "problem": "too_many_tries"}


async def test_adding_long_after_signing_in_leads_to_signing_in_once_more(
    browser: httpx.AsyncClient, clinic: Clinic
) -> None:
    maria, device = await clinic.patient(), Authenticator()
    secret, again = maria.credential.session_secret, "/es/sign-in?next=/es/profile/devices&step-up=1"
    asked = (await send(browser, "/auth/passkey/new/question", secret)).json()
    with clock.frozen_at(clock.now() + LATER):
        refused = await send(browser, "/auth/passkey/new/question", secret)
        late = await send(browser, "/auth/passkey/new", secret, answer=device.make(asked))
    assert refused.json() == {"leave": again, "problem": "step_up_needed"}
    assert late.headers["location"] == again


async def test_nobody_adds_without_a_session(browser: httpx.AsyncClient) -> None:
    refused = await send(browser, "/auth/passkey/new/question", "anon-phone")
    assert refused.json()["leave"] == "/es/sign-in?next=/es/profile/devices"
    assert "sign-in" in (await send(browser, "/auth/passkey/new", "anon-phone", answer="{}")).headers["location"]


async def test_what_is_not_a_passkey_is_not_added(browser: httpx.AsyncClient, clinic: Clinic) -> None:
    maria = await clinic.patient()
    answer = await send(browser, "/auth/passkey/new", maria.credential.session_secret, answer="{}")
    assert answer.headers["location"] == "/es/profile/devices?problem=passkey_refused"


def test_a_passkey_belongs_to_the_origin_s_host_or_to_what_was_set() -> None:
    assert Settings(origin="https://portal.clinic.example").passkey_site == "portal.clinic.example"
    assert (
        Settings(origin="https://portal.clinic.example", passkey_domain="clinic.example").passkey_site
        == "clinic.example"
    )

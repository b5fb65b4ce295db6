"""The forms of signing in and of choosing a language, without a socket and without JavaScript."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import sign_in
from portal_app.core import db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn
from portal_app.features.access import jobs, service
from portal_app.features.notify.tables import OutboxMessage
from portal_app.web import cookies
from tests.factories import Clinic, Someone

wiring.load_features("policies")
SECRET, KNOWN = cookies.cookie_name(), cookies.cookie_name() + "-known"


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    db.use(database)
    limits.forget_all()
    transport = httpx.ASGITransport(Starlette(routes=sign_in.routes))
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
        yield client
    limits.forget_all()
    db.use(None)


async def type_code(browser: httpx.AsyncClient, code: str, **cookie: str) -> httpx.Response:
    jar = "; ".join(f"{name}={value}" for name, value in ({SECRET: "anon-phone"} | cookie).items())
    return await browser.post("/auth/verify", headers={"cookie": jar}, data={"code": code, "next": "/book"})


async def code_for(database: Database, someone: Someone, browser: str = "anon-phone") -> str:
    async with database.act_as_visitor(browser, "access.ask_code") as tx:
        request_id = await service.ask_for_code(tx, someone.email, browser, "en")
    async with database.act_as_system("access.send_code") as tx:
        await jobs.answer_request(tx, request_id)
        newest = select(OutboxMessage.content).order_by(OutboxMessage.created_at.desc())  # type: ignore[call-overload,union-attr]
        return str((await tx.all(newest))[0].content["params"]["code"])


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    pairs = (line.partition("=") for line in answer.headers.get_list("set-cookie"))
    return {name: value for name, _, value in pairs}


async def test_signing_in_gives_a_session_and_what_the_browser_is_known_by(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic
) -> None:
    answer = await type_code(browser, await code_for(database, await clinic.patient()))
    given = cookies_of(answer)
    assert (answer.status_code, answer.headers["location"]) == (303, "/book")
    assert "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1209" in given[SECRET]
    assert given[KNOWN].endswith("Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=31536000")


async def test_nobody_signs_in_to_a_session_that_was_planted_in_their_browser(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic
) -> None:
    maria, mallory = await clinic.patient(), await clinic.patient("Mallory")
    planted = mallory.credential.session_secret
    answer = await type_code(browser, await code_for(database, maria, planted), **{SECRET: planted})
    secret = cookies_of(answer)[SECRET].partition(";")[0]
    async with database.act_as(Credential(secret), "access.who_am_i") as tx:
        assert tx.actor.person_id == maria.person_id
    with pytest.raises(NotSignedIn):
        async with database.act_as(mallory.credential, "access.who_am_i"):
            pass


async def test_signing_out_takes_the_session_away_and_leaves_the_browser_known(
    browser: httpx.AsyncClient, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    jar = f"{SECRET}={maria.credential.session_secret}; {KNOWN}=x"
    answer = await browser.post("/auth/sign-out", headers={"cookie": jar})
    assert cookies_of(answer).keys() == {SECRET}
    assert "cookies" not in answer.headers["clear-site-data"]


async def test_wrong_codes_of_new_browsers_are_counted_by_network_and_right_ones_are_not(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal_app.features.access.tries.WRONG_PER_NETWORK", ("2/10 minutes",))
    someone = [await clinic.patient() for _ in range(3)]
    for maria in someone:
        assert (await type_code(browser, await code_for(database, maria))).headers["location"] == "/book"
    wrong = [(await type_code(browser, "nothing")).headers["location"] for _ in range(3)]
    assert ["code_refused" in place for place in wrong] == [True, True, False]
    assert "too_many_tries" in wrong[2]


async def test_strangers_on_the_same_network_do_not_lock_a_known_browser_out(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal_app.features.access.tries.WRONG_PER_NETWORK", ("1/10 minutes",))
    maria = await clinic.patient()
    known = cookies_of(await type_code(browser, await code_for(database, maria)))[KNOWN].partition(";")[0]
    for _ in range(2):
        await type_code(browser, "nothing")
    code = await code_for(database, maria)
    assert "too_many_tries" in (await type_code(browser, code)).headers["location"]
    assert (await type_code(browser, code, **{KNOWN: known})).headers["location"] == "/book"


@pytest.mark.parametrize(("method", "kept"), [("GET", "en"), ("POST", "ar")])
async def test_a_language_is_remembered_by_a_form_alone_and_shown_by_a_link_too(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic, method: str, kept: str
) -> None:
    maria = await clinic.patient()
    headers = {
        "cookie": f"{SECRET}={maria.credential.session_secret}",
        "referer": "https://localhost/es/book?how=video",
    }
    answer = await browser.request(method, "/auth/language/ar", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ar/book?how=video")
    async with database.act_as(maria.credential, "access.who_am_i") as tx:
        assert tx.actor.locale == kept

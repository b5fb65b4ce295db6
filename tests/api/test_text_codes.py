"""The code of a text message over HTTP: a new cookie, the old session at its end, and the way back."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import text_codes as routes
from portal_app.core import db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn
from portal_app.features.patients import telecom
from portal_app.web import cookies
from tests.factories import Clinic, Someone
from tests.features.access.test_text_codes import NUMBER, ask, code

wiring.load_features("policies")
SECRET = cookies.cookie_name()


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    db.use(database)
    limits.forget_all()
    transport = httpx.ASGITransport(Starlette(routes=routes.routes))
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
        yield client
    limits.forget_all()
    db.use(None)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient(phone=NUMBER, phone_keys=telecom.keys(NUMBER))


async def send(browser: httpx.AsyncClient, secret: str, typed: str, target: str = "/profile/phone") -> httpx.Response:
    form = {"code": typed, "next": target, "locale": "es", "role": "manager", "assurance": "3", "person_id": "x"}
    return await browser.post("/auth/text-code", headers={"cookie": f"{SECRET}={secret}"}, data=form)


async def test_the_right_code_replaces_the_session_whatever_else_the_form_claims(
    browser: httpx.AsyncClient, database: Database, maria: Someone
) -> None:
    await ask(database, maria)
    answer = await send(browser, maria.credential.session_secret, await code(database))
    assert (answer.status_code, answer.headers["location"]) == (303, "/profile/phone")
    given = dict(line.partition("=")[::2] for line in answer.headers.get_list("set-cookie"))
    fresh = Credential(given[SECRET].partition(";")[0])
    async with database.act_as(fresh, "access.who_am_i") as tx:
        assert (tx.actor.assurance, tx.actor.person_id, {str(one) for one in tx.actor.roles}) == (
            2, maria.person_id, {"patient"},
        )  # fmt: skip
    with pytest.raises(NotSignedIn):
        async with database.act_as(maria.credential, "access.who_am_i"):
            pass


async def test_a_code_typed_into_a_session_that_was_planted_proves_nothing_there(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic, maria: Someone
) -> None:
    mallory = await clinic.patient("Mallory")
    await ask(database, maria)
    right = await code(database)
    answer = await send(browser, mallory.credential.session_secret, right)
    assert ("code_refused" in answer.headers["location"], "set-cookie" in answer.headers) == (True, False)
    for someone in (mallory, maria):
        async with database.act_as(someone.credential, "access.who_am_i") as tx:
            assert (tx.actor.person_id, tx.actor.assurance) == (someone.person_id, 1)
    answer = await send(browser, maria.credential.session_secret, right)
    assert answer.headers["location"] == "/profile/phone"


async def test_a_wrong_code_leads_back_with_the_reason_and_leaves_the_session(
    browser: httpx.AsyncClient, maria: Someone
) -> None:
    answer = await send(browser, maria.credential.session_secret, "nothing")
    assert answer.headers["location"] == "/es/text-code?next=%2Fprofile%2Fphone&step=code&problem=code_refused"
    assert "set-cookie" not in answer.headers


async def test_a_way_back_to_another_host_leads_home(
    browser: httpx.AsyncClient, database: Database, maria: Someone
) -> None:
    await ask(database, maria)
    answer = await send(browser, maria.credential.session_secret, await code(database), "//evil.example")
    assert answer.headers["location"] == "/"


async def test_without_a_session_the_way_leads_to_signing_in(browser: httpx.AsyncClient) -> None:
    assert "/sign-in" in (await send(browser, "anon-phone", "123456")).headers["location"]

"""The last step of opening an account, as a plain form: without a socket and without JavaScript."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.api import activation
from portal_app.core import db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.web import cookies
from tests.factories import Clinic
from tests.features.enrolment.world import World, browser, by_code, open_world

SECRET = cookies.cookie_name()
PHONE = browser(secret="anon-phone")


@pytest.fixture
async def world(database: Database, clinic: Clinic) -> World:
    return await open_world(database, clinic)


@pytest.fixture
async def phone(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    db.use(database)
    limits.forget_all()
    transport = httpx.ASGITransport(Starlette(routes=activation.routes))
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
        yield client
    limits.forget_all()
    db.use(None)


async def post(phone: httpx.AsyncClient, secret: str = PHONE.secret, **said: str) -> httpx.Response:
    return await phone.post("/auth/activate", headers={"cookie": f"{SECRET}={secret}"}, data={"locale": "es"} | said)


async def test_the_code_signs_the_browser_in_with_a_fresh_session_and_leads_to_the_first_steps(
    world: World, phone: httpx.AsyncClient
) -> None:
    patient_id = await world.chart()
    await world.claim(PHONE, by_code(await world.issue(patient_id)))
    answer = await post(phone, code=await world.ask(PHONE, "ines@example.test"))
    given = {name: value for name, _, value in (x.partition("=") for x in answer.headers.get_list("set-cookie"))}
    secret = given[SECRET].partition(";")[0]
    assert (answer.status_code, answer.headers["location"]) == (303, "/es/welcome")
    assert secret not in (PHONE.secret, "")
    async with world.database.act_as(Credential(secret), "enrolment.settle_in") as tx:
        assert tx.actor.patient_id == patient_id


async def test_a_browser_that_was_somebody_elses_leaves_no_session_of_theirs(
    world: World, clinic: Clinic, phone: httpx.AsyncClient
) -> None:
    mother = await clinic.patient()
    family = browser(secret=mother.credential.session_secret)
    await world.claim(family, by_code(await world.issue(await world.chart())))
    await post(phone, family.secret, code=await world.ask(family, "ines@example.test"))
    ended = "select count(*) from session where person_id = :id and ended_at is not null"
    assert await world.scalar(ended, id=mother.person_id) == 1


@pytest.mark.parametrize(
    ("claims", "said", "problem"),
    [(False, {"code": "123456"}, "activation_run_out"), (False, {"keep": "yes"}, "activation_run_out"),
     (True, {"code": "000000"}, "activation_code_refused"), (True, {"keep": "yes"}, "activation_code_refused"),
     (True, {"patient": "x", "role": "manager"}, "activation_code_refused")],
)  # fmt: skip
async def test_whatever_else_is_posted_opens_nothing(
    world: World, phone: httpx.AsyncClient, claims: bool, said: dict[str, str], problem: str
) -> None:
    if claims:
        await world.claim(PHONE, by_code(await world.issue(await world.chart())))
    answer = await post(phone, **said)
    assert answer.headers["location"] == f"/es/activate?problem={problem}"
    assert "set-cookie" not in answer.headers
    assert await world.scalar("select count(*) from access_grant where basis = 'self'") == 0


async def test_one_browser_is_held_back_after_many_tries(world: World, phone: httpx.AsyncClient) -> None:
    answers = [(await post(phone, code="123456")).headers["location"] for _ in range(22)]
    assert answers[0].endswith("activation_run_out")
    assert answers[-1].endswith("too_many_tries")

"""The forms of the second factor: where they lead, which cookie they give, and what they count."""

from collections.abc import AsyncIterator

import httpx
import pyotp
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import second_factor, sign_in
from portal_app.core import clock, db, limits, policy
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.features.access import factors, recovery_codes, rules
from portal_app.features.access.demo import DEMO_PEOPLE
from portal_app.operations import demo_clinic, demo_people
from portal_app.web import cookies
from portal_app.web.site import site
from tests.factories import Clinic, Someone

wiring.load_features("policies")
SECRET = cookies.cookie_name()


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    db.use(database)
    limits.forget_all()
    routes = [*second_factor.routes, *sign_in.routes, *sign_in.demo_routes]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="https://x") as one:
        yield one
    limits.forget_all()
    db.use(None)


@pytest.fixture
async def nurse(database: Database, clinic: Clinic) -> Someone:
    """Sign a nurse in by a code, with leave to set up a second factor."""
    nurse = await clinic.unproven("nurse")
    async with database.act_as_system("test") as tx:
        code = await factors.invite(tx, nurse.person_id, rules.FIRST_SET_UP_LIFE)
    async with database.act_as(nurse.credential, "access.prove_factor") as tx:
        assert await factors.open_set_up(tx, code) is None
    return nurse


async def send(browser: httpx.AsyncClient, who: Someone, path: str, code: str) -> httpx.Response:
    jar = {"cookie": f"{SECRET}={who.credential.session_secret}"}
    form = {"code": code, "next": "/staff/schedule", "locale": "es"}
    return await browser.post(path, headers=jar, data=form)


async def test_setting_up_an_app_gives_another_cookie_and_leads_to_the_recovery_codes(
    browser: httpx.AsyncClient, database: Database, nurse: Someone
) -> None:
    async with database.act_as(nurse.credential, "access.set_up_factor") as tx:
        app = pyotp.TOTP((await factors.begin_app(tx, site())).key)
    wrong = await send(browser, nurse, "/auth/factor/app", "000000")
    assert wrong.headers["location"].startswith("/es/second-factor?step=set-up&problem=factor_refused")
    right = await send(browser, nurse, "/auth/factor/app", app.at(clock.now()))
    assert right.headers["location"] == "/second-factor?step=codes&next=%2Fstaff%2Fschedule"
    secret = right.headers["set-cookie"].partition("=")[2].partition(";")[0]
    assert secret != nurse.credential.session_secret
    code, *_ = await recovery_codes.make_recovery_codes(database, Credential(secret))
    async with database.act_as(Credential(secret), "access.keep_recovery_codes") as tx:
        await factors.keep_recovery_codes(tx, code)
    async with database.act_as(Credential(secret), "tasks.view") as tx:
        assert tx.actor.is_staff()


async def test_a_network_that_guesses_is_held_up(
    browser: httpx.AsyncClient, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_factor, "WRONG_PER_NETWORK", "2/10 minutes")
    places = [
        (await send(browser, await clinic.unproven("nurse"), "/auth/factor", "000000")).headers["location"]
        for _ in range(3)
    ]
    assert ["factor_refused" in place for place in places] == [True, True, False]
    assert "too_many_tries" in places[2]


async def test_whoever_is_signed_out_signs_in_first_and_a_patient_has_no_business_there(
    browser: httpx.AsyncClient, clinic: Clinic
) -> None:
    gone = await browser.post("/auth/factor", data={"code": "1"}, headers={"cookie": f"{SECRET}=nobody"})
    assert gone.headers["location"].startswith("/sign-in?next=/second-factor")
    refused = await send(browser, await clinic.patient(), "/auth/factor", "000000")
    assert "problem=not_allowed" in refused.headers["location"]


async def test_the_demo_s_tap_stands_for_both_factors(browser: httpx.AsyncClient, database: Database) -> None:
    manager = next(one for one in DEMO_PEOPLE if one.name == "Grace Lin")
    async with database.act_as_system("demo") as tx:
        await demo_clinic.make_practice(tx)
        await demo_people.make_people(tx)
    policy.open_demo(is_demo=True)
    answer = await browser.post("/auth/demo", data={"person": str(manager.person_id)})
    policy.open_demo(is_demo=False)
    secret = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    async with database.act_as(Credential(secret), "practice.change_facts") as tx:
        assert (tx.actor.person_id, tx.actor.assurance) == (manager.person_id, 2)

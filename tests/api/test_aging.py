"""GET /staff/aging/accounts.csv: what every account owes, for billing alone, harmless in a spreadsheet."""

import csv
from collections.abc import AsyncIterator
from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.api import aging
from portal_app.core import clock, db
from portal_app.core.db import Database
from portal_app.features.access.rules import FRESH_LIFE
from portal_app.features.billing.aging import Aged, AgedAccount
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.factories import Clinic, Someone
from tests.features.billing.conftest import Office, office
from tests.features.notes.conftest import visit

__all__ = ["office", "visit"]


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(aging, "get_settings", lambda: settings)
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=aging.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


async def get(browser: httpx.AsyncClient, someone: Someone) -> httpx.Response:
    cookie = {"cookie": f"{cookies.cookie_name()}={someone.credential.session_secret}"}
    return await browser.get("/staff/aging/accounts.csv", headers=cookie)


async def test_billing_gets_a_line_for_each_account_in_the_decimals_of_its_currency(
    browser: httpx.AsyncClient, office: Office
) -> None:
    await office.issue()
    async with office.database.act_as_system("test") as tx:
        await tx.execute("update patient set given_name = '=cmd' where id = :id", {"id": office.visit.maria.patient_id})
    (line,) = csv.DictReader(StringIO((await get(browser, office.keeper)).text))
    assert line["patient"].startswith("'=cmd ")
    assert (line["currency"], line["current"], line["120 days"], line["total"]) == ("USD", "180.00", "0.00", "180.00")


@pytest.mark.parametrize(("currency", "written"), [("JPY", "1234"), ("KWD", "1.234"), ("USD", "12.34")])
def test_amounts_have_the_decimals_of_their_currency(currency: str, written: str) -> None:
    one = AgedAccount(uuid4(), "Maria", (date(2026, 1, 31), 1), Aged(currency, (1234, 0, 0, 0, 0)))
    assert aging._row(one)[3] == aging._row(one)[-1] == written


async def test_an_unlocked_screen_is_not_enough(browser: httpx.AsyncClient, office: Office) -> None:
    await office.issue()
    with clock.frozen_at(clock.now() + FRESH_LIFE + timedelta(minutes=1)):
        sent = await get(browser, office.keeper)
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=/staff/aging&step-up=1")


async def test_nobody_else_gets_it(browser: httpx.AsyncClient, office: Office, clinic: Clinic) -> None:
    await office.issue()
    for someone in (office.visit.maria_strong, office.visit.doctor, await clinic.staff("front_desk")):
        sent = await get(browser, someone)
        assert (sent.status_code, "Maria" in sent.text) == (404, False)

"""GET /staff/money/journal.csv: a month of the books, for billing alone, without a name."""

import csv
from collections.abc import AsyncIterator
from io import StringIO

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.api import money_journal
from portal_app.core import clock, db
from portal_app.core.db import Database
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.factories import Someone
from tests.features.billing.conftest import Office, office
from tests.features.notes.conftest import visit

__all__ = ["office", "visit"]


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(money_journal, "get_settings", lambda: settings)
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=money_journal.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


async def get(browser: httpx.AsyncClient, someone: Someone, month: str = "") -> httpx.Response:
    cookie = {"cookie": f"{cookies.cookie_name()}={someone.credential.session_secret}"}
    return await browser.get(f"/staff/money/journal.csv?month={month}", headers=cookie)


async def test_every_entry_of_the_month_is_in_it_and_sums_to_nothing(
    browser: httpx.AsyncClient, office: Office
) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "payment", 5_000)
    sent = await get(browser, office.keeper, f"{clock.now():%Y-%m}")
    lines = list(csv.DictReader(StringIO(sent.text)))
    assert [line["amount"] for line in lines] == ["180.00", "-180.00", "50.00", "-50.00"]
    assert "Maria" not in sent.text
    assert f'filename="books-{clock.now():%Y-%m}.csv"' in sent.headers["content-disposition"]


@pytest.mark.parametrize("month", ["2020-02", "0001-01", "9998-12", "9999-12", "never", "=1+1"])
async def test_any_month_may_be_asked_for(browser: httpx.AsyncClient, office: Office, month: str) -> None:
    await office.issue()
    sent = await get(browser, office.keeper, month)
    assert (sent.status_code, len(sent.text.splitlines())) == (
        200,
        1 if month in ("2020-02", "0001-01", "9998-12") else 3,
    )


async def test_nobody_else_gets_it(browser: httpx.AsyncClient, office: Office) -> None:
    assert (await get(browser, office.visit.maria_strong)).status_code == 404

"""The patient's bills, shelf by shelf: what was opened stays open while the page keeps itself up to date."""

from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData

from portal_app.core import db
from portal_app.settings import Settings
from portal_app.state.base import PortalState
from portal_app.state.bills import Bills
from tests.features.billing.conftest import FEE, Office, office, visit
from tests.features.billing.test_balances import copies

__all__ = ["office", "visit"]


async def test_older_bills_are_added_and_stay_when_something_changes(
    office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bill_id in [await office.issue(), *await copies(office, settings, 29)][:16]:
        await office.post(bill_id, "payment", FEE)
    monkeypatch.setattr(PortalState, "_credential", lambda _: office.visit.maria_strong.credential)
    monkeypatch.setattr(db, "_opened", office.database)
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root.router = RouterData(
        headers=HeaderData(origin="http://localhost:4100", host="localhost:4100"),
        url=ReflexURL("http://localhost:4100/bills"),
    )
    page: Any = root.get_substate(Bills.get_full_name().split("."))
    await Bills.on_load.fn(page)
    assert (len(page.open), page.has_later, len(page.paid), page.has_older) == (12, True, 12, True)
    await Bills.on_later.fn(page)
    await Bills.on_older.fn(page)
    await page._refresh()
    assert (len(page.open), page.has_later, len(page.paid), page.has_older) == (14, False, 16, False)
    assert len({one["href"] for one in (*page.open, *page.paid)}) == 30

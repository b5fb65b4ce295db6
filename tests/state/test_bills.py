"""The patient's bills, shelf by shelf: what was opened stays open while the page keeps itself up to date."""

from collections.abc import Sequence
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData

from portal_app.core import db, i18n
from portal_app.settings import Settings
from portal_app.state.base import PortalState
from portal_app.state.bill import Bill
from portal_app.state.bill_voice import OF_ANOTHER
from portal_app.state.bills import Bills
from portal_app.state.pay import Pay
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.billing.conftest import FEE, Office, office, visit
from tests.features.billing.test_balances import copies
from tests.features.billing.test_questions import helping

__all__ = ["office", "share", "visit"]


async def _opened(office: Office, monkeypatch: pytest.MonkeyPatch, by: Someone, page: Any, path: str) -> Any:
    """Return a page that somebody has opened."""
    monkeypatch.setattr(PortalState, "_credential", lambda _: by.credential)
    monkeypatch.setattr(db, "_opened", office.database)
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root.router = RouterData(
        headers=HeaderData(origin="http://localhost:4100", host="localhost:4100"),
        url=ReflexURL(f"http://localhost:4100{path}"),
    )
    found: Any = root.get_substate(page.get_full_name().split("."))
    await page.on_load.fn(found)
    return found


async def test_older_bills_are_added_and_stay_when_something_changes(
    office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bill_id in [await office.issue(), *await copies(office, settings, 29)][:16]:
        await office.post(bill_id, "payment", FEE)
    page = await _opened(office, monkeypatch, office.visit.maria_strong, Bills, "/bills")
    assert (len(page.open), page.has_later, len(page.paid), page.has_older) == (12, True, 12, True)
    await Bills.on_later.fn(page)
    await Bills.on_older.fn(page)
    await page._refresh()
    assert (len(page.open), page.has_later, len(page.paid), page.has_older) == (14, False, 16, False)
    assert len({one["href"] for one in (*page.open, *page.paid)}) == 30


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_whoever_acts_for_a_patient_reads_of_the_patient_and_not_of_themself(
    office: Office, clinic: Clinic, share: Share, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "insurance", 2_000)
    await office.post(bill_id, "payment", 1_000)
    parent = await helping(office, clinic, share, "bills_view", "bills_act")
    pages = [
        await _opened(office, monkeypatch, by, page, i18n.localized_path(locale, path))
        for by in (parent, office.visit.maria_strong)
        for page, path in ((Bills, "/bills"), (Bill, f"/bills/{bill_id}"), (Pay, "/pay"))
    ]
    theirs, own = pages[:3], pages[3:]
    assert ["Maria" in one for one in (theirs[0].heading, theirs[0].owes, theirs[1].heading, theirs[2].owes)] == [
        True
    ] * 4
    with i18n.use(locale):
        mine = {i18n._(one) for one in OF_ANOTHER if OF_ANOTHER[one] != one}
        assert (own[0].heading, own[0].owes, own[2].owes) == ("", i18n._("You owe"), i18n._("You owe"))
    assert mine & _said(theirs) == set()
    assert mine & _said(own) > set()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_bill_says_in_one_number_what_is_owed_and_by_when_each_amount_in_words_and_where_help_is(
    office: Office, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    bill_id = await office.issue()
    for kind, minor, reason in (("insurance", 9_000, ""), ("adjustment", 2_000, "Agreed"), ("payment", 1_500, "")):
        await office.post(bill_id, kind, minor, reason)  # type: ignore[arg-type]
    bills, bill = [
        await _opened(office, monkeypatch, office.visit.maria_strong, page, i18n.localized_path(locale, path))
        for page, path in ((Bills, "/bills"), (Bill, f"/bills/{bill_id}"))
    ]
    due_on = (await office.bill(bill_id)).due_on
    with i18n.use(locale):
        left = i18n.format_money(5_500, "USD", 2)
        by = i18n._("Pay or ask for help by {day}.").format(day=i18n.format_long_date(due_on))
        lines = [
            (i18n._(words), i18n.format_money(minor, "USD", 2))
            for words, minor in (
                ("What the visit cost", FEE), ("Your insurance paid", -9_000), ("Taken off the price", -2_000),
                ("You have paid", -1_500),
            )
        ]  # fmt: skip
        assert bill.left_words == i18n._("Left for you to pay")
    assert (bills.owed, bill.left) == (left, left)
    assert (bills.by, bill.by) == (by, by)
    assert [(line["term"], line["fact"]) for line in bill.lines] == lines
    assert bills.help == i18n.localized_path(locale, "/bill-question?kind=help")
    assert bill.help == i18n.localized_path(locale, f"/bill-question?bill={bill_id}&kind=help")


def _said(pages: Sequence[Any]) -> set[str]:
    """Return every text of pages."""
    found: list[Any] = [getattr(page, var) for page in pages for var in type(page).vars]
    said: set[str] = set()
    while found:
        one = found.pop()
        if isinstance(one, str):
            said.add(one)
        elif isinstance(one, list | dict):
            found += one.values() if isinstance(one, dict) else one
    return said

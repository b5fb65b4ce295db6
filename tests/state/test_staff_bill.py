"""What two taps on billing's forms leave in the books."""

from typing import Any
from uuid import UUID

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData

from portal_app.core import db
from portal_app.state.base import PortalState
from portal_app.state.staff_bill import StaffBill
from tests.features.billing.conftest import FEE, Office, office, visit

__all__ = ["office", "visit"]


async def opened(desk: Office, bill_id: UUID, patch: pytest.MonkeyPatch) -> Any:
    """Return the page's state once the bill is shown, as it is on a server."""
    patch.setattr(PortalState, "_credential", lambda _: desk.keeper.credential)
    patch.setattr(db, "_opened", desk.database)
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root.router = RouterData(
        headers=HeaderData(origin="http://localhost:4100", host="localhost:4100"),
        url=ReflexURL(f"http://localhost:4100/staff/bills/{bill_id}"),
    )
    page: Any = root.get_substate(StaffBill.get_full_name().split("."))
    await StaffBill.on_load.fn(page)
    return page


async def test_two_taps_on_one_form_write_one_payment(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bill_id = await office.issue()
    page = await opened(office, bill_id, monkeypatch)
    sent = {"key": page.form_key, "kind": "payment", "amount": "50"}
    for _ in range(2):
        await StaffBill.on_post.fn(page, sent)
    assert (await office.bill(bill_id)).owed_minor == FEE - 5_000


async def test_two_taps_take_one_entry_back_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bill_id = await office.issue()
    paid = await office.post(bill_id, "payment", 5_000)
    page = await opened(office, bill_id, monkeypatch)
    await StaffBill.on_choose.fn(page, str(paid))
    sent = {"key": page.form_key, "posting": str(paid), "why": "Wrong bill"}
    for _ in range(2):
        await StaffBill.on_take_back.fn(page, sent)
    assert (await office.bill(bill_id)).owed_minor == FEE
    assert not page.error

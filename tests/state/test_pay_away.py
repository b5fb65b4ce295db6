"""The payment service cannot be reached: what patients read, on the page to pay and on the way back from it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from portal_app.core import db
from portal_app.features.payments import jobs
from portal_app.features.payments import service as payments
from portal_app.state.base import PortalState
from portal_app.state.pay import Pay
from portal_app.state.pay_return import PayReturn
from tests.features.billing.conftest import office, visit
from tests.features.payments.conftest import Till, till
from tests.features.payments.test_settling import _age
from tests.features.reconciling.test_currencies import opened

__all__ = ["office", "till", "visit"]


@pytest.fixture
def phone(till: Till, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    """Let the pages of this process speak with the processor of the tests, as whoever owes something."""
    monkeypatch.setattr(PortalState, "_credential", lambda _: till.office.visit.maria_strong.credential)
    monkeypatch.setattr(db, "_opened", till.database)
    payments.use_processor(till.bank)
    yield till
    payments.use_processor(None)


async def test_while_it_is_away_patients_are_told_that_nothing_was_charged_and_later_it_goes_on(phone: Till) -> None:
    page = await opened(Pay, "/pay")
    phone.bank.is_away = True
    await Pay.on_pay.fn(page, {"key": str(uuid4())})
    assert "You were not charged" in page.error
    phone.bank.is_away = False
    await Pay.on_pay.fn(page, {"key": page.form_key})
    assert (page.error, len(phone.bank.pages)) == ("", 1)


async def test_who_comes_back_while_it_is_away_is_told_not_to_pay_twice_and_reads_later_that_it_is_paid(
    phone: Till,
) -> None:
    attempt_id = await phone.begun()
    phone.bank.set(attempt_id, "paid")
    phone.bank.tell(attempt_id)
    phone.bank.is_away = True
    back: Any = await opened(PayReturn, f"/pay/return?attempt={attempt_id}")
    assert "Do not pay a second time" in back.detail
    assert (back.step, (await phone.bill()).paid_minor) == ("", 0)
    phone.bank.is_away = False
    await _age(phone)
    await jobs.look_for_missed(phone.work)
    await back._refresh()
    assert back.title.startswith("Paid: $180.00")
    assert [(one["amount"], one["href"]) for one in back.items] == [("$180.00", f"/bills/{phone.bill_id}")]

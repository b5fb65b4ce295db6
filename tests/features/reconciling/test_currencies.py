"""Currencies with no and three decimals, from the bill to the accounts: what is said is charged and paid back."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID, uuid4

import pypdfium2
import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData
from sqlalchemy import select
from sqlmodel import col

from portal_app.api import money_journal
from portal_app.core import clock, db
from portal_app.core.errors import InputRefused
from portal_app.features.billing import account_statements, paying_back
from portal_app.features.billing import jobs as billing_jobs
from portal_app.features.billing import service as billing
from portal_app.features.billing.undoing import RefundWish
from portal_app.features.notify.tables import OutboxMessage
from portal_app.features.payments import links, plans
from portal_app.features.payments import service as payments
from portal_app.features.payments.ports import PaymentPort
from portal_app.features.reconciling import service as reconciling
from portal_app.state.base import PortalState
from portal_app.state.bills import Bills
from portal_app.state.pay import Pay
from portal_app.state.pay_plan import PayPlan
from tests.features.billing.conftest import Office
from tests.features.reconciling.conftest import Counter


@dataclass(frozen=True)
class Case:
    """What is owed, what of it can be paid online, and how both and a part of it are written."""

    currency: str
    owed: int
    online: int
    said: str
    said_online: str
    typed: str
    said_part: str
    decimal: str


CASES = (
    Case("JPY", 12_345, 12_345, "¥12,345", "¥12,345", "1230", "¥1,230", "12345"),
    Case("KWD", 12_345, 12_340, "KWD 12.345", "KWD 12.340", "1.230", "KWD 1.230", "12.345"),
    Case("TND", 12_345, 12_340, "TND 12.345", "TND 12.340", "1,23", "TND 1.230", "12.345"),
    Case("USD", 12_345, 12_345, "$123.45", "$123.45", "12.30", "$12.30", "123.45"),
)


@pytest.fixture(params=CASES, ids=lambda case: case.currency)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
async def office(office: Office, case: Case) -> Office:
    async with office.database.act_as_system("test") as tx:
        fee = billing.FeeEntry("T1015", date(2020, 1, 2), case.currency, case.owed)
        await billing.fill_fees(tx, [fee])
    return office


@pytest.fixture
def online(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """Let the pages of this process speak with the counter's processor, as its patient."""
    monkeypatch.setattr(PortalState, "_credential", lambda _: counter.office.visit.maria_strong.credential)
    monkeypatch.setattr(db, "_opened", counter.database)
    payments.use_processor(counter.work.port(PaymentPort))  # type: ignore[type-abstract]
    yield counter
    payments.use_processor(None)


async def opened(page: Any, path: str) -> Any:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    origin = "http://localhost:4100"
    root.router = RouterData(headers=HeaderData(origin=origin, host="localhost:4100"), url=ReflexURL(f"{origin}{path}"))
    found: Any = root.get_substate(page.get_full_name().split("."))
    await page.on_load.fn(found)
    return found


def plain(said: str) -> str:
    return said.replace("\N{NO-BREAK SPACE}", " ")


async def mailed(counter: Counter, template: str) -> str:
    async with counter.database.act_as_system("test") as tx:
        asked = select(col(OutboxMessage.content)).where(col(OutboxMessage.template) == template)
        return plain((await tx.scalar(asked))["params"]["amount"])


async def payment(counter: Counter) -> UUID:
    async with counter.database.act_as_system("test") as tx:
        found: UUID = await tx.scalar("select id from ledger_posting where kind = 'online_payment'")
        return found


async def test_the_pages_say_what_is_owed_and_on_the_button_what_is_charged(online: Counter, case: Case) -> None:
    bills = await opened(Bills, "/bills")
    assert plain(bills.owed) == case.said
    pay = await opened(Pay, "/pay")
    await Pay.on_part.fn(pay, case.typed)
    said = (plain(pay.amount), plain(pay.whole), plain(pay.part), pay.rest != "")
    assert said == (case.said, f"Pay {case.said_online}", f"Pay {case.said_part}", case.online < case.owed)
    assert (await opened(PayPlan, "/pay/plan")).can_begin


async def test_a_statement_and_its_link_say_the_same(counter: Counter, case: Case) -> None:
    maria, today = counter.office.visit.maria_strong, clock.now().date()
    assert maria.patient_id
    async with counter.database.act_as_system("test") as tx:
        period = account_statements.Period(today - timedelta(days=90), today, "UTC")
        (made,) = await account_statements.make_statements(tx, maria.patient_id, period, uuid4(), locale="en")
        row = await tx.one(account_statements._ONE, {"id": made})
        link = await links.make_link(tx, made, maria.person_id)
    assert case.said in plain(row.content["parts"][0]["intro"])
    async with counter.database.act_as(maria.credential, "billing.see_bills") as tx:
        paper = pypdfium2.PdfDocument(BytesIO((await account_statements.statement_file(tx, made)).content))
    printed = plain(" ".join(page.get_textpage().get_text_range() for page in paper))
    assert case.said.split(" ")[-1] in printed
    due = (await links.read_link(counter.database, link.partition("key=")[2])).due
    assert due is not None
    assert (due.amount_minor, due.online_minor) == (case.owed, case.online)


async def test_what_is_charged_received_paid_back_and_accounted_for_is_right_to_the_smallest_coin(
    counter: Counter, case: Case
) -> None:
    charge = counter.practice.client().v1.charges.retrieve(await counter.pay())
    assert (charge.amount, charge.currency) == (case.online, case.currency.lower())
    assert (await counter.bill()).owed_minor == case.owed - case.online
    assert await mailed(counter, "payment_paid") == case.said_online

    wish = RefundWish(await payment(counter), 90, "Paid twice", uuid4(), is_owed_again=True)
    async with counter.database.act_as(counter.office.keeper.credential, "billing.keep_books") as tx:
        assert await paying_back.give_back(tx, wish)
    await billing_jobs.settle(counter.work, wish.request_key)
    (refund,) = counter.practice.client().v1.refunds.list({"payment_intent": str(charge.payment_intent)}).data
    assert (refund.amount, (await counter.bill()).owed_minor) == (90, case.owed - case.online + 90)
    said = {"JPY": "¥90", "USD": "$0.90"}.get(case.currency, f"{case.currency} 0.090")
    assert await mailed(counter, "billing_refund_sent") == said

    (look,) = await counter.reconcile()
    assert look.drift_minor == 0
    async with counter.database.act_as(counter.office.keeper.credential, "reconciling.work") as tx:
        month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        lines = await reconciling.journal(tx, month, clock.now() + timedelta(days=1))
    written = list(csv.DictReader(StringIO(money_journal._written(lines))))
    assert [line["amount"] for line in written[:2]] == [case.decimal, f"-{case.decimal}"]
    assert {line["currency"] for line in written} == {case.currency}


async def test_a_coin_that_the_processor_does_not_take_is_refused_before_it_is_asked(
    counter: Counter, case: Case
) -> None:
    if payments.step_of(case.currency) == 1:
        await counter.pay(1_235)
        assert (await counter.bill()).paid_minor == 1_235
        return
    for amount in (1_235, case.owed):
        with pytest.raises(payments.CoinsAtDesk):
            await counter.pay(amount)
    await counter.pay()
    wish = RefundWish(await payment(counter), 125, "Paid twice", uuid4(), is_owed_again=True)
    with pytest.raises(InputRefused):
        async with counter.database.act_as(counter.office.keeper.credential, "billing.keep_books") as tx:
            await paying_back.give_back(tx, wish)


def test_a_sum_with_a_small_coin_is_divided_in_parts_that_can_all_be_charged(case: Case) -> None:
    for _count, parts in plans.ways(case.owed, case.currency):
        assert sum(parts) == case.online
        assert all(part % payments.step_of(case.currency) == 0 for part in parts)
    assert len(plans.ways(case.owed, case.currency)) == 4

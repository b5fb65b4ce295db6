"""A bill taken back and money given back: by entries, once, never more than was paid, and by whoever may."""

import asyncio
from uuid import UUID, uuid4

import pytest

from portal_app.core import i18n
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.billing import desk_rules, undoing
from portal_app.features.billing import service as billing
from portal_app.features.billing.desk_rules import DeskRules
from portal_app.features.billing.errors import (
    BillPaidOn,
    BillTakenBack,
    ManagerNeeded,
    MoreThanPaid,
    PaymentDisputed,
)
from portal_app.features.billing.money import Entry
from portal_app.features.billing.undoing import RefundWish
from tests.factories import Clinic, Someone
from tests.features.billing.conftest import FEE, Office
from tests.features.billing.test_questions import ask, seen, wish

BALANCES = (
    "select account, sum(amount_minor)::int as left from ledger_entry group by account having sum(amount_minor) <> 0"
)


async def void(office: Office, bill_id: UUID, reason: str = "Another patient's", key: UUID | None = None) -> None:
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        await undoing.void_bill(tx, bill_id, reason, key or uuid4())


async def give_back(
    office: Office, payment_id: UUID, amount: int, *, by: Someone | None = None, again: bool = True,
    key: UUID | None = None,
) -> UUID:  # fmt: skip
    async with office.database.act_as((by or office.keeper).credential, "billing.keep_books") as tx:
        return await undoing.refund_at_desk(tx, RefundWish(payment_id, amount, "Twice", key or uuid4(), again))


async def test_a_bill_that_was_taken_back_leaves_nothing_in_any_account(office: Office) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "insurance", 11_000)
    await office.post(bill_id, "write_off", 7_000, "Hardship")
    asked = await ask(office, wish(bill_id))
    await void(office, bill_id)
    await void(office, bill_id)
    after = await office.bill(bill_id)
    assert (after.is_void, after.owed_minor) == (True, 0)
    async with office.database.act_as_system("test") as tx:
        assert await tx.all(BALANCES) == []
        assert await tx.scalar("select count(*) from task where code = 'bill_question' and closed_at is null") == 0
    (closed,) = await seen(office, bill_id)
    assert (closed.id, closed.status, closed.outcome) == (asked.id, "closed", "taken_back")


async def test_nothing_more_is_written_on_a_bill_that_was_taken_back(office: Office) -> None:
    bill_id = await office.issue()
    insured = await office.post(bill_id, "insurance", 1_000)
    await void(office, bill_id)
    with pytest.raises(BillTakenBack):
        await office.post(bill_id, "payment", 1_000)
    with pytest.raises(BillTakenBack):
        await office.take_back(insured)


async def test_of_a_payment_and_a_taking_back_at_once_one_is_told(office: Office) -> None:
    bill_id = await office.issue()
    told = await asyncio.gather(office.post(bill_id, "payment", 500), void(office, bill_id), return_exceptions=True)
    assert len([one for one in told if isinstance(one, BillTakenBack | BillPaidOn)]) == 1


async def test_a_bill_that_somebody_paid_on_is_not_taken_back_before_that_is_given_back(office: Office) -> None:
    bill_id = await office.issue()
    paid = await office.post(bill_id, "payment", 2_500)
    with pytest.raises(BillPaidOn):
        await void(office, bill_id)
    await give_back(office, paid, 2_500)
    await void(office, bill_id)
    with pytest.raises(InputRefused):
        await void(office, await office.issue(), " ")


async def test_what_is_given_back_is_owed_again_or_lowers_the_bill(office: Office) -> None:
    bill_id = await office.issue()
    paid = await office.post(bill_id, "payment", FEE)
    await give_back(office, paid, 3_000)
    assert (await office.bill(bill_id)).owed_minor == 3_000
    await give_back(office, paid, 2_000, again=False)
    after = await office.bill(bill_id)
    assert (after.owed_minor, after.paid_minor, after.reduced_minor) == (3_000, FEE - 5_000, 2_000)


async def test_two_taps_give_back_once_and_two_people_no_more_than_was_paid(office: Office) -> None:
    paid, key = await office.post(await office.issue(), "payment", 9_000), uuid4()
    await asyncio.gather(*(give_back(office, paid, 4_000, key=key) for _ in range(3)))
    told = await asyncio.gather(*(give_back(office, paid, 3_000) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, MoreThanPaid) for one in told) == 2


async def test_what_was_given_back_is_not_taken_back_as_well(office: Office) -> None:
    paid = await office.post(await office.issue(), "payment", 9_000)
    await give_back(office, paid, 100)
    with pytest.raises(billing.CorrectedAlready):
        await office.take_back(paid)
    other = await office.post(await office.issue(), "payment", 900)
    await office.take_back(other)
    with pytest.raises(MoreThanPaid):
        await give_back(office, other, 100)


async def test_more_than_the_limit_is_given_back_by_a_manager(office: Office, clinic: Clinic) -> None:
    paid = await office.post(await office.issue(), "payment", FEE)
    with pytest.raises(ManagerNeeded):
        await give_back(office, paid, 10_001)
    await give_back(office, paid, 10_001, by=await clinic.staff("billing", "manager"))
    manager = await clinic.staff("manager")
    with pytest.raises(NotAllowed):
        await give_back(office, paid, 1, by=manager)
    async with office.database.act_as(manager.credential, "billing.set_up") as tx:
        await desk_rules.set_desk_rules(tx, DeskRules({"en": "We help.", "xx": "no"}, 0))
    with pytest.raises(ManagerNeeded):
        await give_back(office, paid, 1)
    async with office.database.act_as(office.visit.maria_strong.credential, "billing.see_bills") as tx:
        assert (await desk_rules.desk_rules(tx)).help_in("ar") == "We help."


async def test_nothing_is_given_back_while_a_bank_looks_into_it(office: Office) -> None:
    bill_id = await office.issue()
    paid = await office.post(bill_id, "payment", 500)
    async with office.database.act_as_system("test") as tx:
        moved = (Entry("disputed", 700), Entry("processor", -700))
        await billing.post(tx, billing.Posting(bill_id, "dispute", 700, uuid4(), entries=moved))
    with pytest.raises(PaymentDisputed):
        await give_back(office, paid, 500)


async def test_what_is_no_payment_is_not_given_back_and_no_patient_gives_any(office: Office) -> None:
    bill_id = await office.issue()
    insured = await office.post(bill_id, "insurance", 500)
    with pytest.raises(NotFound):
        await give_back(office, insured, 500)
    paid = await office.post(bill_id, "payment", 500)
    with pytest.raises(NotAllowed):
        await give_back(office, paid, 500, by=office.visit.maria_strong)


async def test_a_limit_or_words_that_cannot_be_are_refused(office: Office, clinic: Clinic) -> None:
    manager = await clinic.staff("manager")
    for rules in (DeskRules({}, -1), DeskRules({i18n.DEFAULT_LOCALE: "x" * 100_000})):
        with pytest.raises(InputRefused):
            async with office.database.act_as(manager.credential, "billing.set_up") as tx:
                await desk_rules.set_desk_rules(tx, rules)

"""What the processor tells: posted once, in any order, and only what was asked for."""

import asyncio
from dataclasses import replace
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.core.db import libpq_conninfo
from portal_app.features.billing import by_hand, undoing
from portal_app.features.billing import service as billing
from portal_app.features.notify.tables import OutboxMessage
from portal_app.features.payments import events, jobs, rules, settling
from portal_app.features.payments import service as payments
from tests.features.billing.conftest import FEE
from tests.features.payments.conftest import Till

_UNPAID = "select count(*) from task where code = 'payment_failed'"


async def test_a_paid_page_pays_the_bill(till: Till) -> None:
    attempt_id = await till.begun(5_000)
    await till.pay(attempt_id)
    assert ((await till.bill()).paid_minor, await till.status(attempt_id)) == (5_000, "paid")


async def test_coming_back_without_paying_pays_nothing(till: Till) -> None:
    attempt_id = await till.begun()
    assert await settling.settle(till.database, till.bank, attempt_id) == "open"
    assert (await till.bill()).paid_minor == 0


async def test_a_browser_that_died_after_paying_changes_nothing(till: Till) -> None:
    attempt_id = await till.start()
    till.bank.forgets_to_answer = True
    with pytest.raises(payments.ProcessorAway):
        await till.open(attempt_id)  # we never heard of the page, and it was paid
    await till.pay(attempt_id)
    assert (await till.bill()).owed_minor == 0


async def test_the_same_event_another_one_and_all_at_once_post_one_payment(till: Till) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "paid")
    told = [till.bank.tell(attempt_id), till.bank.tell(attempt_id, "async_payment_succeeded")] * 3
    await asyncio.gather(*(till.hear(one) for one in told))
    await asyncio.gather(*(settling.settle(till.database, till.bank, attempt_id) for _ in range(3)))
    assert await till.count("select count(*) from ledger_posting where kind = 'online_payment'") == 1
    assert await till.count("select count(*) from processor_event") == 2


async def test_what_comes_late_does_not_undo_what_is_known(till: Till) -> None:
    attempt_id = await till.begun()
    earlier = till.bank.tell(attempt_id, "async_payment_failed")
    await till.pay(attempt_id)
    await till.hear(earlier)
    till.bank.set(attempt_id, "failed")
    await till.hear(till.bank.tell(attempt_id, "expired"))
    assert ((await till.bill()).owed_minor, await till.status(attempt_id)) == (0, "paid")


async def test_a_debit_is_on_its_way_and_then_paid_or_not(till: Till) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "processing")
    await till.hear(till.bank.tell(attempt_id))
    assert ((await till.bill()).paid_minor, await till.status(attempt_id)) == (0, "processing")
    till.bank.set(attempt_id, "failed", problem="funds")
    await till.hear(till.bank.tell(attempt_id, "async_payment_failed"))
    assert ((await till.bill()).owed_minor, await till.status(attempt_id)) == (FEE, "failed")
    assert await till.count(f"{_UNPAID} and closed_at is null") == 1
    await till.pay(await till.begun(FEE - 5_000))
    assert await till.count(f"{_UNPAID} and closed_at is null") == 1
    await till.pay(await till.begun())
    assert (await till.bill()).owed_minor == 0
    assert await till.count(f"{_UNPAID} and outcome = 'paid'") == 1


@pytest.mark.parametrize("how", ["insurance", "void", "by the bank after all"])
async def test_what_a_bank_did_not_pay_is_no_task_any_more_once_nothing_is_owed_of_it(till: Till, how: str) -> None:
    attempt_id = await till.begun()
    for status, told in (("processing", "completed"), ("failed", "async_payment_failed")):
        till.bank.set(attempt_id, status)
        await till.hear(till.bank.tell(attempt_id, told))
    assert await till.count(f"{_UNPAID} and closed_at is null") == 1
    async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
        if how == "insurance":
            await by_hand.post_by_hand(tx, billing.Posting(till.bill_id, "insurance", FEE, uuid4()))
        if how == "void":
            await undoing.void_bill(tx, till.bill_id, "Another patient's", uuid4())
    if how == "by the bank after all":
        await till.pay(attempt_id)
    assert await till.count(f"{_UNPAID} and outcome = 'paid'") == 1


@pytest.mark.parametrize(("changed", "reason"), [
    ({"amount": 1}, "amount"), ({"currency": "EUR"}, "currency"), ({"is_live": True}, "mode"),
    ({"attempt": "other"}, "attempt"),
])  # fmt: skip
async def test_what_is_not_what_was_asked_is_set_aside(till: Till, changed: dict[str, Any], reason: str) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "paid", **changed)
    await till.hear(till.bank.tell(attempt_id))
    await till.hear(till.bank.tell(attempt_id))
    assert ((await till.bill()).paid_minor, await till.status(attempt_id)) == (0, "open")
    async with till.database.act_as_system("test") as tx:
        assert [tuple(row) for row in await tx.all("select reason from quarantined_payment")] == [(reason,)]
        assert await tx.scalar("select count(*) from task where code = 'payment_quarantined'") == 1


async def test_an_event_with_another_amount_than_its_page_is_set_aside(till: Till) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "paid")
    await till.hear(till.bank.tell(attempt_id, amount=FEE * 10))
    assert (await till.bill()).paid_minor == 0
    assert await till.count("select count(*) from quarantined_payment where reason = 'amount'") == 1


async def test_a_paid_page_of_no_attempt_of_ours_is_set_aside_and_what_is_unknown_is_let_go(till: Till) -> None:
    attempt_id = await till.begun()
    stranger = replace(till.bank.tell(attempt_id), attempt=str(uuid4()), object_id="cs_stranger")
    await till.hear(stranger)
    await till.hear(replace(stranger, id="evt_2", type="customer.created", object_id="cus_1"))
    async with till.database.act_as_system("test") as tx:
        assert [r.outcome for r in await tx.all("select outcome from processor_event order by outcome")] == [
            "ignored", "quarantined",
        ]  # fmt: skip


async def test_a_payment_of_which_nothing_arrived_is_found_by_asking(till: Till) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "paid")
    till.bank.tell(attempt_id)
    await _age(till)
    await jobs.look_for_missed(till.work)
    assert (await till.bill()).owed_minor == 0
    assert await till.count("select count(*) from processor_event where found_by = 'poll'") == 1


async def test_an_hour_without_the_processor_loses_nothing(till: Till) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "paid")
    told = till.bank.tell(attempt_id)
    till.bank.is_away = True
    with pytest.raises(payments.ProcessorAway):
        await till.hear(told)
    await _age(till)
    await jobs.look_for_missed(till.work)
    assert (await till.bill()).owed_minor == FEE
    till.bank.is_away = False
    await jobs.look_for_missed(till.work)
    assert (await till.bill()).owed_minor == 0
    assert await till.count("select count(*) from processor_event where done_at is null") == 0


async def test_a_bill_that_was_paid_elsewhere_meanwhile_leaves_credit_and_work_for_billing(till: Till) -> None:
    attempt_id = await till.begun()
    await till.office.post(till.bill_id, "insurance", FEE - 1_000)
    await till.pay(attempt_id)
    assert ((await till.bill()).owed_minor, (await till.bill()).paid_minor, await till.credit()) == (
        0,
        1_000,
        FEE - 1_000,
    )
    assert await till.count("select count(*) from task where code = 'payment_surplus'") == 1


@pytest.mark.parametrize(("paid_by_insurance", "status"), [(FEE - 1_000, "expired"), (FEE - 5_000, "open")])
async def test_a_page_on_which_more_would_be_paid_than_is_owed_by_now_is_closed_and_no_other(
    till: Till, paid_by_insurance: int, status: str
) -> None:
    attempt_id = await till.begun(5_000)
    async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
        await by_hand.post_by_hand(tx, billing.Posting(till.bill_id, "insurance", paid_by_insurance, uuid4()))
    jobs_to_close = "select count(*) from procrastinate_jobs where task_name = 'payments.close_page'"
    assert await till.count(jobs_to_close) == (status == "expired")
    await settling.settle(till.database, till.bank, attempt_id)  # what that job does
    assert await till.status(attempt_id) == till.bank.pages[f"cs_{attempt_id.hex}"].status == status


async def test_what_a_bank_is_still_paying_counts_when_a_page_asks_for_more_than_is_left(till: Till) -> None:
    on_its_way = await till.begun(5_000)
    till.bank.set(on_its_way, "processing")
    await till.hear(till.bank.tell(on_its_way))
    rest = await till.begun()
    async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
        await by_hand.post_by_hand(tx, billing.Posting(till.bill_id, "insurance", 1_000, uuid4()))
    assert (await till.status(on_its_way), await till.status(rest)) == ("processing", "replaced")


async def test_what_billing_writes_while_a_payment_comes_in_waits_for_it_and_both_are_in_the_books(till: Till) -> None:
    attempt_id = await till.begun(5_000)
    till.bank.set(attempt_id, "paid")

    async def insurance(key: UUID) -> UUID:
        async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
            return await by_hand.post_by_hand(tx, billing.Posting(till.bill_id, "insurance", FEE - 5_000, key))

    key = uuid4()
    settled = [settling.settle(till.database, till.bank, attempt_id) for _ in range(3)]
    await asyncio.gather(insurance(key), *settled, insurance(key))
    bill = await till.bill()
    assert (bill.owed_minor, bill.paid_minor, bill.insured_minor) == (0, 5_000, FEE - 5_000)
    assert await till.credit() == 0


async def test_racing_parts_collect_what_is_owed_and_say_what_is_too_much(till: Till) -> None:
    first = await till.begun(FEE)
    till.bank.set(first, "processing")  # not told yet: the ledger knows nothing of it
    await till.office.post(till.bill_id, "payment", 8_000)
    second = await till.start(10_000)
    with pytest.raises(payments.PaidMeanwhile):
        await till.open(second)
    till.bank.set(first, "paid")
    await till.hear(till.bank.tell(first))
    assert ((await till.bill()).owed_minor, await till.credit()) == (0, 8_000)


async def test_a_worker_killed_before_the_commit_leaves_the_event_to_the_next_one(till: Till) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "paid")
    async with till.database.act_as_system("test") as tx:
        await payments.take_event(tx, told := till.bank.tell(attempt_id))
        row_id = await tx.scalar("select id from processor_event")
    with pytest.raises(RuntimeError, match="killed"):
        await _killed(till, attempt_id)
    assert (await till.bill()).paid_minor == 0
    await events.see_to(till.work, row_id)
    await till.hear(told)
    assert (await till.bill()).paid_minor == FEE


async def _killed(till: Till, attempt_id: UUID) -> None:
    async with till.database.act_as_system("test") as tx:
        facts = await till.bank.session(f"cs_{attempt_id.hex}")
        assert await settling.apply_in(tx, till.bank, attempt_id, facts) == "paid"
        raise RuntimeError("killed")


async def test_a_receipt_says_how_much_and_where_and_nothing_of_health(till: Till) -> None:
    await till.pay(await till.begun())
    async with till.database.act_as_system("test") as tx:
        content = await tx.scalar(
            select(col(OutboxMessage.content)).where(col(OutboxMessage.template) == "payment_paid")
        )
    assert content["params"]["amount"] == "$180.00"
    assert "Clinic visit" not in str(content)


async def test_a_bill_that_billing_closes_is_not_paid_on_an_open_page_and_late_money_becomes_credit(till: Till) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "paid")
    async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
        assert await payments.close_attempts(tx, till.bill_id) == 1
        whole = billing.Posting(till.bill_id, "write_off", FEE, uuid4(), "Taken back")
        await billing.post(tx, whole)
    await settling.settle(till.database, till.bank, attempt_id)
    assert (await till.credit(), await till.status(attempt_id)) == (FEE, "paid")


@pytest.mark.parametrize(("is_paid_first", "status", "credit"), [(False, "expired", 0), (True, "paid", FEE)])
async def test_a_bill_that_is_taken_back_while_the_patient_is_on_the_payment_page_closes_it_and_late_money_is_credit(
    till: Till, is_paid_first: bool, status: str, credit: int
) -> None:
    attempt_id = await till.begun()
    if is_paid_first:  # on the page, and we have not heard of it
        till.bank.set(attempt_id, "paid")
    async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
        await undoing.void_bill(tx, till.bill_id, "Another patient's", uuid4())
    asked = "select count(*) from procrastinate_jobs where task_name = 'payments.close_page'"
    assert (await till.status(attempt_id), await till.count(asked)) == ("replaced", 1)
    with pytest.raises(payments.NothingOwed):
        await till.start()
    await settling.settle(till.database, till.bank, attempt_id)  # what that job does
    assert till.bank.pages[f"cs_{attempt_id.hex}"].status == await till.status(attempt_id) == status
    bill = await till.bill()
    assert (bill.is_void, bill.owed_minor, bill.paid_minor, await till.credit()) == (True, 0, 0, credit)
    assert await till.count("select count(*) from task where code = 'payment_surplus'") == is_paid_first


async def test_a_bill_is_taken_back_after_whoever_settles_a_payment_of_it_and_they_never_wait_for_each_other(
    till: Till,
) -> None:
    attempt_id = await till.begun()

    async def take_back() -> None:
        async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
            await undoing.void_bill(tx, till.bill_id, "Another patient's", uuid4())

    async with till.database.act_as_system("payments.settle") as tx:
        await settling.locked(tx, attempt_id)
        taking = asyncio.create_task(take_back())
        while not await tx.scalar("select true from pg_locks where not granted"):  # each ask lets the other go on
            pass
        free = "select pg_try_advisory_xact_lock(hashtextextended('bill:' || cast(:id as text), 0))"
        assert await tx.scalar(free, {"id": till.bill_id})
    await taking
    assert await till.status(attempt_id) == "replaced"


async def test_a_page_that_billing_may_not_see_is_closed_as_well_when_more_would_be_paid_on_it_than_is_owed(
    till: Till,
) -> None:
    attempt_id = await till.begun()
    # A payment is as private as the most private of the bills that it is for.
    await _by_owner(till, "update payment_attempt set confidentiality = 'V'")
    async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
        assert await tx.scalar("select count(*) from payment_attempt") == 0
        await by_hand.post_by_hand(tx, billing.Posting(till.bill_id, "insurance", FEE - 1_000, uuid4()))
    assert await till.status(attempt_id) == "replaced"


async def test_an_entry_in_the_books_leads_back_to_the_payment_it_came_from(till: Till) -> None:
    attempt_id = await till.begun(5_000)
    await till.pay(attempt_id)
    async with till.database.act_as(till.office.keeper.credential, "billing.keep_books") as tx:
        _, postings = await billing.bill(tx, till.bill_id)
        found = [await payments.paid_with(tx, one.id) for one in postings]
    assert [(one.attempt_id, one.intent_id) for one in found if one] == [(attempt_id, f"pi_{attempt_id.hex}")]


def test_nothing_leads_away_from_paid() -> None:
    assert rules.NEXT["paid"] == frozenset()
    assert all(rules.can_go(status, "paid") for status in rules.NEXT if status != "paid")


async def _age(till: Till) -> None:
    """Let the attempts and the events of a test be older than the poller waits for."""
    await _by_owner(
        till,
        "update payment_attempt set created_at = created_at - interval '5 min', checked_at = null",
        "update processor_event set received_at = received_at - interval '5 min'",
    )


async def _by_owner(till: Till, *statements: LiteralString) -> None:
    """Change what no use case changes."""
    owner = till.work.settings.database_owner_url
    assert owner
    async with await psycopg.AsyncConnection.connect(libpq_conninfo(owner)) as connection:
        await connection.execute("set portal.maintenance = 'yes'")
        for statement in statements:
            await connection.execute(statement)

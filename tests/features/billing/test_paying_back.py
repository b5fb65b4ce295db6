"""Money paid back online: once, never more than was paid, and the books right whatever the processor says and when."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.billing import jobs, paying_back, undoing
from portal_app.features.billing.errors import ManagerNeeded, MoreThanPaid, PaymentDisputed
from portal_app.features.billing.undoing import RefundWish
from portal_app.features.payments.ports import Event, RefundFacts
from portal_app.features.reconciling import disputes
from portal_app.features.reconciling import service as reconciling
from portal_app.features.reconciling.ports import Dispute
from tests.factories import Clinic, Someone
from tests.features.billing.conftest import FEE
from tests.features.payments.conftest import Till, till

__all__ = ["till"]
PAYMENT = "select id from ledger_posting where kind = 'online_payment'"
BACK = "select count(*) from ledger_posting where kind = 'refund'"
MAILS = "select count(*) from outbox_message where template = '{}'"


@dataclass(frozen=True)
class Purse:
    """A bill that was paid online, and the way to give of it back."""

    till: Till
    payment_id: UUID
    attempt_id: UUID

    async def ask(
        self, amount: int, *, again: bool = True, key: UUID | None = None, by: Someone | None = None,
        why: str = "Paid twice",
    ) -> UUID:  # fmt: skip
        key = key or uuid4()
        async with self.till.database.act_as((by or self.till.office.keeper).credential, "billing.keep_books") as tx:
            assert await paying_back.give_back(tx, RefundWish(self.payment_id, amount, why, key, again))
        return key

    async def send(self, refund_id: UUID) -> None:
        await jobs.settle(self.till.work, refund_id)

    async def given(self, amount: int, *, again: bool = True) -> UUID:
        refund_id = await self.ask(amount, again=again)
        await self.send(refund_id)
        return refund_id

    async def status(self, refund_id: UUID) -> str:
        async with self.till.database.act_as_system("test") as tx:
            return str(await tx.scalar("select status from refund where id = :id", {"id": refund_id}))

    async def becomes(self, refund_id: UUID, status: str) -> None:
        """Let a refund change at the processor, and have it told."""
        name = f"re_{refund_id.hex}"
        self.till.bank.refunds[name] = replace(self.till.bank.refunds[name], status=status)
        await self.till.hear(event(name, None))

    async def matters(self) -> list[str]:
        async with self.till.database.act_as(self.till.office.keeper.credential, "reconciling.work") as tx:
            return sorted(one.kind for one in await reconciling.matters(tx))


def event(object_id: str, amount: int | None, *, is_live: bool = False) -> Event:
    return Event(f"evt_{uuid4().hex}", "refund.updated", object_id, "", amount, "USD", is_live, clock.now())


@pytest.fixture
async def purse(till: Till) -> Purse:
    attempt_id = await till.begun()
    await till.pay(attempt_id)
    async with till.database.act_as_system("test") as tx:
        return Purse(till, await tx.scalar(PAYMENT), attempt_id)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let time pass."""
    real = clock.now
    return lambda ahead: monkeypatch.setattr(clock, "now", lambda: real() + ahead)


async def test_a_part_is_owed_again_another_lowers_the_bill_and_both_are_at_the_processor_once(purse: Purse) -> None:
    first, second = await purse.given(3_000), await purse.given(2_000, again=False)
    bill = await purse.till.bill()
    assert (bill.owed_minor, bill.paid_minor, bill.reduced_minor) == (3_000, FEE - 5_000, 2_000)
    assert await purse.status(first) == await purse.status(second) == "succeeded"
    assert sorted(one.amount for one in purse.till.bank.refunds.values()) == [2_000, 3_000]
    assert await purse.till.count(MAILS.format("billing_refund_sent")) == 2


async def test_all_of_it_and_not_a_cent_more_is_paid_back_by_whoever_may(purse: Purse, clinic: Clinic) -> None:
    with pytest.raises(ManagerNeeded):
        await purse.ask(FEE)
    manager = await clinic.staff("billing", "manager")
    await purse.send(await purse.ask(FEE, by=manager))
    assert (await purse.till.bill()).owed_minor == FEE
    with pytest.raises(MoreThanPaid):
        await purse.ask(1)
    for someone in (purse.till.office.visit.maria_strong, await clinic.staff("front_desk")):
        with pytest.raises(NotAllowed):
            await purse.ask(1, by=someone)


async def test_two_people_at_once_never_pay_back_more_than_was_paid_and_two_taps_once(purse: Purse) -> None:
    key = uuid4()
    await asyncio.gather(*(purse.ask(8_000, key=key) for _tap in range(3)))
    told = await asyncio.gather(*(purse.ask(6_000) for _one in range(3)), return_exceptions=True)
    assert sum(isinstance(one, MoreThanPaid) for one in told) == 2
    for refund_id in [key, *(one for one in told if isinstance(one, UUID))]:
        await asyncio.gather(*(purse.send(refund_id) for _worker in range(3)))
    assert sum(one.amount for one in purse.till.bank.refunds.values()) == 14_000
    assert (await purse.till.bill()).owed_minor == 14_000


async def test_what_was_asked_for_before_a_worker_died_is_sent_by_the_clock(
    purse: Purse, later: Callable[[timedelta], None]
) -> None:
    refund_id = await purse.ask(500)
    await jobs.look_after_refunds(purse.till.work)
    assert (await purse.status(refund_id), (await purse.till.bill()).owed_minor) == ("pending", 0)
    later(timedelta(minutes=3))
    for _minute in range(2):
        await jobs.look_after_refunds(purse.till.work)
    assert (await purse.status(refund_id), (await purse.till.bill()).owed_minor) == ("succeeded", 500)


async def test_a_lost_answer_and_a_day_without_the_processor_pay_back_once(
    purse: Purse, later: Callable[[timedelta], None]
) -> None:
    purse.till.bank.forgets_to_answer = True
    refund_id = await purse.given(500)
    assert await purse.status(refund_id) == "pending"
    later(timedelta(days=2))  # the key may be forgotten by now, so it is looked for first
    await jobs.look_after_refunds(purse.till.work)
    assert await purse.status(refund_id) == "succeeded"
    assert purse.till.bank.asked.count("pay back") == 1
    assert await purse.till.count(BACK) == 1


async def test_a_refund_that_comes_back_is_with_the_practice_again_and_on_the_work_list(purse: Purse) -> None:
    purse.till.bank.refunds_go = "pending"
    refund_id = await purse.given(2_000, again=False)
    assert (await purse.status(refund_id), (await purse.till.bill()).owed_minor) == ("pending", 0)
    await asyncio.gather(*(purse.becomes(refund_id, "failed") for _told in range(5)))
    bill = await purse.till.bill()
    assert (bill.owed_minor, bill.paid_minor, bill.reduced_minor) == (0, FEE, 0)
    assert (await purse.status(refund_id), await purse.matters()) == ("failed", ["refund_failed"])
    assert await purse.till.count(MAILS.format("billing_refund_failed")) == 1
    await purse.ask(2_000)  # it can be tried again


async def test_what_was_paid_again_meanwhile_makes_a_refund_that_failed_a_credit(purse: Purse) -> None:
    refund_id = await purse.given(2_000)
    await purse.till.office.post(purse.till.bill_id, "payment", 1_500)
    await purse.becomes(refund_id, "failed")
    assert ((await purse.till.bill()).owed_minor, await purse.till.credit()) == (0, 1_500)


async def test_a_bill_taken_back_meanwhile_makes_it_a_credit_as_well(purse: Purse, clinic: Clinic) -> None:
    manager = await clinic.staff("billing", "manager")
    refund_id = await purse.ask(FEE, by=manager)
    await purse.send(refund_id)
    async with purse.till.database.act_as(manager.credential, "billing.keep_books") as tx:
        await undoing.void_bill(tx, purse.till.bill_id, "Another patient's", uuid4())
    await purse.becomes(refund_id, "failed")
    assert ((await purse.till.bill()).owed_minor, await purse.till.credit()) == (0, FEE)


async def test_what_comes_back_of_a_private_visit_is_a_credit_as_private(purse: Purse, clinic: Clinic) -> None:
    async with purse.till.database.act_as_system("test") as tx:
        hidden = "update appointment set confidentiality = 'R' where id = :id"
        await tx.execute(hidden, {"id": purse.till.office.visit.appointment_id})
    manager = await clinic.staff("billing", "manager")
    refund_id = await purse.ask(FEE, by=manager)
    await purse.send(refund_id)
    async with purse.till.database.act_as(manager.credential, "billing.keep_books") as tx:
        await undoing.void_bill(tx, purse.till.bill_id, "Another patient's", uuid4())
    await purse.becomes(refund_id, "failed")
    async with purse.till.database.act_as_system("test") as tx:
        levels = await tx.all("select confidentiality from ledger_entry where account = 'credit'")
    assert [row.confidentiality for row in levels] == ["R"]


async def test_told_ten_times_at_once_and_late_it_is_in_the_books_once(purse: Purse) -> None:
    purse.till.bank.refunds_go = "pending"
    refund_id = await purse.given(700)
    await asyncio.gather(*(purse.becomes(refund_id, "succeeded") for _told in range(10)))
    await purse.becomes(refund_id, "pending")
    assert (await purse.status(refund_id), await purse.till.count(BACK)) == ("succeeded", 1)


@pytest.mark.parametrize("told", [{"amount": 900_000}, {"amount": 700, "is_live": True}])
async def test_an_event_of_a_bigger_amount_or_of_another_mode_is_set_aside(purse: Purse, told: Any) -> None:
    refund_id = await purse.ask(700)
    name = f"re_{refund_id.hex}"
    purse.till.bank.refunds[name] = RefundFacts(name, "succeeded", 700, "USD", str(refund_id))
    await purse.till.hear(event(name, **told))
    assert (await purse.status(refund_id), await purse.matters()) == ("pending", ["quarantined"])
    assert (await purse.till.bill()).owed_minor == 0


async def test_a_refund_of_another_payment_that_bears_our_name_is_set_aside(purse: Purse) -> None:
    refund_id = await purse.ask(700)
    other = RefundFacts("re_other", "succeeded", 700, "USD", str(refund_id), "pi_of_another_bill")
    purse.till.bank.refunds["re_other"] = other
    await purse.till.hear(event("re_other", 700))
    assert (await purse.status(refund_id), await purse.matters()) == ("pending", ["quarantined"])


async def test_a_refund_that_was_made_elsewhere_is_filed_and_changes_no_book(purse: Purse) -> None:
    purse.till.bank.refunds["re_there"] = RefundFacts("re_there", "succeeded", 400, "USD")
    for _told in range(2):
        await purse.till.hear(event("re_there", 400))
    assert (await purse.matters(), await purse.till.count(BACK)) == (["refund_elsewhere"], 0)


async def test_a_refund_that_is_told_before_its_payment_changes_nothing_of_it_and_is_filed_once(till: Till) -> None:
    attempt_id = await till.begun()
    till.bank.set(attempt_id, "paid")
    paid, intent_id = till.bank.tell(attempt_id), f"pi_{attempt_id.hex}"
    till.bank.refunds["re_there"] = RefundFacts("re_there", "succeeded", 400, "USD", "", intent_id)
    await till.hear(event("re_there", 400))
    assert ((await till.bill()).paid_minor, await till.status(attempt_id)) == (0, "open")
    await till.hear(paid)
    await till.hear(event("re_there", 400))
    assert ((await till.bill()).paid_minor, await till.status(attempt_id)) == (FEE, "paid")
    async with till.database.act_as_system("test") as tx:
        payment_id = await tx.scalar(PAYMENT)
    assert (await Purse(till, payment_id, attempt_id).matters(), await till.count(BACK)) == (["refund_elsewhere"], 0)


async def test_what_the_processor_refuses_is_told_to_billing_and_can_be_asked_again(purse: Purse) -> None:
    purse.till.bank.refuses_refunds = True
    refund_id = await purse.given(700)
    assert (await purse.status(refund_id), await purse.matters()) == ("failed", ["refund_failed"])
    async with purse.till.database.act_as(purse.till.office.keeper.credential, "billing.keep_books") as tx:
        (seen,) = await paying_back.refunds_of_bill(tx, purse.till.bill_id)
    assert (seen.status, seen.posting_id) == ("failed", None)
    purse.till.bank.refuses_refunds = False
    assert await purse.status(await purse.given(700)) == "succeeded"


async def test_nothing_is_paid_back_while_a_bank_decides(purse: Purse) -> None:
    told = Dispute("dp_1", f"pi_{purse.attempt_id.hex}", FEE, "USD", "open", clock.now(), None)
    await disputes.follow(purse.till.database, told)
    with pytest.raises(PaymentDisputed):
        await purse.ask(500)


async def test_without_a_reason_or_of_what_was_paid_at_the_desk_nothing_goes_online(purse: Purse) -> None:
    with pytest.raises(InputRefused):
        await purse.ask(500, why=" ")
    await purse.given(500)
    in_hand = await purse.till.office.post(purse.till.bill_id, "payment", 500)
    async with purse.till.database.act_as(purse.till.office.keeper.credential, "billing.keep_books") as tx:
        with pytest.raises(NotFound):
            await paying_back.pay_back_online(tx, RefundWish(in_hand, 100, "Twice", uuid4(), True))

"""Money paid back, with the processor's own client and the stand-in: to the cent, whatever becomes of it."""

from uuid import UUID, uuid4

from portal_app.core import clock
from portal_app.features.billing import jobs, paying_back
from portal_app.features.billing.undoing import RefundWish
from portal_app.features.payments import events
from portal_app.features.payments import service as payments
from portal_app.features.payments.ports import Event
from tests.features.billing.conftest import FEE
from tests.features.reconciling.conftest import Counter
from tests.practice_stripe import REFUND_FAILS


async def paid_back(counter: Counter, amount: int) -> UUID:
    """Have a part of the one payment paid back, as somebody of billing and then a worker do; return the refund."""
    async with counter.database.act_as_system("test") as tx:
        payment_id = await tx.scalar("select id from ledger_posting where kind = 'online_payment'")
    wish = RefundWish(payment_id, amount, "Paid twice", uuid4(), is_owed_again=True)
    async with counter.database.act_as(counter.office.keeper.credential, "billing.keep_books") as tx:
        await paying_back.give_back(tx, wish)
    await jobs.settle(counter.work, wish.request_key)
    return wish.request_key


async def hear_all(counter: Counter) -> set[str]:
    """Be told of every refund, see to it as a worker does, and return what came of it."""
    told = [one["data"]["object"] for one in counter.practice.events() if one["type"].startswith("refund.")]
    for one in told:
        name = f"evt_{uuid4().hex}"
        event = Event(
            name, "refund.updated", one["id"], "", one["amount"], "USD", is_live=False, happened_at=clock.now()
        )
        async with counter.database.act_as_system("test") as tx:
            await payments.take_event(tx, event)
            row_id = await tx.scalar("select id from processor_event where event_id = :name", {"name": name})
        await events.see_to(counter.work, row_id)
    async with counter.database.act_as_system("test") as tx:
        return {row.outcome for row in await tx.all("select outcome from processor_event where type like 'refund.%'")}


async def test_what_is_paid_back_in_parts_agrees_to_the_cent(counter: Counter) -> None:
    await counter.pay()
    for part in (3_000, 4_000):
        await paid_back(counter, part)
    assert await hear_all(counter) == {"refund succeeded"}
    (look,) = await counter.reconcile()
    assert (look.drift_minor, look.parts, (await counter.bill()).owed_minor) == (0, (), 7_000)


async def test_a_refund_that_the_bank_sends_back_agrees_before_and_after(counter: Counter) -> None:
    await counter.pay(card=REFUND_FAILS)
    await paid_back(counter, 3_000)
    (under_way,) = await counter.reconcile()
    assert (under_way.drift_minor, (await counter.bill()).owed_minor) == (0, 3_000)
    counter.practice.do("arrive")
    assert await hear_all(counter) == {"refund failed"}
    (look,) = await counter.reconcile()
    assert (look.drift_minor, look.parts, (await counter.bill()).owed_minor) == (0, (), 0)
    assert [one.kind for one in await counter.matters()] == ["refund_failed"]


async def test_a_dispute_of_which_we_have_not_heard_makes_the_processor_refuse(counter: Counter) -> None:
    counter.practice.do("dispute", charge=await counter.pay())
    await paid_back(counter, 3_000)
    assert [one.kind for one in await counter.matters()] == ["refund_failed"]
    assert (await counter.bill()).owed_minor == 0


async def test_a_payment_disputed_after_a_part_went_back_is_owed_again_as_far_as_it_was_lost(counter: Counter) -> None:
    charge = await counter.pay()
    await paid_back(counter, 3_000)
    dispute = counter.practice.do("dispute", charge=charge, amount=FEE - 3_000)
    await counter.hear("charge.dispute.created", dispute["id"])
    counter.practice.do("decide", dispute=dispute["id"], won=False)
    await counter.hear("charge.dispute.closed", dispute["id"])
    (look,) = await counter.reconcile()
    assert (look.drift_minor, (await counter.bill()).owed_minor, await counter.holds("disputed")) == (0, FEE, 0)

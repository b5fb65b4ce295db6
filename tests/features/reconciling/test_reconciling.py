"""The books against the processor's account: to the cent, whatever moves, and what does not fit is filed once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed
from portal_app.features.reconciling import disputes, rules
from portal_app.features.reconciling import service as reconciling
from portal_app.features.reconciling.ports import AccountPort
from tests.factories import Clinic
from tests.features.billing.conftest import FEE
from tests.features.reconciling.conftest import Counter


async def test_a_payment_and_its_fee_agree_to_the_cent(counter: Counter) -> None:
    await counter.pay()
    (look,) = await counter.reconcile()
    assert (look.drift_minor, look.in_books_minor, look.parts) == (0, FEE - 552, ())
    assert await counter.holds("fee") == 552
    assert await counter.matters() == []


async def test_looking_again_books_nothing_twice(counter: Counter) -> None:
    await counter.pay()
    await counter.reconcile()
    await counter.reconcile()
    (look,) = await counter.reconcile()
    assert look.drift_minor == 0
    assert await counter.holds("fee") == 552


async def test_two_looks_at_once_book_a_fee_once(counter: Counter) -> None:
    await counter.pay()
    await asyncio.gather(counter.reconcile(), counter.reconcile())
    assert await counter.holds("fee") == 552


async def test_a_payout_is_the_sum_of_its_parts_and_leaves_the_processor(counter: Counter) -> None:
    await counter.pay()
    counter.practice.do("pay-out")
    assert await counter.hear("payout.paid", "po_any") == "reconciled"
    (look,) = await counter.looks()
    assert (look.in_books_minor, look.drift_minor) == (0, 0)
    assert await counter.holds("bank") == FEE - 552
    async with counter.database.act_as(counter.office.keeper.credential, "reconciling.work") as tx:
        (payout,) = await reconciling.payouts(tx)
    assert payout.movements_minor == payout.amount_minor == FEE - 552


async def test_a_payment_that_is_none_of_ours_is_drift_with_its_reason(counter: Counter) -> None:
    elsewhere = {"amount": 700, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    counter.practice.client().v1.payment_intents.create(elsewhere)  # type: ignore[arg-type]
    (look,) = await counter.reconcile()
    assert [(part.kind, part.drift_minor) for part in look.parts] == [("payments", -700)]
    assert look.drift_minor == sum(part.drift_minor for part in look.parts) == -700
    assert [one.kind for one in await counter.matters()] == ["drift"]


async def test_it_is_told_to_billing_once_it_is_not_merely_late(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"amount": 700, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    counter.practice.client().v1.payment_intents.create(elsewhere)  # type: ignore[arg-type]
    monkeypatch.setattr(clock, "now", lambda now=clock.now: now() + timedelta(hours=2))
    for _each in range(2):
        await counter.reconcile()
    assert sorted(one.kind for one in await counter.matters()) == ["drift", "unmatched"]


async def test_a_dispute_leaves_the_bill_paid_until_it_is_decided(counter: Counter) -> None:
    charge = await counter.pay()
    dispute = counter.practice.do("dispute", charge=charge)
    assert await counter.hear("charge.dispute.created", dispute["id"]) == "dispute open"
    assert (await counter.bill()).owed_minor == 0
    assert await counter.holds("disputed") == FEE
    (matter,) = await counter.matters()
    assert (matter.kind, matter.amount_minor, matter.act_by is not None) == ("dispute", FEE, True)
    (look,) = await counter.reconcile()
    assert look.drift_minor == 0
    assert await counter.holds("fee") == 552 + 1500


@pytest.mark.parametrize(("is_won", "owed", "kind"), [(True, 0, "dispute_won"), (False, FEE, "dispute_lost")])
async def test_a_decision_moves_the_money_back_or_the_bill_is_owed_again(
    counter: Counter, *, is_won: bool, owed: int, kind: str
) -> None:
    charge = await counter.pay()
    dispute = counter.practice.do("dispute", charge=charge)
    await counter.hear("charge.dispute.created", dispute["id"])
    counter.practice.do("decide", dispute=dispute["id"], won=is_won)
    for _told in range(2):
        await counter.hear("charge.dispute.closed", dispute["id"])
    assert (await counter.bill()).owed_minor == owed
    assert await counter.holds("disputed") == 0
    assert [one.kind for one in await counter.matters()] == [kind]
    (look,) = await counter.reconcile()
    assert look.drift_minor == 0


async def test_a_lost_dispute_about_a_private_visits_credit_takes_it_where_it_stands(counter: Counter) -> None:
    async with counter.database.act_as_system("test") as tx:
        hidden = "update appointment set confidentiality = 'R' where id = :id"
        await tx.execute(hidden, {"id": counter.office.visit.appointment_id})
    dispute = counter.practice.do("dispute", charge=await counter.pay(at_desk=FEE))
    await counter.hear("charge.dispute.created", dispute["id"])
    counter.practice.do("decide", dispute=dispute["id"], won=False)
    await counter.hear("charge.dispute.closed", dispute["id"])
    async with counter.database.act_as_system("test") as tx:
        asked = "select confidentiality, amount_minor from ledger_entry where account = 'credit' order by amount_minor"
        assert [tuple(row) for row in await tx.all(asked)] == [("R", -FEE), ("R", FEE)]


async def test_a_decision_that_is_told_before_the_dispute_comes_to_the_same(counter: Counter) -> None:
    charge = await counter.pay()
    dispute = counter.practice.do("dispute", charge=charge)
    counter.practice.do("decide", dispute=dispute["id"], won=False)
    for kind in ("closed", "created"):
        assert await counter.hear(f"charge.dispute.{kind}", dispute["id"]) == "dispute lost"
    assert (await counter.bill()).owed_minor == FEE


async def test_a_dispute_told_ten_times_at_once_is_booked_once(counter: Counter) -> None:
    charge = await counter.pay()
    dispute = counter.practice.do("dispute", charge=charge, amount=5_000)
    await asyncio.gather(*(counter.hear("charge.dispute.created", dispute["id"]) for _each in range(10)))
    assert await counter.holds("disputed") == 5_000


async def test_nothing_of_a_disputed_payment_may_be_paid_back(counter: Counter) -> None:
    charge = await counter.pay()
    dispute = counter.practice.do("dispute", charge=charge)
    await counter.hear("charge.dispute.created", dispute["id"])
    account: AccountPort = counter.work.ports[AccountPort]  # type: ignore[assignment]
    attempt_id = await disputes.attempt_of(counter.database, await account.dispute(dispute["id"]))
    assert attempt_id
    async with counter.database.act_as(counter.office.keeper.credential, "reconciling.work") as tx:
        assert await reconciling.is_disputed(tx, attempt_id)


async def test_a_processor_that_is_away_costs_nothing_but_the_look(counter: Counter) -> None:
    await counter.pay()
    counter.practice.control(down=True)
    assert await counter.reconcile() == []
    counter.practice.control()
    (look,) = await counter.reconcile()
    assert look.drift_minor == 0


async def quarantined(counter: Counter) -> UUID:
    async with counter.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into quarantined_payment (id, object_id, reason, amount_minor, currency, is_live, seen_at) values "
            "(gen_random_uuid(), 'cs_other', 'amount', 100, 'USD', false, now())"
        )
    (matter,) = await counter.matters()
    return matter.id


async def test_what_was_set_aside_is_seen_and_settled_with_a_reason(counter: Counter) -> None:
    matter_id = await quarantined(counter)
    async with counter.database.act_as(counter.office.keeper.credential, "reconciling.work") as tx:
        await reconciling.see(tx, matter_id)
        with pytest.raises(InputRefused):
            await reconciling.resolve(tx, matter_id, "  ")
        for why in ("A try of our own", "Somebody else's words"):
            await reconciling.resolve(tx, matter_id, why)
    (settled,) = await counter.matters(is_open=False)
    assert settled.resolution == "A try of our own"
    async with counter.database.act_as_system("test") as tx:
        kept = await tx.scalar("select resolution from quarantined_payment where resolved_at is not null")
    assert kept
    assert "try" not in kept


async def test_only_billing_works_on_money(counter: Counter, database: Database, clinic: Clinic) -> None:
    for role in ("front_desk", "clinician", "manager"):
        somebody = await clinic.staff(role)
        with pytest.raises(NotAllowed):
            async with database.act_as(somebody.credential, "reconciling.work") as tx:
                await reconciling.matters(tx)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+1", "'+1"),
        ("-12.30", "-12.30"),
        ("-1+1", "'-1+1"),
        ("a=1", "a=1"),
    ],
)
def test_a_spreadsheet_takes_nothing_for_a_formula(text: str, written: str) -> None:
    assert rules.cell(text) == written


@pytest.mark.parametrize(
    ("amount", "places", "written"), [(-5, 2, "-0.05"), (123456, 3, "123.456"), (500, 0, "500"), (0, 2, "0.00")]
)
def test_amounts_are_written_with_the_decimals_of_their_currency(amount: int, places: int, written: str) -> None:
    assert rules.decimal(amount, places) == written

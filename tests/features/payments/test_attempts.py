"""Begin to pay: as much as the ledger says and no more, on one page, once, and nobody else's bill."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from portal_app.core.errors import NotAllowed, StepUpNeeded
from portal_app.core.jobs import Workplace
from portal_app.features.billing import service as billing
from portal_app.features.payments import rules
from portal_app.features.payments import service as payments
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.billing.conftest import FEE, Office
from tests.features.payments.conftest import Bank, Till

__all__ = ["share"]


async def _amount(till: Till, attempt_id: UUID) -> int:
    async with till.database.act_as_system("test") as tx:
        return int(await tx.scalar("select amount_minor from payment_attempt where id = :id", {"id": attempt_id}))


async def test_what_is_asked_for_is_what_the_ledger_says_and_a_part_only_lowers_it(till: Till) -> None:
    await till.office.post(till.bill_id, "insurance", 10_000)
    assert await _amount(till, await till.start()) == FEE - 10_000
    assert await _amount(till, await till.start(2_000)) == 2_000
    with pytest.raises(payments.MoreThanOwed):
        await till.start(FEE - 10_000 + 1)


@pytest.mark.parametrize("amount", [49, 0, -500])
async def test_what_is_too_little_is_refused_before_anybody_is_asked(till: Till, amount: int) -> None:
    with pytest.raises(payments.TooLittleToPay):
        await till.start(amount)
    assert till.bank.asked == []


async def test_two_taps_and_two_tabs_have_one_open_attempt_and_one_page(till: Till) -> None:
    key = uuid4()
    taps = await asyncio.gather(till.start(key=key), till.start(), till.start(), return_exceptions=True)
    begun = {one for one in taps if isinstance(one, UUID)}
    assert len(begun) == 1
    pages = await asyncio.gather(*(till.open(one) for one in [*begun] * 3))
    assert len(set(pages)) == len(till.bank.pages) == 1


async def test_a_key_that_comes_again_with_another_amount_is_refused(till: Till) -> None:
    key = uuid4()
    await till.start(2_000, key=key)
    with pytest.raises(billing.KeyUsedOtherwise):
        await till.start(3_000, key=key)


async def test_a_newer_amount_closes_the_older_page_before_its_own_opens(till: Till) -> None:
    older = await till.begun(2_000)
    newer = await till.begun(3_000)
    assert (await till.status(older), await till.status(newer)) == ("expired", "open")
    assert till.bank.asked == ["open", "close", "open"]
    assert await till.count("select count(*) from payment_attempt where status in ('new', 'open')") == 1


async def test_who_pays_on_the_older_page_first_does_not_pay_on_the_newer_too(till: Till) -> None:
    older = await till.begun(2_000)
    newer = await till.start(3_000)
    till.bank.set(older, "paid")
    with pytest.raises(payments.PaidMeanwhile):
        await till.open(newer)
    assert (await till.bill()).paid_minor == 2_000
    assert await till.status(newer) == "replaced"


async def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_attempt(till: Till) -> None:
    key = uuid4()
    attempt_id = await till.start(key=key)
    till.bank.forgets_to_answer = True
    with pytest.raises(payments.ProcessorAway):
        await till.open(attempt_id)
    assert await till.start(key=key) == await till.start() == attempt_id
    await till.open(attempt_id)
    assert len(till.bank.pages) == 1


async def test_a_page_that_opens_after_a_newer_attempt_began_is_closed_again(till: Till) -> None:
    older = await till.start(2_000)
    await till.start(3_000)
    with pytest.raises(payments.AttemptOver):
        await till.open(older)
    assert await till.status(older) == "replaced"


async def test_another_patients_bill_is_not_there_and_nobody_is_asked(till: Till, clinic: Clinic) -> None:
    other = await clinic.sign_in_again(await clinic.patient("Sam"), timedelta(hours=1), 2)
    with pytest.raises(payments.NothingOwed):
        await till.start(by=other, bills=(till.bill_id,))
    with pytest.raises(payments.NothingOwed):
        await till.start(bills=(uuid4(),))
    assert till.bank.asked == []


async def test_nobody_else_pays_and_a_weak_sign_in_does_not(till: Till) -> None:
    for someone in (till.office.keeper, till.office.visit.doctor):
        with pytest.raises(NotAllowed):
            await till.start(by=someone)
    with pytest.raises(StepUpNeeded):
        await till.start(by=till.office.visit.maria)


async def test_a_caregiver_with_the_bills_pays_and_one_without_does_not(
    till: Till, clinic: Clinic, share: Share
) -> None:
    async def caregiver(box: str) -> Someone:
        return await clinic.sign_in_again(await share(till.office.visit.maria, box), timedelta(hours=1), 2)

    for box in ("booking_act", "bills_view"):
        with pytest.raises(NotAllowed):
            await till.start(by=await caregiver(box))
    carer = await caregiver("bills_act")
    attempt_id = await till.start(by=carer)
    assert await _amount(till, attempt_id) == FEE
    async with till.database.act_as_system("test") as tx:
        begun = "select person_id, patient_id from audit_event where action = 'payments.start' and entity_id = :id"
        (row,) = await tx.all(begun, {"id": attempt_id})
    assert (row.person_id, row.patient_id) == (carer.person_id, till.office.visit.maria.patient_id)


async def test_what_is_on_its_way_is_not_asked_for_a_second_time(till: Till) -> None:
    attempt_id = await till.begun(10_000)
    till.bank.set(attempt_id, "processing")
    await till.hear(till.bank.tell(attempt_id))
    assert await _amount(till, await till.start()) == FEE - 10_000
    assert (await till.bill()).paid_minor == 0


@pytest.mark.parametrize(("amount", "currency", "can"), [
    (49, "USD", False), (50, "USD", True), (49, "JPY", False), (120, "JPY", True), (1_500, "KWD", True),
    (1_505, "KWD", False), (140, "KWD", False),
])  # fmt: skip
def test_each_currency_has_its_least_and_its_steps(amount: int, currency: str, can: bool) -> None:
    assert rules.is_chargeable(amount, currency) is can


async def test_a_currency_that_is_not_taken_is_refused_before_anybody_is_asked(
    office: Office, settings: Settings
) -> None:
    async with office.database.act_as_system("test") as tx:
        await billing.fill_fees(tx, [billing.FeeEntry("T1015", date(2020, 1, 2), "PLN", FEE)])
    till = Till(office, bank := Bank(), Workplace(office.database, settings, {}), await office.issue())
    assert (await till.bill()).currency == "PLN"
    for amount in (None, 5_000):
        with pytest.raises(payments.CurrencyNotTaken):
            await till.start(amount)
    assert (bank.asked, await till.count("select count(*) from payment_attempt")) == ([], 0)


def test_on_each_bill_are_paid_whole_steps_because_in_those_it_is_paid_back() -> None:
    owed = [("a", 4_105), ("b", 8_235), ("c", 5)]
    assert rules.shares_of(12_330, owed, rules.step_of("KWD")) == [("a", 4_100), ("b", 8_230)]
    assert rules.shares_of(5_000, owed, rules.step_of("KWD")) == [("a", 4_100), ("b", 900)]


def test_a_part_is_divided_over_the_bills_in_their_order_and_nothing_is_left_over() -> None:
    assert rules.shares_of(250, [("a", 100), ("b", 100), ("c", 100)]) == [("a", 100), ("b", 100), ("c", 50)]
    assert rules.shares_of(80, [("a", 100), ("b", 100)]) == [("a", 80)]

"""The books: balanced, for good, one posting for two taps, and nobody else's."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from portal_app.core.db import Transaction, libpq_conninfo
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, StepUpNeeded
from portal_app.features.billing import money
from portal_app.features.billing import service as billing
from portal_app.operations import keys
from portal_app.settings import Settings
from tests.factories import Clinic
from tests.features.billing.conftest import FEE, Office


async def test_a_bill_says_what_was_charged_paid_and_is_left(office: Office) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "insurance", 11_000)
    await office.post(bill_id, "adjustment", 3_000, "Agreed price")
    await office.post(bill_id, "payment", 1_500)
    seen = await office.bill(bill_id)
    assert (seen.charged_minor, seen.insured_minor, seen.reduced_minor, seen.paid_minor, seen.owed_minor) == (
        FEE, 11_000, 3_000, 1_500, 2_500,
    )  # fmt: skip


async def test_two_taps_make_one_bill_and_one_payment(office: Office) -> None:
    bills = await asyncio.gather(office.issue(), office.issue(), return_exceptions=True)
    made = {one for one in bills if isinstance(one, UUID)}
    assert len(made) == 1
    key = uuid4()
    postings = await asyncio.gather(*(office.post(made.copy().pop(), "payment", 5_000, key=key) for _ in range(4)))
    assert len(set(postings)) == 1
    assert (await office.bill(made.pop())).paid_minor == 5_000


async def test_two_people_at_once_take_no_more_off_than_is_owed(office: Office) -> None:
    bill_id = await office.issue()
    tries = await asyncio.gather(*(office.post(bill_id, "payment", 10_000) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, billing.TooMuch) for one in tries) == 3
    assert (await office.bill(bill_id)).owed_minor == FEE - 10_000


async def test_an_entry_is_taken_back_once_and_stays_in_the_books(office: Office) -> None:
    bill_id = await office.issue()
    paid = await office.post(bill_id, "payment", 4_000)
    key = uuid4()
    back = await office.take_back(paid, key=key)
    assert await office.take_back(paid, key=key) == back
    for wrong in (paid, back):
        with pytest.raises(billing.CorrectedAlready):
            await office.take_back(wrong)
    assert (await office.bill(bill_id)).owed_minor == FEE
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        _, postings = await billing.bill(tx, bill_id)
    assert [(one.kind, one.off_minor, one.is_corrected) for one in postings] == [
        ("charge", -FEE, False), ("payment", 4_000, True), ("correction", -4_000, False),
    ]  # fmt: skip


async def test_a_key_that_comes_again_with_something_else_is_refused(office: Office) -> None:
    bill_id, key = await office.issue(), uuid4()
    await office.post(bill_id, "payment", 4_000, key=key)
    for kind, amount in (("payment", 4_001), ("insurance", 4_000)):
        with pytest.raises(billing.KeyUsedOtherwise):
            await office.post(bill_id, kind, amount, key=key)  # type: ignore[arg-type]
    assert (await office.bill(bill_id)).paid_minor == 4_000


async def test_what_was_paid_online_and_paid_back_counts_and_is_not_taken_back_by_hand(office: Office) -> None:
    bill_id = await office.issue()
    paid = await office.post(bill_id, "online_payment", 6_000)
    await office.post(bill_id, "refund", 1_000)
    assert (await office.bill(bill_id)).paid_minor == 5_000
    with pytest.raises(billing.CorrectedAlready):
        await office.take_back(paid)


async def test_what_is_of_no_bill_balances_too_and_a_payout_is_of_nobody(office: Office) -> None:
    await office.issue()
    async with office.database.act_as_system("test") as tx:
        patient_id, key = await tx.scalar("select patient_id from invoice"), uuid4()
        credit = billing.AccountPosting("credit", 700, "USD", key, patient_id)
        assert await billing.post_aside(tx, credit) == await billing.post_aside(tx, credit)
        await billing.post_aside(tx, billing.AccountPosting("payout", 900, "USD", uuid4()))
        await billing.post_aside(tx, billing.AccountPosting("fee", -30, "USD", uuid4()))
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        assert await tx.scalar("select count(*) from ledger_entry where patient_id is null") == 4
    async with office.database.act_as(office.visit.maria_strong.credential, "billing.see_bills") as tx:
        assert await tx.scalar("select count(*) from ledger_entry where account = 'credit'") == 1
        assert await tx.scalar("select count(*) from ledger_entry where patient_id is null") == 0


async def test_a_payout_that_does_not_balance_is_refused(office: Office) -> None:
    async def post() -> None:
        async with office.database.act_as_system("test") as tx:
            uneven = (billing.Entry("bank", 5), billing.Entry("processor", -4))
            await billing.post_aside(tx, billing.AccountPosting("payout", 5, "USD", uuid4(), entries=uneven))

    with pytest.raises(psycopg.errors.CheckViolation):
        await post()


async def test_a_charge_without_a_fee_is_not_billed(office: Office) -> None:
    async with office.database.act_as_system("test") as tx:
        await tx.execute("delete from fee")
    with pytest.raises(billing.FeeMissing):
        await office.issue()
    with pytest.raises(billing.FeeMissing):
        await office.issue()


async def test_a_charge_that_was_corrected_meanwhile_is_not_billed_as_it_was(office: Office) -> None:
    with pytest.raises(billing.ChargeMovedOn):
        await office.issue(corrections=3)


async def test_a_charge_that_is_held_is_not_billed(office: Office) -> None:
    async with office.database.act_as(office.keeper.credential, "billing.review") as tx:
        await billing.hold(tx, office.charge_id, "The insurance asks first", 0)
    with pytest.raises(billing.ChargeMovedOn):
        await office.issue()


@pytest.mark.parametrize("amount", [0, -5, 10**18])
async def test_an_amount_that_cannot_be_is_refused(office: Office, amount: int) -> None:
    bill_id = await office.issue()
    with pytest.raises(InputRefused):
        await office.post(bill_id, "payment", amount)


async def test_what_is_given_away_needs_a_reason(office: Office) -> None:
    bill_id = await office.issue()
    with pytest.raises(InputRefused):
        await office.post(bill_id, "write_off", 500, " ")


async def test_reasons_open_under_a_new_key_and_nothing_else_of_the_books_changed(
    office: Office, settings: Settings
) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "write_off", 500, "Hardship")
    await asyncio.to_thread(keys.rotate, settings, retire=True)
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        seen, postings = await billing.bill(tx, bill_id)
    assert (seen.owed_minor, [one.reason for one in postings if one.reason]) == (FEE - 500, ["Hardship"])


async def test_nobody_but_billing_keeps_books(office: Office, clinic: Clinic) -> None:
    bill_id = await office.issue()
    for someone in (office.visit.maria_strong, office.visit.doctor, await clinic.staff("manager")):
        with pytest.raises(NotAllowed):
            await office.post(bill_id, "payment", 500, by=someone)


async def test_patients_see_their_own_bills_with_a_strong_sign_in_and_no_reasons(
    office: Office, clinic: Clinic
) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "write_off", 500, "Hardship")
    async with office.database.act_as(office.visit.maria_strong.credential, "billing.see_bills") as tx:
        assert [one.id for one in (await billing.my_bills(tx)).to_pay.bills] == [bill_id]
        seen, postings = await billing.bill(tx, bill_id)
    assert (seen.owed_minor, {one.reason for one in postings}) == (FEE - 500, {""})
    with pytest.raises(StepUpNeeded):
        async with office.database.act_as(office.visit.maria.credential, "billing.see_bills"):
            pass
    other = await clinic.sign_in_again(await clinic.patient("Sam"), assurance=2)
    async with office.database.act_as(other.credential, "billing.see_bills") as tx:
        assert not (await billing.my_bills(tx)).to_pay.bills
        with pytest.raises(NotFound):
            await billing.bill(tx, bill_id)


async def test_a_visit_made_private_takes_its_bill_along(office: Office) -> None:
    bill_id = await office.issue()
    async with office.database.act_as_system("test") as tx:
        await tx.execute(HIDDEN, {"id": office.visit.appointment_id})
    assert await _levels(office) == ["R"]
    assert (await office.bill(bill_id)).owed_minor == FEE


UNBALANCED = """
insert into ledger_posting (id, kind, patient_id, currency, made_by, request_key)
select gen_random_uuid(), 'payment', patient_id, 'USD', actor_person(), gen_random_uuid() from invoice;
insert into ledger_entry (posting_id, line, account, invoice_id, patient_id, amount_minor)
select p.id, 0, 'receivable', i.id, i.patient_id, -500 from ledger_posting p, invoice i where p.kind = 'payment'
"""

HIDDEN = "update appointment set confidentiality = 'R' where id = :id"
LEVELS = """
select array(select confidentiality from invoice union select confidentiality from ledger_posting
  union select confidentiality from ledger_entry)
"""


async def test_a_visit_made_private_while_its_bill_is_made_has_a_private_bill(office: Office) -> None:
    async with office.database.act_as_system("test") as tx:
        await tx.execute(HIDDEN, {"id": office.visit.appointment_id})
        making = asyncio.create_task(office.issue())
        await _until_somebody_waits(tx)
    await making
    assert await _levels(office) == ["R"]


async def test_a_bill_made_while_its_visit_is_made_private_is_found(office: Office) -> None:
    async def hide() -> None:
        async with office.database.act_as_system("test") as tx:
            await tx.execute(HIDDEN, {"id": office.visit.appointment_id})

    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        await billing.issue_bill(tx, office.charge_id, 0)
        hiding = asyncio.create_task(hide())
        await _until_somebody_waits(tx)
    await hiding
    assert await _levels(office) == ["R"]


async def _until_somebody_waits(tx: Transaction) -> None:
    while not await tx.scalar("select true from pg_locks where not granted"):  # each ask lets the other go on
        pass


async def _levels(office: Office) -> list[str]:
    async with office.database.act_as_system("test") as tx:
        return list(await tx.scalar(LEVELS))


LATE = """
insert into ledger_entry (posting_id, line, account, invoice_id, patient_id, amount_minor)
select posting_id, 7, account, invoice_id, patient_id, 5 from ledger_entry limit 1
"""


async def _run(office: Office, *statements: str) -> None:
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        for statement in statements:
            await tx.execute(statement)


async def test_the_database_itself_refuses_a_posting_that_does_not_balance(office: Office) -> None:
    await office.issue()
    with pytest.raises(psycopg.errors.CheckViolation, match="sum to zero"):
        await _run(office, *UNBALANCED.split(";"))


async def test_the_database_itself_refuses_an_empty_posting_and_a_late_entry(office: Office) -> None:
    await office.issue()
    with pytest.raises(psycopg.errors.CheckViolation):
        await _run(office, UNBALANCED.split(";", maxsplit=1)[0])
    with pytest.raises(DBAPIError, match="of this transaction"):
        await _run(office, LATE)


@pytest.mark.parametrize("statement", [
    "update ledger_entry set amount_minor = 1",
    "delete from ledger_entry",
    "delete from ledger_posting",
    "truncate ledger_entry",
])  # fmt: skip
async def test_not_even_the_owner_changes_the_books(office: Office, settings: Settings, statement: str) -> None:
    await office.issue()
    assert settings.database_owner_url
    async with await psycopg.AsyncConnection.connect(libpq_conninfo(settings.database_owner_url)) as owner:
        await owner.execute("set portal.maintenance = 'yes'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stays"):
            await owner.execute(statement)


@given(st.sampled_from(sorted(money.SIDES)), st.integers(1, 10**11))
def test_both_sides_of_every_posting_sum_to_zero_and_so_does_its_opposite(kind: money.Kind, amount: int) -> None:
    entries = money.entries_of(kind, amount)
    assert sum(one.amount_minor for one in entries) == 0
    assert [a.amount_minor + b.amount_minor for a, b in zip(entries, money.opposite(entries), strict=True)] == [0, 0]


@pytest.mark.parametrize(("typed", "currency", "minor"), [
    ("25", "USD", 2_500), ("25.5", "USD", 2_550), ("25,50", "USD", 2_550), ("$25.00", "USD", 2_500),
    ("٢٥٫٥", "USD", 2_550),
    ("1000", "JPY", 1_000), ("1.5", "JPY", None), ("25.00", "JPY", 25), ("1.500", "JPY", None),
    ("1.234", "KWD", 1_234), ("1,234", "USD", None), ("0", "USD", None),
    ("-5", "USD", None), ("1e3", "USD", None), ("", "USD", None), ("9" * 40, "USD", None), ("0.01", "USD", 1),
])  # fmt: skip
def test_what_is_typed_becomes_minor_units_or_nothing(typed: str, currency: str, minor: int | None) -> None:
    assert money.typed_amount(typed, currency) == minor

"""What is kept as owed: always the sum of the entries, written by the ledger's trigger alone, and paged."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.db import libpq_conninfo
from portal_app.features.billing import balances, undoing
from portal_app.features.billing import service as billing
from portal_app.features.billing.errors import BalancesDrift
from portal_app.operations import keys
from portal_app.settings import Settings
from tests.features.billing.conftest import FEE, Office
from tests.features.billing.copied import copy_bill

KEPT = "select owed_minor, charged_minor, insured_minor, reduced_minor, paid_minor from bill_balance"
HIDDEN = "update appointment set confidentiality = 'R' where id = :id"


async def agrees(office: Office) -> bool:
    async with office.database.act_as_system("test") as tx:
        await balances.require_agreement(tx)
        return bool(await tx.scalar("select true from bill_balance"))


async def test_what_is_kept_is_the_sum_of_the_entries_after_all_that_happens_to_a_bill(
    office: Office, settings: Settings
) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "insurance", 11_000)
    paid = await office.post(bill_id, "payment", 1_500)
    await office.post(bill_id, "write_off", 500, "Hardship")
    await office.take_back(paid)
    assert await agrees(office)
    async with office.database.act_as_system("test") as tx:
        assert tuple(await tx.one(KEPT)) == (FEE - 11_500, FEE, 11_000, 500, 0)
        await tx.execute(HIDDEN, {"id": office.visit.appointment_id})
    await asyncio.to_thread(keys.rotate, settings, retire=True)
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        await undoing.void_bill(tx, bill_id, "Charged twice", uuid4())
    assert await agrees(office)
    async with office.database.act_as_system("test") as tx:
        assert tuple(await tx.one(KEPT)) == (0, 0, 0, 0, 0)
        assert await tx.scalar("select confidentiality from bill_balance") == "R"


async def test_payments_at_once_leave_the_balance_right(office: Office) -> None:
    bill_id = await office.issue()
    await asyncio.gather(*(office.post(bill_id, "payment", 1_000 + n) for n in range(5)))
    assert await agrees(office)
    assert (await office.bill(bill_id)).owed_minor == FEE - 5_010


async def test_a_posting_that_is_given_up_leaves_the_balance_alone(office: Office) -> None:
    bill_id = await office.issue()

    async def give_up() -> None:
        async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
            await billing.post(tx, billing.Posting(bill_id, "payment", 700, uuid4()))
            raise RuntimeError("the worker is gone")

    with pytest.raises(RuntimeError, match="gone"):
        await give_up()
    assert (await office.bill(bill_id)).owed_minor == FEE
    assert await agrees(office)


@pytest.mark.parametrize(
    "change",
    ["update bill_balance set owed_minor = 0", "delete from bill_balance", "truncate bill_balance",
     "insert into bill_balance select * from bill_balance"],
)  # fmt: skip
async def test_nobody_but_the_ledger_writes_a_balance(office: Office, settings: Settings, change: str) -> None:
    await office.issue()

    async def by_the_system() -> None:
        async with office.database.act_as_system("test") as tx:
            await tx.execute(change)

    with pytest.raises(DBAPIError):
        await by_the_system()
    with psycopg.connect(libpq_conninfo(settings.database_owner_url or "")) as owner:
        owner.execute("select set_config('portal.maintenance', 'test', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="follows the ledger"):
            owner.execute(change)


async def test_a_balance_that_somebody_bent_is_found(office: Office, settings: Settings) -> None:
    await office.issue()
    with psycopg.connect(libpq_conninfo(settings.database_owner_url or "")) as owner:
        owner.execute("select set_config('portal.maintenance', 'test', true)")
        owner.execute("alter table bill_balance disable trigger bill_balance_guard")
        owner.execute("update bill_balance set owed_minor = owed_minor - 1")
        owner.execute("alter table bill_balance enable trigger bill_balance_guard")
    with pytest.raises(BalancesDrift):
        await agrees(office)


async def test_bills_come_shelf_by_shelf_each_once_and_the_sum_is_of_all(office: Office, settings: Settings) -> None:
    first = await office.issue()
    await copies(office, settings, 29)
    async with office.database.act_as(office.visit.maria_strong.credential, "billing.see_bills") as tx:
        seen = await billing.my_bills(tx)
        assert seen.owed == (("USD", 30 * FEE),)
        shelf, shelves = seen.to_pay, [seen.to_pay.bills]
        while shelf.has_more:
            shelf = await billing.later_bills(tx, (shelf.bills[-1].due_on, shelf.bills[-1].number))
            shelves.append(shelf.bills)
    assert [len(one) for one in shelves] == [12, 12, 6]
    assert len({bill.id for one in shelves for bill in one} | {first}) == 30


async def test_older_bills_follow_the_newer_ones_that_are_settled(office: Office, settings: Settings) -> None:
    bills = [await office.issue(), *await copies(office, settings, 14)]
    for bill_id in bills:
        await office.post(bill_id, "payment", FEE)
    async with office.database.act_as(office.visit.maria_strong.credential, "billing.see_bills") as tx:
        seen = await billing.my_bills(tx)
        last = seen.settled.bills[-1]
        older = await billing.older_bills(tx, (last.served_at, last.number))
    times = [one.served_at for one in (*seen.settled.bills, *older.bills)]
    assert (len(times), times == sorted(times, reverse=True), older.has_more, seen.owed) == (15, True, False, ())


async def copies(office: Office, settings: Settings, count: int) -> list[UUID]:
    """Make further bills like the office's own, each a week older."""
    made = []
    async with await psycopg.AsyncConnection.connect(libpq_conninfo(settings.database_owner_url or "")) as owner:
        await owner.execute("set portal.maintenance = 'test'")
        for weeks in range(1, count + 1):
            whose = office.visit.maria.patient_id
            made.append(await copy_bill(owner, office.visit.appointment_id, whose, weeks))
    async with office.database.act_as_system("test") as tx:
        for bill_id in made:
            await billing.post(tx, billing.Posting(bill_id, "charge", FEE, uuid4()))
    return made

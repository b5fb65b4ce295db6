"""What is owed by how long it has been due: each account once, the longest first, for billing alone."""

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from portal_app.core import clock
from portal_app.core.db import libpq_conninfo
from portal_app.core.errors import NotAllowed
from portal_app.features.billing import aging
from portal_app.features.billing import service as billing
from portal_app.features.billing.aging import Aged, AgedAccount
from portal_app.settings import Settings
from tests.factories import Clinic
from tests.features.billing.conftest import FEE, Office
from tests.features.billing.copied import copy_bill

WEEKS = (4, 6, 11, 15, 19, 24)
"""A bill of these many weeks ago, due thirty days later, stands in the columns 0, 0, 30, 60, 90 and 120 or so."""


async def owing(office: Office, settings: Settings, whose: UUID | None, weeks: int, minor: int = FEE) -> UUID:
    async with await psycopg.AsyncConnection.connect(libpq_conninfo(settings.database_owner_url or "")) as owner:
        await owner.execute("set portal.maintenance = 'test'")
        bill_id = await copy_bill(owner, office.visit.appointment_id, whose, weeks)
    async with office.database.act_as_system("test") as tx:
        await billing.post(tx, billing.Posting(bill_id, "charge", minor, uuid4()))
    return bill_id


async def listed(office: Office, most: int = 50) -> list[AgedAccount]:
    found: list[AgedAccount] = []
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        after, has_more = aging.FIRST, True
        while has_more:
            page, has_more = await aging.aging(tx, after, most)
            found, after = [*found, *page], page[-1].place
    return found


async def test_each_open_bill_stands_in_the_column_of_its_age(office: Office, settings: Settings) -> None:
    await office.issue()
    for weeks, minor in zip(WEEKS, (1, 2, 4, 8, 16, 32), strict=True):
        await owing(office, settings, office.visit.maria.patient_id, weeks, minor)
    paid = await owing(office, settings, office.visit.maria.patient_id, 30)
    await office.post(paid, "payment", FEE)
    (one,) = await listed(office)
    assert one.aged == Aged("USD", (FEE + 1 + 2, 4, 8, 16, 32))
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        assert list(await aging.aging_totals(tx)) == [one.aged]


@pytest.mark.parametrize(("days", "column"), [(-1, 0), (29, 0), (30, 1), (59, 1), (60, 2), (90, 3), (119, 3), (120, 4)])
async def test_a_column_begins_on_its_day(
    office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch, days: int, column: int
) -> None:
    bill_id = await office.issue()
    due = (await office.bill(bill_id)).due_on
    noon = clock.now().replace(year=due.year, month=due.month, day=due.day, hour=17) + timedelta(days=days)
    del settings
    async with office.database.act_as_system("test") as tx:
        monkeypatch.setattr(clock, "now", lambda: noon)
        (total,) = await aging.aging_totals(tx)
    assert total.owed_minor == tuple(FEE if n == column else 0 for n in range(5))


async def test_accounts_come_page_by_page_each_once_and_the_longest_first(
    office: Office, clinic: Clinic, settings: Settings
) -> None:
    await office.issue()
    for weeks in (3, 9, 9, 14):
        whose = (await clinic.patient(f"Owing{weeks}")).patient_id
        await owing(office, settings, whose, weeks)
        await owing(office, settings, whose, 1)
    found = await listed(office, 2)
    assert found == await listed(office)
    assert len({one.patient_id for one in found}) == len(found) == 5
    assert [one.place for one in found] == sorted(one.place for one in found)
    assert [one.aged.sum_minor() for one in found] == [2 * FEE] * 4 + [FEE]


async def test_the_file_has_every_account_and_taking_it_is_recorded(office: Office) -> None:
    await office.issue()
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        found = [one async for one in aging.aging_file(tx)]
    async with office.database.act_as_system("test") as tx:
        taken = await tx.all("select patient_id from audit_event where action = 'billing.export_aging' order by id")
    assert {row.patient_id for row in taken} == {None, office.visit.maria.patient_id}
    assert [(one.patient_id, one.aged.sum_minor()) for one in found] == [(office.visit.maria.patient_id, FEE)]


async def test_nobody_but_billing_sees_who_owes(office: Office, clinic: Clinic) -> None:
    for someone in (office.visit.maria_strong, office.visit.doctor, await clinic.staff("manager")):
        with pytest.raises(NotAllowed):
            async with office.database.act_as(someone.credential, "billing.see_bills") as tx:
                await aging.aging(tx)

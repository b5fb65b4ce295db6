"""A visit that is signed and charged, somebody who keeps the books, and a fee for the service."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import pytest

from portal_app.core.db import Database
from portal_app.features.billing import service as billing
from portal_app.features.billing.money import Kind
from tests.factories import Clinic, Someone
from tests.features.notes.conftest import Visit, visit

__all__ = ["visit"]
FEE = 18_000


@dataclass(frozen=True)
class Office:
    """Whoever keeps the books of one visit's charge."""

    database: Database
    visit: Visit
    keeper: Someone
    charge_id: UUID

    async def issue(self, corrections: int = 0, by: Someone | None = None) -> UUID:
        async with self.database.act_as((by or self.keeper).credential, "billing.keep_books") as tx:
            return await billing.issue_bill(tx, self.charge_id, corrections)

    async def post(
        self,
        bill_id: UUID,
        kind: Kind,
        amount: int,
        reason: str = "",
        key: UUID | None = None,
        by: Someone | None = None,
    ) -> UUID:
        async with self.database.act_as((by or self.keeper).credential, "billing.keep_books") as tx:
            return await billing.post(tx, billing.Posting(bill_id, kind, amount, key or uuid4(), reason))

    async def take_back(self, posting_id: UUID, reason: str = "Wrong bill", key: UUID | None = None) -> UUID:
        async with self.database.act_as(self.keeper.credential, "billing.keep_books") as tx:
            return await billing.take_back(tx, posting_id, reason, key or uuid4())

    async def bill(self, bill_id: UUID) -> billing.BillView:
        async with self.database.act_as(self.keeper.credential, "billing.keep_books") as tx:
            return (await billing.bill(tx, bill_id))[0]


@pytest.fixture
async def office(database: Database, clinic: Clinic, visit: Visit) -> Office:
    await visit.write()
    await visit.sign()
    async with database.act_as_system("test") as tx:
        await billing.fill_fees(tx, [billing.FeeEntry("T1015", date(2020, 1, 1), "USD", FEE)])
        charge_id = await tx.scalar(
            "select id from charge_item where appointment_id = :id", {"id": visit.appointment_id}
        )
    keeper = await clinic.staff("billing")
    async with database.act_as(keeper.credential, "billing.review") as tx:
        await billing.mark_ready(tx, charge_id, 0)
    return Office(database, visit, keeper, charge_id)

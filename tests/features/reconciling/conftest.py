"""A bill paid with practice money: the real client of the processor, and its stand-in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.jobs import Workplace
from portal_app.features.billing import service as billing
from portal_app.features.payments import service as payments
from portal_app.features.payments.ports import Event, PaymentPort
from portal_app.features.reconciling import jobs
from portal_app.features.reconciling import service as reconciling
from portal_app.features.reconciling.ports import AccountPort
from portal_app.integrations.stripe.books import StripeAccount
from portal_app.integrations.stripe.client import StripePayments
from portal_app.settings import Settings
from tests.features.billing.conftest import Office, office
from tests.features.notes.conftest import visit
from tests.practice_stripe import WORKS, Practice, running

__all__ = ["office", "visit"]


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with running(tmp_path_factory.mktemp("practice")) as practice:
        yield practice


@pytest.fixture
def practice(standing: Practice) -> Practice:
    standing.do("forget")
    return standing


@dataclass(frozen=True)
class Counter:
    """Somebody with a bill, the processor, and whoever keeps the books."""

    office: Office
    practice: Practice
    work: Workplace
    bill_id: UUID

    @property
    def database(self) -> Database:
        return self.office.database

    async def pay(self, amount: int | None = None, card: str = WORKS, *, at_desk: int = 0) -> str:
        """Pay the bill or a part of it with a card, have it settled, and return the charge at the processor.

        `at_desk` is what is paid there while the page is open.
        """
        processor: Any = self.work.port(PaymentPort)  # type: ignore[type-abstract]
        async with self.database.act_as(self.office.visit.maria_strong.credential, "payments.pay") as tx:
            attempt_id = await payments.start_payment(tx, payments.WantedPayment(uuid4(), (), amount))
        await payments.open_page(self.database, processor, attempt_id)
        async with self.database.act_as_system("test") as tx:
            session_id = await tx.scalar("select session_id from payment_attempt where id = :id", {"id": attempt_id})
        if at_desk:
            await self.office.post(self.bill_id, "payment", at_desk)
        paid = self.practice.pay(session_id, card)
        await payments.settle(self.database, processor, attempt_id)
        intent = self.practice.client().v1.payment_intents.retrieve(paid["payment_intent"])
        return str(intent.latest_charge)

    async def hear(self, kind: str, object_id: str) -> str:
        """Be told of something, and see to it as a worker does; return what came of it."""
        processor: Any = self.work.port(PaymentPort)  # type: ignore[type-abstract]
        told = Event(f"evt_{uuid4().hex}", kind, object_id, "", None, "", False, clock.now())
        return await (jobs.about_dispute if kind.startswith("charge") else jobs.about_payout)(
            self.work, processor, told
        )

    async def reconcile(self) -> list[reconciling.LookView]:
        await jobs.hold_against(self.work)
        return await self.looks()

    async def looks(self) -> list[reconciling.LookView]:
        async with self.database.act_as(self.office.keeper.credential, "reconciling.work") as tx:
            return list(await reconciling.looks(tx))

    async def matters(self, *, is_open: bool = True) -> list[reconciling.MatterView]:
        async with self.database.act_as(self.office.keeper.credential, "reconciling.work") as tx:
            return list(await reconciling.matters(tx, is_open=is_open))

    async def bill(self) -> billing.BillView:
        return await self.office.bill(self.bill_id)

    async def holds(self, account: str) -> int:
        """Return what an account of the books comes to."""
        query = "select coalesce(sum(amount_minor), 0) from ledger_entry where account = :account"
        async with self.database.act_as_system("test") as tx:
            return int(await tx.scalar(query, {"account": account}))


@pytest.fixture
async def counter(office: Office, practice: Practice, settings: Settings) -> Counter:
    theirs = practice.settings(settings)
    ports: dict[type, object] = {PaymentPort: StripePayments(theirs), AccountPort: StripeAccount(theirs)}
    return Counter(office, practice, Workplace(office.database, theirs, ports), await office.issue())

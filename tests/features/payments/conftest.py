"""A bill to pay, and a processor of the tests' own that does what it is told, as real ones do: late, twice, never."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.jobs import Workplace
from portal_app.features.billing import service as billing
from portal_app.features.payments import attempts, events
from portal_app.features.payments import service as payments
from portal_app.features.payments.errors import ProcessorAway
from portal_app.features.payments.ports import (
    Event,
    Facts,
    KeptMethod,
    PaymentPort,
    RefundFacts,
    WantedCharge,
    WantedRefund,
    WantedSession,
)
from portal_app.settings import Settings
from tests.factories import Someone
from tests.features.billing.conftest import Office, office
from tests.features.notes.conftest import visit

__all__ = ["office", "visit"]


@dataclass
class Bank:
    """A processor in memory. Implements payments' PaymentPort; `is_away` makes it not answer, after doing the work."""

    is_live: bool = False
    is_standin: bool = True
    is_away: bool = False
    forgets_to_answer: bool = False
    pages: dict[str, Facts] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    refunds: dict[str, RefundFacts] = field(default_factory=dict)
    charges: dict[UUID, Facts] = field(default_factory=dict)
    declines: str = ""
    refunds_go: str = "succeeded"
    refuses_refunds: bool = False

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        if self.is_away:
            raise ProcessorAway
        if self.forgets_to_answer:
            self.forgets_to_answer = False
            raise ProcessorAway

    async def open_session(self, wanted: WantedSession) -> Facts:
        facts = Facts(
            str(wanted.attempt_id), f"cs_{wanted.attempt_id.hex}", "", "open", wanted.amount, wanted.currency,
            self.is_live, f"https://pay.example/{wanted.attempt_id.hex}", customer_id=wanted.customer_id,
        )  # fmt: skip
        if not self.is_away:
            self.pages.setdefault(facts.session_id, facts)
        self._answer("open")
        return self.pages[facts.session_id]

    async def session(self, session_id: str) -> Facts:
        self._answer("session")
        return self.pages[session_id]

    async def close_session(self, session_id: str) -> Facts:
        self._answer("close")
        if self.pages[session_id].status == "open":
            self.pages[session_id] = replace(self.pages[session_id], status="expired")
        return self.pages[session_id]

    async def intent(self, intent_id: str) -> Facts:
        self._answer("intent")
        return next(one for one in self.charges.values() if one.intent_id == intent_id)

    async def charge_kept(self, wanted: WantedCharge) -> Facts:
        if self.declines:
            raise payments.ChargeDeclined(self.declines)
        facts = Facts(
            str(wanted.attempt_id), "", f"pi_{wanted.attempt_id.hex}", "paid", wanted.amount, wanted.currency,
            self.is_live,
        )  # fmt: skip
        if not self.is_away:
            self.charges.setdefault(wanted.attempt_id, facts)
        self._answer("charge")
        return self.charges[wanted.attempt_id]

    async def pay_back(self, wanted: WantedRefund) -> RefundFacts:
        made = RefundFacts(
            f"re_{wanted.refund_id.hex}", self.refunds_go, wanted.amount, "USD", str(wanted.refund_id), wanted.intent_id
        )
        if self.refuses_refunds:
            raise payments.ProcessorRefused
        if not self.is_away:
            self.refunds.setdefault(made.refund_id, made)
        self._answer("pay back")
        return self.refunds[made.refund_id]

    async def refund(self, refund_id: str) -> RefundFacts:
        self._answer("refund")
        return self.refunds[refund_id]

    async def refund_of(self, intent_id: str, our_id: UUID) -> RefundFacts | None:
        self._answer("refund of")
        return self.refunds.get(f"re_{our_id.hex}")

    async def open_customer(self, our_id: UUID) -> str:
        self._answer("customer")
        return f"cus_{our_id.hex}"

    async def kept_methods(self, customer_id: str) -> Sequence[KeptMethod]:
        self._answer("methods")
        return [KeptMethod(f"pm_{customer_id}", "visa", "4242", "12/30")]

    async def forget_method(self, method_id: str) -> None:
        self._answer(f"forget {method_id}")

    async def events_since(self, moment: datetime) -> Sequence[Event]:
        self._answer("events")
        return [one for one in self.told if one.happened_at >= moment]

    def read_event(self, body: bytes, signature: str) -> Event:
        raise payments.EventRefused

    def set(self, attempt_id: UUID, status: str, **changed: Any) -> Facts:
        """Let something happen on the page of an attempt."""
        name = f"cs_{attempt_id.hex}"
        facts = replace(self.pages[name], status=status, intent_id=f"pi_{attempt_id.hex}", **changed)
        self.pages[name] = facts
        return facts

    def tell(self, attempt_id: UUID, kind: str = "completed", **changed: Any) -> Event:
        """Say of an attempt what its page says."""
        facts = replace(self.pages[f"cs_{attempt_id.hex}"], **changed)
        event = Event(
            f"evt_{uuid4().hex}", f"checkout.session.{kind}", facts.session_id, facts.attempt, facts.amount,
            facts.currency, facts.is_live, clock.now(),
        )  # fmt: skip
        self.told.append(event)
        return event


@dataclass(frozen=True)
class Till:
    """Somebody with a bill, and the way to pay it."""

    office: Office
    bank: Bank
    work: Workplace
    bill_id: UUID

    @property
    def database(self) -> Database:
        return self.office.database

    async def start(
        self, amount: int | None = None, *, key: UUID | None = None, by: Someone | None = None,
        bills: tuple[UUID, ...] = (), **wish: Any,
    ) -> UUID:  # fmt: skip
        payer = by or self.office.visit.maria_strong
        async with self.database.act_as(payer.credential, "payments.pay") as tx:
            wanted = payments.WantedPayment(key or uuid4(), bills, amount, **wish)
            return await payments.start_payment(tx, wanted)

    async def open(self, attempt_id: UUID) -> str:
        return await attempts.open_page(self.database, self.bank, attempt_id)

    async def begun(self, amount: int | None = None, **wish: Any) -> UUID:
        attempt_id = await self.start(amount, **wish)
        await self.open(attempt_id)
        return attempt_id

    async def hear(self, event: Event) -> None:
        """Take an event as the webhook does, and see to it as a worker does."""
        async with self.database.act_as_system("test") as tx:
            await payments.take_event(tx, event)
            row_id = await tx.scalar("select id from processor_event where event_id = :id", {"id": event.id})
        await events.see_to(self.work, row_id)

    async def pay(self, attempt_id: UUID) -> None:
        """Pay on the page of an attempt, and have it told."""
        self.bank.set(attempt_id, "paid")
        await self.hear(self.bank.tell(attempt_id))

    async def status(self, attempt_id: UUID) -> str:
        async with self.database.act_as_system("test") as tx:
            return str(await tx.scalar("select status from payment_attempt where id = :id", {"id": attempt_id}))

    async def bill(self) -> billing.BillView:
        return await self.office.bill(self.bill_id)

    async def count(self, query: str) -> int:
        async with self.database.act_as_system("test") as tx:
            return int(await tx.scalar(query))

    async def credit(self) -> int:
        return await self.count("select coalesce(-sum(amount_minor), 0) from ledger_entry where account = 'credit'")


@pytest.fixture
async def till(office: Office, settings: Settings) -> Till:
    bank = Bank()
    work = Workplace(office.database, settings, {PaymentPort: bank})
    return Till(office, bank, work, await office.issue())

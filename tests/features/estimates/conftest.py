"""A booked visit with a price, and whoever will pay for it."""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock, crypto
from portal_app.core.db import Database
from portal_app.core.jobs import Workplace
from portal_app.features.billing import service as billing
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.views import Amounts
from portal_app.features.estimates import jobs, service
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker
from tests.features.coverage.conftest import typed

FEE = 18_000


@dataclass(frozen=True)
class Asker:
    """A patient who has booked, and what happens to their estimates."""

    database: Database
    settings: Settings
    people: Clinic
    place: Place
    maria: Someone
    appointment_id: UUID

    async def price(self) -> None:
        """Say what such a visit usually is, and what that costs."""
        async with self.database.act_as_system("test") as tx:
            await billing.fill_services(tx, [billing.ServiceCode("T1015", "Clinic visit")], "test")
            await billing.fill_fees(tx, [billing.FeeEntry("T1015", date(2020, 1, 1), "USD", FEE)])
        keeper = await self.people.staff("billing")
        async with self.database.act_as(keeper.credential, "estimates.keep") as tx:
            await service.expect_service(tx, self.place.visit_type_id, "t1015")

    async def uninsured(self) -> None:
        async with self.database.act_as(self.maria.credential, "coverage.change") as tx:
            await coverages.say_uninsured(tx, uuid4())

    async def insured(self, **amounts: int) -> UUID:
        """Add an insurance and let its insurer have answered that it is active."""
        async with self.database.act_as(self.maria.credential, "coverage.change") as tx:
            coverage_id = await coverages.add_coverage(tx, typed(), uuid4())
        await self.answer("active", **amounts)
        return coverage_id

    async def answer(self, outcome: str, **amounts: int) -> None:
        said = crypto.encrypt(json.dumps(asdict(Amounts(**amounts))))  # type: ignore[arg-type]
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                "update eligibility_check set status = 'answered', outcome = :outcome, answered_at = now(),"
                " answer = :said where status = 'waiting'", {"said": said, "outcome": outcome},
            )  # fmt: skip

    async def ask(self, by: Someone | None = None, key: UUID | None = None) -> None:
        async with self.database.act_as((by or self.maria).credential, "estimates.ask") as tx:
            await service.ask_estimate(tx, self.appointment_id, key or uuid4())

    async def work(self) -> None:
        """Do what the worker does each ten minutes."""
        place = Workplace(self.database, self.settings)
        context = SimpleNamespace(job=SimpleNamespace(id=uuid4().int % 10**9), additional_context={"workplace": place})
        await jobs.give_due.func(context, timestamp=0)

    async def listed(self, by: Someone | None = None) -> list[service.EstimateView]:
        async with self.database.act_as((by or self.maria).credential, "estimates.see") as tx:
            return list(await service.my_estimates(tx))

    async def given(self) -> service.EstimateView:
        await self.ask()
        await self.work()
        return (await self.listed())[0]


@pytest.fixture
async def asker(database: Database, settings: Settings, clinic: Clinic) -> Any:
    maker = PracticeMaker(database)
    await maker.practice()
    place = await maker.place(notice_h=0)
    maria = await clinic.patient()
    day = clock.now().date() + timedelta(days=30)
    booked = await maker.booked(maria, place.request(place.at(day, "09:00")))
    return Asker(database, settings, clinic, place, await clinic.sign_in_again(maria, assurance=2), booked.id)

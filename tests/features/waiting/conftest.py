"""People who wait for the same clinician, and the system that offers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database, Transaction
from portal_app.features.booking.views import AppointmentView
from portal_app.features.waiting import rules, service
from portal_app.features.waiting.views import OfferView, Wish
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days

T = TypeVar("T")


@pytest.fixture
async def practice(database: Database) -> PracticeMaker:
    maker = PracticeMaker(database)
    await maker.practice()
    return maker


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


@dataclass
class Waiting:
    """Does what people and jobs do about waiting."""

    database: Database
    clinic: Clinic
    practice: PracticeMaker
    place: Place

    def time(self, days: int = 5, wall: str = "10:00") -> datetime:
        return self.place.at(in_days(days), wall)

    async def booked(self, who: Someone, days: int = 20, wall: str = "10:00") -> AppointmentView:
        return await self.practice.booked(who, self.place.request(self.time(days, wall)))

    async def ask(self, who: Someone, **more: Any) -> UUID:
        wish = {"practitioner_id": self.place.practitioner_id, **more}
        key = wish.pop("request_key", None) or uuid4()
        asked = Wish(self.place.visit_type_id, "in_person", key, **wish)
        return await self.act(who, "waiting.ask", lambda tx: service.ask_for_earlier(tx, asked))

    async def somebody(self, given: str = "Maria", **wish: Any) -> tuple[Someone, UUID]:
        """Make a patient who waits, and return them with their entry."""
        who = await self.clinic.patient(given)
        return who, await self.ask(who, **wish)

    async def act(self, who: Someone, policy: str, do: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self.database.act_as(who.credential, policy) as tx:
            return await do(tx)

    async def offer(self, at: datetime | None = None) -> bool:
        async with self.database.act_as_system("test") as tx:
            return await service.offer_time(tx, self.place.practitioner_id, self.place.location_id, at or self.time())

    async def close(self) -> int:
        async with self.database.act_as_system("test") as tx:
            return await service.close_offers(tx)

    async def offers(self, who: Someone) -> list[OfferView]:
        return await self.act(who, "waiting.view", service.my_offers)

    async def accept(self, who: Someone, offer_id: UUID) -> AppointmentView:
        return await self.act(who, "waiting.answer_offer", lambda tx: service.accept_offer(tx, offer_id))

    async def decline(self, who: Someone, offer_id: UUID) -> None:
        await self.act(who, "waiting.answer_offer", lambda tx: service.decline_offer(tx, offer_id))

    async def jobs(self) -> list[tuple[str, Any]]:
        async with self.database.act_as_system("test") as tx:
            rows = await tx.all(
                "select task_name, args from procrastinate_jobs where task_name like 'waiting.%' order by id"
            )
            return [(row.task_name, row.args) for row in rows]


@pytest.fixture
async def waiting(database: Database, clinic: Clinic, practice: PracticeMaker, place: Place) -> Waiting:
    return Waiting(database, clinic, practice, place)


def settled() -> Any:
    """Stop the clock when a time freed just now is offered."""
    return clock.frozen_at(clock.now() + rules.SETTLING + timedelta(seconds=1))


def late(offer: OfferView) -> Any:
    """Stop the clock just after an offer has run out."""
    return clock.frozen_at(offer.answer_by + timedelta(seconds=1))

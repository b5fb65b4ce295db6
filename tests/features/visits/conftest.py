"""A visit about to begin: Maria's, with Dr. Okafor, by video."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.features.visits import service as visits
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days

WEEK = [(day, "08:00", "18:00") for day in range(1, 8)]


@dataclass(frozen=True)
class Visit:
    """A patient, who sees them, and their appointment."""

    database: Database
    place: Place
    maria: Someone
    doctor: Someone
    appointment_id: UUID
    starts_at: datetime

    async def join(self, someone: Someone | None = None) -> visits.Place:
        async with self.database.act_as((someone or self.maria).credential, "visits.join") as tx:
            return await visits.join(tx, self.appointment_id)

    async def admitted(self) -> visits.Place:
        """Let Maria wait and be let in."""
        place = await self.join()
        await self.admit(place.visit_id, place.participant_id)
        return place

    async def admit(self, visit_id: UUID, participant_id: UUID) -> None:
        async with self.database.act_as(self.doctor.credential, "visits.host") as tx:
            await visits.admit(tx, visit_id, participant_id)

    async def seat(self, credential: Credential, visit_id: UUID, connection_id: UUID | None = None) -> visits.Seat:
        async with self.database.act_as(credential, "visits.room") as tx:
            return await visits.seat(tx, visit_id, connection_id)

    async def sit(self, credential: Credential, visit_id: UUID, connection_id: UUID) -> visits.Seat:
        async with self.database.act_as(credential, "visits.room") as tx:
            return await visits.take_seat(tx, visit_id, connection_id)

    async def guest(self, visit_id: UUID, role: str = "interpreter") -> tuple[UUID, Credential]:
        """Invite somebody and redeem their link; they are not agreed to yet."""
        async with self.database.act_as(self.doctor.credential, "visits.host") as tx:
            link = await visits.invite(tx, visit_id, role, "Rosa Diaz")
        async with self.database.act_as_system("visits.redeem") as tx:
            key = await visits.redeem(tx, link.secret)
        return link.participant_id, Credential(key.secret, "192.0.2.9")


@pytest.fixture
async def maker(database: Database) -> PracticeMaker:
    maker = PracticeMaker(database)
    await maker.practice()
    return maker


@pytest.fixture
async def visit(database: Database, clinic: Clinic, maker: PracticeMaker) -> Visit:
    doctor = await clinic.staff("clinician")
    place = await maker.place(*WEEK, person_id=doctor.person_id)
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into person_role (id, person_id, role, location_id)"
            " values (gen_random_uuid(), :person_id, 'clinician', :location_id)",
            {"person_id": doctor.person_id, "location_id": place.location_id},
        )
    maria = await clinic.patient()
    starts_at = place.at(in_days(1), "10:00")
    booked = await maker.booked(maria, place.request(starts_at, modality="video"))
    return Visit(database, place, maria, doctor, booked.id, starts_at)


@pytest.fixture
def in_time(visit: Visit) -> Iterator[datetime]:
    """Hold the clock ten minutes before the visit."""
    with clock.frozen_at(visit.starts_at - timedelta(minutes=10)):
        yield clock.now()

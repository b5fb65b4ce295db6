"""A patient with two medicines and an allergy on their lists, a visit soon, and the care team who keeps the lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core.db import Database
from portal_app.features.chart import service as chart
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker

METFORMIN = {"name": "Metformin 500 mg", "how": "1 tablet in the morning and in the evening, with food"}
LISINOPRIL = {"name": "Lisinopril 10 mg", "how": "1 tablet in the morning"}
PENICILLIN = {"name": "Penicillin", "reaction": "Rash", "severity": "moderate"}


@dataclass(frozen=True)
class Listed:
    """Whose lists they are, and what is done with them."""

    database: Database
    clinic: Clinic
    location_id: UUID
    appointment_id: UUID
    nurse: Someone
    maria: Someone

    @property
    def patient_id(self) -> UUID:
        assert self.maria.patient_id
        return self.maria.patient_id

    async def put(self, kind: str, content: Mapping[str, str], by: Someone | None = None) -> UUID:
        key = uuid4()
        async with self.database.act_as((by or self.nurse).credential, "chart.write") as tx:
            await chart.add_entry(tx, self.patient_id, kind, content, None, key)
        return key

    async def read(self, by: Someone | None = None) -> chart.Lists:
        async with self.database.act_as((by or self.nurse).credential, "chart.read") as tx:
            return await chart.lists_of(tx, self.patient_id)

    async def see(self, by: Someone | None = None) -> chart.Lists:
        async with self.database.act_as((by or self.maria).credential, "chart.see") as tx:
            return await chart.own_lists(tx)

    async def review(self, by: Someone | None = None, appointment_id: UUID | None = None) -> chart.Review:
        async with self.database.act_as((by or self.maria).credential, "chart.tell") as tx:
            return await chart.review(tx, appointment_id or self.appointment_id)

    async def answer(
        self, entry_id: UUID, verb: str, words: str = "", by: Someone | None = None, version: int = 1
    ) -> None:
        async with self.database.act_as((by or self.maria).credential, "chart.tell") as tx:
            await chart.answer(tx, self.appointment_id, entry_id, version, verb, words)

    async def add(self, kind: str, content: Mapping[str, str], key: UUID | None = None) -> None:
        async with self.database.act_as(self.maria.credential, "chart.tell") as tx:
            await chart.add(tx, self.appointment_id, kind, content, key or uuid4())

    async def finish(self) -> None:
        async with self.database.act_as(self.maria.credential, "chart.tell") as tx:
            await chart.finish(tx, self.appointment_id)

    async def state(self, by: Someone, appointment_id: UUID | None) -> str:
        async with self.database.act_as(by.credential, "intake.fill_in") as tx:
            return await chart.review_state(tx, self.patient_id, appointment_id)

    async def take(self, change_id: UUID, version: int, by: Someone | None = None, **typed: str) -> None:
        async with self.database.act_as((by or self.nurse).credential, "chart.write") as tx:
            await chart.take_change(tx, change_id, version, typed)

    async def decline(self, change_id: UUID, reason: str, by: Someone | None = None) -> None:
        async with self.database.act_as((by or self.nurse).credential, "chart.write") as tx:
            await chart.decline_change(tx, change_id, reason)

    async def scalar(self, statement: str) -> Any:
        async with self.database.act_as_system("test") as tx:
            return await tx.scalar(statement)


@pytest.fixture
async def listed(database: Database, clinic: Clinic) -> Listed:
    maker = PracticeMaker(database)
    await maker.practice()
    place = await maker.place(notice_h=0)
    nurse = await clinic.staff("nurse", location_id=place.location_id, name="Noor Haddad")
    maria = await clinic.patient()
    day = date.today() + timedelta(days=3)  # noqa: DTZ011 - any day soon
    booked = await maker.booked(maria, place.request(place.at(day, "09:00")))
    return Listed(database, clinic, place.location_id, booked.id, nurse, await clinic.sign_in_again(maria, assurance=2))

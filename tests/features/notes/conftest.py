"""A visit that is being written up: a clinician of the place, a patient who is here, two diagnoses, one service."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.billing import service as billing
from portal_app.features.booking import service as booking
from portal_app.features.notes import rules, service
from portal_app.features.notes.service import Diagnosis, Ending, Facts
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker

SUMMARY = rules.Summary(
    found=(rules.Picked("pressure", (150, 95)),),
    todo=(rules.Picked("rest", (1,)),),
    warning=(rules.Picked("chest"),),
    call=(rules.Picked("no_better", (3,)),),
    again=(rules.Picked("weeks", (2,)),),
    medicines=(rules.Medicine("Lisinopril", "10 mg", ("morning",), 30, with_food=True),),
    own_words={"found": "Come with your readings."},
)
NOTE = {"brought": "Headache", "found": "150/95", "assessment": "Hypertension", "plan": "Lisinopril"}


@dataclass(frozen=True)
class Visit:
    """Whose visit it is, and who may see it."""

    database: Database
    place: Place
    appointment_id: UUID
    doctor: Someone
    maria: Someone
    maria_strong: Someone

    async def write(self, version: int = 0, by: Someone | None = None, **said: str) -> int:
        async with self.database.act_as((by or self.doctor).credential, "notes.write") as tx:
            return await service.save_note(tx, self.appointment_id, version, NOTE | said, {})

    async def sign(self, version: int = 1, by: Someone | None = None, **changes: object) -> None:
        async with self.database.act_as((by or self.doctor).credential, "notes.sign") as tx:
            await service.sign_visit(tx, self.appointment_id, version, ending(**changes))

    async def past(self, by: Someone | None = None) -> service.PastVisit:
        async with self.database.act_as((by or self.maria_strong).credential, "notes.read_own") as tx:
            return await service.past_visit(tx, self.appointment_id)

    async def count(self, table: str) -> int:
        async with self.database.act_as_system("test") as tx:
            return int(await tx.scalar(f"select count(*) from {table}"))


def ending(**changes: object) -> Ending:
    """Return all that is picked for an ending."""
    now = clock.now()
    facts = Facts("in_person", "clinic", now - timedelta(minutes=20), now, (("Maria Alvarez", "patient"),))
    picked: dict[str, object] = {"diagnoses": ("I10", "R51.9"), "summary": SUMMARY, "facts": facts,
                                 "service_code": "T1015"}  # fmt: skip
    return Ending(**(picked | changes))  # type: ignore[arg-type]


async def _codes(database: Database) -> None:
    listed = [Diagnosis("I10", "Essential (primary) hypertension"), Diagnosis("R51.9", "Headache, unspecified")]
    async with database.act_as_system("test") as tx:
        await service.fill_diagnoses(tx, listed, "test")
        await billing.fill_services(tx, [billing.ServiceCode("T1015", "Clinic visit")], "test")


@pytest.fixture
async def visit(database: Database, clinic: Clinic) -> Visit:
    maker = PracticeMaker(database)
    await maker.practice()
    await _codes(database)
    place = await maker.place(notice_h=0)
    doctor = await clinic.staff("clinician", location_id=place.location_id)
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "update practitioner set person_id = :person where id = :id",
            {"person": doctor.person_id, "id": place.practitioner_id},
        )
    maria = await clinic.patient(language="es")
    day = date.today() + timedelta(days=2)  # noqa: DTZ011 - any day to come
    booked = await maker.booked(maria, place.request(place.at(day, "09:00")))
    async with database.act_as(doctor.credential, "booking.change_day") as tx:
        await booking.mark_arrived(tx, booked.id)
    return Visit(database, place, booked.id, doctor, maria, await clinic.sign_in_again(maria, assurance=2))

"""The last signed note, for whoever sees the patient again."""

from datetime import date, timedelta
from uuid import UUID

from portal_app.core.db import Database
from portal_app.features.notes import service
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.notes.conftest import Visit


async def next_visit(database: Database, visit: Visit) -> UUID:
    day = date.today() + timedelta(days=5)  # noqa: DTZ011 - any later day
    booked = await PracticeMaker(database).booked(visit.maria, visit.place.request(visit.place.at(day, "09:00")))
    return booked.id


async def last(database: Database, who: Someone, appointment_id: UUID) -> service.LastNote | None:
    async with database.act_as(who.credential, "notes.read") as tx:
        return await service.last_note(tx, appointment_id)


async def test_the_last_signed_note_stands_beside_the_next_visit_and_its_reading_is_recorded(
    database: Database, visit: Visit, clinic: Clinic
) -> None:
    following = await next_visit(database, visit)
    await visit.write()
    assert await last(database, visit.doctor, following) is None
    await visit.sign()
    found = await last(database, visit.doctor, following)
    assert found is not None
    assert (found.note.content["plan"], [one.code for one in found.diagnoses]) == ("Lisinopril", ["I10", "R51.9"])
    assert await last(database, visit.doctor, visit.appointment_id) is None
    assert await last(database, await clinic.staff("clinician"), following) is None
    async with database.act_as_system("test") as tx:
        trail = await tx.all("select entity_id from audit_event where action = 'notes.view'")
    assert [row.entity_id for row in trail] == [visit.appointment_id]

"""A visit that was handed over names who truly saw the patient; the appointment keeps whom it was booked with."""

from datetime import timedelta
from uuid import UUID

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.notes import service as notes
from portal_app.features.visits import service as visits
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.notes.conftest import Visit, ending

NAMED = """
select a.practitioner_id as booked, v.practitioner_id as board, n.practitioner_id as note,
  e.practitioner_id as encounter, c.practitioner_id as charge
from appointment a join visit v on v.appointment_id = a.id join clinical_note n on n.appointment_id = a.id
  join encounter e on e.appointment_id = a.id join charge_item c on c.appointment_id = a.id
"""


async def _unsigned(database: Database, who: Someone) -> int:
    """Count what waits for somebody's signature some days later, when the visit has begun."""
    async with database.act_as(who.credential, "notes.sign") as tx:
        with clock.frozen_at(clock.now() + timedelta(days=3)):
            return len(await notes.unsigned(tx))


async def _handed_over(visit: Visit, clinic: Clinic) -> tuple[Someone, UUID]:
    colleague = await PracticeMaker(visit.database).colleague(visit.place)
    other = await clinic.staff("clinician", location_id=visit.place.location_id, name="Ben Cho")
    async with visit.database.act_as_system("test") as tx:
        await tx.execute("update practitioner set person_id = :person, name = 'Ben Cho' where id = :id",
                         {"person": other.person_id, "id": colleague.practitioner_id})  # fmt: skip
        visit_id = await tx.scalar("select id from visit")
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.hand_over(tx, visit_id, colleague.practitioner_id)
    return other, colleague.practitioner_id


async def test_note_encounter_and_charge_name_who_saw_the_patient(visit: Visit, clinic: Clinic) -> None:
    await visit.write()
    other, practitioner_id = await _handed_over(visit, clinic)
    assert (await _unsigned(visit.database, visit.doctor), await _unsigned(visit.database, other)) == (0, 1)
    async with visit.database.act_as(other.credential, "notes.sign") as tx:
        assert (await notes.visit_at_work(tx, visit.appointment_id)).practitioner_id == practitioner_id
        await notes.sign_visit(tx, visit.appointment_id, 1, ending())
    async with visit.database.act_as_system("test") as tx:
        named = await tx.one(NAMED)
    assert named.booked == visit.place.practitioner_id
    assert {named.board, named.note, named.encounter, named.charge} == {practitioner_id}
    async with visit.database.act_as(visit.maria.credential, "notes.see_ended") as tx:
        assert (await notes.ended(tx))[visit.appointment_id].endswith("Ben Cho")
    assert (await _unsigned(visit.database, visit.doctor), await _unsigned(visit.database, other)) == (0, 0)

"""What is written at the end of a visit kept private is kept from whoever acts for the patient."""

import pytest

from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.access import rules
from portal_app.features.booking import service as booking
from portal_app.features.notes import service, statements
from tests.factories import Clinic
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.notes.conftest import Visit

NOTES = ("clinical_note", "clinical_note_version", "encounter", "encounter_diagnosis", "visit_summary")
TABLES = (*NOTES, "charge_item", "visit")


@pytest.mark.parametrize("is_begun", [False, True])
async def test_a_visit_kept_private_ends_without_a_word_to_whoever_acts_for_the_patient(
    database: Database, clinic: Clinic, visit: Visit, *, is_begun: bool
) -> None:
    ana = await clinic.sign_in_again(await clinic.patient("Ana", "Moreno"), assurance=2)
    await accept(database, ana, await invited(database, visit.maria, ana.email, *rules.SHARES))
    at_maria = await acting_for(database, ana, visit.maria)
    if is_begun:
        await visit.write()
    async with database.act_as(visit.maria.credential, "booking.keep_private") as tx:
        await booking.keep_private(tx, visit.appointment_id)
    if not is_begun:
        await visit.write()
    await visit.sign()
    async with database.act_as_system("test") as tx:
        for table in TABLES:
            assert await tx.scalar(f"select bool_and(confidentiality = 'R') from {table}"), table
        told = await tx.all(statements.RECIPIENTS, {"id": visit.appointment_id})
        assert [row.id for row in told] == [visit.maria.person_id]
    async with database.act_as(at_maria.credential, "notes.read_own") as tx:
        for table in TABLES:
            assert not await tx.all(f"select 1 from {table}"), table
    for read in (service.past_visit, service.summary_file):
        with pytest.raises((NotFound, NotAllowed)):
            async with database.act_as(at_maria.credential, "notes.read_own") as tx:
                await read(tx, visit.appointment_id)
    assert (await visit.past()).appointment_id == visit.appointment_id

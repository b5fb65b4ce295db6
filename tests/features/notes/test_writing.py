"""Writing a note: saved again and again, never over somebody else's words."""

import asyncio
from datetime import timedelta

import pytest

from portal_app.core import clock
from portal_app.core.errors import InputRefused
from portal_app.features.notes import service
from tests.factories import Clinic
from tests.features.notes.conftest import Visit


async def _note(visit: Visit) -> service.NoteView:
    async with visit.database.act_as(visit.doctor.credential, "notes.read") as tx:
        return await service.note(tx, visit.appointment_id)


async def test_two_tabs_do_not_overwrite_each_other(visit: Visit) -> None:
    assert await visit.write() == 1
    assert await visit.write(1, plan="From tab one") == 2
    with pytest.raises(service.NoteChanged):
        await visit.write(1, plan="From tab two")
    assert (await _note(visit)).content["plan"] == "From tab one"


async def test_of_two_first_words_one_stands(visit: Visit, clinic: Clinic) -> None:
    colleague = await clinic.staff("clinician", location_id=visit.place.location_id, name="Bo Lind")
    said = await asyncio.gather(visit.write(), visit.write(by=colleague), return_exceptions=True)
    assert [type(one) for one in said].count(service.NoteChanged) == 1
    assert await visit.count("clinical_note") == 1


async def test_what_a_colleague_wrote_over_is_kept(visit: Visit, clinic: Clinic) -> None:
    colleague = await clinic.staff("clinician", location_id=visit.place.location_id, name="Bo Lind")
    await visit.write(plan="First")
    await visit.write(1, by=colleague, plan="Second")
    await visit.write(2, by=colleague, plan="Third")
    assert await visit.count("clinical_note_version") == 1
    assert (await _note(visit)).version == 3


async def test_a_hundred_kilobytes_are_refused_and_nothing_is_lost(visit: Visit) -> None:
    await visit.write(plan="Kept")
    with pytest.raises(InputRefused) as refused:
        await visit.write(1, plan="x" * 100_000)
    assert refused.value.field == "plan"
    assert (await _note(visit)).content["plan"] == "Kept"


async def test_nothing_that_is_written_is_readable_in_the_database(visit: Visit) -> None:
    await visit.write(plan="Unusual word")
    async with visit.database.act_as_system("test") as tx:
        stored = await tx.scalar("select content from clinical_note")
    assert "Unusual" not in stored


async def test_unsigned_visits_wait_for_their_clinician(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    await visit.write()
    later = clock.now() + timedelta(days=4)
    monkeypatch.setattr(clock, "now", lambda: later)
    async with visit.database.act_as(visit.doctor.credential, "notes.sign") as tx:
        waiting = await service.unsigned(tx)
    assert [(one.appointment_id, one.has_note) for one in waiting] == [(visit.appointment_id, True)]
    await visit.sign()
    async with visit.database.act_as(visit.doctor.credential, "notes.sign") as tx:
        assert await service.unsigned(tx) == []


@pytest.mark.parametrize("typed", ["I10", "hyper prim", "HYPERTENSION", "i1"])
async def test_a_diagnosis_is_found_by_code_and_by_beginnings_of_words(visit: Visit, typed: str) -> None:
    async with visit.database.act_as(visit.doctor.credential, "notes.read") as tx:
        assert [one.code for one in await service.find_diagnoses(tx, typed)] == ["I10"]


@pytest.mark.parametrize("typed", ["", "'; drop table", "& | !", "zzz:*"])
async def test_what_means_nothing_finds_nothing(visit: Visit, typed: str) -> None:
    async with visit.database.act_as(visit.doctor.credential, "notes.read") as tx:
        assert await service.find_diagnoses(tx, typed) == []

"""Signing a visit: all or nothing, once, and then for good."""

import asyncio

import pytest
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, StepUpNeeded
from portal_app.features.billing import service as billing
from portal_app.features.booking import service as booking
from portal_app.features.notes import rules, service, signing
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.notes.conftest import Visit, ending

LATE_DIAGNOSIS = """
insert into encounter_diagnosis (id, appointment_id, patient_id, rank, code, words)
select gen_random_uuid(), appointment_id, patient_id, 9, 'Z00', 'x' from encounter
"""
ALL = ("encounter", "encounter_diagnosis", "visit_summary", "charge_item")


async def test_a_signed_visit_leaves_note_summary_and_charge(visit: Visit) -> None:
    await visit.write()
    await visit.sign()
    past = await visit.past()
    async with visit.database.act_as(visit.doctor.credential, "billing.view_charges") as tx:
        charge = await billing.charge_of(tx, visit.appointment_id)
        appointment = await booking.appointment(tx, visit.appointment_id)
    assert [one.code for one in past.diagnoses] == ["I10", "R51.9"]
    assert past.note is not None
    assert past.note.content["plan"] == "Lisinopril"
    assert past.parts[0].lines[0].text == "Your blood pressure was 150/95 mmHg."
    assert appointment.status == "fulfilled"
    assert charge is not None
    assert (charge.status, charge.service_code, charge.modifier, charge.place_of_service) == (
        "billable", "T1015", "", "11"
    )  # fmt: skip
    assert charge.diagnoses == ("I10", "R51.9")


async def test_the_patient_reads_nothing_before_it_is_signed(visit: Visit) -> None:
    await visit.write()
    with pytest.raises(NotFound):
        await visit.past()
    async with visit.database.act_as(visit.maria_strong.credential, "notes.read_own") as tx:
        assert await tx.scalar("select count(*) from clinical_note") == 0


async def test_a_code_alone_does_not_open_a_note(visit: Visit) -> None:
    await visit.write()
    await visit.sign()
    with pytest.raises(StepUpNeeded):
        await visit.past(visit.maria)
    async with visit.database.act_as(visit.maria.credential, "notes.see_ended") as tx:
        assert list(await service.ended(tx, visit.appointment_id)) == [visit.appointment_id]
        assert await tx.scalar("select count(*) from clinical_note") == 0
        assert await tx.scalar("select count(*) from visit_summary") == 0


async def test_signing_twice_is_signing_once(visit: Visit) -> None:
    await visit.write()
    await asyncio.gather(visit.sign(), visit.sign())
    await visit.sign(version=7)
    assert [await visit.count(table) for table in ALL] == [1, 2, 1, 1]
    async with visit.database.act_as_system("test") as tx:
        jobs = "select count(*) from procrastinate_jobs where task_name = 'notes.tell_summary'"
        assert await tx.scalar(jobs) == 1


async def test_a_colleague_finds_it_signed(visit: Visit, clinic: Clinic) -> None:
    colleague = await clinic.staff("clinician", location_id=visit.place.location_id, name="Bo Lind")
    await visit.write()
    await visit.sign()
    with pytest.raises(service.NoteSigned):
        await visit.sign(by=colleague)
    with pytest.raises(service.NoteSigned):
        await visit.write(1, by=colleague, plan="Other")


async def test_nobody_signs_what_somebody_else_is_changing(visit: Visit, clinic: Clinic) -> None:
    colleague = await clinic.staff("clinician", location_id=visit.place.location_id, name="Bo Lind")
    await visit.write()
    await visit.write(1, by=colleague, plan="Other")
    with pytest.raises(service.NoteChanged):
        await visit.sign(version=1)
    assert await visit.count("encounter") == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"diagnoses": ()}, service.EndingIncomplete),
        ({"diagnoses": ("X99",)}, service.EndingIncomplete),
        ({"summary": rules.Summary()}, service.EndingIncomplete),
        ({"withheld_because": "because"}, service.EndingIncomplete),
        ({"service_code": "99213"}, billing.ServiceUnknown),
    ],
    ids=["no diagnosis", "unknown diagnosis", "empty summary", "no such reason", "unknown service"],
)
async def test_what_is_missing_is_said_and_nothing_is_signed(
    visit: Visit, changes: dict[str, object], error: type[Exception]
) -> None:
    await visit.write()
    with pytest.raises(error):
        await visit.sign(1, None, **changes)
    assert [await visit.count(table) for table in ALL] == [0, 0, 0, 0]


async def test_an_empty_note_and_a_visit_to_come_are_not_signed(visit: Visit) -> None:
    with pytest.raises(service.NoteEmpty):
        await visit.sign(version=0)
    await visit.write()
    async with visit.database.act_as(visit.doctor.credential, "booking.change_day") as tx:
        await booking.undo_arrival(tx, visit.appointment_id)
    with pytest.raises(service.VisitNotHeld):
        await visit.sign()


async def test_killed_in_the_middle_nothing_is_signed(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    await visit.write()

    async def die(*_: object, **__: object) -> None:
        raise ConnectionAbortedError

    monkeypatch.setattr(signing, "enqueue", die)
    with pytest.raises(ConnectionAbortedError):
        await visit.sign()
    assert [await visit.count(table) for table in ALL] == [0, 0, 0, 0]
    monkeypatch.undo()
    await visit.sign()
    assert [await visit.count(table) for table in ALL] == [1, 2, 1, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "update clinical_note set content = 'x', written_by = actor_person()",
        "update clinical_note set signed_by = null, signed_at = null, text_hash = null, written_by = actor_person()",
        "update clinical_note set text_hash = 'x', written_by = actor_person()",
        "delete from clinical_note",
        "update visit_summary set content = 'x'",
        "update encounter_diagnosis set code = 'x'",
        "update encounter set modality = 'video'",
        "delete from note_addendum",
        LATE_DIAGNOSIS,
        "update charge_item set diagnoses = '{}'",
    ],
)
async def test_the_database_itself_refuses_to_change_what_is_signed(visit: Visit, statement: str) -> None:
    await visit.write()
    await visit.sign()
    with pytest.raises((ProgrammingError, DBAPIError)):
        async with visit.database.act_as(visit.doctor.credential, "notes.write") as tx:
            await tx.execute(statement)


async def test_words_are_added_after_signing_and_only_then(visit: Visit) -> None:
    key = visit.appointment_id
    await visit.write()
    async with visit.database.act_as(visit.doctor.credential, "notes.write") as tx:
        with pytest.raises(service.NoteUnsigned):
            await service.add_to_note(tx, visit.appointment_id, "Later", key)
    await visit.sign()
    for _ in range(2):
        async with visit.database.act_as(visit.doctor.credential, "notes.write") as tx:
            await service.add_to_note(tx, visit.appointment_id, "Called: feels better", key)
    note = (await visit.past()).note
    assert note is not None
    assert [one.words for one in note.addenda] == ["Called: feels better"]


async def test_a_withheld_note_is_not_shown_and_its_summary_is(visit: Visit) -> None:
    await visit.write()
    await visit.sign(withheld_because="harm")
    past = await visit.past()
    assert past.is_withheld
    assert past.note is None
    assert past.parts


async def _sees(database: Database, someone: Someone, policy: str, table: str) -> int:
    async with database.act_as(someone.credential, policy) as tx:
        return int(await tx.scalar(f"select count(*) from {table}"))


async def test_who_sees_what_in_the_database_itself(visit: Visit, clinic: Clinic) -> None:
    await visit.write()
    await visit.sign()
    nurse = await clinic.staff("nurse", location_id=visit.place.location_id)
    elsewhere, desk = await clinic.staff("clinician"), await clinic.staff("front_desk")
    billers, stranger = await clinic.staff("billing"), await clinic.patient("Eve", "Other")
    manager = await clinic.staff("manager")
    tables = ("clinical_note", "visit_summary", "encounter_diagnosis", "charge_item")
    seen = {
        name: [await _sees(visit.database, who, "practice.view", table) for table in tables]
        for name, who in {"nurse": nurse, "elsewhere": elsewhere, "desk": desk, "billing": billers,
                          "stranger": await clinic.sign_in_again(stranger, assurance=2), "manager": manager}.items()
    }  # fmt: skip
    assert seen == {
        "nurse": [1, 1, 2, 0], "elsewhere": [0, 0, 0, 0], "desk": [0, 0, 0, 0], "billing": [0, 0, 0, 1],
        "stranger": [0, 0, 0, 0], "manager": [0, 0, 0, 0],
    }  # fmt: skip


async def test_only_clinicians_of_the_patient_write_and_sign(visit: Visit, clinic: Clinic) -> None:
    nurse = await clinic.staff("nurse", location_id=visit.place.location_id)
    desk, elsewhere = await clinic.staff("front_desk"), await clinic.staff("clinician")
    await visit.write()
    for someone in (nurse, desk):
        with pytest.raises(NotAllowed):
            await visit.sign(by=someone)
        with pytest.raises(NotAllowed):
            await visit.write(1, by=someone)
    with pytest.raises(NotFound):
        await visit.sign(by=elsewhere)


async def test_a_private_visit_stays_out_of_a_caregivers_sight(visit: Visit) -> None:
    await visit.write()
    await visit.sign()
    async with visit.database.act_as_system("test") as tx:
        await tx.execute("update appointment set confidentiality = 'R'")
        rows = await tx.all(
            "select confidentiality from clinical_note union all select confidentiality from visit_summary"
            " union all select confidentiality from charge_item union all select confidentiality from encounter"
        )
    assert {row.confidentiality for row in rows} == {"R"}
    assert (await visit.past()).parts


async def test_a_rating_is_given_once_and_nobody_else_reads_it(visit: Visit, clinic: Clinic) -> None:
    await visit.write()
    await visit.sign()
    for stars in (4, 5):
        async with visit.database.act_as(visit.maria.credential, "notes.rate") as tx:
            await service.rate_visit(tx, visit.appointment_id, stars)
    manager = await clinic.staff("manager")
    async with visit.database.act_as(manager.credential, "notes.see_ratings") as tx:
        assert await service.rating_report(tx) == []
        assert await tx.scalar("select count(*) from visit_rating") == 0
    assert await _sees(visit.database, visit.doctor, "notes.read", "visit_rating") == 0
    async with visit.database.act_as(visit.maria.credential, "notes.rate") as tx:
        with pytest.raises(InputRefused):
            await service.rate_visit(tx, visit.appointment_id, 6)


async def test_who_may_only_see_visits_is_not_asked_how_it_was(visit: Visit, clinic: Clinic) -> None:
    await visit.write()
    await visit.sign()
    asked = {}
    for box in ("visits_view", "visits_act"):
        helper = await clinic.patient(box)
        await accept(visit.database, helper, await invited(visit.database, visit.maria, helper.email, box))
        helper = await acting_for(visit.database, helper, visit.maria)
        async with visit.database.act_as(helper.credential, "notes.see_ended") as tx:
            asked[box] = await service.my_rating(tx, visit.appointment_id)
    assert asked == {"visits_view": (0, False), "visits_act": (0, True)}


async def test_ending_says_where_a_video_visit_was(visit: Visit) -> None:
    facts = ending().facts
    await visit.write()
    await visit.sign(facts=type(facts)("audio", "home", facts.started_at, facts.ended_at, facts.people))
    async with visit.database.act_as(visit.doctor.credential, "billing.view_charges") as tx:
        charge = await billing.charge_of(tx, visit.appointment_id)
    assert charge is not None
    assert (charge.modifier, charge.place_of_service) == ("93", "10")

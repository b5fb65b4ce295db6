"""The care team decides: one by one, never twice, never about what has changed, and the list says from whom."""

import asyncio
from uuid import UUID

import psycopg.errors
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.chart import service as chart
from tests.features.chart.conftest import METFORMIN, PENICILLIN, Listed


async def differs(listed: Listed) -> tuple[UUID, UUID]:
    metformin = await listed.put("medication", METFORMIN)
    await listed.answer(metformin, "differs", "Only in the evening")
    return metformin, (await listed.read()).proposed()[0].id


async def test_what_is_taken_changes_the_list_says_from_whom_and_keeps_what_was_before(listed: Listed) -> None:
    metformin, change_id = await differs(listed)
    await listed.take(change_id, 1, how="1 tablet in the evening")
    await listed.take(change_id, 1, how="1 tablet in the evening")  # the same tap again
    found = await listed.see()
    entry = found.entry(metformin)
    assert entry is not None
    assert (entry.content["how"], entry.version, entry.told_name, entry.written_name) == (
        "1 tablet in the evening", 2, "Maria Alvarez", "Noor Haddad",
    )  # fmt: skip
    assert [(one.status, one.content["words"], one.decided_name) for one in found.changes] == [
        ("taken", "Only in the evening", "Noor Haddad")
    ]
    async with listed.database.act_as(listed.nurse.credential, "chart.read") as tx:
        assert [one.content["how"] for one in await chart.history_of(tx, listed.patient_id)] == [METFORMIN["how"]]


async def test_what_is_declined_changes_nothing_and_the_patient_reads_why(listed: Listed) -> None:
    metformin, change_id = await differs(listed)
    with pytest.raises(InputRefused):
        await listed.decline(change_id, "  ")
    await listed.decline(change_id, "We talk about it in the visit.")
    found = await listed.see()
    assert found.entry(metformin) == (await listed.read()).entry(metformin)
    assert [(one.status, one.reason) for one in found.changes] == [("declined", "We talk about it in the visit.")]


async def test_two_nurses_at_once_decide_once_and_the_second_is_told(listed: Listed) -> None:
    _metformin, change_id = await differs(listed)
    other = await listed.clinic.sign_in_again(listed.nurse)
    colleague = await listed.clinic.staff("clinician", name="Ada Okafor", location_id=await place(listed))
    done = await asyncio.gather(
        listed.take(change_id, 1), listed.decline(change_id, "No.", colleague), return_exceptions=True
    )
    assert [type(one) for one in done if one is not None] == [chart.ChangeDecided]
    with pytest.raises(chart.ChangeDecided):
        await (listed.decline(change_id, "No.", other) if done[0] is None else listed.take(change_id, 1, other))


async def test_a_stale_tab_takes_nothing(listed: Listed) -> None:
    metformin, change_id = await differs(listed)
    async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
        await chart.change_entry(tx, metformin, 1, METFORMIN | {"how": "None on Sundays"}, None)
    with pytest.raises(chart.EntryMovedOn):
        await listed.take(change_id, 1)
    await listed.take(change_id, 2)
    with pytest.raises(chart.EntryMovedOn):
        async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
            await chart.end_entry(tx, metformin, 2)


async def test_what_was_decided_cannot_be_said_anew(listed: Listed) -> None:
    metformin, change_id = await differs(listed)
    await listed.decline(change_id, "We talk about it.")
    with pytest.raises(chart.AnswerSeen):
        await listed.answer(metformin, "stopped")


async def test_a_new_medicine_is_taken_as_the_care_team_writes_it(listed: Listed) -> None:
    await listed.add("medication", {"name": "ibuprofeno", "how": "a veces"})
    (change,) = (await listed.read()).proposed()
    await listed.take(change.id, 0, name="Ibuprofen 400 mg", how="1 tablet when the back hurts, at most 3 a day")
    (entry,) = (await listed.see()).standing("medication")
    assert (entry.content["name"], entry.told_name) == ("Ibuprofen 400 mg", "Maria Alvarez")
    assert (await listed.see()).changes[0].content["name"] == "ibuprofeno"


async def test_no_known_allergies_and_an_allergy_never_stand_together(listed: Listed) -> None:
    async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
        await chart.say_no_allergies(tx, listed.patient_id, UUID(int=7))
    await listed.put("allergy", PENICILLIN)
    assert [one.kind for one in (await listed.read()).standing("allergy", "no_allergies")] == ["allergy"]
    with pytest.raises(chart.AllergiesKnown):
        async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
            await chart.say_no_allergies(tx, listed.patient_id, UUID(int=8))


async def test_only_what_an_entry_has_is_kept(listed: Listed) -> None:
    entry_id = await listed.put("medication", METFORMIN | {"severity": "severe", "status": "stopped", "version": "9"})
    entry = (await listed.read()).entry(entry_id)
    assert entry is not None
    assert (entry.content, entry.status, entry.version) == (METFORMIN, "active", 1)


async def test_who_does_not_reach_the_chart_neither_reads_nor_decides(listed: Listed) -> None:
    _metformin, change_id = await differs(listed)
    far = await listed.clinic.staff("nurse", name="Far Away")
    for deed in (listed.read(far), listed.take(change_id, 1, far), listed.decline(change_id, "No.", far)):
        with pytest.raises(NotFound):
            await deed
    with pytest.raises(NotAllowed):
        await listed.read(await listed.clinic.staff("front_desk"))
    with pytest.raises(NotAllowed):
        await listed.take(change_id, 1, listed.maria)


async def test_words_are_encrypted_and_the_trail_and_notices_name_ids_only(listed: Listed) -> None:
    await differs(listed)
    rows = await listed.scalar(
        "select string_agg(e.content || c.content, ' ') from chart_entry e join chart_change c on c.entry_id = e.id"
    )
    trail = await listed.scalar("select string_agg(detail::text || entity, ' ') from audit_event")
    assert all(word not in rows + trail for word in ("Metformin", "evening"))


async def test_the_database_refuses_what_no_use_case_does(listed: Listed) -> None:
    _metformin, change_id = await differs(listed)
    await listed.take(change_id, 1)
    forbidden = (
        f"update chart_change set verb = 'stopped', decided_by = actor_person() where id = '{change_id}'",
        "update chart_entry set content = 'x', written_by = actor_person()",
        "delete from chart_entry",
        "insert into chart_entry_version select * from chart_entry_version",
    )
    for statement in forbidden:
        with pytest.raises(DBAPIError) as refused:
            async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
                await tx.execute(statement)
        assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege), statement


async def place(listed: Listed) -> UUID:
    found: UUID = await listed.scalar("select location_id from appointment limit 1")
    return found

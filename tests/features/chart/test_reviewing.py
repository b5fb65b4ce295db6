"""A patient goes through their lists: tap by tap, again later, and nothing changes the chart by itself."""

from uuid import uuid4

import pytest

from portal_app.core.errors import InputRefused, NotFound, OutOfScope, StepUpNeeded
from portal_app.features.chart import service as chart
from tests.factories import Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.chart.conftest import LISINOPRIL, METFORMIN, PENICILLIN, Listed


async def carer(listed: Listed, *ticked: str) -> Someone:
    """Have Ana, who signed in with two proofs, act for Maria."""
    ana = await listed.clinic.sign_in_again(await listed.clinic.patient("Ana", "Moreno"), assurance=2)
    await accept(listed.database, ana, await invited(listed.database, listed.maria, ana.email, *ticked))
    return await acting_for(listed.database, ana, listed.maria)


async def test_what_a_patient_says_waits_for_the_care_team_and_changes_no_list(listed: Listed) -> None:
    metformin, lisinopril = await listed.put("medication", METFORMIN), await listed.put("medication", LISINOPRIL)
    await listed.answer(metformin, "differs", "Only in the evening")
    await listed.answer(lisinopril, "same")
    await listed.add("allergy", {"name": "Walnuts", "reaction": "Swollen lips", "severity": "severe"})
    found = await listed.read()
    assert {one.content["name"] for one in found.standing("medication")} == {METFORMIN["name"], LISINOPRIL["name"]}
    assert found.standing("allergy") == ()
    assert [(one.kind, one.verb) for one in found.proposed()] == [("medication", "differs"), ("allergy", "new")]


async def test_an_answer_takes_the_place_of_the_one_before_and_is_there_on_another_device(listed: Listed) -> None:
    metformin = await listed.put("medication", METFORMIN)
    await listed.answer(metformin, "stopped", "In May")
    await listed.answer(metformin, "unknown")
    elsewhere = await listed.clinic.sign_in_again(listed.maria, assurance=2)
    found = await listed.review(elsewhere)
    assert (found.state, found.answers[metformin].verb, found.lists.proposed()) == ("begun", "unknown", ())


async def test_it_is_finished_when_everything_has_an_answer_and_check_in_sees_that_by_a_code(listed: Listed) -> None:
    code_alone = await listed.clinic.code_alone(listed.maria)
    metformin, penicillin = await listed.put("medication", METFORMIN), await listed.put("allergy", PENICILLIN)
    assert await listed.state(code_alone, listed.appointment_id) == "to_do"
    await listed.answer(metformin, "same")
    assert await listed.state(code_alone, listed.appointment_id) == "begun"
    with pytest.raises(chart.ReviewIncomplete):
        await listed.finish()
    await listed.answer(penicillin, "unknown")
    await listed.finish()
    await listed.finish()
    assert await listed.state(code_alone, listed.appointment_id) == "done"
    assert await listed.state(code_alone, None) == "done"  # lately is enough
    await listed.answer(metformin, "stopped")  # said later: it is with the care team, and nothing is asked again
    found = await listed.review()
    assert (found.state, found.answers[metformin].verb, found.answers[penicillin].verb) == (
        "done",
        "stopped",
        "unknown",
    )


async def test_the_same_tap_adds_once_and_can_be_taken_back(listed: Listed) -> None:
    key = uuid4()
    await listed.add("medication", {"name": "Ibuprofen", "how": "When my back hurts"}, key)
    await listed.add("medication", {"name": "Ibuprofen", "how": "When my back hurts"}, key)
    (added,) = (await listed.review()).added
    async with listed.database.act_as(listed.maria.credential, "chart.tell") as tx:
        await chart.withdraw(tx, added.id)
        await chart.withdraw(tx, added.id)
    assert (await listed.read()).proposed() == ()


async def test_that_there_are_no_allergies_is_said_once_and_only_where_the_list_is_empty(listed: Listed) -> None:
    async with listed.database.act_as(listed.maria.credential, "chart.tell") as tx:
        await chart.say_none(tx, listed.appointment_id, uuid4())
        await chart.say_none(tx, listed.appointment_id, uuid4())
    assert [one.verb for one in (await listed.read()).proposed()] == ["none"]
    await listed.put("allergy", PENICILLIN)
    with pytest.raises(chart.EntryMovedOn):
        async with listed.database.act_as(listed.maria.credential, "chart.tell") as tx:
            await chart.say_none(tx, None, uuid4())


async def test_an_answer_to_what_has_changed_meanwhile_is_not_kept(listed: Listed) -> None:
    metformin = await listed.put("medication", METFORMIN)
    async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
        await chart.change_entry(tx, metformin, 1, METFORMIN | {"how": "1 tablet in the evening"}, None)
    with pytest.raises(chart.EntryMovedOn):
        await listed.answer(metformin, "same")
    assert (await listed.review()).answers == {}


@pytest.mark.parametrize(
    ("verb", "words"), [("differs", " "), ("different", "x"), ("differs", "a\u202eb"), ("differs", "x" * 501)]
)
async def test_an_answer_that_is_none_is_refused_at_its_field(listed: Listed, verb: str, words: str) -> None:
    metformin = await listed.put("medication", METFORMIN)
    with pytest.raises(InputRefused):
        await listed.answer(metformin, verb, words)


async def test_nobody_answers_for_somebody_else_s_list_or_visit(listed: Listed) -> None:
    metformin = await listed.put("medication", METFORMIN)
    other = await listed.clinic.sign_in_again(await listed.clinic.patient("Omar", "Haddad"), assurance=2)
    async with listed.database.act_as(other.credential, "chart.tell") as tx:
        with pytest.raises(NotFound):
            await chart.answer(tx, None, metformin, 1, "same")
        with pytest.raises(NotFound):
            await chart.review(tx, listed.appointment_id)
        assert (await chart.review(tx)).lists.entries == ()


async def test_a_code_alone_opens_no_list(listed: Listed) -> None:
    with pytest.raises(StepUpNeeded):
        await listed.see(await listed.clinic.code_alone(listed.maria))


async def test_a_caregiver_sees_lists_with_results_only_and_nothing_kept_to_the_patient(listed: Listed) -> None:
    metformin = await listed.put("medication", METFORMIN)
    secret = await listed.put("medication", {"name": "Sertraline 50 mg"})
    async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
        await chart.keep_to_patient(tx, secret, 1, is_private=True)
    await listed.answer(secret, "stopped", version=2)
    forms_only = await carer(listed, "forms_act")
    for deed in (listed.see(forms_only), listed.review(forms_only), listed.answer(metformin, "same", by=forms_only)):
        with pytest.raises(OutOfScope):
            await deed
    ana = await carer(listed, "results_view", "forms_act", "booking_view")
    found = await listed.see(ana)
    assert ([one.id for one in found.entries], found.changes) == ([metformin], ())
    await listed.answer(metformin, "stopped", by=ana)
    (said,) = [one for one in (await listed.read()).proposed() if one.entry_id == metformin]
    assert (said.told_name, said.is_own) == ("Ana Moreno", False)
    assert {one.id for one in (await listed.see()).entries} == {metformin, secret}


async def test_what_a_patient_told_of_a_medicine_is_kept_to_them_with_the_medicine(listed: Listed) -> None:
    await listed.add("medication", {"name": "Truvada"})
    (told,) = (await listed.read()).proposed()
    await listed.take(told.id, 1)
    (entry,) = (await listed.see()).entries
    ana = await carer(listed, "results_view", "forms_act", "booking_view")
    assert [one.id for one in (await listed.see(ana)).changes] == [told.id]

    async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
        await chart.keep_to_patient(tx, entry.id, entry.version, is_private=True)

    found = await listed.see(ana)
    assert (found.entries, found.changes) == ((), ())
    assert [one.id for one in (await listed.see()).changes] == [told.id]

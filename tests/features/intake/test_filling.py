"""Filling in: each answer is kept once and in order, and goes on where it was left, on any device."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.errors import NotAllowed, NotFound, OutOfScope
from portal_app.features.intake import service as intake
from tests.factories import Clinic, Someone
from tests.features.intake.conftest import CONSENT, ITEM_NINE, PHQ, PHQ_ITEMS, REASON, Forms, answer
from tests.features.privacy.test_seeing import looking


async def test_two_taps_begin_one_form(forms: Forms) -> None:
    begun = await asyncio.gather(forms.open(), forms.open())
    assert begun[0] == begun[1]
    assert {one.url: one.status for one in await forms.due()} == {REASON: "in-progress", PHQ: "new", CONSENT: "new"}


async def test_an_answer_goes_on_where_it_was_left_on_another_device(forms: Forms, clinic: Clinic) -> None:
    form_id = await forms.open()
    await forms.save(form_id, answer(1, "reason", "My back"))
    other = await clinic.sign_in_again(forms.maria)
    view = await forms.form(form_id, by=other)
    assert (view.answers, view.place, view.latest) == ({"reason": ["My back"]}, "since", 1)


async def test_who_went_on_without_an_answer_goes_on_there_and_a_device_that_does_not_know_moves_nobody(
    forms: Forms, clinic: Clinic
) -> None:
    form_id, client = await forms.open(), uuid4()
    await forms.save(form_id, answer(1, "reason", "My back"), client=client)
    async with forms.database.act_as(forms.maria.credential, "intake.fill_in") as tx:
        moved = await intake.save_answers(tx, form_id, client, [], "pain")
    assert (moved.sequence, moved.latest) == (1, 1)
    async with forms.database.act_as(forms.maria.credential, "intake.fill_in") as tx:
        await intake.save_answers(tx, form_id, client, [answer(2, "ask", "And this?")])
    view = await forms.form(form_id, by=await clinic.sign_in_again(forms.maria))
    assert (view.place, view.latest) == ("pain", 2)


async def test_what_is_sent_again_is_kept_once(forms: Forms) -> None:
    form_id, client = await forms.open(), uuid4()
    given = (answer(1, "reason", "My back"), answer(2, "reason", "My back hurts"))
    first = await forms.save(form_id, *given, client=client)
    again = await forms.save(form_id, *given, answer(3, "since", "days"), client=client)
    assert (first.sequence, again.sequence, again.latest) == (2, 3, 3)
    assert await forms.scalar("select count(*) from form_answer") == 3


async def test_the_same_answers_at_the_same_moment_are_kept_once(forms: Forms) -> None:
    form_id, client = await forms.open(), uuid4()
    one = answer(1, "reason", "My back")
    await asyncio.gather(*(forms.save(form_id, one, client=client) for _ in range(3)))
    assert await forms.scalar("select count(*) from form_answer") == 1


async def test_a_gap_is_refused_whole_and_says_what_is_wanted(forms: Forms) -> None:
    form_id, client = await forms.open(), uuid4()
    await forms.save(form_id, answer(1, "reason", "A"), client=client)
    with pytest.raises(intake.AnswersOutOfOrder) as raised:
        await forms.save(form_id, answer(3, "reason", "C"), client=client)
    assert raised.value.expected == 2
    assert (await forms.form(form_id)).answers == {"reason": ["A"]}


async def test_two_devices_that_say_different_things_are_shown_it(forms: Forms) -> None:
    form_id = await forms.open()
    await forms.save(form_id, answer(1, "reason", "From the phone"))
    tablet = uuid4()
    told = await forms.save(form_id, answer(1, "reason", "From the tablet"), client=tablet)
    assert [(one.key, one.values, one.number) for one in told.conflicts] == [("reason", ["From the phone"], 1)]
    assert (await forms.form(form_id)).answers == {"reason": ["From the phone"]}
    settled = await forms.save(form_id, answer(2, "reason", "From the tablet", base=1), client=tablet)
    assert settled.conflicts == ()
    assert (await forms.form(form_id)).answers == {"reason": ["From the tablet"]}


async def test_the_same_answer_from_two_devices_is_no_conflict(forms: Forms) -> None:
    form_id = await forms.open()
    await forms.save(form_id, answer(1, "since", "days"))
    assert (await forms.save(form_id, answer(1, "since", "days"))).conflicts == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [("zzz", "x"), ("since", "never"), ("reason", 7), ("pain-level", 11), ("pain", "true"), ("reason", "x" * 2001)],
)
async def test_what_does_not_fit_is_refused_and_holds_nothing_up(forms: Forms, key: str, value: object) -> None:
    form_id = await forms.open()
    told = await forms.save(form_id, answer(1, key, value), answer(2, "ask", "And this?"))
    assert (told.refused, told.sequence) == ((key,), 2)
    assert (await forms.form(form_id)).answers == {"ask": ["And this?"]}


async def test_answers_are_encrypted_at_rest(forms: Forms) -> None:
    form_id = await forms.open()
    await forms.save(form_id, answer(1, "reason", "Zanzibar"))
    assert await forms.scalar("select count(*) from form_answer f where f::text like '%Zanzibar%'") == 0


async def test_somebody_elses_form_is_not_there(forms: Forms, clinic: Clinic) -> None:
    form_id = await forms.open()
    other = await clinic.patient("Rosa")
    with pytest.raises(NotFound):
        await forms.form(form_id, by=other)
    with pytest.raises(NotFound):
        await forms.save(form_id, answer(1, "reason", "x"), by=other)
    with pytest.raises(NotFound):
        await forms.open(by=other)


async def test_a_form_that_is_not_asked_cannot_be_begun(forms: Forms) -> None:
    with pytest.raises(NotFound):
        await forms.open("urn:sala:form:gad-7")


async def test_a_new_version_does_not_touch_what_was_begun(forms: Forms) -> None:
    form_id = await forms.open()
    await forms.save(form_id, answer(1, "reason", "My back"))
    changed = intake.shipped()[REASON].replace('"1.0.0"', '"2.0.0"').replace('"since"', '"since-when"')
    async with forms.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into questionnaire (id, url, version, resource, added_at)"
            " values (gen_random_uuid(), :url, '2.0.0', :resource, now())",
            {"url": REASON, "resource": changed},
        )
    view = await forms.form(form_id)
    assert (view.questionnaire.version, view.answers) == ("1.0.0", {"reason": ["My back"]})
    assert await forms.open() == form_id


async def test_a_caregiver_fills_in_but_is_not_asked_how_the_patient_feels(forms: Forms, clinic: Clinic) -> None:
    helper = await caregiver(forms, clinic, ["booking", "forms"])
    assert {one.url: one.is_for_them for one in await forms.due(by=helper)} == {
        PHQ: False, REASON: True, CONSENT: True,
    }  # fmt: skip
    form_id = await forms.open(by=helper)
    await forms.save(form_id, answer(1, "reason", "His back"), by=helper)
    with pytest.raises(intake.OnlyOneself):
        await forms.open(PHQ, by=helper)
    own = await forms.open(PHQ)
    with pytest.raises(intake.OnlyOneself):
        await forms.save(own, answer(1, PHQ_ITEMS[0], "LA6568-5"), by=helper)


async def test_what_a_caregiver_sent_says_so_to_whoever_reads_it(forms: Forms, clinic: Clinic) -> None:
    helper = await caregiver(forms, clinic, ["booking", "forms"])
    form_id = await forms.open(by=helper)
    saved = await forms.save(form_id, answer(1, "reason", "His back"), by=helper)
    await forms.send(form_id, saved.latest, by=helper)
    read = await forms.read(form_id)
    assert (read.is_by_patient, read.submitted_by not in ("", read.patient_name)) == (False, True)


async def test_a_caregiver_without_that_scope_reaches_no_form(forms: Forms, clinic: Clinic) -> None:
    helper = await caregiver(forms, clinic, ["booking"])
    with pytest.raises((NotFound, OutOfScope, NotAllowed)):
        await forms.open(by=helper)


async def test_who_looks_as_the_patient_sees_it_reads_what_was_sent_and_no_answer_of_a_draft(forms: Forms) -> None:
    form_id = await forms.open(PHQ)
    saved = await forms.save(form_id, *(answer(n, key, "LA6569-3") for n, key in enumerate(PHQ_ITEMS, 1)))
    look = await looking(forms.database, forms.doctor, forms.maria.patient_id)
    async with forms.database.act_as(look.credential, "intake.see") as tx:
        begun = await intake.form(tx, form_id)
    assert (begun.status, begun.answers, begun.place) == ("in-progress", {}, "")  # which question it is says an answer
    await forms.send(form_id, saved.latest)
    async with forms.database.act_as(look.credential, "intake.see") as tx:
        assert (await intake.form(tx, form_id)).answers[PHQ_ITEMS[0]] == ["LA6569-3"]


async def test_a_thought_of_death_is_told_as_soon_as_it_is_saved_and_once(forms: Forms) -> None:
    form_id, client = await forms.open(PHQ), uuid4()
    said = answer(1, ITEM_NINE, "LA6569-3")
    await forms.save(form_id, said, client=client)
    await forms.save(form_id, said, client=client)
    rows = await forms.scalar("select string_agg(problem || ' ' || severity, ',') from alert")
    assert rows == "forms.self_harm critical"


async def test_no_thought_of_death_is_no_alert(forms: Forms) -> None:
    await forms.save(await forms.open(PHQ), answer(1, ITEM_NINE, "LA6568-5"))
    assert await forms.scalar("select count(*) from alert") == 0


@pytest.mark.parametrize("key", ["reason\0", "\ud83d", "a" * 100_000])
async def test_a_key_that_nothing_can_hold_is_refused_and_holds_nothing_up(forms: Forms, key: str) -> None:
    form_id = await forms.open()
    told = await forms.save(form_id, answer(1, key, "x"), answer(2, "reason", "My back"))
    assert (told.refused, told.sequence) == ((key,), 2)
    assert (await forms.form(form_id)).answers == {"reason": ["My back"]}


async def test_what_is_written_down_is_never_changed(forms: Forms) -> None:
    form_id = await forms.open()
    await forms.save(form_id, answer(1, "reason", "A"))
    for statement in ("update form_answer set number = 9", "delete from form_answer", "delete from questionnaire"):
        with pytest.raises(DBAPIError):
            async with forms.database.act_as(forms.maria.credential, "intake.fill_in") as tx:
                await tx.execute(statement)


async def caregiver(forms: Forms, clinic: Clinic, sections: list[str]) -> Someone:
    carer = await clinic.patient("Luis")
    async with forms.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)"
            " values (:who, :chart, :sections, '{view,act}', 'N', 1, 'caregiver', now() + :life)",
            {"who": carer.person_id, "chart": forms.maria.patient_id, "sections": sections, "life": timedelta(days=1)},
        )
        await tx.execute(
            "insert into person_role (id, person_id, role) values (gen_random_uuid(), :who, 'caregiver')",
            {"who": carer.person_id},
        )
    acting = Someone(carer.person_id, forms.maria.patient_id, carer.credential, carer.email)
    return await clinic.sign_in_again(acting)

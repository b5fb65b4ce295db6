"""A patient's doubt about a line of the trail reaches the manager, and the answer the patient."""

from uuid import UUID, uuid4

import pytest

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.patients import service as patients
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import LookQuery
from tests.factories import Clinic, Someone

wiring.load_features("policies")
ASK = "privacy.ask"


async def a_line(database: Database, clinic: Clinic, patient: Someone) -> int:
    """Have the front desk look at a chart, and return the line of it."""
    tom = await clinic.staff("front_desk", name="Tom Ortiz")
    async with database.act_as(tom.credential, "patients.view") as tx:
        assert patient.patient_id
        await patients.patient(tx, patient.patient_id)
    async with database.act_as(patient.credential, "privacy.who_looked") as tx:
        return (await privacy.who_looked(tx, LookQuery("people"), is_repeated=True)).days[0].lines[-1].id


async def ask(database: Database, who: Someone, line: int, words: str = "I was away", key: UUID | None = None) -> None:
    async with database.act_as(who.credential, ASK) as tx:
        await privacy.ask_about(tx, line, words, key or uuid4())


async def test_a_doubt_reaches_the_manager_and_the_answer_the_patient(database: Database, clinic: Clinic) -> None:
    maria, manager = await clinic.proven(), await clinic.staff("manager", name="Grace Lin")
    await ask(database, maria, await a_line(database, clinic, maria))
    async with database.act_as(manager.credential, "privacy.review") as tx:
        (asked,) = await privacy.questions(tx)
        assert (asked.patient_name, asked.words) == ("Maria Alvarez", "I was away")
        assert (asked.event_person, asked.event_action) == ("Tom Ortiz", "patients.view")
        assert await tx.scalar("select code from task where closed_at is null") == "privacy_question"
        await privacy.answer_question(tx, asked.id, "Tom called you about Monday.")
        assert await tx.scalar("select count(*) from task where closed_at is null") == 0
    async with database.act_as(maria.credential, ASK) as tx:
        (own,) = await privacy.own_questions(tx)
    assert (own.answer, own.event_person) == ("Tom called you about Monday.", "Tom Ortiz")
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select template from outbox_message") == "privacy_answered"


async def test_two_taps_ask_once(database: Database, clinic: Clinic) -> None:
    maria, key = await clinic.proven(), uuid4()
    line = await a_line(database, clinic, maria)
    for _ in range(2):
        await ask(database, maria, line, key=key)
    async with database.act_as(maria.credential, ASK) as tx:
        assert len(await privacy.own_questions(tx)) == 1


async def test_a_line_of_another_chart_cannot_be_asked_about_nor_another_s_question_be_read(
    database: Database, clinic: Clinic
) -> None:
    maria, omar = await clinic.proven(), await clinic.proven("Omar", "Haddad")
    line = await a_line(database, clinic, maria)
    await ask(database, maria, line)
    with pytest.raises(NotFound):
        await ask(database, omar, line)
    async with database.act_as(omar.credential, ASK) as tx:
        assert await privacy.own_questions(tx) == []
        assert await tx.scalar("select count(*) from privacy_question") == 0


async def test_only_managers_read_and_answer(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    await ask(database, maria, await a_line(database, clinic, maria))
    for role in ("front_desk", "nurse", "billing"):
        someone = await clinic.staff(role)
        with pytest.raises(NotAllowed):
            async with database.act_as(someone.credential, "privacy.review"):
                pass
        async with database.act_as(someone.credential, "access.sign_out") as tx:
            assert await tx.scalar("select count(*) from privacy_question") == 0
            assert await tx.all("select * from privacy_names()") == []


@pytest.mark.parametrize(("words", "answer"), [("a" * 501, "x"), ("x", "  "), ("x", "a" * 2001)])
async def test_what_is_too_long_or_missing_is_refused(
    database: Database, clinic: Clinic, words: str, answer: str
) -> None:
    maria, manager = await clinic.proven(), await clinic.staff("manager")
    line = await a_line(database, clinic, maria)

    async def both() -> None:
        await ask(database, maria, line, words)
        async with database.act_as(manager.credential, "privacy.review") as tx:
            await privacy.answer_question(tx, (await privacy.questions(tx))[0].id, answer)

    with pytest.raises(InputRefused):
        await both()


async def test_words_and_answers_are_kept_encrypted(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    await ask(database, maria, await a_line(database, clinic, maria), "a secret doubt")
    async with database.act_as_system("test") as tx:
        assert "doubt" not in await tx.scalar("select words from privacy_question")

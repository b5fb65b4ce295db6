"""What people ask about bills: attached to the line, theirs alone, answered once, and as private as the visit."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.core.errors import InputRefused, NotAllowed, NotFound, StepUpNeeded
from portal_app.features.billing import questions, rules
from portal_app.features.billing.errors import QuestionOver
from portal_app.features.billing.views import BillQuestion, QuestionView
from portal_app.features.notify.tables import OutboxMessage
from portal_app.features.tasks import service as tasks
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.billing.conftest import FEE, Office

__all__ = ["share"]


def wish(bill_id: UUID | None, kind: str = "unclear", line: str = "", words: str = "Why?") -> BillQuestion:
    return BillQuestion(bill_id, kind, line, words, uuid4())


async def ask(office: Office, question: BillQuestion, by: Someone | None = None) -> QuestionView:
    async with office.database.act_as((by or office.visit.maria_strong).credential, "billing.ask") as tx:
        return await questions.ask_about_bill(tx, question)


async def seen(office: Office, bill_id: UUID, by: Someone | None = None) -> list[QuestionView]:
    async with office.database.act_as((by or office.visit.maria_strong).credential, "billing.see_bills") as tx:
        return list(await questions.questions_of_bill(tx, bill_id))


async def answer(office: Office, question_id: UUID, said: str, by: Someone | None = None) -> None:
    async with office.database.act_as((by or office.keeper).credential, "billing.keep_books") as tx:
        await questions.answer_question(tx, question_id, said)


async def test_a_question_carries_its_line_is_answered_and_the_answer_is_seen(office: Office) -> None:
    bill_id = await office.issue()
    asked = await ask(office, wish(bill_id, "wrong", "charged", "I paid at the desk"))
    assert (asked.line, asked.line_minor, asked.status) == ("charged", FEE, "new")
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        (waiting,) = await questions.questions(tx)
        (task,) = await tasks.list_tasks(tx, codes=[questions.TASK])
    assert (waiting.words, waiting.patient_name) == ("I paid at the desk", "Maria Alvarez")
    assert (task.focus_id, task.due_at, task.note) == (asked.id, asked.due_at, "")
    await answer(office, asked.id, "You did. We are sorry.")
    (after,) = await seen(office, bill_id)
    assert (after.status, after.answer) == ("answered", "You did. We are sorry.")


async def test_whoever_asked_is_written_once_and_of_no_bill(office: Office) -> None:
    asked = await ask(office, wish(await office.issue()))
    for _ in range(2):
        await answer(office, asked.id, "It is the price of a visit.")
    async with office.database.act_as_system("test") as tx:
        sent = await tx.all(
            select(col(OutboxMessage.content)).where(col(OutboxMessage.template) == "billing_question_answered")
        )
        left = await tx.scalar("select count(*) from task where code = 'bill_question' and closed_at is null")
    assert [set(one.content["params"]) for one in sent] == [{"practice", "phone", "link"}]
    assert left == 0


async def test_two_taps_ask_once(office: Office) -> None:
    question = wish(await office.issue())
    both = await asyncio.gather(ask(office, question), ask(office, question))
    assert both[0].id == both[1].id


async def test_of_two_people_who_answer_at_once_one_is_told(office: Office, clinic: Clinic) -> None:
    asked, other = await ask(office, wish(await office.issue())), await clinic.staff("billing")
    told = await asyncio.gather(
        answer(office, asked.id, "One"), answer(office, asked.id, "Two", other), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in told) == ["NoneType", "QuestionOver"]


async def test_what_was_settled_by_speaking_is_not_answered_as_well(office: Office) -> None:
    asked = await ask(office, wish(await office.issue()))
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        await questions.close_question(tx, asked.id)
        await questions.close_question(tx, asked.id)
    with pytest.raises(QuestionOver):
        await answer(office, asked.id, "Late")


async def test_another_patients_bill_cannot_be_asked_about_nor_its_questions_read(
    office: Office, clinic: Clinic
) -> None:
    bill_id = await office.issue()
    asked = await ask(office, wish(bill_id))
    other = await clinic.sign_in_again(await clinic.patient("Sam"), assurance=2)
    with pytest.raises(NotFound):
        await ask(office, wish(bill_id), other)
    with pytest.raises(NotFound):  # the key of somebody else's form
        await ask(office, BillQuestion(None, "help", "", "", asked.id), other)
    assert await seen(office, bill_id, other) == []
    for someone in (other, office.visit.doctor, await clinic.staff("manager")):
        with pytest.raises(NotAllowed):
            await answer(office, asked.id, "Mine", someone)


async def test_a_code_alone_asks_nothing(office: Office) -> None:
    with pytest.raises(StepUpNeeded):
        await ask(office, wish(await office.issue()), office.visit.maria)


@pytest.mark.parametrize(("kind", "line", "words", "field"), [
    ("", "", "", "kind"), ("rude", "", "", "kind"), ("unclear", "secret", "", "line"), ("wrong", "", " ", "words"),
    ("unclear", "", "x" * 100_000, "words"),
])  # fmt: skip
async def test_what_cannot_be_asked_is_refused_at_its_field(
    office: Office, kind: str, line: str, words: str, field: str
) -> None:
    bill_id = await office.issue()
    with pytest.raises(InputRefused) as refused:
        await ask(office, wish(bill_id, kind, line, words))
    assert refused.value.field == field


async def test_words_are_encrypted_where_they_are_kept(office: Office) -> None:
    await ask(office, wish(await office.issue(), words="Because of my divorce"))
    async with office.database.act_as_system("test") as tx:
        kept = await tx.scalar("select words from bill_question")
    assert "divorce" not in kept


async def test_help_without_a_bill_is_read_by_whoever_asked_and_billing_alone(
    office: Office, clinic: Clinic, share: Share
) -> None:
    helper = await helping(office, clinic, share, "bills_view", "bills_act")
    await ask(office, wish(None, "help", words="I lost my work"))
    async with office.database.act_as(helper.credential, "billing.see_bills") as tx:
        assert await questions.my_help(tx) == []
    async with office.database.act_as(office.visit.maria_strong.credential, "billing.see_bills") as tx:
        assert [one.words for one in await questions.my_help(tx)] == ["I lost my work"]


async def test_whoever_may_only_see_bills_asks_nothing(office: Office, clinic: Clinic, share: Share) -> None:
    bill_id = await office.issue()
    helper = await helping(office, clinic, share, "bills_view")
    with pytest.raises(NotAllowed):
        await ask(office, wish(bill_id), helper)


async def test_a_question_hides_with_its_visit(office: Office, clinic: Clinic, share: Share) -> None:
    bill_id = await office.issue()
    helper = await helping(office, clinic, share, "bills_view", "bills_act")
    await ask(office, wish(bill_id))
    assert len(await seen(office, bill_id, helper)) == 1
    async with office.database.act_as_system("test") as tx:
        await tx.execute(
            "update appointment set confidentiality = 'R' where id = :id", {"id": office.visit.appointment_id}
        )
    assert await seen(office, bill_id, helper) == []
    assert len(await seen(office, bill_id)) == 1


async def helping(office: Office, clinic: Clinic, share: Share, *boxes: str) -> Someone:
    who = await clinic.sign_in_again(await clinic.patient("Ana"), assurance=2)
    return await share(office.visit.maria_strong, *boxes, who=who)


WEEK = {day: ((time(8), time(12)), (time(13), time(17))) for day in range(1, 6)}


@pytest.mark.parametrize(("asked", "closed", "by"), [
    (datetime(2026, 11, 18, 20, tzinfo=UTC), set(), datetime(2026, 11, 20, 22, tzinfo=UTC)),
    (datetime(2026, 11, 20, 20, tzinfo=UTC), set(), datetime(2026, 11, 24, 22, tzinfo=UTC)),
    (datetime(2026, 11, 25, 20, tzinfo=UTC), {date(2026, 11, 26)}, datetime(2026, 11, 30, 22, tzinfo=UTC)),
    (datetime(2026, 12, 30, 20, tzinfo=UTC), {date(2027, 1, 1)}, datetime(2027, 1, 4, 22, tzinfo=UTC)),
])  # fmt: skip
def test_an_answer_is_promised_for_the_second_open_day(asked: datetime, closed: set[date], by: datetime) -> None:
    assert rules.answer_by(asked, WEEK, "America/New_York", frozenset(closed)) == by


def test_without_hours_three_days_are_promised() -> None:
    now = datetime(2026, 11, 18, 20, tzinfo=UTC)
    assert rules.answer_by(now, {}, "UTC") == now + timedelta(days=3)

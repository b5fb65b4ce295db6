"""A patient's doubts about who looked, and the practice's answers."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.realtime import announce
from portal_app.features.notify import service as notify
from portal_app.features.privacy import policies, rules
from portal_app.features.privacy.emergency import TOPIC
from portal_app.features.privacy.messages import ANSWERED, WHO_LOOKED_PAGE
from portal_app.features.privacy.tables import PrivacyQuestion
from portal_app.features.privacy.views import QuestionView
from portal_app.features.tasks import service as tasks

TASK: Final = "privacy_question"

_QUESTIONS: Final = text("""
select q.id, q.patient_id, coalesce(n.name, '') as patient_name, q.words, q.asked_at, q.answer,
  q.answered_at, coalesce(e.at, q.asked_at) as event_at, coalesce(e.person_name, '') as event_person,
  coalesce(e.roles, '{}') as event_roles, coalesce(e.action, '') as event_action
from privacy_question q left join privacy_names() n on n.patient_id = q.patient_id
  left join audit_event e on e.id = q.event_id and e.patient_id = q.patient_id
order by q.answered_at is not null, q.asked_at desc, q.id limit :most
""").columns(words=EncryptedText, answer=EncryptedText)
_OWN: Final = text("""
select q.id, q.patient_id, '' as patient_name, q.words, q.asked_at, q.answer, q.answered_at, l.at as event_at,
  l.person_name as event_person, l.roles as event_roles, l.action as event_action
from privacy_question q cross join lateral chart_line(q.event_id) l
where q.patient_id = :id order by q.asked_at desc, q.id limit :most
""").columns(words=EncryptedText, answer=EncryptedText)


async def ask_about(tx: Transaction, event_id: int, words: str, key: UUID) -> None:
    """Ask the practice to look into one line of the trail of the chart acted for; the key makes two taps one.

    Raises:
        NotFound: if the actor is shown no such line.
        InputRefused: if the words are too many.
    """
    policy.require(tx.actor, policies.ASK.name)
    written = words.strip()
    if len(written) > rules.REASON_MOST:
        raise InputRefused("words", N_("Please keep it to 500 letters."))
    chart = tx.actor.patient_id
    if not await tx.scalar("select exists (select from chart_line(:id))", {"id": event_id}):
        raise NotFound
    row = insert(PrivacyQuestion).values(
        id=key, patient_id=chart, event_id=event_id, words=written, asked_by=tx.actor.person_id, asked_at=clock.now()
    )
    if await tx.execute(row.on_conflict_do_nothing()):
        await audit.record(tx, "privacy.ask", patient_id=chart, entity="Patient", entity_id=chart)
        await tasks.open_task(tx, TASK, key)
        await announce(tx, TOPIC)


async def own_questions(tx: Transaction) -> Sequence[QuestionView]:
    """Return what the actor asked about the chart acted for, the newest first."""
    policy.require(tx.actor, policies.ASK.name)
    return _views(await tx.all(_OWN, {"id": tx.actor.patient_id, "most": rules.QUESTIONS_SHOWN}))


async def questions(tx: Transaction, *, is_repeated: bool = False) -> Sequence[QuestionView]:
    """Return what patients ask about who looked, what waits for an answer first.

    That each chart was seen is recorded, unless an open page looks again.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    rows: Sequence[Any] = await tx.all(_QUESTIONS, {"most": rules.OPENINGS_MAX})
    if not is_repeated:
        await audit.record_each(
            tx, "privacy.view_questions", dict.fromkeys(row.patient_id for row in rows), entity="AuditEvent"
        )
    return _views(rows)


async def answer_question(tx: Transaction, question_id: UUID, answer: str) -> None:
    """Answer a patient, who is told by mail that there is an answer.

    Raises:
        NotFound: if there is no such question.
        InputRefused: if there is no answer, or it is too long.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    written = answer.strip()
    if not written:
        raise InputRefused("answer", N_("Write the answer first."))
    if len(written) > rules.ANSWER_MOST:
        raise InputRefused("answer", N_("Please keep it to 2000 letters."))
    row = await tx.first(
        "select patient_id, asked_by, answered_at from privacy_question where id = :id for update", {"id": question_id}
    )
    if row is None:
        raise NotFound
    if row.answered_at is not None:
        return
    said = update(PrivacyQuestion).where(col(PrivacyQuestion.id) == question_id)
    await tx.execute(said.values(answer=written, answered_at=clock.now(), answered_by=tx.actor.person_id))
    await audit.record(tx, "privacy.answer", patient_id=row.patient_id, entity="Patient", entity_id=row.patient_id)
    await tasks.close_task(tx, TASK, question_id, "answered")
    await notify.enqueue_message(
        tx,
        row.asked_by,
        ANSWERED.name,
        f"privacy-answered:{question_id}",
        {"link": f"{WHO_LOOKED_PAGE}?about={question_id}"},
    )
    await announce(tx, TOPIC, f"patient:{row.patient_id}")


def _views(rows: Sequence[Any]) -> list[QuestionView]:
    return [_view(row._asdict()) for row in rows]


def _view(columns: dict[str, Any]) -> QuestionView:
    del columns["patient_id"]
    said = {"answer": columns["answer"] or "", "event_roles": tuple(columns["event_roles"])}
    return QuestionView(**columns | said)

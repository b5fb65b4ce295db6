"""What people ask about their bills, and what they are told: each with a task and a clock for billing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.core.i18n import N_
from portal_app.features.billing import bill_statements, books, messages, policies, rules
from portal_app.features.billing.desk_tables import BillQuestion as Row
from portal_app.features.billing.errors import QuestionOver
from portal_app.features.billing.views import BillQuestion, QuestionView
from portal_app.features.notify import service as notify
from portal_app.features.practice import service as practice
from portal_app.features.schedules import service as schedules
from portal_app.features.tasks import service as tasks

TASK: Final = "bill_question"
ENDED_SHOWN: Final = timedelta(days=30)
"""How long billing finds what was answered in the list."""
_MOST: Final = 200

_COLUMNS: Final = """
select q.id, q.patient_id, q.invoice_id as bill_id, coalesce(i.number, 0) as number,
  coalesce(i.currency, '') as currency,
  coalesce(billed_name(q.patient_id, q.confidentiality), '') as patient_name, q.kind, q.line,
  coalesce(q.line_minor, 0) as line_minor, q.words, q.status, q.outcome, q.asked_at, q.due_at, q.zone, q.answer,
  q.ended_at
from bill_question q left join invoice i on i.id = q.invoice_id
"""


def _readable(sql: str) -> Any:
    return text(_COLUMNS + sql).columns(words=EncryptedText, answer=EncryptedText)


_OF_BILL: Final = _readable("where q.invoice_id = :bill_id order by q.asked_at, q.id limit :most")
_ONE: Final = _readable("where q.id = :id")
_WITHOUT_BILL: Final = _readable(
    "where q.invoice_id is null and q.patient_id = :patient_id order by q.asked_at desc, q.id limit :most"
)
_ALL: Final = _readable("""
where q.status = 'new' or q.ended_at > :since
order by q.ended_at desc nulls first, q.due_at, q.id limit :most
""")
_LOCK: Final = text(
    "select patient_id, invoice_id, asked_by, status, answer, ended_by, confidentiality <> 'N' as is_private"
    " from bill_question where id = :id for update"
).columns(answer=EncryptedText)


async def can_ask(tx: Transaction) -> bool:
    """Tell whether the actor may ask about the bills that they see."""
    return bool(await tx.scalar("select may('act', 'bills', actor_patient(), 'N')"))


async def ask_about_bill(tx: Transaction, question: BillQuestion) -> QuestionView:
    """Ask billing about a bill or for help, give them a task for it, and return it; the key makes two taps one.

    Raises:
        NotAllowed: if the actor may see bills and no more.
        NotFound: if the actor sees no such bill.
        InputRefused: if something of it cannot be.
    """
    policy.require(tx.actor, policies.ASK.name)
    words = _checked(question)
    if not await can_ask(tx):
        raise NotAllowed(policies.ASK.name)
    patient_id = tx.actor.patient_id
    about = await _about(tx, question)
    due_at, zone = await _promised(tx, about.get("location_id"))
    values = {
        "id": question.request_key, "patient_id": patient_id, "invoice_id": question.bill_id, "kind": question.kind,
        "line": question.line, "words": words, "status": "new", "asked_by": tx.actor.person_id, "due_at": due_at,
        "zone": zone, "confidentiality": about.get("confidentiality", "N"), "line_minor": about.get(question.line),
    }  # fmt: skip
    if await tx.execute(insert(Row).values(values).on_conflict_do_nothing()):
        await audit.record(tx, "billing.ask", patient_id=patient_id, entity="Invoice", entity_id=question.bill_id)
        await tasks.open_task(tx, TASK, question.request_key, due_at=due_at)
    asked = _views(await tx.all(_ONE, {"id": question.request_key}))
    if not asked:
        raise NotFound
    return asked[0]


async def questions_of_bill(tx: Transaction, bill_id: UUID) -> Sequence[QuestionView]:
    """Return what was asked about a bill, the oldest first; for whoever sees the bill."""
    policy.require(tx.actor, (policies.KEEP_BOOKS if tx.actor.is_staff() else policies.SEE_BILLS).name)
    return _views(await tx.all(_OF_BILL, {"bill_id": bill_id, "most": _MOST}))


async def my_help(tx: Transaction) -> Sequence[QuestionView]:
    """Return the actor's own wishes for help that are about no single bill, the newest first."""
    policy.require(tx.actor, policies.SEE_BILLS.name)
    return _views(await tx.all(_WITHOUT_BILL, {"patient_id": tx.actor.patient_id, "most": 3}))


async def questions(tx: Transaction, *, is_repeated: bool = False) -> Sequence[QuestionView]:
    """Return what waits for an answer, the most urgent first, then what was answered in the last month."""
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    rows = await tx.all(_ALL, {"since": clock.now() - ENDED_SHOWN, "most": _MOST})
    if not is_repeated:
        await audit.record_each(
            tx, "billing.view_questions", dict.fromkeys(row.patient_id for row in rows), entity="Invoice"
        )
    return _views(rows)


async def answer_question(tx: Transaction, question_id: UUID, answer: str) -> None:
    """Answer what somebody asks, who is told by mail that there is an answer; the same once more changes nothing.

    Raises:
        NotFound: if the actor sees no such question.
        InputRefused: if there is no answer, or it is too long.
        QuestionOver: if a colleague was faster.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    written = answer.strip()
    if not written:
        raise InputRefused("answer", N_("Write the answer first."))
    if len(written) > rules.WORDS_MOST:
        raise InputRefused("answer", N_("Keep it under 2000 characters."))
    found = await _locked(tx, question_id)
    if found.status != "new":
        if found.answer == written and found.ended_by == tx.actor.person_id:
            return
        raise QuestionOver
    await _end(tx, found, question_id, "billing.answer", {"status": "answered", "answer": written})
    await _tell(tx, found, question_id)


async def close_question(tx: Transaction, question_id: UUID) -> None:
    """Note that it was settled by speaking with whoever asked, and needs no answer in writing.

    Raises NotFound and QuestionOver as `answer_question`.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    found = await _locked(tx, question_id)
    if found.status == "closed" and found.ended_by == tx.actor.person_id:
        return
    if found.status != "new":
        raise QuestionOver
    await _end(tx, found, question_id, "billing.close_question", {"status": "closed", "outcome": "spoken"})


async def close_of_bill(tx: Transaction, bill_id: UUID) -> None:
    """Close what is asked about a bill that is being taken back, and tell whoever asked. Part of that."""
    rows: Any = await tx.all("select id from bill_question where invoice_id = :id and status = 'new'", {"id": bill_id})
    for row in rows:
        found = await _locked(tx, row.id)
        if found.status == "new":
            await _end(tx, found, row.id, "billing.close_question", {"status": "closed", "outcome": "taken_back"})
            await _tell(tx, found, row.id)


async def _tell(tx: Transaction, found: Any, question_id: UUID) -> None:
    own = {"person": found.asked_by, "chart": found.patient_id}
    if found.is_private and not await tx.scalar("select is_own_chart(:person, :chart)", own):
        return  # whoever acts for the patient, and asked before it was made private, hears no more of it
    us, line = await practice.practice(tx), await practice.phone_line(tx, "billing")
    link = f"/bills/{found.invoice_id}" if found.invoice_id else f"/bills?about={question_id}"
    await notify.enqueue_message(
        tx, found.asked_by, messages.QUESTION_ANSWERED.name, f"bill-question:{question_id}",
        {"practice": us.name, "phone": line.number, "link": link}, patient_id=found.patient_id,
    )  # fmt: skip


async def _locked(tx: Transaction, question_id: UUID) -> Any:
    found = await tx.first(_LOCK, {"id": question_id})
    if found is None:
        raise NotFound
    return found


async def _end(tx: Transaction, found: Any, question_id: UUID, action: str, values: dict[str, str]) -> None:
    changed = update(Row).where(col(Row.id) == question_id)
    await tx.execute(changed.values(ended_at=clock.now(), ended_by=tx.actor.person_id, **values))
    await audit.record(tx, action, patient_id=found.patient_id, entity="Invoice", entity_id=found.invoice_id)
    await tasks.close_task(tx, TASK, question_id, values["status"])


def _checked(question: BillQuestion) -> str:
    words = question.words.strip()
    if question.kind not in rules.QUESTION_KINDS:
        raise InputRefused("kind", N_("Choose what it is."))
    if question.line not in ("", *rules.LINES) or (question.line and question.bill_id is None):
        raise InputRefused("line", N_("Choose what it is about."))
    if question.bill_id is None and question.kind != "help":
        raise InputRefused("kind", N_("Choose what it is."))
    if question.kind == "wrong" and not words:
        raise InputRefused("words", N_("Say in a few words what is wrong."))
    if len(words) > rules.WORDS_MOST:
        raise InputRefused("words", N_("Keep it under 2000 characters."))
    return words


async def _about(tx: Transaction, question: BillQuestion) -> dict[str, Any]:
    if question.bill_id is None:
        return {}
    await books.hold(tx, question.bill_id)  # a visit that is made private now is waited for
    row = await tx.first(bill_statements.ASKED_ABOUT, {"bill_id": question.bill_id})
    if row is None:
        raise NotFound
    return row._asdict()


async def _promised(tx: Transaction, location_id: UUID | None) -> tuple[Any, str]:
    places = await practice.locations(tx)
    place = next((one for one in places if one.id == location_id), places[0])
    (facts,) = await practice.place_facts(tx, [place])
    closed = frozenset(one.day for one in await schedules.closed_days(tx, place.id))
    return rules.answer_by(clock.now(), facts.hours, place.zone, closed), place.zone


def _views(rows: Sequence[Any]) -> list[QuestionView]:
    return [_view(row._asdict()) for row in rows]


def _view(columns: dict[str, Any]) -> QuestionView:
    del columns["patient_id"]
    return QuestionView(**columns | {"answer": columns["answer"] or ""})

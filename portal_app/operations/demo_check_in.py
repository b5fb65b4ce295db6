"""Check-in and asked forms of the demo, somebody in each state: open, half done, done, with things left, overdue."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.booking import service as booking
from portal_app.features.checkin import service as checkin
from portal_app.features.intake import service as intake
from portal_app.operations.demo_acting import as_patient, signed_by
from portal_app.operations.demo_practice import demo_id

FORMS: Final = ("urn:sala:form:reason-for-visit", "urn:sala:form:phq-9", "urn:sala:form:consent-treatment")
"""What is asked before each visit of the demo."""

AHEAD: Final = timedelta(days=2)
STATES: Final = ("done", "half", "left", "done", "half")
"""How far people are whose visits come next; all others have not begun."""
ASKED: Final = (
    ("urn:sala:form:gad-7", timedelta(days=-1), "open"),
    ("urn:sala:form:phq-9", timedelta(days=-2), "half"),
    ("urn:sala:form:pain-0-10", timedelta(days=-3), "done"),
    ("urn:sala:form:hunger-vital-sign", timedelta(days=-10), "open"),
)
"""Which form is asked, since when, and how far somebody is: a week is the time for it, so that the last is overdue."""
_TIME: Final = timedelta(days=7)
_COMING: Final = """
select a.id, a.patient_id from appointment a
where a.status = 'booked' and a.starts_at > :now and a.starts_at < :until and a.confidentiality = 'N'
  and exists (select from access_grant g where g.patient_id = a.patient_id and g.basis = 'self')
order by a.starts_at, a.id limit :many
"""
_BEGUN: Final = """
select exists (select from check_in c join appointment a on a.id = c.appointment_id where a.starts_at > :now)
"""
_ASK: Final = """
insert into form_assignment (id, url, patient_id, confidentiality, opens_at, due_at, assigned_by, assigned_at)
values (:id, :url, :patient_id, 'N', :opens_at, :due_at, :person_id, :opens_at) on conflict do nothing
"""


async def make_check_ins(tx: Transaction, now: datetime) -> None:
    """Have people who come next check in, some of them halfway; nothing while anybody before a visit has begun."""
    if await tx.scalar(_BEGUN, {"now": now}):
        return
    coming: Sequence[Any] = await tx.all(_COMING, {"now": now, "until": now + AHEAD, "many": len(STATES)})
    for visit, state in zip(coming, STATES, strict=False):
        async with as_patient(tx, visit.patient_id) as who:
            if await checkin.can_check_in(tx, await booking.appointment(tx, visit.id)):
                await _check_in(tx, visit.id, who.display_name, state)


async def _check_in(tx: Transaction, appointment_id: UUID, name: str, state: str) -> None:
    await checkin.confirm(tx, appointment_id, "contact")
    # Somebody may have sent one meanwhile, and a manager may ask for others by now.
    forms = await intake.forms_for_visit(tx, appointment_id)
    due = [one for one in forms if one.url in FORMS and one.status != "completed"]
    for one in due if state == "done" else due[:1]:
        await _fill_in(tx, await intake.open_form(tx, appointment_id, one.url), name, is_whole=state == "done")
    if state == "done":
        await checkin.confirm(tx, appointment_id, "insurance")
    if state != "half":
        await checkin.finish(tx, appointment_id)


async def make_asked_forms(tx: Transaction, patients: Sequence[UUID], asked_by: UUID, now: datetime) -> None:
    """Ask forms of the patients whom one tap signs in as, with each of the first of them in each state."""
    for number, (url, ago, state) in enumerate(ASKED):
        patient_id, assignment_id = patients[number % len(patients)], demo_id("asked form", number)
        await intake.keep_shipped(tx, url)
        async with signed_by(tx, asked_by):
            await tx.execute(_ASK, {
                "id": assignment_id, "url": url, "patient_id": patient_id, "opens_at": now + ago,
                "due_at": now + ago + _TIME, "person_id": asked_by,
            })  # fmt: skip
        if state == "open":
            continue
        async with as_patient(tx, patient_id) as who:
            form_id = await intake.open_asked(tx, assignment_id)
            await _fill_in(tx, form_id, who.display_name, is_whole=state == "done")


async def _fill_in(tx: Transaction, form_id: UUID, name: str, *, is_whole: bool) -> None:
    """Answer a form, each question with its first choice, and send it; or stop after the first question."""
    asked = [item for item in (await intake.form(tx, form_id)).questionnaire.every() if item.is_asked()]
    needed = [item for item in asked if item.required] if is_whole else []
    answers = [(item.link_id, _answer(item)) for item in needed or asked[:1]]
    given = [intake.GivenAnswer(n, key, (value,), 0, clock.now()) for n, (key, value) in enumerate(answers, 1)]
    await intake.save_answers(tx, form_id, demo_id("form filler", form_id), given)
    if is_whole:
        await intake.submit_form(tx, form_id, len(given), tx.actor.locale, name)


def _answer(item: intake.Item) -> Any:
    if item.options:
        return item.options[0].key
    return {"boolean": True, "integer": 3}.get(item.type, "It hurts when I climb stairs")

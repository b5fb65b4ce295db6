"""What there is to do before a visit, for the patient's side and at the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.booking import service as booking
from portal_app.features.booking.service import AppointmentView
from portal_app.features.chart import service as chart
from portal_app.features.checkin import policies, rules, statements
from portal_app.features.checkin.views import CheckInRule, CheckInView, TaskView
from portal_app.features.estimates import service as estimates
from portal_app.features.files import service as files
from portal_app.features.intake import service as intake
from portal_app.features.profile import service as profile
from portal_app.features.visits import service as visits

PROVED: Final = 2
"""The assurance of whoever proved more than a code by mail: before, nothing about money is shown."""


PRIVATE: Final = ("medicines", "copay")
"""What is told to the desk by the patient's side alone."""
PROVED_ALONE: Final = ("insurance", "medicines", "copay")
"""What is opened with a second proof alone."""
REVIEWED: Final[Mapping[str, rules.TaskState]] = {"to_do": "todo", "begun": "doing", "done": "done"}


async def rule(tx: Transaction) -> CheckInRule:
    """Return what the practice has said about check-in, or what counts until it does."""
    row: Any = await tx.first(statements.RULE)
    return CheckInRule(row.days, row.marks_arrived) if row else CheckInRule(rules.DAYS, marks_arrived=False)


async def check_in(tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False) -> CheckInView:
    """Return what there is to do before a visit of the chart acted for; what the desk is told is kept up to date.

    That a caregiver looked is recorded, unless an open page looks again.

    Raises:
        NotFound: if the chart acted for has no such visit.
    """
    policy.require(tx.actor, policies.SEE.name)
    visit = await booking.appointment(tx, appointment_id, is_repeated=True)
    if visit.patient_id != tx.actor.patient_id or visit.status == "pending":
        raise NotFound
    if not is_repeated:
        await audit.record_view(
            tx, "checkin.view", patient_id=visit.patient_id, entity="Appointment", entity_id=visit.id
        )
    found = await view_of(tx, visit, await own_tasks(tx, visit))
    if rules.is_open(found.stage) and not tx.actor.is_onlooker():
        await keep_missing(tx, found)
    return found


async def can_check_in(tx: Transaction, visit: AppointmentView) -> bool:
    """Tell whether check-in is open for a visit, and nobody has done it yet."""
    policy.require(tx.actor, policies.SEE.name)
    row: Any = await tx.first(statements.CAN, {"id": visit.id, "days": rules.DAYS})
    opens = rules.opens_at(visit.starts_at, row.days, visit.zone)
    stage = rules.stage_of(visit.status, visit.starts_at, visit.ends_at, opens, clock.now())
    return rules.is_open(stage) and not row.is_done


async def keep_missing(tx: Transaction, found: CheckInView) -> None:
    """Tell the desk what is left, where check-in was begun; what the actor does not see stays as it was."""
    row: Any = await tx.first(statements.ONE, {"id": found.appointment.id})
    if row is None:
        return
    seen = {one.key for one in found.tasks}
    is_blind = tx.actor.patient_id is None or tx.actor.assurance < PROVED
    kept = [key for key in row.missing if key in PRIVATE and key not in seen and is_blind]
    missing = [one.key for one in found.missing()] + kept
    await tx.execute(statements.MISSING, {"id": found.appointment.id, "missing": missing})


async def at_desk(tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False) -> CheckInView:
    """Return how far somebody is with check-in, for the desk: which things, and no word of what was answered.

    Raises:
        NotFound: if the actor may not see the visit.
    """
    policy.require(tx.actor, policies.AT_DESK.name)
    visit = await booking.appointment(tx, appointment_id, is_repeated=True)
    tasks = [TaskView("contact", "todo"), TaskView("insurance", "todo")]
    row: Any = await tx.first(statements.ONE, {"id": visit.id})
    tasks += [TaskView(key, "todo") for key in PRIVATE if row is not None and key in row.missing]
    tasks += [_at_desk(one) for one in await intake.forms_known_of(tx, visit.id, visit.visit_type_id)]
    if not is_repeated:
        await audit.record(tx, "checkin.view", patient_id=visit.patient_id, entity="Appointment", entity_id=visit.id)
    name = await tx.scalar(statements.NAME, {"id": visit.patient_id})
    return replace(await view_of(tx, visit, tasks), patient_name=name or "")


def _at_desk(one: intake.FormKnown) -> TaskView:
    form = one.questionnaire
    return TaskView(f"form:{one.url}", "done" if one.is_sent else "todo", titles=form.title, language=form.language)


async def view_of(tx: Transaction, visit: AppointmentView, tasks: Sequence[TaskView]) -> CheckInView:
    """Return the check-in of a visit, each task as its step says."""
    opens = rules.opens_at(visit.starts_at, (await rule(tx)).days, visit.zone)
    stage = rules.stage_of(visit.status, visit.starts_at, visit.ends_at, opens, clock.now())
    steps = {row.task: row for row in await tx.all(statements.STEPS, {"id": visit.id})}
    row: Any = await tx.first(statements.ONE, {"id": visit.id})
    is_done = row is not None and row.finished_at is not None
    return CheckInView(
        visit, stage, opens, tuple(_stepped(one, steps) for one in tasks), row.finished_at if is_done else None,
        row.finished_name if is_done else "", row.side if is_done else "",
    )  # fmt: skip


def _stepped(task: TaskView, steps: Mapping[str, Any]) -> TaskView:
    row = steps.get(task.key)
    if row is None or task.state == "done":  # paid after all
        return task
    by = row.done_name if row.side != "patient" else ""
    state: rules.TaskState = "done" if row.answer == "confirmed" else "at_desk"
    return replace(task, state=state, done_at=row.done_at, done_by=by)


async def own_tasks(tx: Transaction, visit: AppointmentView) -> list[TaskView]:
    """Return what the actor has to do for a visit, in the order in which it is shown."""
    tasks = [TaskView("contact", "todo")] if await profile.acts_for_self(tx) else []
    has_money = await _shares(tx, "bills")
    if has_money:
        tasks.append(TaskView("insurance", "todo"))
    if await _shares(tx, "results"):
        reviewed = await chart.review_state(tx, visit.patient_id, visit.id)
        tasks.append(TaskView("medicines", REVIEWED[reviewed]))
    tasks += await _forms(tx, visit.id)
    if has_money and await estimates.copay_due(tx, visit.id) is not None:
        tasks.append(TaskView("copay", "done" if await estimates.copay_now(tx, visit.id) is None else "todo"))
    has_visits = await _shares(tx, "visits")
    if has_visits:
        tasks.append(TaskView("documents", "done" if await files.has_documents(tx, visit.id) else "optional"))
    if visit.modality == "video" and has_visits:
        at = await visits.checked_devices_at(tx, visit.id)
        tasks.append(TaskView("device", "done" if at else "optional", at))
    is_weak = tx.actor.assurance < PROVED
    return [replace(one, asks_proof=is_weak and one.key in PROVED_ALONE) for one in tasks]


async def _shares(tx: Transaction, section: str) -> bool:
    """Tell whether this part of the chart is the actor's to change, once they have proved enough."""
    params = {"patient_id": tx.actor.patient_id, "section": section, "now": clock.now()}
    return bool(await tx.scalar(statements.SHARED, params))


async def _forms(tx: Transaction, appointment_id: UUID) -> list[TaskView]:
    try:
        due = await intake.forms_for_visit(tx, appointment_id)
    except (NotFound, NotAllowed):  # whoever may only look, or was not given the forms
        return []
    due = [one for one in due if not one.is_only_seen]
    states = {"new": "todo", "in-progress": "doing", "completed": "done"}
    return [
        TaskView(
            f"form:{one.url}", states[one.status] if one.is_for_them else "optional",  # type: ignore[arg-type]
            one.submitted_at, titles=one.questionnaire.title, language=one.questionnaire.language,
            is_for_them=one.is_for_them,
        )
        for one in due
    ]  # fmt: skip

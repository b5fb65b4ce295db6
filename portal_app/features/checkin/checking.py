"""Check in: confirm one thing after another, then say that one is coming prepared; or be checked in at the desk."""

from typing import Any
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.booking import service as booking
from portal_app.features.checkin import policies, reading, rules, statements
from portal_app.features.checkin.errors import CheckInClosed
from portal_app.features.checkin.views import CheckInRule, CheckInView, Here
from portal_app.features.profile import service as profile

CONFIRMED = ("contact", "insurance", "copay")
"""What is confirmed here; the rest is done where it belongs."""


async def confirm(tx: Transaction, appointment_id: UUID, task: str, answer: str = "confirmed") -> CheckInView:
    """Keep that something still is right, or that a co-pay is settled at the desk ("at_desk"); twice is once.

    Raises:
        NotFound: if the chart acted for has no such visit.
        CheckInClosed: if it is too early or too late, or the visit was cancelled.
        InputRefused: if there is no such task for them.
    """
    policy.require(tx.actor, policies.ACT.name)
    found = await _open(tx, appointment_id)
    if task not in {one.key for one in found.tasks} & set(CONFIRMED) or answer not in ("confirmed", "at_desk"):
        raise InputRefused("task", N_("Choose one from the list."))
    if answer == "at_desk" and task != "copay":
        raise InputRefused("task", N_("Choose one from the list."))
    await _step(tx, found, task, answer, await _side(tx))
    return await reading.check_in(tx, appointment_id)


async def finish(tx: Transaction, appointment_id: UUID) -> CheckInView:
    """Check in for a visit of the chart acted for; what is left is told to the desk. Twice is once.

    Raises:
        NotFound, CheckInClosed: as `confirm`.
    """
    policy.require(tx.actor, policies.ACT.name)
    found = await _open(tx, appointment_id)
    if found.finished_at is None:
        await _finish(tx, found, await _side(tx))
    return await reading.check_in(tx, appointment_id)


async def check_in_at_desk(tx: Transaction, appointment_id: UUID) -> None:
    """Check somebody in who stands at the desk; that they are here is said on its own.

    Raises:
        NotFound: if the actor may not see the visit.
        CheckInClosed: as `confirm`; at the desk no day is too early.
    """
    found = await _open_at_desk(tx, appointment_id)
    if found.finished_at is None:
        await _finish(tx, found, "desk")
        await _tell_missing(tx, appointment_id)


async def confirm_at_desk(tx: Transaction, appointment_id: UUID, task: str) -> None:
    """Keep that somebody at the desk said that this still is right. Errors as `check_in_at_desk` and `confirm`."""
    found = await _open_at_desk(tx, appointment_id)
    if task not in ("contact", "insurance"):
        raise InputRefused("task", N_("Choose one from the list."))
    await _step(tx, found, task, "confirmed", "desk")
    await _tell_missing(tx, appointment_id)


async def undo_at_desk(tx: Transaction, appointment_id: UUID) -> None:
    """Take back that somebody is checked in, who was not; what was confirmed stays. Errors as `check_in_at_desk`."""
    found = await _open_at_desk(tx, appointment_id)
    if await tx.execute(statements.UNDO, {"id": appointment_id}):
        await _record(tx, "checkin.undo", found)


async def here(tx: Transaction) -> Here:
    """Return today's visit in person of the chart acted for, and mark them as here if the practice wants that."""
    policy.require(tx.actor, policies.ACT.name)
    params = {"patient_id": tx.actor.patient_id, "now": clock.now()}
    row: Any = await tx.first(statements.TODAY, params)
    if row is None:
        return Here(None, is_arrived=False)
    is_arrived = row.status == "arrived"
    is_near = rules.can_arrive(row.starts_at, row.ends_at, clock.now())
    if not is_arrived and is_near and (await reading.rule(tx)).marks_arrived:
        await booking.arrive_oneself(tx, row.id)
        is_arrived = True
    return Here(row.id, is_arrived)


async def set_rule(tx: Transaction, wanted: CheckInRule) -> None:
    """Say how many days before a visit check-in opens, and whether the waiting room's square marks people as here.

    Raises:
        InputRefused: if the days are none that can be had.
    """
    policy.require(tx.actor, policies.SET_RULE.name)
    if not 1 <= wanted.days <= rules.DAYS_MOST:
        raise InputRefused("days", N_("Choose one from the list."))
    params = {"days": wanted.days, "marks_arrived": wanted.marks_arrived, "person_id": tx.actor.person_id}
    await tx.execute(statements.SET_RULE, params | {"now": clock.now()})
    detail = {"days": str(wanted.days), "marks_arrived": str(wanted.marks_arrived).lower()}
    await audit.record(tx, "checkin.set_rule", patient_id=None, entity="Practice", entity_id=None, detail=detail)


async def _open(tx: Transaction, appointment_id: UUID) -> CheckInView:
    found = await reading.check_in(tx, appointment_id)
    if not rules.is_open(found.stage):
        raise CheckInClosed(found.stage)
    return found


async def _open_at_desk(tx: Transaction, appointment_id: UUID) -> CheckInView:
    found = await reading.at_desk(tx, appointment_id, is_repeated=True)
    if found.stage in ("over", "cancelled"):
        raise CheckInClosed(found.stage)
    return found


async def _side(tx: Transaction) -> str:
    return "patient" if await profile.acts_for_self(tx) else "caregiver"


async def _step(tx: Transaction, found: CheckInView, task: str, answer: str, side: str) -> None:
    await tx.execute(statements.START, _who(tx, found))
    if await tx.execute(statements.STEP, _who(tx, found) | {"task": task, "answer": answer, "side": side}):
        await _record(tx, "checkin.confirm", found)


async def _finish(tx: Transaction, found: CheckInView, side: str) -> None:
    await tx.execute(statements.START, _who(tx, found))
    if await tx.execute(statements.FINISH, _who(tx, found) | {"side": side}):
        await _record(tx, "checkin.desk" if side == "desk" else "checkin.finish", found)


async def _tell_missing(tx: Transaction, appointment_id: UUID) -> None:
    found = await reading.at_desk(tx, appointment_id, is_repeated=True)
    await reading.keep_missing(tx, found)


def _who(tx: Transaction, found: CheckInView) -> dict[str, Any]:
    return {
        "id": found.appointment.id, "person_id": tx.actor.person_id, "name": tx.actor.display_name, "now": clock.now(),
    }  # fmt: skip


async def _record(tx: Transaction, action: str, found: CheckInView) -> None:
    visit = found.appointment
    await audit.record(tx, action, patient_id=visit.patient_id, entity="Appointment", entity_id=visit.id)

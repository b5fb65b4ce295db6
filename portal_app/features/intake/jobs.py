"""The clock of forms that are asked of a person: the next time of each schedule, and who is told that one waits."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue, job
from portal_app.features.intake import assignment_statements as statements
from portal_app.features.intake.filling import known
from portal_app.features.notify import service as notify
from portal_app.features.notify.service import Kind, Template
from portal_app.features.practice import service as practice

LOOKED_BACK: Final = timedelta(days=2)
"""So long after its time a message still goes out, should the clock have stood still."""

FORM_WAITS: Final = notify.register_template(
    Template(
        "intake_form_waits",
        N_("Something to fill in for {practice}"),
        (
            N_("Your care team at {practice} asks you to fill in something. It waits in your portal."),
            N_("Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
        N_("Open your portal"),
        about="reminder",
    )
)


def time_for_it(every_days: int | None) -> timedelta:
    """Return how long there is to answer before it is overdue: a week, and never past the next time."""
    return timedelta(days=min(7, every_days or 7))


async def tell_soon(tx: Transaction, assignment_id: UUID) -> None:
    """Have whoever may answer a form told that it waits, once this transaction commits."""
    await enqueue(tx, tell, assignment_id=assignment_id)


@job("intake.tell", policy="intake.remind")
async def tell(tx: Transaction, assignment_id: str) -> None:
    """Write to whoever may answer a form that waits: once when it opens, and once when it is overdue."""
    await write_to_them(tx, UUID(assignment_id))


async def write_to_them(tx: Transaction, assignment_id: UUID) -> None:
    """Leave a message without a word about health for everybody who may answer a form, unless it was sent."""
    row: Any = await tx.first(statements.ONE, {"id": assignment_id})
    if row is None or row.status == "completed":
        return
    now = clock.now()
    us, line = await practice.practice(tx), await practice.phone_line(tx, "bookings")
    moment = "overdue" if row.due_at <= now else "open"
    wanted = {
        "patient_id": row.patient_id, "confidentiality": row.confidentiality, "now": now,
        "is_self_report": known(row.questionnaire_id, row.resource).self_report,
    }  # fmt: skip
    for person in await tx.all(statements.RECIPIENTS, wanted):
        await notify.enqueue_message(
            tx, person.id, FORM_WAITS.name, f"form:{row.id}:{row.occurrence}:{moment}:{person.id}",
            {"practice": us.name, "phone": line.number, "link": f"/forms?about={row.id}"}, patient_id=row.patient_id,
        )  # fmt: skip


async def _still_waits(tx: Transaction, dedupe_key: str) -> bool:
    """Tell whether the form that a message is about is still asked, at that time of its schedule, and not sent."""
    _form, assignment_id, occurrence, *_rest = dedupe_key.split(":")
    row: Any = await tx.first(statements.ONE, {"id": UUID(assignment_id)})
    return row is not None and row.status != "completed" and str(row.occurrence) == occurrence


notify.check_before_sending(FORM_WAITS, _still_waits)


@job("intake.move_on", policy="intake.remind", every="*/10 * * * *")
async def move_on(tx: Transaction) -> None:
    """Open the next time of each schedule that has come, end what is over, and have people told."""
    await turn_the_clock(tx)


async def turn_the_clock(tx: Transaction) -> None:
    """Do so now. However often it runs, and whatever it missed, each time is opened once and told of once."""
    now = clock.now()
    await tx.execute(statements.DONE, {"now": now})
    for row in await tx.all(statements.MOVING, {"now": now}):
        await _open_next(tx, row, now)
    for row in await tx.all(statements.TO_TELL, {"since": now - LOOKED_BACK, "now": now}):
        await tell_soon(tx, row.id)


async def _open_next(tx: Transaction, row: Any, now: datetime) -> None:
    steps = (now - row.opens_at) // timedelta(days=row.every_days)
    opens_at = row.opens_at + timedelta(days=row.every_days) * steps
    if opens_at.astimezone(ZoneInfo(row.zone)).date() > row.until:  # a day where the patient lives
        await tx.execute(statements.FINISH, {"id": row.id, "now": now})
        return
    params = {"id": row.id, "steps": steps, "opens_at": opens_at, "due_at": opens_at + time_for_it(row.every_days)}
    await tx.execute(statements.MOVE, params)

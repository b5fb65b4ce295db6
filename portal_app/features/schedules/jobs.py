"""Background work of schedules: holidays written down ahead, and the work list kept true."""

from typing import Any, Final
from uuid import UUID

from portal_app.core import clock, i18n
from portal_app.core.db import Transaction
from portal_app.core.i18n import N_
from portal_app.core.jobs import job
from portal_app.features.notify import service as notify
from portal_app.features.practice import service as practice
from portal_app.features.schedules import holidays
from portal_app.features.schedules.impact import is_outside
from portal_app.features.tasks import service as tasks

LEAVE: Final = "leave"

# An appointment that is on the list and no longer has to be: called off, over, elsewhere, or inside again.
_LISTED: Final = """
select t.focus_id, a.slot_id, a.status, a.starts_at, a.sequence from task t join appointment a on a.id = t.focus_id
where t.code = 'leave' and t.closed_at is null
  and (cast(:practitioner_id as uuid) is null or t.practitioner_id = :practitioner_id)
"""
_TO_TELL: Final = """
select p.id, p.locale, a.starts_at, a.modality, a.patient_zone, l.zone, l.name, l.phone, a.sequence
from appointment a join location l on l.id = a.location_id
  join access_grant g on g.patient_id = a.patient_id and g.basis = 'self' and g.min_assurance = 1
  join person p on p.id = g.grantee and p.disabled_at is null and p.email is not null
where a.id = :id and a.status = 'booked' and a.starts_at > :now
"""

TIME_LOST: Final = notify.register_template(
    notify.Template(
        name="schedules_time_lost",
        subject=N_("Choose another time for your visit to {practice}"),
        lines=(
            N_("We cannot see you on {starts} after all, and we are sorry."),
            N_("Where: {place}"),
            N_("Choose another time, and we will let this one go when you have it."),
            N_("Questions, or no time that fits? Call us at {phone}."),
        ),
        parameters={
            "practice": notify.Kind.words, "place": notify.Kind.words, "phone": notify.Kind.words,
            "starts": notify.Kind.moment, "link": notify.Kind.path,
        },
        button=N_("Choose another time"),
    )
)  # fmt: skip


@job("schedules.fill_holidays", policy="schedules.fill_holidays", every="20 3 * * *")
async def fill_holidays(tx: Transaction) -> None:
    """Write down the holidays of the coming years; calendars change, and a year begins."""
    await holidays.fill(tx)


@job("schedules.settle_leaves", policy="schedules.settle", every="* * * * *")
async def settle_leaves(tx: Transaction) -> None:
    """Close what is on the work list and no longer has to be."""
    await _settle(tx, None)


@job("schedules.settle_leaves_of", policy="schedules.settle")
async def settle_leaves_of(tx: Transaction, practitioner_id: str) -> None:
    """Do the same for one practitioner, at once."""
    await _settle(tx, UUID(practitioner_id))


@job("schedules.offer_other_times", policy="schedules.settle")
async def offer_other_times(tx: Transaction, appointment_id: str) -> None:
    """Mail a patient that their time cannot be kept, with a link to choose another."""
    us = await practice.practice(tx)
    for row in await tx.all(_TO_TELL, {"id": UUID(appointment_id), "now": clock.now()}):
        with i18n.use(row.locale):
            await _tell(tx, row, us.name, appointment_id)


async def _tell(tx: Transaction, row: Any, us: str, appointment_id: str) -> None:
    zone = row.patient_zone if row.modality == "video" else row.zone
    await notify.enqueue_message(
        tx, person_id=row.id, template=TIME_LOST.name,
        dedupe_key=f"{TIME_LOST.name}:{appointment_id}:{row.sequence}:{row.id}",
        params={
            "practice": us, "place": row.name, "phone": row.phone,
            "starts": notify.moment_parameter(row.starts_at, zone), "link": f"/appointments/{appointment_id}",
        },
        locale=row.locale,
    )  # fmt: skip


async def _settle(tx: Transaction, practitioner_id: UUID | None) -> None:
    for row in await tx.all(_LISTED, {"practitioner_id": practitioner_id}):
        outcome = await _outcome(tx, row)
        if outcome:
            await tasks.close_task(tx, LEAVE, row.focus_id, outcome)


async def _outcome(tx: Transaction, row: Any) -> str:
    if row.status != "booked":
        return "cancelled" if row.status == "cancelled" else "over"
    if row.starts_at <= clock.now():
        return "over"
    if await is_outside(tx, row.slot_id):
        return ""
    return "moved" if row.sequence else "restored"

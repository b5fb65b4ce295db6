"""Background work of booking: tell the patient, and clear away what is left of lapsed holds."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from portal_app.core import clock, i18n
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.booking import calendar, messages, reminders, rules, statements
from portal_app.features.booking.reading import appointment
from portal_app.features.booking.rules import AppointmentStatus
from portal_app.features.booking.views import AppointmentView
from portal_app.features.notify import service as notify
from portal_app.features.practice import service as practice
from portal_app.features.tasks import service as tasks
from portal_app.settings import get_settings

_SKEW: Final = timedelta(seconds=5)
"""How far the clocks of the machines may be apart."""

# Who hears of an appointment: the patient themself, and a caregiver who made it, while they may still see it.
_RECIPIENTS = text("""
select p.id, p.locale, p.email from person p
where p.disabled_at is null and p.email is not null and exists (
  select from access_grant g where g.grantee = p.id and g.patient_id = :patient_id
    and 'booking' = any (g.sections) and 'view' = any (g.verbs) and (g.valid_until is null or g.valid_until > now())
    and (g.basis = 'self' or exists (
      select from appointment a where a.id = :id and a.created_by = p.id and g.basis = 'caregiver'
        and position(a.confidentiality in 'NRV') <= position(g.up_to in 'NRV')))
) order by p.id
""").columns(email=EncryptedText)


@job("booking.confirm_booking", policy="booking.send_message")
async def confirm_booking(tx: Transaction, appointment_id: str) -> None:
    """Mail that an appointment is booked; nothing if it is not any more."""
    await _tell(tx, UUID(appointment_id), AppointmentStatus.booked, "appointment_booked")


@job("booking.confirm_cancellation", policy="booking.send_message")
async def confirm_cancellation(tx: Transaction, appointment_id: str) -> None:
    """Mail that an appointment is cancelled, once nobody can take that back any more."""
    found = await appointment(tx, UUID(appointment_id))
    # Cancelled, taken back and cancelled again: the later cancellation has a minute of its own, and a job.
    if found.cancelled_at is None or clock.now() > found.cancelled_at + rules.UNDO_LIFE - _SKEW:
        await _tell(tx, found.id, AppointmentStatus.cancelled, "appointment_cancelled")


@job("booking.confirm_move", policy="booking.send_message")
async def confirm_move(tx: Transaction, appointment_id: str) -> None:
    """Mail that an appointment has a new time; once for the last of several moves."""
    await _tell(tx, UUID(appointment_id), AppointmentStatus.booked, messages.MOVED.name)


@job("booking.confirm_series", policy="booking.send_message")
async def confirm_series(tx: Transaction, series_id: str) -> None:
    """Mail once that the visits of a series are booked, with all of them for the calendar."""
    rows = await tx.all(statements.WHOLE_SERIES, {"series_id": UUID(series_id)})
    found = [await appointment(tx, row.id) for row in rows]
    for person in await recipients(tx, found[0]) if found else ():
        with i18n.use(person.locale):
            await _tell_series(tx, person, found, series_id)


@job("booking.confirm_series_cancellation", policy="booking.send_message")
async def confirm_series_cancellation(tx: Transaction, series_id: str, cancelled_us: int) -> None:
    """Mail once that visits of a series, cancelled together, are cancelled; what was taken back is left out."""
    params = {"series_id": UUID(series_id), "cancelled_us": cancelled_us}
    rows = await tx.all(statements.CANCELLED_TOGETHER, params)
    found = [await appointment(tx, row.id) for row in rows]
    if len(found) == 1:
        await _tell(tx, found[0].id, AppointmentStatus.cancelled, "appointment_cancelled")
        return
    for person in await recipients(tx, found[0]) if found else ():
        with i18n.use(person.locale):
            key = f"{series_id}:{cancelled_us}"
            await _tell_series(tx, person, found, key, messages.SERIES_CANCELLED.name, "/book")


async def _tell_series(
    tx: Transaction,
    person: Row[Any],
    found: Sequence[AppointmentView],
    key: str,
    template: str = messages.SERIES.name,
    link: str = "/appointments",
) -> None:
    us, origin, first = await practice.practice(tx), get_settings().public_origin, found[0]
    links = [origin + i18n.localized_path(person.locale, f"/appointments/{one.id}") for one in found]
    file = calendar.series_file(found, us.name, links)
    await notify.enqueue_message(
        tx,
        person_id=person.id,
        template=template,
        dedupe_key=f"{template}:{key}:{person.id}",
        params={
            "practice": us.name, "place": calendar.place(first), "phone": first.phone, "count": str(len(found)),
            "starts": notify.moment_parameter(first.starts_at, first.display_zone),
            "last": notify.moment_parameter(found[-1].starts_at, first.display_zone),
            "link": f"{link}?about={first.id}",
        },
        locale=person.locale,
        attachment=notify.Attachment(file.filename, file.media_type, file.content),
        patient_id=first.patient_id,
    )  # fmt: skip


@job("booking.list_if_outside", policy="booking.keep_promises")
async def list_if_outside(tx: Transaction, slot_id: str) -> None:
    """Put an appointment onto the work list whose time its practitioner no longer offers."""
    found = await tx.first(statements.PROMISED_OUTSIDE, {"slot_id": UUID(slot_id), "now": clock.now()})
    if found:
        await tasks.open_task(
            tx, "leave", found.id, patient_id=found.patient_id, practitioner_id=found.practitioner_id,
            location_id=found.location_id, due_at=min(found.starts_at, clock.now() + rules.OUTSIDE_DUE),
        )  # fmt: skip


@job("booking.send_reminders", policy="booking.send_message", every="* * * * *")
async def send_reminders(tx: Transaction) -> None:
    """Write the reminders that are due."""
    for due in await reminders.find_due(tx):
        found = await appointment(tx, due.appointment_id)
        for person in await recipients(tx, found):
            with i18n.use(person.locale):
                await remind(tx, person, found, due)


async def remind(tx: Transaction, person: Row[Any], found: AppointmentView, due: reminders.Due) -> None:
    """Leave one person's reminder, in the current language, unless it was left before."""
    link = await reminders.make_link(tx, person.id, found, due)
    if link is None:
        return
    us = await practice.practice(tx)
    await notify.enqueue_message(
        tx,
        person_id=person.id,
        template=messages.REMINDER.name,
        dedupe_key=f"{messages.REMINDER.name}:{link.reminder_id}",
        params={
            "practice": us.name, "place": calendar.place(found), "phone": found.phone,
            "starts": notify.moment_parameter(found.starts_at, found.display_zone), "link": link.path,
        },
        locale=person.locale,
        page=f"/appointments/{found.id}",
        patient_id=found.patient_id,
    )  # fmt: skip


@job("booking.sweep_lapsed_holds", policy="booking.sweep", every="*/5 * * * *")
async def sweep_lapsed_holds(tx: Transaction) -> None:
    """Remove holds that lapsed; they block nobody, but say that somebody once looked at a time."""
    await sweep(tx)
    await reminders.forget_expired(tx)


async def _tell(tx: Transaction, appointment_id: UUID, status: AppointmentStatus, template: str) -> None:
    found = await appointment(tx, appointment_id)
    if found.status == status:
        for person in await recipients(tx, found):
            with i18n.use(person.locale):
                await _enqueue(tx, person, found, template)


async def recipients(tx: Transaction, found: AppointmentView) -> Sequence[Row[Any]]:
    """Return who is told of an appointment: id, locale and e-mail address."""
    return await tx.all(_RECIPIENTS, {"patient_id": found.patient_id, "id": found.id})


async def _enqueue(tx: Transaction, person: Row[Any], found: AppointmentView, template: str) -> None:
    us = await practice.practice(tx)
    settings = get_settings()
    path = f"/appointments/{found.id}" if found.status == AppointmentStatus.booked else f"/book?about={found.id}"
    link = settings.public_origin + i18n.localized_path(person.locale, f"/appointments/{found.id}")
    file = calendar.calendar_file(found, us.name, link, calendar.Parties(settings.mail_from, person.email))
    params = {
        "practice": us.name, "place": calendar.place(found), "phone": found.phone,
        "starts": notify.moment_parameter(found.starts_at, found.display_zone), "link": path,
    }  # fmt: skip
    if template == messages.MOVED.name and found.moved_from is not None:
        params["was"] = notify.moment_parameter(found.moved_from, found.display_zone)
    await notify.enqueue_message(
        tx,
        person_id=person.id,
        template=template,
        dedupe_key=f"{template}:{found.id}:{found.sequence}:{person.id}",
        params=params,
        locale=person.locale,
        attachment=notify.Attachment(file.filename, file.media_type, file.content),
        patient_id=found.patient_id,
    )


async def sweep(tx: Transaction) -> int:
    """Remove the holds that can no longer be extended; return how many."""
    count: int = await tx.scalar(statements.SWEEP_LAPSED, {"now": clock.now() - rules.HOLD_LIMIT})
    return count

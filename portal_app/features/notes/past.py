"""What a patient, or somebody who acts for them, reads of a visit that was signed."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.core.printing import Line, Part, Sheet, print_sheet
from portal_app.features.booking import service as booking
from portal_app.features.notes import policies, statements
from portal_app.features.notes.reading import read_note
from portal_app.features.notes.rules import from_json
from portal_app.features.notes.summary import parts_of
from portal_app.features.notes.views import Diagnosis, PastVisit
from portal_app.features.practice import service as practice


@dataclass(frozen=True, slots=True)
class SummaryFile:
    """A summary as a file; its name says nothing about health."""

    filename: str
    content: bytes


async def ended(tx: Transaction, appointment_id: UUID | None = None) -> dict[UUID, str]:
    """Return the visits, or the one asked for, whose summary the actor may read, maybe after a stronger sign-in.

    Each with the name of who saw the patient, who need not be who was booked.
    """
    if not policies.SEE_ENDED.is_allowed(tx.actor):
        return {}
    params = {"patient_id": tx.actor.patient_id, "id": appointment_id, "now": clock.now()}
    return {row.appointment_id: row.practitioner_name for row in await tx.all(statements.ENDED, params)}


async def may_read_own(tx: Transaction) -> bool:
    """Tell whether the actor may read what was written of the chart acted for."""
    return bool(await tx.scalar("select may('view', 'notes', actor_patient(), 'N')"))


async def past_visit(tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False) -> PastVisit:
    """Return summary, diagnoses and note of a signed visit, said in the current language.

    Raises:
        NotFound: if there is none for the actor.
        StepUpNeeded: if they signed in by a code alone.
    """
    policy.require(tx.actor, policies.READ_OWN.name)
    row = await _summary(tx, appointment_id)
    diagnoses = await tx.all(statements.DIAGNOSES, {"id": appointment_id})
    note = await read_note(tx, appointment_id) if row.has_note else None
    if not is_repeated:
        await _record(tx, "notes.read_own", row.patient_id, appointment_id)
    return PastVisit(
        appointment_id, await _parts(tx, row), tuple(Diagnosis(one.code, one.words) for one in diagnoses), note,
        row.sent_at, is_withheld=not row.has_note,
    )  # fmt: skip


async def summary_file(tx: Transaction, appointment_id: UUID) -> SummaryFile:
    """Return the summary as PDF in the current language. Errors as `past_visit`."""
    policy.require(tx.actor, policies.READ_OWN.name)
    row = await _summary(tx, appointment_id)
    us = await practice.practice(tx)
    facts = (
        f"{row.given_name} {row.family_name}",
        i18n.format_moment(row.started_at, row.zone),
        row.practitioner_name,
        us.name,
    )
    sheet = Sheet(_("Summary of your visit"), us.name, facts, _with_next(await _parts(tx, row), await _booked(tx)))
    await _record(tx, "notes.print_summary", row.patient_id, appointment_id)
    return SummaryFile("summary.pdf", await print_sheet(sheet))


async def _summary(tx: Transaction, appointment_id: UUID) -> Any:
    row = await tx.first(statements.SUMMARY, {"id": appointment_id})
    if row is None:
        raise NotFound
    return row


async def _parts(tx: Transaction, row: Any) -> Any:
    us = await practice.practice(tx)
    line = await practice.phone_line(tx, "bookings", row.location_id)
    return parts_of(
        from_json(row.content), phone=line.number, emergency_phone=us.emergency_phone, written_in=row.written_in
    )


async def _booked(tx: Transaction) -> str:
    """Say when the patient comes next, as far as the actor may know it."""
    if not policy.get("booking.view").is_allowed(tx.actor):
        return ""
    found = await booking.my_appointments(tx, is_repeated=True)
    ahead = [one for one in found if one.status == "booked" and one.starts_at > clock.now()]
    if not ahead:
        return ""
    when = i18n.format_moment(ahead[0].starts_at, ahead[0].display_zone)
    return _("You are booked: {when}, with {who}.").format(when=when, who=ahead[0].practitioner_name)


def _with_next(parts: tuple[Part, ...], booked: str) -> tuple[Part, ...]:
    added = (Line(booked),) if booked else ()
    return tuple(replace(one, lines=(*one.lines, *added)) if one.name == "again" else one for one in parts)


async def _record(tx: Transaction, action: str, patient_id: UUID, appointment_id: UUID) -> None:
    await audit.record(tx, action, patient_id=patient_id, entity="Appointment", entity_id=appointment_id)

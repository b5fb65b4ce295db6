"""Sign a visit: note, encounter, diagnoses, summary and charge in one transaction, all or nothing."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedJSON
from portal_app.core.db import Transaction
from portal_app.core.i18n import LOCALES
from portal_app.core.jobs import enqueue
from portal_app.features.billing import service as billing
from portal_app.features.booking import service as booking
from portal_app.features.notes import jobs, policies, rules, statements
from portal_app.features.notes.codes import known_diagnoses
from portal_app.features.notes.errors import EndingIncomplete, NoteChanged, NoteEmpty, NoteSigned, VisitNotHeld
from portal_app.features.notes.reading import visit_row
from portal_app.features.notes.views import Diagnosis, Facts

_ADD_ENCOUNTER: Final = statements.ADD_ENCOUNTER.bindparams(bindparam("participants", type_=EncryptedJSON))
_ADD_SUMMARY: Final = statements.ADD_SUMMARY.bindparams(bindparam("content", type_=EncryptedJSON))


@dataclass(frozen=True, slots=True)
class Ending:
    """What was picked for the ending. `written_in` is the language of the clinician's own words."""

    diagnoses: tuple[str, ...]
    summary: rules.Summary
    facts: Facts
    service_code: str = ""
    withheld_because: str = ""
    written_in: str = "en"


async def sign_visit(tx: Transaction, appointment_id: UUID, version: int, ending: Ending) -> None:
    """Sign the note as it stands in `version` and all that follows from it; the patient is told at once.

    A second tap of the same person finds it signed and changes nothing.

    Raises:
        NotFound: if the actor has no such visit.
        VisitNotHeld: if it was cancelled, nobody came, or it has not begun.
        NoteChanged: if somebody else has saved since; NoteSigned: if somebody else has signed.
        NoteEmpty, EndingIncomplete: if something is missing.
        billing.ServiceUnknown: if the service is not in the practice's list.
    """
    policy.require(tx.actor, policies.SIGN.name)
    visit = await visit_row(tx, appointment_id)
    await tx.execute(statements.LOCK_NOTE, {"id": appointment_id})
    note: Any = await tx.first(statements.NOTE, {"id": appointment_id})
    if note is None:
        raise NoteEmpty
    if note.signed_at is not None:
        if note.signed_by != tx.actor.person_id:
            raise NoteSigned
        return
    diagnoses = await known_diagnoses(tx, ending.diagnoses)
    _require_complete(visit, note, version, ending, len(diagnoses))
    await _hold(tx, visit)
    await _sign(tx, visit, note, ending, diagnoses)
    await _write_down(tx, visit, ending, diagnoses)
    await audit.record(tx, "notes.sign", patient_id=visit.patient_id, entity="Appointment", entity_id=appointment_id)
    await enqueue(tx, jobs.tell_summary, appointment_id=appointment_id)


def is_held(status: str, starts_at: datetime) -> bool:
    """Tell whether a visit has taken place or is taking place."""
    return status in ("arrived", "fulfilled") or (status == "booked" and starts_at <= clock.now())


def _require_complete(visit: Any, note: Any, version: int, ending: Ending, known_count: int) -> None:
    if not is_held(visit.status, visit.starts_at):
        raise VisitNotHeld
    if note.version != version:
        raise NoteChanged
    if not any(note.content.values()):
        raise NoteEmpty
    wanted = len(set(ending.diagnoses))
    if not 1 <= known_count <= rules.DIAGNOSES_MAX or known_count != wanted or not ending.summary.is_complete():
        raise EndingIncomplete
    if ending.withheld_because not in ("", *rules.WITHHELD) or ending.written_in not in LOCALES:
        raise EndingIncomplete
    try:
        billing.telehealth_codes(ending.facts.modality, ending.facts.patient_place)
    except ValueError as error:
        raise EndingIncomplete from error


async def _hold(tx: Transaction, visit: Any) -> None:
    """Note that the visit took place, as far as nobody has."""
    if visit.status == "booked":
        await booking.mark_arrived(tx, visit.id)
    if visit.status != "fulfilled":
        await booking.mark_fulfilled(tx, visit.id)


async def _sign(tx: Transaction, visit: Any, note: Any, ending: Ending, diagnoses: list[Diagnosis]) -> None:
    said = [[one.code, one.words] for one in diagnoses]
    fingerprint = rules.text_hash(str(note.appointment_id), note.content, said, rules.to_json(ending.summary))
    params = {"id": note.appointment_id, "version": note.version, "person_id": tx.actor.person_id,
              "practitioner_id": visit.practitioner_id, "text_hash": fingerprint,
              "withheld_because": ending.withheld_because or None}  # fmt: skip
    await tx.execute(statements.KEEP_VERSION, {"id": note.appointment_id, "key": uuid4()})
    if not await tx.execute(statements.SIGN_NOTE, params):
        raise NoteChanged


async def _write_down(tx: Transaction, visit: Any, ending: Ending, diagnoses: list[Diagnosis]) -> None:
    of_visit = {"appointment_id": visit.id, "patient_id": visit.patient_id, "confidentiality": visit.confidentiality}
    places = {"practitioner_id": visit.practitioner_id, "location_id": visit.location_id}
    facts = asdict(ending.facts)
    people = {"people": [{"name": name, "role": role} for name, role in facts.pop("people")]}
    await tx.execute(_ADD_ENCOUNTER, of_visit | places | facts | {"participants": people})
    for rank, one in enumerate(diagnoses, 1):
        params = {"id": uuid4(), "rank": rank, "code": one.code, "words": one.words}
        await tx.execute(statements.ADD_DIAGNOSIS, of_visit | params)
    locale = visit.language if visit.language in LOCALES else "en"
    said = {"content": rules.to_json(ending.summary), "written_in": ending.written_in, "locale": locale}
    await tx.execute(_ADD_SUMMARY, of_visit | said)
    codes = tuple(one.code for one in diagnoses)
    entry = billing.ChargeEntry(
        **of_visit, **places, served_at=ending.facts.started_at, modality=ending.facts.modality,
        patient_place=ending.facts.patient_place, service_code=ending.service_code, diagnoses=codes,
    )  # fmt: skip
    await billing.enter_charge(tx, entry)

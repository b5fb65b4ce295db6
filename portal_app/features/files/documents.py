"""The documents of a chart: brought by the patient's side, kept for good, seen by whoever sees the chart's visits."""

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from portal_app.core import audit, clock, policy
from portal_app.core.actor import Section
from portal_app.core.contents import CleanContent
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.files import save_file
from portal_app.core.i18n import N_
from portal_app.features.files import policies
from portal_app.features.files.views import DocumentView
from portal_app.settings import Settings

DOCUMENTS_SHOWN: Final = 50
MOST_PER_VISIT: Final = 20
"""More than anybody shows in one visit; somebody who sends without end is stopped."""

_SELECT: Final = """
select d.id, d.file_id, f.filename, f.media_type, f.size_bytes, coalesce(x.name, d.sent_name) as sent_by, d.sent_at,
  d.patient_id, coalesce(l.zone, 'UTC') as zone
from document_reference d join stored_file f on f.id = d.file_id
left join visit v on v.id = d.visit_id
left join appointment a on a.id = coalesce(v.appointment_id, d.appointment_id)
left join location l on l.id = a.location_id
left join visit_participant x on x.visit_id = d.visit_id and x.person_id = d.sent_by
"""
_OF_VISIT: Final = text(f"""{_SELECT}
where v.appointment_id = :id or d.visit_id = :id or d.appointment_id = :id order by d.sent_at, d.id limit :shown
""").columns(filename=EncryptedText)
_ANY_OF_VISIT: Final = """
select exists (select from document_reference d left join visit v on v.id = d.visit_id
  where v.appointment_id = :id or d.visit_id = :id or d.appointment_id = :id)
"""
_OF_CHART: Final = text(f"""{_SELECT}
where d.patient_id = :id order by d.sent_at desc, d.id limit :shown
""").columns(filename=EncryptedText)
_VISIT: Final = """
select v.patient_id, v.confidentiality, v.is_alone,
  (select count(*) from document_reference d where d.visit_id = v.id) as sent
from visit v where v.id = :id and v.patient_id = actor_patient() for update of v
"""
_ADD: Final = """
insert into document_reference (id, patient_id, confidentiality, visit_id, file_id, is_alone, sent_by, sent_at,
  request_key, appointment_id, sent_name)
values (:id, :patient_id, :confidentiality, :visit_id, :file_id, :is_alone, actor_person(), :now, :request_key,
  :appointment_id, :sent_name)
"""
_BEFORE: Final = """
select a.patient_id, a.confidentiality,
  (select count(*) from document_reference d where d.appointment_id = a.id) as sent
from (select pg_advisory_xact_lock(hashtextextended('documents ' || cast(:id as text), 0))) lock
cross join appointment a where a.id = :id and a.patient_id = actor_patient()
"""
_SENT: Final = "select id from document_reference where sent_by = actor_person() and request_key = :request_key"


async def keep_document(
    tx: Transaction,
    settings: Settings,
    visit_id: UUID,
    clean: CleanContent,
    *,
    filename: str,
    request_key: UUID,
) -> UUID:
    """Keep what was sent in a visit in its chart and return the document's id; the same key keeps it once.

    Whether the actor is in the room is asked by whoever calls, and by the database.

    Raises:
        InputRefused: if there are too many in this visit already.
    """
    policy.require(tx.actor, policies.SEND.name)
    visit: Any = await tx.one(_VISIT, {"id": visit_id})  # locked: of two taps the second finds what the first has kept
    sent: UUID | None = await tx.scalar(_SENT, {"request_key": request_key})
    if sent is not None:
        return sent
    if visit.sent >= MOST_PER_VISIT:
        raise InputRefused("file", N_("That is all this visit can take. Tell us in the visit what else you have."))
    confidentiality = "R" if visit.is_alone and visit.confidentiality == "N" else visit.confidentiality
    own = _Place(visit.patient_id, confidentiality, visit_id, None, visit.is_alone)
    return await _keep(tx, settings, own, clean, filename=filename, request_key=request_key)


async def keep_document_before(
    tx: Transaction,
    settings: Settings,
    appointment_id: UUID,
    clean: CleanContent,
    *,
    filename: str,
    request_key: UUID,
) -> UUID:
    """Keep what was sent before a visit in the chart acted for; the same key keeps it once.

    Whether it is time for that is asked by whoever calls. Errors as `keep_document`.
    """
    policy.require(tx.actor, policies.SEND.name)
    visit: Any = await tx.one(_BEFORE, {"id": appointment_id})  # two at once are counted one after the other
    sent: UUID | None = await tx.scalar(_SENT, {"request_key": request_key})
    if sent is not None:
        return sent
    if visit.sent >= MOST_PER_VISIT:
        raise InputRefused("file", N_("That is all that can be sent before a visit. Bring what else you have."))
    own = _Place(visit.patient_id, visit.confidentiality, None, appointment_id, is_alone=False)
    return await _keep(tx, settings, own, clean, filename=filename, request_key=request_key)


async def has_documents(tx: Transaction, appointment_id: UUID) -> bool:
    """Tell whether anything was sent for a visit that the actor may know of, and not what."""
    found: bool = await tx.scalar(_ANY_OF_VISIT, {"id": appointment_id})
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    patient_id: UUID
    confidentiality: str
    visit_id: UUID | None
    appointment_id: UUID | None
    is_alone: bool


async def _keep(
    tx: Transaction,
    settings: Settings,
    own: _Place,
    clean: CleanContent,
    *,
    filename: str,
    request_key: UUID,
) -> UUID:
    kept = await save_file(
        tx, settings, clean, filename=filename, section=Section.visits, patient_id=own.patient_id,
        confidentiality=own.confidentiality,
    )  # fmt: skip
    document_id = uuid4()
    params = asdict(own) | {
        "id": document_id, "file_id": kept.id, "now": clock.now(), "request_key": request_key,
        "sent_name": "" if own.visit_id else tx.actor.display_name,
    }  # fmt: skip
    await tx.execute(_ADD, params)
    action = "files.send" if own.visit_id else "files.send_before"
    await audit.record(tx, action, patient_id=own.patient_id, entity="DocumentReference", entity_id=kept.id)
    return document_id


async def are_locked(tx: Transaction, visit_id: UUID) -> bool:
    """Tell whether something was sent in a visit that the actor may open once they have proved more than by a code."""
    if not policies.DOCUMENTS.is_allowed(tx.actor) or tx.actor.assurance >= policies.DOCUMENTS.assurance:
        return False
    locked: bool = await tx.scalar(_ANY_OF_VISIT, {"id": visit_id})
    return locked


async def visit_documents(tx: Transaction, visit_id: UUID, *, is_repeated: bool = False) -> tuple[DocumentView, ...]:
    """Return what was sent in a visit, the oldest first; nothing to whoever may not ask.

    `visit_id` may be its appointment's id as well. That somebody else saw them is recorded, unless an open page looks
    again.
    """
    return await _documents(tx, _OF_VISIT, visit_id, is_repeated=is_repeated)


async def chart_documents(
    tx: Transaction, patient_id: UUID, *, most: int = DOCUMENTS_SHOWN, is_repeated: bool = False
) -> tuple[DocumentView, ...]:
    """Return the newest documents of a chart; nothing to whoever may not ask. Recorded as `visit_documents`."""
    return await _documents(tx, _OF_CHART, patient_id, most, is_repeated=is_repeated)


async def _documents(
    tx: Transaction, asked: Any, owner_id: UUID, most: int = DOCUMENTS_SHOWN, *, is_repeated: bool
) -> tuple[DocumentView, ...]:
    if not policies.DOCUMENTS.is_allowed(tx.actor) or tx.actor.assurance < policies.DOCUMENTS.assurance:
        return ()
    rows = await tx.all(asked, {"id": owner_id, "shown": most})
    for patient_id in [] if is_repeated else dict.fromkeys(row.patient_id for row in rows):
        await audit.record_view(
            tx, "files.view_list", patient_id=patient_id, entity="DocumentReference", entity_id=None
        )
    return tuple(DocumentView(**_without_chart(row._asdict())) for row in rows)


def _without_chart(columns: dict[str, Any]) -> dict[str, Any]:
    del columns["patient_id"]
    return columns

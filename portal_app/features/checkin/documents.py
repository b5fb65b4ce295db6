"""A photo or a document, sent by the patient's side while check-in is open."""

from uuid import UUID

from portal_app.core import clock, policy
from portal_app.core.contents import CleanContent
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.booking import service as booking
from portal_app.features.checkin import policies, reading, rules
from portal_app.features.checkin.errors import CheckInClosed
from portal_app.features.files import service as files
from portal_app.settings import Settings


async def may_send_document(tx: Transaction, appointment_id: UUID) -> None:
    """Ask, before anything is read, whether the actor may send something before this visit.

    Raises:
        NotFound: if the chart acted for has no such visit.
        CheckInClosed: if it is too early or too late, or the visit was cancelled.
    """
    policy.require(tx.actor, policies.ACT.name)
    visit = await booking.appointment(tx, appointment_id)
    if visit.patient_id != tx.actor.patient_id or visit.status == "pending":
        raise NotFound
    opens = rules.opens_at(visit.starts_at, (await reading.rule(tx)).days, visit.zone)
    stage = rules.stage_of(visit.status, visit.starts_at, visit.ends_at, opens, clock.now())
    if not rules.is_open(stage):
        raise CheckInClosed(stage)


async def send_document(
    tx: Transaction,
    settings: Settings,
    appointment_id: UUID,
    clean: CleanContent,
    *,
    filename: str,
    request_key: UUID,
) -> UUID:
    """Keep a photo or document in the chart, for the care team to see before the visit; the same key sends once.

    Raises:
        NotFound, CheckInClosed: as `may_send_document`.
        InputRefused: as `files.keep_document_before`.
    """
    await may_send_document(tx, appointment_id)
    return await files.keep_document_before(
        tx, settings, appointment_id, clean, filename=filename, request_key=request_key
    )

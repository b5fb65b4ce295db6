"""A photo or a document, sent by the patient's side from inside the visit into the chart."""

from typing import Final
from uuid import UUID

from portal_app.core.contents import CleanContent
from portal_app.core.db import Transaction
from portal_app.features.files import service as files
from portal_app.features.visits.errors import NotInRoom
from portal_app.features.visits.seats import seat
from portal_app.settings import Settings

SENDERS: Final = frozenset({"patient", "caregiver"})


async def may_send_document(tx: Transaction, visit_id: UUID) -> None:
    """Ask, before anything is read, whether the actor may send into this visit.

    Raises:
        NotInRoom: unless they are in the room, for the patient's side, and the visit goes on.
    """
    own = await seat(tx, visit_id)
    if own.role not in SENDERS or not own.may_send:
        raise NotInRoom


async def send_document(
    tx: Transaction,
    settings: Settings,
    visit_id: UUID,
    clean: CleanContent,
    *,
    filename: str,
    request_key: UUID,
) -> UUID:
    """Keep a photo or document in the chart and show it to the clinician; the same key sends once.

    Raises:
        NotInRoom: as `may_send_document`.
        InputRefused: as `files.keep_document`.
    """
    await may_send_document(tx, visit_id)
    return await files.keep_document(tx, settings, visit_id, clean, filename=filename, request_key=request_key)

"""Hand a file out."""

from uuid import UUID

from portal_app.core import audit
from portal_app.core.db import Transaction
from portal_app.core.files import OpenedFile, open_file
from portal_app.settings import Settings


async def download_file(tx: Transaction, settings: Settings, file_id: UUID) -> OpenedFile:
    """Open a file for the actor and note that they saw it.

    Raises:
        NotFound: if there is none, or none for this actor.
    """
    opened = await open_file(tx, settings, file_id)
    await audit.record(
        tx, "files.download", patient_id=opened.view.patient_id, entity="DocumentReference", entity_id=file_id
    )
    return opened

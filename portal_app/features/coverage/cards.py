"""Pictures of a card, front and back."""

from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, policy
from portal_app.core.actor import Section
from portal_app.core.contents import PICTURE_TYPES, CleanContent
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.files import FileRules, save_file
from portal_app.features.coverage import policies, statements
from portal_app.features.coverage.views import Side
from portal_app.settings import Settings

CARD: Final = FileRules(media_types=PICTURE_TYPES, max_bytes=10_000_000)
_SET: Final = {
    "front": "update coverage set front_file_id = :file_id where id = :coverage_id",
    "back": "update coverage set back_file_id = :file_id where id = :coverage_id",
}


async def may_send_card(tx: Transaction, coverage_id: UUID) -> None:
    """Go on only if the actor may give this insurance a picture, before anything is read.

    Raises:
        NotFound: if they see no such insurance, or it is over.
    """
    policy.require(tx.actor, policies.CHANGE.name)
    row: Any = await tx.first(statements.ONE, {"coverage_id": coverage_id})
    if row is None or row.status != "active" or row.kind != "insurance":
        raise NotFound


async def send_card(tx: Transaction, settings: Settings, coverage_id: UUID, side: Side, clean: CleanContent) -> UUID:
    """Keep a picture of one side in place of the one before, and return its file; the practice looks at it again.

    Raises:
        NotFound: if the actor sees no such insurance, or it is over.
    """
    await may_send_card(tx, coverage_id)
    await tx.one(statements.LOCK, {"patient_id": tx.actor.patient_id})
    row: Any = await tx.one(statements.ONE, {"coverage_id": coverage_id})
    kept = await save_file(
        tx, settings, clean, filename=side, section=Section.bills, patient_id=row.patient_id,
        confidentiality=row.confidentiality,
    )  # fmt: skip
    await tx.execute(_SET[side], {"file_id": kept.id, "coverage_id": coverage_id})
    await audit.record(tx, "coverage.send_card", patient_id=row.patient_id, entity="Coverage", entity_id=coverage_id)
    return kept.id

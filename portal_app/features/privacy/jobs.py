"""Background work of privacy: tell managers at once."""

from uuid import UUID

from portal_app.core.db import Transaction
from portal_app.core.jobs import enqueue, job
from portal_app.features.notify import service as notify
from portal_app.features.privacy.messages import OPENED, PRIVACY_PAGE

_MANAGERS = (
    "select distinct r.person_id from person_role r join person p on p.id = r.person_id"
    " where r.role = 'manager' and p.disabled_at is null"
)


async def tell_later(tx: Transaction, opening_id: UUID) -> None:
    """Have the managers told once this transaction commits."""
    await enqueue(tx, tell_managers, opening_id=opening_id)


@job("privacy.tell_managers", policy="privacy.tell_managers")
async def tell_managers(tx: Transaction, opening_id: str) -> None:
    """Write to every manager that a chart was opened in an emergency."""
    await write_to_managers(tx, UUID(opening_id))


async def write_to_managers(tx: Transaction, opening_id: UUID) -> None:
    """Leave each manager one message about an opening; it says neither whose chart nor why."""
    for row in await tx.all(_MANAGERS):
        key = f"privacy-opened:{opening_id}:{row.person_id}"
        await notify.enqueue_message(tx, row.person_id, OPENED.name, key, {"link": PRIVACY_PAGE})

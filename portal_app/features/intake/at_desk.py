"""Which forms a visit has and which of them were sent, for whoever attends it: no word of an answer."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from portal_app.core.db import Transaction
from portal_app.features.intake import statements
from portal_app.features.intake.filling import known
from portal_app.features.intake.views import FormKnown

_SENT: Final = "select url from sent_forms_of(:id) as url"


async def forms_known_of(tx: Transaction, appointment_id: UUID, visit_type_id: UUID) -> Sequence[FormKnown]:
    """Return the forms that are asked for before a visit, and whether each was sent; none to whoever may not see it."""
    sent = {row.url for row in await tx.all(_SENT, {"id": appointment_id})}
    params = {"appointment_id": appointment_id, "visit_type_id": visit_type_id}
    rows: Sequence[Any] = await tx.all(statements.DUE, params)
    return [FormKnown(row.url, known(row.id, row.resource), row.url in sent) for row in rows]

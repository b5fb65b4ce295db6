"""What patients ask the practice about a caregiver whom it alone can end, settled once there is nothing to end."""

from typing import Final
from uuid import UUID

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.tasks import service as tasks

QUESTION: Final = "caregiver_question"
"""The task that such a question is for staff."""
_SETTLED: Final = """
select t.focus_id from task t join related_person r on r.id = t.focus_id
where t.code = :code and t.closed_at is null and (r.status in ('declined', 'ended')
  or (r.status = 'invited' and r.answer_by <= :now) or (r.status = 'active' and r.valid_until <= :now))
"""


async def close_settled(tx: Transaction) -> None:
    """Close the questions about relations that were declined, have lapsed, or ended without anybody ending them."""
    for row in await tx.all(_SETTLED, {"code": QUESTION, "now": clock.now()}):
        await close(tx, row.focus_id)


async def close(tx: Transaction, relation_id: UUID) -> None:
    """Close the question about one relation, if there is any."""
    await tasks.close_task(tx, QUESTION, relation_id, "ended")

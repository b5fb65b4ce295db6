"""What is put away when nobody looks: a wait that nobody ended, and keys of rooms that open nothing any more."""

from datetime import timedelta
from typing import Final

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.core.jobs import job

WAITS_AT_MOST: Final = timedelta(hours=12)
"""Longer than this nobody waits: the page was left open, or the practice forgot to end it."""

_NOT_WAITING: Final = """
with stale as (
  update visit set status = 'planned', waiting_since = null where status = 'waiting' and waiting_since < :cut
  returning id
)
update visit_participant x set state = 'left', left_at = :now from stale s where x.visit_id = s.id
  and x.state = 'waiting'
"""
_NO_KEYS: Final = """
update visit_participant set secret_hash = null, secret_expires_at = null where secret_expires_at < :now
"""


@job("visits.sweep", policy="visits.sweep", every="23 * * * *")
async def sweep(tx: Transaction) -> None:
    """Put away what is over."""
    await put_away(tx)


async def put_away(tx: Transaction) -> None:
    """Let nobody wait for ever, and forget the keys of rooms that have run out."""
    now = clock.now()
    await tx.execute(_NOT_WAITING, {"cut": now - WAITS_AT_MOST, "now": now})
    await tx.execute(_NO_KEYS, {"now": now})

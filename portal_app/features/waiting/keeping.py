"""Keep what has become free until it has been offered in turn, so that nobody is faster than the line."""

from datetime import datetime
from uuid import uuid4

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.booking import service as booking
from portal_app.features.waiting import rules, statements


def keep_for_line(tx: Transaction, time: booking.FreedTime, until: datetime) -> None:
    """Keep a freed time, as this transaction ends, if somebody in line could take it; it lapses by itself.

    Belongs into the transaction that frees it: at no moment can anybody else have it.
    """
    now = clock.now()
    tx.call_at_commit(
        statements.KEEP_FOR_LINE,
        {"slot_id": uuid4(), "practitioner_id": time.practitioner_id, "location_id": time.location_id,
         "starts_at": time.starts_at, "ends_at": time.ends_at, "earliest": now + rules.SOONEST_OFFER, "now": now,
         "horizon": now + rules.OFFER_HORIZON, "until": until},
    )  # fmt: skip

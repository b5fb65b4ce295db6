"""What is written in the room: encrypted, for those who are in it."""

from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.visits import policies
from portal_app.features.visits.errors import NotInRoom
from portal_app.features.visits.seats import seat
from portal_app.features.visits.views import ChatLine

WORDS_MAX: Final = 1000
SHOWN: Final = 200

# A guest knows the chart's id from their own row alone, and nothing behind it.
_ADD: Final = """
insert into visit_message (id, visit_id, patient_id, confidentiality, participant_id, words, sent_at, is_alone,
  request_key)
select :id, x.visit_id, x.patient_id, x.confidentiality, x.id, :words, :now, v.is_alone, :request_key
from visit_participant x join visit v on v.id = x.visit_id where x.id = :participant_id
on conflict (participant_id, request_key) do nothing
"""
_READ: Final = text("""
select m.id, m.participant_id, x.name, m.words, m.sent_at, m.participant_id = :participant_id as is_own
from visit_message m join visit_participant x on x.id = m.participant_id
where m.visit_id = :visit_id order by m.sent_at desc, m.id limit :shown
""").columns(words=EncryptedText)


async def write(tx: Transaction, visit_id: UUID, words: str, request_key: UUID) -> None:
    """Write something to everybody in the room; the same key writes once.

    Raises:
        NotInRoom: if the actor is not in it, or nothing goes on there.
        InputRefused: if there is nothing to say, or too much.
    """
    policy.require(tx.actor, policies.ROOM.name)
    own = await seat(tx, visit_id)
    if not own.may_send:
        raise NotInRoom
    said = words.strip()
    if not said or len(said) > WORDS_MAX:
        raise InputRefused("words", N_("Write a message of at most 1,000 characters."))
    params = {
        "id": uuid4(), "participant_id": own.participant_id, "words": crypto.encrypt(said), "now": clock.now(),
        "request_key": request_key,
    }  # fmt: skip
    if await tx.execute(_ADD, params):
        await audit.record(tx, "visits.write", patient_id=own.patient_id, entity="Encounter", entity_id=visit_id)


async def lines(tx: Transaction, visit_id: UUID) -> tuple[ChatLine, ...]:
    """Return what was written in the room, the oldest first; guests get what was written since they came.

    Raises:
        NotInRoom: if the actor is not in it.
    """
    policy.require(tx.actor, policies.ROOM.name)
    own = await seat(tx, visit_id)
    params = {"visit_id": visit_id, "participant_id": own.participant_id, "shown": SHOWN}
    rows: Any = await tx.all(_READ, params)
    return tuple(ChatLine(*row) for row in reversed(rows))

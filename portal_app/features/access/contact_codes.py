"""Codes to a telephone or an address of somebody who is signed in: asked for, sent by a job, and checked once.

The rules are those of sign-in codes: six digits, ten minutes, once, five tries, bound to the session that asked, and
the same answer whoever the address belongs to.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from sqlalchemy import insert, text

from portal_app.core import clock, limits
from portal_app.core.crypto import EncryptedText, blind_index
from portal_app.core.db import Transaction
from portal_app.core.jobs import enqueue, job
from portal_app.features.access import mails, rules
from portal_app.features.access.errors import CodeRefused, CodeWornOut
from portal_app.features.access.tables import ContactCode
from portal_app.features.notify import service as notify

Purpose = Literal["prove", "email", "phone"]

ASKS_PER_SESSION: Final = "10/10 minutes"
ASKS_PER_NETWORK: Final = "60/10 minutes"
WRONG_PER_NETWORK: Final = "120/10 minutes"

_OPEN: Final = text("""
select id, address, address_index, code_hash, tries from contact_code
where session_id = :session_id and purpose = :purpose and used_at is null and expires_at > :now
order by created_at desc, id limit 1 for update
""").columns(address=EncryptedText)
_ASKED: Final = text("""
select id, person_id, purpose, address, address_index, locale from contact_code
where id = :id and code_hash is null and used_at is null for update
""").columns(address=EncryptedText)


@dataclass(frozen=True, slots=True)
class Answered:
    """A code that was typed rightly, and so used up: the address it went to is proven."""

    id: UUID
    address: str = field(repr=False)
    address_index: str = field(repr=False)


async def ask(tx: Transaction, purpose: Purpose, address: str, address_index: str, network: str) -> UUID:
    """Have a code sent to an address once this transaction commits; `network` is where the request came from.

    Whether the address is somebody else's is looked at in the job, so that neither answer nor time tells.

    Raises:
        TooManyTries: if this session, or its network, asked too often.
    """
    await limits.count(ASKS_PER_SESSION, "contact codes of a session", str(tx.actor.session_id))
    await limits.count(ASKS_PER_NETWORK, "contact codes of a network", network)
    code_id = uuid4()
    await tx.execute(
        insert(ContactCode).values(
            id=code_id, person_id=tx.actor.person_id, session_id=tx.actor.session_id, purpose=purpose, address=address,
            address_index=address_index, locale=tx.actor.locale, created_at=clock.now(),
            expires_at=clock.now() + rules.CODE_LIFE,
        )
    )  # fmt: skip
    await enqueue(tx, send_contact_code, code_id=code_id)
    return code_id


async def check(
    tx: Transaction, purpose: Purpose, typed: str, network: str
) -> Answered | type[CodeRefused] | type[CodeWornOut]:
    """Use up the newest code of this session for a purpose, if this is it.

    Returns the failure instead of raising it, because the count of tries must be committed.

    Raises:
        TooManyTries: if too many wrong codes came from this network.
    """
    await limits.require_room(WRONG_PER_NETWORK, "wrong contact codes of a network", network)
    given = {"session_id": tx.actor.session_id, "purpose": purpose, "now": clock.now()}
    asked = await tx.first(_OPEN, given)
    code = rules.normalised_code(typed)
    expected = asked.code_hash if asked and asked.code_hash else secrets.token_hex()
    fits = secrets.compare_digest(_hash(asked.id if asked else uuid4(), code or ""), expected)
    if asked is not None and asked.tries >= rules.CODE_TRIES:
        return CodeWornOut
    if asked is None or not fits:
        await limits.count(WRONG_PER_NETWORK, "wrong contact codes of a network", network)
    if asked is None:
        return CodeRefused
    if not fits:
        await tx.execute("update contact_code set tries = tries + 1 where id = :id", {"id": asked.id})
        return CodeRefused
    # The transaction's own time: it is what lets this very transaction do what the answer allows.
    await tx.execute("update contact_code set used_at = now() where id = :id", {"id": asked.id})
    return Answered(asked.id, asked.address, asked.address_index)


@job("access.send_contact_code", policy="access.send_contact_code")
async def send_contact_code(tx: Transaction, code_id: str) -> None:
    """Make the code that somebody asked for, and send it."""
    await answer(tx, UUID(code_id))


async def answer(tx: Transaction, code_id: UUID) -> None:
    """Make the code of a request and leave the message that carries it.

    Nothing is sent once the codes of the person or of the address are used up; an address that signs somebody else in
    is told so instead.
    """
    asked = await tx.first(_ASKED, {"id": code_id})
    if asked is None or await _is_used_up(tx, asked):
        return
    if asked.purpose == "email" and (owner := await _owner_of(tx, asked)):
        await notify.enqueue_message(tx, owner, mails.ADDRESS_CLAIMED.name, f"address-claimed:{asked.id}", {})
        return
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    await tx.execute(
        "update contact_code set code_hash = :hash where id = :id", {"hash": _hash(asked.id, code), "id": asked.id}
    )
    await notify.enqueue_message(
        tx, asked.person_id, mails.CONTACT_CODE.name, f"contact-code:{asked.id}", {"code": code}, locale=asked.locale,
        channel="mail" if asked.purpose == "email" else "text", to=asked.address,
    )  # fmt: skip


async def remove_old(tx: Transaction) -> None:
    """Forget codes a day after they ran out: until then they count."""
    await tx.execute("delete from contact_code where expires_at < :cut", {"cut": clock.now() - timedelta(days=1)})


async def _owner_of(tx: Transaction, asked: Any) -> UUID | None:
    owner: UUID | None = await tx.scalar(
        "select id from person where email_index = :index and id <> :person_id",
        {"index": asked.address_index, "person_id": asked.person_id},
    )
    return owner


async def _is_used_up(tx: Transaction, asked: Any) -> bool:
    """Tell whether the person, or the address, had their codes. Locked, so that requests of one instant queue up."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended(:key, 0))", {"key": asked.address_index})
    await tx.execute("select from person where id = :id for no key update", {"id": asked.person_id})
    for span, most in rules.CONTACT_CODES:
        sent = await tx.one(
            "select count(*) filter (where person_id = :person_id) as to_person,"
            " count(*) filter (where address_index = :index) as to_address from contact_code"
            " where code_hash is not null and created_at > :since"
            " and (person_id = :person_id or address_index = :index)",
            {"person_id": asked.person_id, "index": asked.address_index, "since": clock.now() - span},
        )
        if max(sent.to_person, sent.to_address) >= most:
            return True
    return False


def phone_index(e164: str) -> str:
    """Return the blind index under which a telephone number is looked up."""
    return blind_index(e164, purpose="phone")


def _hash(code_id: UUID, code: str) -> str:
    return blind_index(f"{code_id}:{code}", purpose="contact code")

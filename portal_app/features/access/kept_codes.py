"""How recovery codes are kept: Argon2id over what only our key makes of them, with a salt of its own for each list.

ASVS 5.0, 6.5.2. The cost is the least of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. What comes
first, a hash with a key outside the database, lets nobody guess who has the database alone; the slow hash slows down
whoever has the key too. Codes from before it are kept under the keyed hash until a new list takes their place.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from portal_app.core.crypto import blind_index
from portal_app.core.db import Transaction
from portal_app.features.access import rules

_MEMORY_KIB: Final = 19 * 1024
_PASSES: Final = 2
_LANES: Final = 1
_LENGTH: Final = 32
_KIND: Final = f"argon2id${_MEMORY_KIB}${_PASSES}${_LANES}"

_OPEN: Final = "select code_hash from recovery_code where person_id = :id and used_at is null"


def new_salt() -> bytes:
    """Return the salt of a new list."""
    return secrets.token_bytes(16)


async def all_kept(person_id: UUID, codes: Sequence[str], salt: bytes) -> list[str]:
    """Return what is kept of a list of codes, made in one thread, since each takes long on purpose."""
    return await asyncio.to_thread(lambda: [_kept(person_id, one, salt) for one in codes])


def _kept(person_id: UUID, typed: str, salt: bytes) -> str:
    slow = Argon2id(salt=salt, length=_LENGTH, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB)
    return f"{_KIND}${salt.hex()}${slow.derive(_keyed(person_id, typed).encode()).hex()}"


async def found(tx: Transaction, typed: str) -> str:
    """Return under what an unused code of the actor's is kept, "" if they have none like it.

    One slow hash for each try, whether or not there is a list, so that the time tells nothing.
    """
    person_id = tx.actor.person_id
    hashes = [row.code_hash for row in await tx.all(_OPEN, {"id": person_id})]
    salt = next((bytes.fromhex(one.split("$")[4]) for one in hashes if one.startswith(_KIND)), new_salt())
    fitting = (*await all_kept(person_id, [typed], salt), _keyed(person_id, typed))
    same = [one for one in hashes for wanted in fitting if secrets.compare_digest(one, wanted)]
    return same[0] if same else ""


def _keyed(person_id: UUID, typed: str) -> str:
    return blind_index(f"{person_id}:{rules.normalised_spoken(typed) or ''}", purpose="recovery code")

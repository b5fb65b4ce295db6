"""Files that arrive piece by piece: over a bad line what has arrived stays, and the next piece goes on from there.

A file on its way belongs to one person and goes to one address of ours. Its pieces are sealed in the database, so that
any web process can take the next one and a `kill -9` leaves either a whole piece or none. Where it goes to is asked for
every piece by whoever calls.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col

from portal_app.core import clock
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.sealed_stream import KEY_BYTES, Opener, Sealer, make_key

PIECE_MOST_BYTES: Final = 2_000_000
OPEN_MOST: Final = 5
"""So many files of one person may be on their way; the oldest makes room."""
KEPT_FOR: Final = timedelta(hours=6)
"""Long enough for a phone that finds its way back to a network."""


class Upload(SQLModel, table=True):
    """A file on its way. `is_kept`: all of it arrived and was kept, and its pieces are gone."""

    __tablename__ = "upload"
    __table_args__ = (
        UniqueConstraint("person_id", "request_key", name="upload_once"),
        CheckConstraint("offset_bytes between 0 and size_bytes", name="upload_offset"),
        Index("upload_created", "created_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    request_key: UUID
    address: str = Field(sa_column=Column(Text, nullable=False))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    offset_bytes: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    is_kept: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    content_key: str = Field(sa_column=Column(EncryptedText, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class UploadPiece(SQLModel, table=True):
    """A piece of a file on its way, sealed under a key of its own made from the file's."""

    __tablename__ = "upload_piece"

    upload_id: UUID = Field(foreign_key="upload.id", ondelete="CASCADE", primary_key=True)
    offset_bytes: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


@dataclass(frozen=True, slots=True)
class Arrived:
    """How far a file has come: `content` once all of it is there and not kept yet."""

    offset_bytes: int
    is_kept: bool = False
    content: bytes | None = field(default=None, repr=False)


_Sealing = TypeVar("_Sealing", Sealer, Opener)
_OWN: Final = "person_id = actor_person() and request_key = :request_key"
_MAKE_ROOM: Final = """
delete from upload where id in (
  select u.id from upload u where u.person_id = actor_person() and not u.is_kept
  order by u.created_at desc, u.id offset :most)
"""
_ON: Final = "update upload set offset_bytes = :offset where id = :id"
_KEPT: Final = f"update upload set is_kept = true where {_OWN}"  # noqa: S608 - the part above
_EMPTY: Final = f"delete from upload_piece where upload_id = (select id from upload where {_OWN})"  # noqa: S608
_FORGET: Final = f"delete from upload where {_OWN}"  # noqa: S608


async def arrived(tx: Transaction, request_key: UUID, address: str) -> Arrived:
    """Return how far a file of the actor has come that goes to an address."""
    row = await _row(tx, request_key, address)
    return Arrived(row.offset_bytes, row.is_kept) if row else Arrived(0)


async def add_piece(
    tx: Transaction, request_key: UUID, address: str, *, size_bytes: int, offset_bytes: int, piece: bytes
) -> Arrived | None:
    """Put a piece to what has arrived; None where it does not fit behind it, is past the end, or too large.

    Once all has arrived, and whoever was to keep it did not come so far, any piece is answered with the whole.
    """
    if offset_bytes == 0:
        await _begin(tx, request_key, address, size_bytes)
    row = await _row(tx, request_key, address, locked=True)
    if row is None:
        return None
    if row.is_kept:
        return Arrived(row.offset_bytes, is_kept=True)
    if row.offset_bytes == row.size_bytes == size_bytes:
        return Arrived(row.offset_bytes, content=await _whole(tx, row))
    reached = offset_bytes + len(piece)
    if (
        not 0 < len(piece) <= PIECE_MOST_BYTES
        or (row.offset_bytes, row.size_bytes) != (offset_bytes, size_bytes)
        or reached > size_bytes
    ):
        return None
    sealer = _sealing(row, offset_bytes, Sealer)
    sealed = sealer.update(piece) + sealer.finish()
    await tx.execute(insert(UploadPiece).values(upload_id=row.id, offset_bytes=offset_bytes, sealed=sealed))
    await tx.execute(_ON, {"id": row.id, "offset": reached})
    return Arrived(reached, content=await _whole(tx, row) if reached == size_bytes else None)


async def is_still_to_keep(tx: Transaction, request_key: UUID, address: str) -> bool:
    """Tell whether nobody has kept the file yet; until the transaction ends nobody else will."""
    row = await _row(tx, request_key, address, locked=True)
    return row is not None and not row.is_kept


async def set_kept(tx: Transaction, request_key: UUID) -> None:
    """Let go of the pieces of a file that was kept; the same file sent again is not kept again."""
    await tx.execute(_EMPTY, {"request_key": request_key})
    await tx.execute(_KEPT, {"request_key": request_key})


async def forget(tx: Transaction, request_key: UUID) -> None:
    """Let go of a file that will not be kept."""
    await tx.execute(_FORGET, {"request_key": request_key})


async def sweep(tx: Transaction) -> int:
    """Let go of what began too long ago, whosever it is; return how many."""
    return await tx.execute("delete from upload where created_at < :before", {"before": clock.now() - KEPT_FOR})


async def _begin(tx: Transaction, request_key: UUID, address: str, size_bytes: int) -> None:
    params = {
        "id": uuid4(), "person_id": tx.actor.person_id, "request_key": request_key, "address": address,
        "size_bytes": size_bytes, "content_key": make_key().hex(), "created_at": clock.now(),
    }  # fmt: skip
    if await tx.execute(insert(Upload).values(**params).on_conflict_do_nothing()):  # a piece sent twice begins once
        await tx.execute(_MAKE_ROOM, {"most": OPEN_MOST})


async def _row(tx: Transaction, request_key: UUID, address: str, *, locked: bool = False) -> Any:
    found = select(
        col(Upload.id), col(Upload.size_bytes), col(Upload.offset_bytes), col(Upload.is_kept), col(Upload.content_key)
    ).where(
        col(Upload.person_id) == tx.actor.person_id,
        col(Upload.request_key) == request_key,
        col(Upload.address) == address,
    )
    return await tx.first(found.with_for_update() if locked else found)


async def _whole(tx: Transaction, row: Any) -> bytes:
    pieces = select(col(UploadPiece.offset_bytes), col(UploadPiece.sealed)).where(col(UploadPiece.upload_id) == row.id)
    content = bytearray()
    for piece in await tx.all(pieces.order_by(col(UploadPiece.offset_bytes))):
        opener = _sealing(row, piece.offset_bytes, Opener)
        content += opener.update(bytes(piece.sealed)) + opener.finish()
    return bytes(content)


def _sealing(row: Any, offset_bytes: int, kind: type[_Sealing]) -> _Sealing:
    place = offset_bytes.to_bytes(8, "big")
    key = hashlib.blake2b(place, key=bytes.fromhex(row.content_key), digest_size=KEY_BYTES).digest()
    return kind(key, row.id.bytes + place)

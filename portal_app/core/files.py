"""Files at rest: encrypted, under random names, of known types, shown to whom row-level security shows their row.

A file is written before its row: under a draft name, forced to disk, renamed; then the row joins the caller's
transaction. A `kill -9` anywhere leaves either a file with its row, or a file without one, which `sweep_orphans`
removes an hour later. Deleting the row deletes the file: the same sweep takes the content, and nobody can read it
even before, because its key was in the row.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, Text, delete, insert, select, text
from sqlmodel import Field, SQLModel, col

from portal_app.core.actor import Section
from portal_app.core.contents import CleanContent, FileRefused, FileRules, clean_filename, cleaned
from portal_app.core.crypto import EncryptedText, make_private_folder, sync_folder
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import NotFound
from portal_app.core.sealed_stream import Opener, Sealer, make_key
from portal_app.settings import Settings

__all__ = [
    "Belonging", "CleanContent", "FileRefused", "FileRules", "FileView", "OpenedFile", "StoredFile", "cleaned",
    "existing_files", "files_folder", "open_file", "remove_file", "save_file", "sweep_orphans",
]  # fmt: skip

ORPHAN_AGE_S: Final = 3600
"""No upload takes an hour between its file and its row: transactions are cut off after half a minute."""
_READ_BYTES: Final = 256 * 1024


class StoredFile(SQLModel, table=True):
    """A file's row. `filename` and `content_key` are encrypted; `name` is what the file is called on disk.

    `about_id` is the form it was sent for, which it is as private as.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="stored_file_confidentiality"),
        Index("stored_file_patient", "patient_id"),
        Index("stored_file_about", "about_id", postgresql_where=text("about_id is not null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    owner_id: UUID = Field(foreign_key="person.id")
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", ondelete="CASCADE")
    section: str = Field(sa_column=Column(Text, nullable=False))
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    media_type: str = Field(sa_column=Column(Text, nullable=False))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    filename: str = Field(sa_column=Column(EncryptedText, nullable=False))
    content_key: str = Field(sa_column=Column(EncryptedText, nullable=False))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Which id a file gets, where it has to be found again, and what it is as private as from then on."""

    file_id: UUID
    about_id: UUID


@dataclass(frozen=True, slots=True)
class FileView:
    """What a screen may say of a file."""

    id: UUID
    patient_id: UUID | None
    filename: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that the actor may read. `parts` needs no transaction any more."""

    view: FileView
    path: Path
    content_key: bytes = field(repr=False)

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield the content. Raises ContentDamaged, possibly after some of it, when the file was tampered with."""
        opener = Opener(self.content_key, self.view.id.bytes)
        file = await asyncio.to_thread(self.path.open, "rb")
        try:
            while sealed := await asyncio.to_thread(file.read, _READ_BYTES):
                yield opener.update(sealed)
            yield opener.finish()
        finally:
            file.close()


def files_folder(settings: Settings) -> Path:
    """Return where files lie."""
    return settings.data_dir / "files"


async def save_file(
    tx: Transaction,
    settings: Settings,
    clean: CleanContent,
    *,
    filename: str,
    section: Section,
    patient_id: UUID | None,
    confidentiality: str = "N",
    belonging: Belonging | None = None,
) -> FileView:
    """Keep a file for a patient's chart, or without a patient for the actor alone.

    What was sent is taken apart before, outside any transaction (`contents.cleaned`).
    """
    file_id, name, key = belonging.file_id if belonging else uuid4(), uuid4().hex, make_key()
    await asyncio.to_thread(_write, _path(settings, name), clean.content, key, file_id)
    kept_as = clean_filename(filename, clean.media_type)
    view = FileView(file_id, patient_id, kept_as, clean.media_type, len(clean.content))
    await tx.execute(
        insert(StoredFile).values(
            id=file_id,
            name=name,
            owner_id=tx.actor.person_id,
            patient_id=patient_id,
            section=section.value,
            confidentiality=confidentiality,
            media_type=view.media_type,
            size_bytes=view.size_bytes,
            filename=view.filename,
            content_key=key.hex(),
            about_id=belonging.about_id if belonging else None,
        )
    )
    return view


async def existing_files(tx: Transaction, file_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return which of these files are there and may be seen by the actor."""
    rows = await tx.all(select(col(StoredFile.id)).where(col(StoredFile.id).in_(list(file_ids))))
    return frozenset(row.id for row in rows)


async def open_file(tx: Transaction, settings: Settings, file_id: UUID) -> OpenedFile:
    """Return a file to read. Raises NotFound when there is none, or none for this actor."""
    row = await tx.first(
        select(
            col(StoredFile.name),
            col(StoredFile.patient_id),
            col(StoredFile.filename),
            col(StoredFile.media_type),
            col(StoredFile.size_bytes),
            col(StoredFile.content_key),
        ).where(col(StoredFile.id) == file_id)
    )
    if row is None:
        raise NotFound
    view = FileView(file_id, row.patient_id, row.filename, row.media_type, row.size_bytes)
    return OpenedFile(view, _path(settings, row.name), bytes.fromhex(row.content_key))


async def remove_file(tx: Transaction, file_id: UUID) -> None:
    """Delete a file with its row. Raises NotFound when there is none, or none for this actor."""
    if not await tx.execute(delete(StoredFile).where(col(StoredFile.id) == file_id)):
        raise NotFound


def _path(settings: Settings, name: str) -> Path:
    return files_folder(settings) / name[:2] / name


def _write(path: Path, content: bytes, key: bytes, file_id: UUID) -> None:
    make_private_folder(path.parent)
    sealer = Sealer(key, file_id.bytes)
    draft = path.with_name(f".{path.name}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(sealer.update(content))
            file.write(sealer.finish())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
    sync_folder(path.parent.parent)


async def sweep_orphans(database: Database, settings: Settings) -> int:
    """Remove files and drafts that are an hour old and that no row knows; return how many."""
    removed = 0
    limit = time.time() - ORPHAN_AGE_S
    old = iter(await asyncio.to_thread(lambda: list(_older_than(files_folder(settings), limit))))
    while batch := {path.name: path for path in islice(old, 500)}:
        async with database.act_as_system("upkeep.sweep_files") as tx:
            known = await tx.all("select stored_file_names(:names)", {"names": list(batch)})
        orphans = batch.keys() - {row[0] for row in known}
        for name in orphans:
            await asyncio.to_thread(batch[name].unlink, missing_ok=True)
        removed += len(orphans)
    return removed


def _older_than(folder: Path, limit: float) -> Iterator[Path]:
    for path in folder.glob("??/*"):
        try:
            if path.stat().st_mtime < limit:
                yield path
        except FileNotFoundError:
            continue  # a draft just renamed

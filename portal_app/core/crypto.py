"""Secrets at rest: the key ring, encrypted column types, and the blind index that finds what is encrypted.

Encrypted text is stored as ``<key id>:<Fernet token>``. The id in front says, in plain SQL, which rows still wait for
the newest key; the token itself is tried against the whole ring. The ring is a file outside the database, and every
process notices within one call when the file has changed, so keys rotate while everything runs.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from portal_app.core import clock
from portal_app.core.errors import PortalError
from portal_app.settings import Settings

MAC_KEY_BYTES: Final = 32


class KeyRingMissing(PortalError):
    """No key ring where the settings say it is, or none opened in this process."""

    code = "key_ring_missing"


class KeyRingUnreadable(PortalError):
    """The key ring file is not one of ours, or others than its owner may read it."""

    code = "key_ring_unreadable"


class DemoKeyRefused(PortalError):
    """A ring made for the demo was given to a portal that serves real people."""

    code = "demo_key_refused"


class SecretUnreadable(PortalError):
    """A stored secret opens with no key of the ring: its key was dropped, or it was changed."""

    code = "secret_unreadable"


@dataclass(frozen=True)
class RingKey:
    """Name one key of the ring. `id` counts upwards and is never used twice."""

    id: int
    secret: str = field(repr=False)
    made_at: datetime


@dataclass(frozen=True)
class KeyRing:
    """Hold the keys, newest first, and the key of the blind index. Immutable: a rotation makes another."""

    keys: tuple[RingKey, ...]
    index_secret: bytes = field(repr=False)
    demo: bool

    @classmethod
    def make(cls, *, demo: bool) -> Self:
        """Make a ring of one fresh key."""
        first = RingKey(1, Fernet.generate_key().decode(), clock.now())
        return cls((first,), secrets.token_bytes(MAC_KEY_BYTES), demo)

    @property
    def newest(self) -> RingKey:
        """Return the key that new values are encrypted with."""
        return self.keys[0]

    @cached_property
    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key.secret) for key in self.keys])

    def with_new_key(self) -> Self:
        """Return a ring whose newest key is fresh; the others still open what they closed."""
        key = RingKey(self.newest.id + 1, Fernet.generate_key().decode(), clock.now())
        return replace(self, keys=(key, *self.keys))

    def with_newest_only(self) -> Self:
        """Return a ring without its older keys. What they closed can never be opened again."""
        return replace(self, keys=self.keys[:1])

    def has(self, key_id: int) -> bool:
        """Say whether a key of this id is on the ring."""
        return any(key.id == key_id for key in self.keys)

    def encrypt(self, plain: bytes) -> str:
        """Close `plain` under the newest key, as ``<key id>:<token>``."""
        return f"{self.newest.id}:{self._fernet.encrypt(plain).decode()}"

    def decrypt(self, stored: str) -> bytes:
        """Open what `encrypt` returned; SecretUnreadable when no key of the ring fits."""
        try:
            return self._fernet.decrypt(stored.partition(":")[2].encode())
        except InvalidToken as error:
            raise SecretUnreadable from error

    def to_json(self) -> str:
        """Return the ring as its file holds it."""
        keys = [{"id": key.id, "secret": key.secret, "made_at": key.made_at.isoformat()} for key in self.keys]
        index = base64.urlsafe_b64encode(self.index_secret).decode()
        return json.dumps({"format": 1, "demo": self.demo, "index": index, "keys": keys}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a ring as `to_json` wrote it. Raises ValueError or KeyError on anything else."""
        held = json.loads(text)
        keys = tuple(RingKey(int(k["id"]), k["secret"], datetime.fromisoformat(k["made_at"])) for k in held["keys"])
        if held["format"] != 1 or not keys or [k.id for k in keys] != sorted({k.id for k in keys}, reverse=True):
            raise ValueError("not a key ring")
        for key in keys:
            Fernet(key.secret)
        return cls(keys, base64.urlsafe_b64decode(held["index"]), bool(held["demo"]))


def make_private_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, for their owner alone."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, content: bytes, *, replacing: bool = True) -> None:
    """Put `content` at `path` whole or not at all, readable by its owner alone, and on disk before returning.

    With `replacing` off, whoever comes first wins and FileExistsError tells the others.
    """
    make_private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            draft.replace(path)
        else:
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names just created or replaced in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_private(path: Path) -> bytes:
    """Return a key file's content. Raises KeyRingMissing, or KeyRingUnreadable when others may read the file."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise KeyRingUnreadable(f"{path} can be read by others than its owner: chmod 600 it")
            return file.read()
    except FileNotFoundError as error:
        raise KeyRingMissing(f"no key file at {path}: make one with ./portal keys make") from error


class KeyRingFile:
    """Keep the ring of one file up to date: each use costs one `stat`, and reads the file again when it changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._ring: KeyRing | None = None

    def current(self) -> KeyRing:
        """Return the ring as the file now holds it."""
        try:
            found = self.path.stat()
        except FileNotFoundError as error:
            raise KeyRingMissing(f"no key ring at {self.path}: make one with ./portal keys make") from error
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._ring is None or stamp != self._seen:
            self._ring = self._read()
            self._seen = stamp
        return self._ring

    def _read(self) -> KeyRing:
        content = read_private(self.path)
        try:
            return KeyRing.from_json(content.decode())
        except (ValueError, KeyError, TypeError) as error:
            raise KeyRingUnreadable(f"{self.path} is not a key ring") from error

    def make(self, ring: KeyRing) -> None:
        """Write the first ring. Raises FileExistsError rather than replacing one."""
        write_private(self.path, ring.to_json().encode(), replacing=False)

    def write(self, ring: KeyRing) -> None:
        """Replace the file's ring at once for every process that uses it."""
        write_private(self.path, ring.to_json().encode())


_opened: KeyRingFile | None = None


def load_key_ring(settings: Settings) -> KeyRing:
    """Open the ring for this process, once, before anything encrypted is read or written.

    A demo or a test makes its own ring, marked as a demo's. Raises KeyRingMissing, KeyRingUnreadable, and
    DemoKeyRefused when `serve` is given a ring that was made for the demo.
    """
    global _opened  # noqa: PLW0603 — column types are made at import, long before settings are known
    file = KeyRingFile(settings.key_path)
    if settings.mode != "serve" and not file.path.exists():
        with suppress(FileExistsError):  # another process of the same start was faster: its ring is ours
            file.make(KeyRing.make(demo=True))
    ring = file.current()
    if ring.demo and settings.mode == "serve":
        raise DemoKeyRefused(
            f"{file.path} is a demo's key ring: anyone could have it; make one with ./portal keys make"
        )
    _opened = file
    return ring


def opened_ring() -> KeyRing:
    """Return this process's ring as its file now holds it. Raises KeyRingMissing before `load_key_ring`."""
    if _opened is None:
        raise KeyRingMissing("load_key_ring was not called in this process")
    return _opened.current()


def encrypt(plain: str) -> str:
    """Close text under the newest key of this process's ring."""
    return opened_ring().encrypt(plain.encode())


def decrypt(stored: str) -> str:
    """Open text closed by any process of this portal. Raises SecretUnreadable."""
    return opened_ring().decrypt(stored).decode()


def blind_index(value: str, *, purpose: str = "contact") -> str:
    """Return 64 hexadecimal digits that are equal for equal values and tell nothing without the ring.

    For looking up an encrypted e-mail address or phone number. Case, outer spaces and Unicode forms do not matter.
    Indexes of different purposes cannot be compared.
    """
    plain = unicodedata.normalize("NFKC", value).strip().casefold()
    return hmac.digest(opened_ring().index_secret, f"{purpose}\0{plain}".encode(), hashlib.sha256).hex()


class EncryptedText(TypeDecorator[str]):
    """Store text under the key ring. The database sees a token; it cannot be searched (see `blind_index`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Encrypt on the way in."""
        return None if value is None else encrypt(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Decrypt on the way out."""
        return None if value is None else decrypt(value)


class EncryptedJSON(TypeDecorator[Mapping[str, Any]]):
    """Store a JSON object under the key ring."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Encrypt on the way in."""
        return None if value is None else encrypt(json.dumps(dict(value), ensure_ascii=False))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Mapping[str, Any] | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Decrypt on the way out."""
        return None if value is None else json.loads(decrypt(value))

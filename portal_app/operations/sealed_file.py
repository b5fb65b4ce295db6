"""A backup's envelope: one file, readable with a passphrase and not otherwise.

`SALA-BACKUP 1`, a line of JSON with the salt, then sealed content (see `core.sealed_stream`) that both lines are bound
to. The key comes from the passphrase by scrypt (RFC 7914).
"""

import io
import json
import os
import secrets
from pathlib import Path
from typing import BinaryIO, Final, Self

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from portal_app.core.crypto import sync_folder
from portal_app.core.errors import PortalError
from portal_app.core.sealed_stream import KEY_BYTES, ContentDamaged, Opener, Sealer

_FIRST_LINE: Final = b"SALA-BACKUP 1\n"
_HEAD_MAX_BYTES: Final = 1000
_READ_BYTES: Final = 1024 * 1024
_SCRYPT_N: Final = 2**16  # 64 MiB and about a fifth of a second for each guess


class NotABackup(PortalError):
    """The file is no backup, is damaged, or the passphrase does not open it."""

    code = "not_a_backup"


def _key(passphrase: str, salt: bytes, n: int) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=n, r=8, p=1).derive(passphrase.encode())


class SealedWriter(io.RawIOBase):
    """Write a sealed file, which appears at its path only when it is whole. Use as a context manager."""

    def __init__(self, path: Path, passphrase: str) -> None:
        """Begin a draft beside `path`. Raises FileExistsError when there is something at `path` already."""
        if path.exists():
            raise FileExistsError(path)
        self._path, self._draft = path, path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        salt = secrets.token_bytes(16)
        head = _FIRST_LINE + json.dumps({"salt": salt.hex(), "n": _SCRYPT_N}).encode() + b"\n"
        self._sealer = Sealer(_key(passphrase, salt, _SCRYPT_N), head)
        self._file: BinaryIO = os.fdopen(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(head)

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, part: object) -> int:
        """Seal and write bytes."""
        content = bytes(part)  # type: ignore[call-overload]  # tarfile gives bytes
        self._file.write(self._sealer.update(content))
        return len(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        try:
            if failure is None:
                self._file.write(self._sealer.finish())
                self._file.flush()
                os.fsync(self._file.fileno())
                self._draft.replace(self._path)
                sync_folder(self._path.parent)
        finally:
            self._file.close()
            self._draft.unlink(missing_ok=True)
            self.close()


class SealedReader(io.RawIOBase):
    """Read a sealed file from its beginning. What is read is genuine; only its end shows that nothing is missing."""

    def __init__(self, path: Path, passphrase: str) -> None:
        """Open the file. Raises NotABackup, FileNotFoundError."""
        self._file = path.open("rb")
        first, line = self._file.readline(_HEAD_MAX_BYTES), self._file.readline(_HEAD_MAX_BYTES)
        try:
            held = json.loads(line) if first == _FIRST_LINE else {}
            salt, n = bytes.fromhex(held["salt"]), int(held["n"])
        except (ValueError, KeyError, TypeError) as error:
            self._file.close()
            raise NotABackup(f"{path} is not a backup of this portal.") from error
        self._opener: Opener | None = Opener(_key(passphrase, salt, min(n, 2**20)), first + line)
        self._waiting = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer. Raises NotABackup where the content was changed or cut, or the passphrase is another."""
        view = memoryview(buffer)  # type: ignore[arg-type]  # a writable buffer, says io
        while not self._waiting and self._opener is not None:
            self._waiting = self._more(self._opener)
        taken = self._waiting[: len(view)]
        self._waiting = self._waiting[len(taken) :]
        view[: len(taken)] = taken
        return len(taken)

    def _more(self, opener: Opener) -> bytes:
        try:
            if sealed := self._file.read(_READ_BYTES):
                return opener.update(sealed)
            self._opener = None
            return opener.finish()
        except ContentDamaged as error:
            raise NotABackup("The passphrase does not open this backup, or the file is damaged.") from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

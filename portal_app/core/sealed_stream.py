"""Long content under one key, piece by piece: files at rest and backups.

AES-256-GCM over pieces of 64 KiB in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): the nonce of a piece holds a random
prefix, its number and whether it is the last, so that no piece can be changed, moved, repeated or left off unnoticed.
Memory use does not grow with the content.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal_app.core.errors import PortalError

MAGIC: Final = b"SALASTR1"
PIECE_BYTES: Final = 64 * 1024
KEY_BYTES: Final = 32
_PREFIX_BYTES: Final = 7
_TAG_BYTES: Final = 16
_SEALED_PIECE_BYTES: Final = PIECE_BYTES + _TAG_BYTES
_HEAD_BYTES: Final = len(MAGIC) + _PREFIX_BYTES


class ContentDamaged(PortalError):
    """Sealed content was changed, cut short, or closed with another key."""

    code = "content_damaged"


def make_key() -> bytes:
    """Return a fresh key, to be used for one content only."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


class _Pieces:
    def __init__(self, key: bytes, about: bytes) -> None:
        self._cipher = AESGCM(key)
        self._about = about
        self._prefix = b""
        self._number = 0
        self._waiting = bytearray()

    def _nonce(self, *, last: bool) -> bytes:
        nonce = self._prefix + self._number.to_bytes(4, "big") + bytes([last])
        self._number += 1
        return nonce


class Sealer(_Pieces):
    """Seal content given in parts of any length: `update` each, then `finish` once.

    `about` is bound to the content without being stored, for example the id it belongs to.
    """

    def __init__(self, key: bytes, about: bytes = b"") -> None:
        super().__init__(key, about)
        self._prefix = os.urandom(_PREFIX_BYTES)
        self._head = MAGIC + self._prefix

    def update(self, part: bytes) -> bytes:
        """Return what can be written so far."""
        self._waiting += part
        sealed = bytearray(self._take_head())
        while len(self._waiting) > PIECE_BYTES:
            sealed += self._seal(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]
        return bytes(sealed)

    def finish(self) -> bytes:
        """Return the end of the sealed content."""
        return self._take_head() + self._seal(bytes(self._waiting), last=True)

    def _take_head(self) -> bytes:
        head, self._head = self._head, b""
        return head

    def _seal(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), piece, self._about)


class Opener(_Pieces):
    """Open what a Sealer made, given in parts of any length. Everything returned is already proven genuine.

    Only `finish` proves that nothing is missing at the end. Raises ContentDamaged.
    """

    def update(self, part: bytes) -> bytes:
        """Return what is certain so far."""
        self._waiting += part
        if not self._prefix and not self._read_head():
            return b""
        opened = bytearray()
        while len(self._waiting) > _SEALED_PIECE_BYTES:
            opened += self._open(bytes(self._waiting[:_SEALED_PIECE_BYTES]), last=False)
            del self._waiting[:_SEALED_PIECE_BYTES]
        return bytes(opened)

    def finish(self) -> bytes:
        """Return the end of the content."""
        if not self._prefix:
            raise ContentDamaged("too short")
        return self._open(bytes(self._waiting), last=True)

    def _read_head(self) -> bool:
        if len(self._waiting) < _HEAD_BYTES:
            return False
        if not self._waiting.startswith(MAGIC):
            raise ContentDamaged("not sealed content")
        self._prefix = bytes(self._waiting[len(MAGIC) : _HEAD_BYTES])
        del self._waiting[:_HEAD_BYTES]
        return True

    def _open(self, piece: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last=last), piece, self._about)
        except InvalidTag as error:
            raise ContentDamaged("a piece does not fit its key or its place") from error

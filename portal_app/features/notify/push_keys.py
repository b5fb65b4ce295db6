"""The key with which the portal proves to push services that it is the one that a browser has let in (RFC 8292)."""

import hashlib
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from portal_app.core.crypto import KeyRingUnreadable, read_private, write_private
from portal_app.settings import Settings

_ID_CHARS: Final = 16


@dataclass(frozen=True, slots=True)
class PushKey:
    """The portal's key pair, as PEM, and its public half as browsers take it (base64url of the point)."""

    private_pem: bytes = field(repr=False)
    public_pem: bytes
    public: str

    @property
    def id(self) -> str:
        """Return a name for the pair: what a browser was told another's public half by is not ours to send to."""
        return hashlib.sha256(self.public.encode()).hexdigest()[:_ID_CHARS]

    @classmethod
    def make(cls, path: Path) -> Self:
        """Write a fresh key. Raises FileExistsError rather than replacing one."""
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(path, pem, replacing=False)
        return cls.of(pem)

    @classmethod
    def of(cls, private_pem: bytes) -> Self:
        """Return the pair of a private key. Raises ValueError if it is none of P-256."""
        private = load_pem_private_key(private_pem, None)
        if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
            raise ValueError("not a key of P-256")  # noqa: TRY004 - of what is in a file
        public = private.public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return cls(private_pem, pem, urlsafe_b64encode(point).rstrip(b"=").decode())


def load_push_key(settings: Settings) -> PushKey | None:
    """Return the key of these settings, None where notifications are not set up; a demo or a test makes its own.

    Raises:
        KeyRingUnreadable: if the file is no such key, or others than its owner may read it.
    """
    path = settings.push_key_path
    if settings.mode != "serve" and not path.exists():
        with suppress(FileExistsError):  # another process of the same start was faster
            PushKey.make(path)
    return _read(path, path.stat().st_ctime_ns) if path.exists() else None


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int) -> PushKey:
    """Read a key, once for each state of its file: it is asked for on every page that offers notifications."""
    try:
        return PushKey.of(read_private(path))
    except ValueError as error:
        raise KeyRingUnreadable(f"{path} is not a key for notifications") from error

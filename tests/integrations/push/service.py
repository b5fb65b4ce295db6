"""A push service on this machine with browsers behind it: takes what is sent, and decrypts it as a browser does."""

import asyncio
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey


def written(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def read(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """A browser's subscription: its address at a push service, and the keys that never leave it."""

    endpoint: str = ""
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: uuid4().bytes)

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": written(self.point), "auth": written(self.secret)}

    def decrypt(self, body: bytes) -> dict[str, Any]:
        """Open a message (RFC 8188 section 2.1, RFC 8291 section 3.4)."""
        salt, (record_size, key_length) = body[:16], struct.unpack("!LB", body[16:21])
        sender, sealed = body[21 : 21 + key_length], body[21 + key_length :]
        assert len(sealed) <= record_size
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        main = _derived(shared, self.secret, b"WebPush: info\0" + self.point + sender, 32)
        key = _derived(main, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(main, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain.endswith(b"\2")  # the delimiter of the last record
        said: dict[str, Any] = json.loads(plain[:-1])
        return said


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class PushService:
    """Speaks HTTP/1.1 over a real socket. `answers` are statuses to give in turn; the last one stays."""

    def __init__(self, *answers: int) -> None:
        self.answers, self.asked = list(answers or (201,)), list[tuple[str, dict[str, str], bytes]]()
        self.kept: dict[tuple[str, str], bytes] = {}
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def browser(self) -> Browser:
        return Browser(f"{self.origin}/push/{uuid4().hex}")

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one message; of two for one browser with one topic, the newer is kept (RFC 8030 section 5.4)."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body, path = await reader.readexactly(int(headers["content-length"])), head[0].split(" ")[1]
        self.asked.append((path, headers, body))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status == 201:
            self.kept[path, headers["topic"]] = body
        writer.write(f"HTTP/1.1 {status} OK\r\ncontent-length: 0\r\nlocation: {self.origin}/x\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["PushService"]:
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            yield self


def claims(authorization: str) -> tuple[dict[str, Any], str]:
    """Check who signed a request (RFC 8292) and return what they claim, and their public key."""
    scheme, _, given = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in given.split(","))
    assert scheme == "vapid"
    point = read(parts["k"])
    key = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": written(point[1:33]), "y": written(point[33:])})
    return dict(jwt.decode(parts["t"], key, algorithms=["ES256"]).claims), parts["k"]

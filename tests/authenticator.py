"""A passkey in software: answers a server's question as a device would, or a little differently from it."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, BACKUP, ATTESTED = 0x01, 0x04, 0x18, 0x40
WRITTEN = bytes_to_base64url


@dataclass
class Authenticator:
    """One device with one passkey. `count` is what it says it was used, 0 for ever if `counts` is off."""

    origin: str = "http://localhost:4100"
    flags: int = PRESENT | VERIFIED | BACKUP
    counts: bool = False
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: uuid4().bytes)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_id: bytes = b""

    def make(self, asked: dict[str, Any]) -> str:
        """Answer a question for a new passkey (attestation "none")."""
        self.user_id = base64url_to_bytes(asked["user"]["id"])
        place = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: place.x.to_bytes(32), -3: place.y.to_bytes(32)}
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + encode_cbor(public)
        data = self._data(asked["rp"]["id"], ATTESTED) + attested
        statement = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", asked),
            attestationObject=statement,
            transports=["internal"],
        )

    def use(self, asked: dict[str, Any], **changed: Any) -> str:
        """Answer a question to sign in; `changed` replaces parts of the answer."""
        self.count += self.counts
        data, said = self._data(asked["rpId"]), self._client_data("webauthn.get", asked)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": said, "authenticatorData": data, "signature": signature, "userHandle": self.user_id}
        return self._answer(**(parts | changed))

    def _data(self, domain: str, more: int = 0) -> bytes:
        return hashlib.sha256(domain.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _client_data(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _answer(self, **response: Any) -> str:
        name = WRITTEN(self.credential_id)
        said = {key: WRITTEN(value) if isinstance(value, bytes) else value for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})

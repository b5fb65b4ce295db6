"""A certified provider of single sign-on (oidc-provider) in a process of its own, and somebody who signs in there."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from portal_app.features.access.ports import Answered
from portal_app.settings import Settings
from tests.npm_tools import TOOLS, npm_package

CLIENT_ID, CLIENT_SECRET = "sala", "a-secret-of-a-test"
ADA = {"name": "Ada Okafor", "email": "ada@provider.test", "groups": ["sala-nurses"], "amr": ["pwd", "mfa"]}
SAM = {"name": "Sam Field", "groups": ["visitors"], "amr": ["pwd"]}


_ODD = JWSRegistry({"odd": HeaderParameter("Something we do not know", "str")}, ["RS256"])


@dataclass
class Provider:
    """The running provider. What is changed here counts after `write`, the keys after `turn`."""

    folder: Path
    origin: str
    port: int = 0
    people: dict[str, dict[str, Any]] = field(default_factory=lambda: {"ada": dict(ADA), "sam": dict(SAM)})
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    settings: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def back_to(self) -> str:
        return f"{self.origin}/auth/single-sign-on/back"

    def write(self) -> Path:
        """Say to the provider who is there, and which client and keys."""
        client = {
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [self.back_to],
            "post_logout_redirect_uris": [f"{self.origin}/auth/single-sign-on/left"],
            "backchannel_logout_uri": f"{self.origin}/auth/single-sign-on/ended",
            "backchannel_logout_session_required": True,
        }  # fmt: skip
        keys = {"keys": [self.key.as_dict(private=True)]}
        path = self.folder / "provider.json"
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"client": client, "keys": keys, "people": self.people, **self.settings}))
        fresh.replace(path)
        return path

    def start(self) -> None:
        npm_package("oidc-provider")
        command = ["node", str(TOOLS / "provider.mjs"), str(self.write())]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._said())

    def turn(self) -> None:
        """Let the provider go on with what was changed, as after a restart."""
        assert self.process
        assert self.process.stdin
        self.write()
        self.process.stdin.write("turn\n")
        self.process.stdin.flush()
        assert self._said() == "turned"

    def stop(self) -> None:
        assert self.process
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def secret_file(self) -> Path:
        """Return the file with what the portal proves itself by."""
        path = self.folder / "secret"
        path.write_text(CLIENT_SECRET)
        return path

    def settings_of_portal(self, **changed: Any) -> Settings:
        """Return settings under which the portal asks this provider."""
        secret = self.secret_file()
        told: dict[str, Any] = {
            "oidc_issuer": self.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret_file": secret,
            "oidc_roles": "sala-nurses=nurse; sala-desk=front_desk",
        }  # fmt: skip
        return Settings(**told | changed)

    def signed(self, claims: dict[str, Any], key: RSAKey | None = None, **header: Any) -> str:
        """Return a token as the provider would sign it, whatever it says."""
        key = key or self.key
        return jwt.encode({"alg": "RS256", "kid": str(key.kid), **header}, claims, key, registry=_ODD)

    def _said(self) -> str:
        assert self.process
        assert self.process.stdout
        # Above the port it may have hints for those who run it in earnest.
        return next(line.strip() for line in self.process.stdout if re.fullmatch(r"\d+|turned", line.strip()))


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}, private=True)


@contextmanager
def running(folder: Path, origin: str) -> Iterator[Provider]:
    provider = Provider(folder, origin)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


async def sign_in_there(address: str, name: str, browser: httpx.AsyncClient | None = None) -> Answered:
    """Go where the portal sends a browser, sign in as somebody, and return what the browser comes back with."""
    if browser is None:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as fresh:
            return await sign_in_there(address, name, fresh)
    answer = await browser.get(address)
    while "code=" not in (where := answer.headers.get("location", "")):
        assert answer.status_code in (200, 302, 303), answer.text
        if answer.is_redirect:
            answer = await browser.get(answer.url.join(where))
        else:
            answer = await browser.post(answer.url, data={"login": name})
    said = parse_qs(urlsplit(where).query)
    return Answered(said["code"][0], said["iss"][0])

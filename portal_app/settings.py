"""Typed settings, read from the environment (`PORTAL_*`)."""

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

STAND_IN_KEY = "sk_test_practice"
"""How a key begins that no real Stripe has given: who has it speaks with the stand-in on this machine."""


class Settings(BaseSettings):
    """Everything an operator can set; the defaults suit the demo.

    Each field is read from the environment variable `PORTAL_<FIELD>`.
    """

    model_config = SettingsConfigDict(env_prefix="PORTAL_", extra="ignore")

    mode: Literal["demo", "serve", "test"] = "demo"
    data_dir: Path = Path(".portal")
    host: str = "127.0.0.1"
    port: int = Field(default=4100, ge=1, le=65535)
    origin: str = ""
    passkey_domain: str = ""
    proxy_hops: int = Field(default=0, ge=0, le=8)
    web_processes: int = Field(default=1, ge=1, le=64)
    redis_url: str | None = None
    sockets_per_network: int = Field(default=500, ge=1)
    sockets_per_session: int = Field(default=20, ge=1)
    log_level: str = "INFO"

    database_url: str | None = None
    database_owner_url: str | None = None
    database_pool: int = Field(default=10, ge=1, le=200)

    key_file: Path | None = None
    audit_key_file: Path | None = None

    bookings_per_hour: int = Field(default=30, ge=1)
    upcoming_visits_max: int = Field(default=12, ge=1)

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    mail_from: str = "portal@localhost"

    media_ports: str = "40400-40499"
    media_addresses: str = ""
    stun_urls: str = ""
    turn_urls: str = ""
    turn_secret_file: Path | None = None
    video_path: Literal["direct", "hub"] = "direct"

    clamd: str = ""

    sms_url: str = ""
    sms_secret: SecretStr | None = None
    sms_from: str = ""

    push_key_file: Path | None = None
    push_services: str = (
        "fcm.googleapis.com jmt17.google.com updates.push.services.mozilla.com *.push.apple.com *.notify.windows.com"
    )

    oidc_issuer: str = ""
    oidc_name: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_scopes: str = "openid profile email"
    oidc_roles_claim: str = "groups"
    oidc_roles: str = ""
    oidc_second_factor: str = "amr=mfa"

    stripe_key: SecretStr | None = None
    stripe_webhook_secrets: SecretStr | None = None
    stripe_api_base: str = ""

    @property
    def public_origin(self) -> str:
        """Return the one origin that browsers may use, without a trailing slash."""
        return (self.origin or f"http://localhost:{self.port}").rstrip("/")

    @property
    def passkey_site(self) -> str:
        """Return the domain passkeys are bound to: the origin's own host, or a parent of it that was set."""
        return self.passkey_domain or urlsplit(self.public_origin).hostname or "localhost"

    @cached_property
    def oidc_client_secret(self) -> str:
        """Return what we prove ourselves with at the provider of single sign-on, "" if it gave us nothing.

        Raises:
            OSError: if the file that was set cannot be read.
        """
        return self.oidc_client_secret_file.read_text().strip() if self.oidc_client_secret_file else ""

    @property
    def media_folder(self) -> Path:
        """Return where the hub writes how the web processes reach it; only this account may look there."""
        return self.data_dir / "media"

    @property
    def media_port_range(self) -> range:
        """Return the UDP ports of which the hub takes the first that is free.

        Raises:
            ValueError: if they are not written as one number or as two with a hyphen.
        """
        first, _, last = self.media_ports.partition("-")
        found = range(int(first), int(last or first) + 1)
        if not found or not 0 <= found.start <= found.stop - 1 <= 65535:
            raise ValueError(self.media_ports)
        return found

    @property
    def media_address_list(self) -> list[str]:
        """Return the addresses at which browsers reach the hub; none set means this machine's own."""
        return _listed(self.media_addresses)

    @property
    def stun_list(self) -> list[str]:
        """Return the servers that tell a browser its address."""
        return _listed(self.stun_urls)

    @property
    def turn_list(self) -> list[str]:
        """Return the servers that carry media where nothing else gets through."""
        return _listed(self.turn_urls)

    @cached_property
    def turn_secret(self) -> str:
        """Return what short-lived credentials for those servers are made with, "" if none is set.

        Raises:
            OSError: if the file that was set cannot be read.
        """
        return self.turn_secret_file.read_text().strip() if self.turn_secret_file else ""

    @property
    def key_path(self) -> Path:
        """Return where the key ring for secrets at rest lies."""
        return self.key_file or self.data_dir / "keys" / "ring"

    @property
    def audit_key_path(self) -> Path:
        """Return where the key that seals the audit trail lies."""
        return self.audit_key_file or self.data_dir / "keys" / "audit"

    @property
    def push_key_path(self) -> Path:
        """Return where the key lies with which the portal proves itself to push services."""
        return self.push_key_file or self.data_dir / "keys" / "push"

    @property
    def practises_payments(self) -> bool:
        """Tell whether a stand-in takes Stripe's place, and no payment is of real money."""
        return self.stripe_key is not None and self.stripe_key.get_secret_value().startswith(STAND_IN_KEY)

    @property
    def is_demo(self) -> bool:
        """Tell whether one-tap sign-in, the mail catcher and the living design page may be reached."""
        return self.mode == "demo"


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


@lru_cache
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()

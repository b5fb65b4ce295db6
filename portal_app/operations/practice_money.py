"""The demo's money is practised: without a key of Stripe's own, a stand-in on this machine takes its place."""

import json
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from portal_app.operations.startup import CannotStart, unused_port
from portal_app.settings import STAND_IN_KEY, Settings

_REAL = ("sk_live_", "rk_live_")


def with_practice(settings: Settings) -> Settings:
    """Return the settings of a demo that starts: with the stand-in, unless a test key of Stripe's own is set.

    Raises:
        CannotStart: if the key takes real money.
    """
    if settings.stripe_key is not None and not settings.practises_payments:
        if settings.stripe_key.get_secret_value().startswith(_REAL):
            raise CannotStart("PORTAL_STRIPE_KEY takes real money, and anyone can sign in to the demo. Use a test key.")
        return settings
    known = _known(settings.data_dir)
    account = {
        "stripe_key": known.get("stripe_key") or STAND_IN_KEY + secrets.token_hex(12),
        "stripe_webhook_secrets": known.get("stripe_webhook_secrets") or f"whsec_practice{secrets.token_hex(16)}",
        "stripe_api_base": f"http://127.0.0.1:{unused_port()}",
    }
    _keep(settings.data_dir, account)
    return _using(settings, account)


def as_it_runs(settings: Settings) -> Settings:
    """Return the settings of a demo that was started: with its stand-in, where it has one."""
    known = _known(settings.data_dir)
    return _using(settings, known) if known and settings.stripe_key is None else settings


def _using(settings: Settings, account: dict[str, str]) -> Settings:
    hidden = {name: SecretStr(account[name]) for name in ("stripe_key", "stripe_webhook_secrets")}
    return settings.model_copy(update={**hidden, "stripe_api_base": account["stripe_api_base"]})


def _file(data_dir: Path) -> Path:
    return data_dir / "practice-payments" / "account.json"


def _known(data_dir: Path) -> dict[str, str]:
    path = _file(data_dir)
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _keep(data_dir: Path, account: dict[str, str]) -> None:
    path = _file(data_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(account, file)
    draft.replace(path)

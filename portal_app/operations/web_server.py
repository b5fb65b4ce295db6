"""How the web processes are started: granian on the finished pages."""

import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from portal_app.operations.build import reflex_environment
from portal_app.operations.lan import Tls
from portal_app.operations.places import Places
from portal_app.operations.supervisor import Program
from portal_app.settings import Settings

_OF_OTHERS = ("PORTAL_DATABASE_URL", "PORTAL_REDIS_URL", "PORTAL_SMTP_PASSWORD", "PORTAL_SMS_SECRET")


def settings_environment(settings: Settings) -> dict[str, str]:
    """Return the settings as the variables that make the same settings in a child process.

    The owner's address stays behind: only migrations use it, and they do not run in a child.
    """
    given = settings.model_dump(exclude_none=True, exclude={"database_owner_url"})
    return {
        f"PORTAL_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in given.items()
    }


def process_environment(settings: Settings, places: Places) -> dict[str, str]:
    """Return the environment of a process of ours, without the owner's address."""
    environment = reflex_environment(places) | settings_environment(settings)
    environment.pop("PORTAL_DATABASE_OWNER_URL", None)
    return environment


def web_program(
    settings: Settings, places: Places, pages: Path, log_path: Path | None, tls: Tls | None = None
) -> Program:
    """Return the web server, serving the finished build in `pages` at the host and port of the settings.

    It speaks plain HTTP to a proxy, or TLS itself where a certificate is given. One process keeps the state of open
    tabs in its memory; several keep it in Redis (`serve` insists), and one that dies is started anew while the others
    go on.
    """
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "portal_app.portal_app:app"]
    command += ["--host", settings.host, "--port", str(settings.port), "--no-access-log"]
    command += ["--workers", str(settings.web_processes)]
    if settings.web_processes > 1:
        command += ["--respawn-failed-workers", "--respawn-interval", "1"]
    command += ["--workers-kill-timeout", "2", "--log-level", settings.log_level.lower()]
    command += ["--log-config", str(Path(__file__).with_name("granian_log.json"))]
    if tls is not None:
        command += ["--ssl-certificate", str(tls.certificate), "--ssl-keyfile", str(tls.key)]
        command += ["--ssl-protocol-min", "tls1.2"]
    return Program("web", command, web_environment(settings, places, pages), pages, log_path)


def web_environment(settings: Settings, places: Places, pages: Path) -> Mapping[str, str]:
    """Return the environment of the web processes.

    The double-underscored variables are Reflex's own and undocumented: they keep it from compiling again at every
    start. A page whose network has gone without a word finds out by missing the server's sign of life; Reflex's own two
    and a half minutes would be long in a visit. With Redis a process keeps a tab's state to itself for as long as
    nobody else asks for it.
    """
    environment = process_environment(settings, places)
    environment.pop("REFLEX_REDIS_URL", None)
    if settings.redis_url:
        environment |= {"REFLEX_REDIS_URL": settings.redis_url, "REFLEX_OPLOCK_ENABLED": "true"}
    return {
        **environment,
        "REFLEX_SOCKET_INTERVAL": "10",
        "REFLEX_SOCKET_TIMEOUT": "15",
        "REFLEX_WEB_WORKDIR": str(pages),
        "REFLEX_STATES_WORKDIR": str(settings.data_dir / "states-are-in-memory"),
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    }


def worker_program(settings: Settings, places: Places, log_path: Path | None) -> Program:
    """Return the process that does background work."""
    command = [sys.executable, "-m", "portal_app.cli", "worker"]
    return Program("worker", command, process_environment(settings, places), settings.data_dir, log_path)


def practice_program(settings: Settings, places: Places, log_path: Path) -> Program:
    """Return the stand-in for Stripe, with which the demo practises payments."""
    command = [sys.executable, "-m", "portal_app.cli", "practice-payments"]
    environment = process_environment(settings, places)
    for name in _OF_OTHERS:
        environment.pop(name, None)
    return Program("practice-payments", command, environment, settings.data_dir, log_path)


def media_program(settings: Settings, places: Places, log_path: Path | None) -> Program:
    """Return the process that carries video where browsers do not reach each other."""
    command = [sys.executable, "-m", "portal_app.cli", "media"]
    environment = process_environment(settings, places)
    for name in (*_OF_OTHERS, "PORTAL_STRIPE_KEY", "PORTAL_STRIPE_WEBHOOK_SECRETS"):
        environment.pop(name, None)  # it asks none of them anything
    return Program("media", command, environment, settings.data_dir, log_path)

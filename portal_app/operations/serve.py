"""Run the portal for real people: the settings decide, nothing of the demo is reachable, logs go to standard error."""

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import structlog

from portal_app.core import limits
from portal_app.operations import embedded_postgres, logs, migrate, startup
from portal_app.operations.build import ensure_built
from portal_app.operations.database import is_bound, with_addresses
from portal_app.operations.embedded_postgres import EmbeddedPostgres
from portal_app.operations.places import DEMO_MARK, Places
from portal_app.operations.supervisor import Database, Service, Supervisor
from portal_app.operations.web_server import media_program, web_program, worker_program
from portal_app.settings import Settings

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

log = structlog.get_logger(__name__)


def main(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C. Raises CannotStart, DatabaseNotStarted, BuildFailed, DemoKeyRefused."""
    logs.configure(settings)
    refuse_unsafe(settings)
    places = Places.from_environment()
    with startup.sole_use(settings.data_dir, f"Another portal already serves from {settings.data_dir}."):
        startup.require_free_port(settings.host, settings.port, "PORTAL_PORT=")
        if settings.database_url:
            return _run(settings, places, None)
        server = embedded_postgres.start(settings.data_dir / "postgres")
        try:
            return _run(with_addresses(settings, server), places, server)
        finally:
            server.stop()


def refuse_unsafe(settings: Settings) -> None:
    """Raise CannotStart for settings that would put real people on a demo's footing."""
    if settings.mode != "serve":
        raise startup.CannotStart(f"PORTAL_MODE is {settings.mode}, which lets anyone in. Take it out of the settings.")
    origin = urlsplit(settings.origin)
    is_local = origin.hostname in _THIS_MACHINE
    if not origin.hostname or origin.path.strip("/"):
        raise startup.CannotStart("Set PORTAL_ORIGIN to the address people open, such as https://portal.example.org")
    if origin.scheme != "https" and not is_local:
        raise startup.CannotStart("PORTAL_ORIGIN must begin with https, or no browser keeps anyone signed in.")
    if settings.smtp_security == "none" and settings.smtp_host not in _THIS_MACHINE:
        raise startup.CannotStart("Set PORTAL_SMTP_SECURITY to starttls or tls: sign-in codes go by mail.")
    if (settings.data_dir / DEMO_MARK).exists():
        raise startup.CannotStart(f"{settings.data_dir} was made by the demo. Choose another PORTAL_DATA_DIR.")
    _refuse_practice_money(settings)
    for path in (settings.key_path, settings.audit_key_path):
        if not path.exists():
            raise startup.CannotStart(f"There is no key in {path}. Make the keys: ./portal keys make")
    _refuse_unsafe_sharing(settings)


def _refuse_practice_money(settings: Settings) -> None:
    """Raise CannotStart where people would pay with money that is none, or Stripe could not be heard."""
    if settings.practises_payments or settings.stripe_api_base:
        raise startup.CannotStart(
            "PORTAL_STRIPE_KEY or PORTAL_STRIPE_API_BASE is of the stand-in for Stripe, where no money moves. Set a "
            "key of Stripe's own, and no PORTAL_STRIPE_API_BASE."
        )
    if settings.stripe_key is not None and settings.stripe_webhook_secrets is None:
        raise startup.CannotStart(
            "Set PORTAL_STRIPE_WEBHOOK_SECRETS to the signing secret of the webhook: without it no payment is believed."
        )


def _refuse_unsafe_sharing(settings: Settings) -> None:
    """Raise CannotStart where several web processes could not know of each other, or strangers could listen."""
    if settings.redis_url is None:
        if settings.web_processes > 1:
            raise startup.CannotStart(
                f"PORTAL_WEB_PROCESSES is {settings.web_processes}: several processes keep what open pages show in "
                "Redis. Set PORTAL_REDIS_URL, or take PORTAL_WEB_PROCESSES out of the settings."
            )
        return
    address = urlsplit(settings.redis_url)
    if address.scheme not in ("redis", "rediss", "unix"):
        raise startup.CannotStart("PORTAL_REDIS_URL must begin with redis://, rediss:// or unix://")
    if address.scheme == "redis" and address.hostname not in _THIS_MACHINE:
        raise startup.CannotStart("PORTAL_REDIS_URL must begin with rediss://: what open pages show goes there.")


def _run(settings: Settings, places: Places, server: EmbeddedPostgres | None) -> int:
    from portal_app.core import audit_seal, crypto

    crypto.load_key_ring(settings)
    audit_seal.load_audit_key(settings)
    if server is not None:
        migrate.main(settings)
    else:
        _require_sound_database(settings)
    if settings.redis_url and not asyncio.run(limits.answers(settings.redis_url)):
        raise startup.CannotStart(
            "The Redis in PORTAL_REDIS_URL does not answer. Is it running, and the address right?"
        )
    pages = ensure_built(places, _log_line)
    services = production_services(settings, places, pages, server)
    with Supervisor(services, _log_line) as supervisor:
        if startup.wait_until_ready(supervisor, services, settings.host, settings.port):
            log.info("serving", origin=settings.public_origin, host=settings.host, port=settings.port)
            supervisor.run()
    log.info("stopped")
    return 0


def _require_sound_database(settings: Settings) -> None:
    """Raise CannotStart for an operator's own database that is away, not migrated, or shows rows to everybody."""
    try:
        if not migrate.is_current(settings):
            raise startup.CannotStart("The database does not have the newest schema. Run ./portal migrate first.")
        if not is_bound(settings):
            raise startup.CannotStart("The role in PORTAL_DATABASE_URL passes row-level security. Use portal_app.")
    except psycopg.OperationalError as problem:
        raise startup.CannotStart(f"The database in PORTAL_DATABASE_URL does not answer: {problem}") from None


def production_services(
    settings: Settings, places: Places, pages: Path, server: EmbeddedPostgres | None
) -> list[Service]:
    """Return what `serve` keeps running; each speaks on standard error, where systemd and containers listen."""
    return [
        *([Database(server)] if server else []),
        worker_program(settings, places, None),
        media_program(settings, places, None),
        web_program(settings, places, pages, None),
    ]


def _log_line(line: str) -> None:
    log.info(line)
    sys.stderr.flush()

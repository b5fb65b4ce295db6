"""`./portal doctor`: look at this machine and this installation, and say in plain words what is well and what is not.

It changes nothing: a database that is not there yet is not made.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from portal_app import wiring
from portal_app.core import limits
from portal_app.core.crypto import KeyRingUnreadable
from portal_app.core.db import libpq_conninfo
from portal_app.core.scanning import ScannerAway
from portal_app.features.notify.push_keys import load_push_key
from portal_app.operations import migrate, startup
from portal_app.operations.build import sources_digest
from portal_app.operations.database import is_bound, reachable
from portal_app.operations.embedded_postgres import DatabaseNotStarted
from portal_app.operations.places import DEMO_MARK, Places
from portal_app.settings import Settings
from portal_app.web.hub_line import HubAway, ask_hub

_FREE_BYTES_WANTED = 2_000_000_000
_POSTGRESQL_MIN = 150000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, whether that is well, and what to do if not."""

    is_well: bool
    words: str
    advice: str = ""

    def __str__(self) -> str:
        return f"  well  {self.words}" if self.is_well else f"! LOOK  {self.words}. {self.advice}"


def main(settings: Settings, subject: str | None = None) -> int:
    """Print every finding of a subject, or of this machine and installation; return 0 when all is well."""
    findings = []
    for look in SUBJECTS[subject] if subject else LOOKS:
        for finding in look(settings):
            findings.append(finding)
            print(finding, flush=True)
    bad = sum(not finding.is_well for finding in findings)
    print("\nAll is well." if bad == 0 else f"\n{bad} of {len(findings)} need a look.")
    return 1 if bad else 0


def look_at_programs(_settings: Settings) -> Iterator[Finding]:
    """Look at Python, the installed packages and Node."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"Python {version} in {sys.prefix}", "3.11 or newer is needed.")
    is_installed = any(Path(sys.prefix).glob("requirements*.lock.installed"))
    yield Finding(is_installed, "Packages are installed as pinned", "Start by ./portal, which installs them.")
    folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    node = shutil.which("node", path=folders) or "node"
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    yield Finding(bool(said), f"Node {said} from {node}", "It comes with the packages: start by ./portal.")


def look_at_folders(settings: Settings) -> Iterator[Finding]:
    """Look at room and permissions where data lies."""
    folder = settings.data_dir.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    yield Finding(free > _FREE_BYTES_WANTED, f"{free / 1e9:.1f} GB free under {folder}", "Two or more are wanted.")
    yield Finding(os.access(existing, os.W_OK), f"{existing} can be written to", "This account may not.")
    if folder.exists() and not settings.is_demo:
        is_clean = not (folder / DEMO_MARK).exists()
        yield Finding(is_clean, "The data folder is no demo's", "Choose another PORTAL_DATA_DIR.")


def look_at_keys(settings: Settings) -> Iterator[Finding]:
    """Look for the keys and who may read them."""
    for path in (settings.key_path, settings.audit_key_path):
        if path.exists():
            mode = path.stat().st_mode & 0o777
            yield Finding(mode & 0o077 == 0, f"The key {path} has mode {mode:o}", f"Close it: chmod 600 {path}")
        else:
            yield Finding(settings.is_demo, f"No key in {path} yet", "Make the keys: ./portal keys make")


def look_at_notifications(settings: Settings) -> Iterator[Finding]:
    """Look for the key for notifications, without which nobody is offered any."""
    path = settings.push_key_path
    if not path.exists():
        yield Finding(True, "Notifications are not set up; to offer them: ./portal keys push")
        return
    try:
        load_push_key(settings)
        yield Finding(True, f"The key for notifications {path} can be used")
    except KeyRingUnreadable as problem:
        yield Finding(False, f"The key for notifications: {problem}", "Put it right, or delete it and make another.")
    is_public = "@" in settings.mail_from and not settings.mail_from.rstrip(">").endswith("@localhost")
    yield Finding(
        settings.is_demo or is_public, f"Push services reach you at {settings.mail_from}", "Set PORTAL_MAIL_FROM."
    )


def look_at_database(settings: Settings) -> Iterator[Finding]:
    """Connect to the database as the portal would, and look at its version, its role and its schema."""
    if not settings.database_url and not (settings.data_dir / "postgres" / "data").exists():
        yield Finding(True, "There is no database yet; the first start makes it")
        return
    try:
        with reachable(settings) as given:
            yield from _look_inside(given)
    except (DatabaseNotStarted, psycopg.Error) as problem:
        yield Finding(False, f"The database does not answer: {problem}", "Is it running, and the address right?")


def _look_inside(settings: Settings) -> Iterator[Finding]:
    with psycopg.connect(libpq_conninfo(settings.database_url or ""), connect_timeout=5) as connection:
        version, role = connection.info.server_version, connection.info.user
    words = f"PostgreSQL {version // 10000}.{version % 10000} answers"
    yield Finding(version >= _POSTGRESQL_MIN, words, "15 or newer is needed.")
    yield Finding(is_bound(settings), f"Row-level security binds the role {role}", "It may pass it: use a plain role.")
    yield Finding(migrate.is_current(settings), "The schema is the newest", "Run ./portal migrate.")


def look_at_network(settings: Settings) -> Iterator[Finding]:
    """Look at the port to listen on, the origin, and the mail server."""
    state = "free" if startup.is_free(settings.host, settings.port) else "in use, by this portal if it runs"
    yield Finding(True, f"Port {settings.port} is {state}")
    if settings.is_demo:
        return
    is_https = settings.public_origin.startswith("https://")
    yield Finding(is_https, f"People open {settings.public_origin}", "Set PORTAL_ORIGIN to an https address.")
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        socket.create_connection((settings.smtp_host, settings.smtp_port), timeout=5).close()
        yield Finding(True, f"The mail server {where} answers")
    except OSError as problem:
        yield Finding(False, f"The mail server {where} does not answer: {problem}", "No code can be sent without it.")


def look_at_redis(settings: Settings) -> Iterator[Finding]:
    """Look at what several web processes share, where the settings name it."""
    if settings.redis_url:
        is_there = asyncio.run(limits.answers(settings.redis_url))
        words = (
            "The Redis of the web processes answers" if is_there else "The Redis in PORTAL_REDIS_URL does not answer"
        )
        yield Finding(is_there, words, "Is it running, and the address right?")
    elif settings.web_processes > 1:
        words = f"{settings.web_processes} web processes and nothing they share"
        yield Finding(False, words, "Set PORTAL_REDIS_URL.")


def look_at_video(settings: Settings) -> Iterator[Finding]:
    """Look at what the video hub and the relay for networks without UDP are set to."""
    try:
        ports = settings.media_port_range
    except ValueError:
        yield Finding(False, "PORTAL_MEDIA_PORTS is no range of ports", "Write two numbers with a hyphen: 40400-40499")
    else:
        yield _look_at_hub(settings, ports)
    if not settings.turn_list:
        return
    try:
        has_secret = bool(settings.turn_secret)
    except OSError:
        has_secret = False
    words = "Video: browsers get credentials for the relay" if has_secret else "Video: no credentials for the relay"
    yield Finding(has_secret, words, "PORTAL_TURN_SECRET_FILE must name a file with coturn's static-auth-secret.")


def _look_at_hub(settings: Settings, ports: range) -> Finding:
    """Ask the hub how it is; where it does not run, look whether it could listen."""
    try:
        told = asyncio.run(ask_hub(settings.media_folder))
    except HubAway:
        return _look_at_ports(settings, ports)
    carried = f"{told['rooms_carried']} of {told['rooms']} rooms carried, {told['people']} people"
    is_meant = told["udp_port"] in ports or ports == range(1)
    advice = "It was started with other settings: start the portal again."
    return Finding(is_meant, f"Video: the hub answers, on UDP port {told['udp_port']}; {carried}", advice)


def _look_at_ports(settings: Settings, ports: range) -> Finding:
    where = f"UDP port from {ports.start} to {ports.stop - 1}"
    if not startup.is_free(settings.host, settings.port):
        words = "Video: the portal's port is in use, and the hub does not answer"
        return Finding(False, words, "Its log says why (journalctl -u portal).")
    number = next((one for one in ports if _is_free_udp(one)), None)
    if number is None:
        return Finding(False, f"Video: no {where} is free for the hub", "Set PORTAL_MEDIA_PORTS to others.")
    return Finding(True, f"Video: the hub does not run; it would take UDP port {number}, the first free {where}")


def _is_free_udp(number: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
        try:
            tried.bind(("", number))
        except OSError:
            return False
    return True


def look_at_scanner(settings: Settings) -> Iterator[Finding]:
    """Ask the virus scanner, where one is set, what it is."""
    clamd = wiring.scanner(settings)
    if clamd is not None:
        try:
            yield Finding(True, f"Files are looked through by {asyncio.run(clamd.version())}")
        except ScannerAway:
            advice = "Until it does, no file is taken: start clamd, or unset PORTAL_CLAMD."
            yield Finding(False, f"The virus scanner at {settings.clamd} does not answer", advice)


def look_at_pages(_settings: Settings) -> Iterator[Finding]:
    """Tell whether the pages of the present sources are built; the next start builds them otherwise."""
    is_built = (Places.from_environment().pages / sources_digest() / "complete").exists()
    yield Finding(True, "The pages are built" if is_built else "The pages will be built at the next start")


LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    look_at_programs,
    look_at_folders,
    look_at_keys,
    look_at_notifications,
    look_at_database,
    look_at_network,
    look_at_redis,
    look_at_scanner,
    look_at_video,
    look_at_pages,
)


def look_at_stripe(settings: Settings) -> Iterator[Finding]:
    """Ask Stripe how the account is set up."""
    from portal_app.operations import doctor_stripe

    for finding in doctor_stripe.findings(settings):
        yield Finding(*finding)


SUBJECTS: dict[str, tuple[Callable[[Settings], Iterator[Finding]], ...]] = {"stripe": (look_at_stripe,)}

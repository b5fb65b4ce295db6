"""The whole portal on one machine with one command: database, clinic, pages, processes, one address."""

import subprocess
import sys
from pathlib import Path

from portal_app.operations import embedded_postgres, lan, practice_money, startup
from portal_app.operations.build import ensure_built, schema_digest
from portal_app.operations.database import with_addresses
from portal_app.operations.embedded_postgres import EmbeddedPostgres
from portal_app.operations.lan import Tls
from portal_app.operations.places import DEMO_MARK, Places
from portal_app.operations.supervisor import Database, Program, Service, Supervisor
from portal_app.operations.tether import tethered
from portal_app.operations.web_server import (
    media_program,
    practice_program,
    process_environment,
    web_program,
    worker_program,
)
from portal_app.settings import Settings


def say(line: str) -> None:
    """Print a line at once, for a person who waits."""
    print(line, flush=True)


def main(port: int, lan_address: str | None = None) -> int:
    """Run the demo on `port` until Ctrl-C: for this machine, or for the phones of its network.

    `lan_address` is where they reach it, "" to find that out. Raises CannotStart, DatabaseNotStarted, BuildFailed.
    """
    places = Places.from_environment()
    data_dir = places.demo(port)
    settings = demo_settings(data_dir, port)
    if lan_address is not None:
        settings = on_network(settings, lan.own_address(lan_address))
    origin = settings.public_origin
    already = f"The demo already runs: open {origin}, or start another: ./portal demo --port {port + 1}"
    with startup.sole_use(data_dir, already):
        startup.require_free_port(settings.host, port, "./portal demo --port ")
        (data_dir / DEMO_MARK).touch()
        settings = practice_money.with_practice(settings)
        tls = lan.certificate_for(settings.host, data_dir / "lan") if lan_address is not None else None
        if settings.database_url:
            return _run(settings, places, None, tls)
        server = embedded_postgres.start(data_dir / "postgres")
        try:
            return _run(with_addresses(settings, server), places, server, tls)
        finally:
            server.stop()


def demo_settings(data_dir: Path, port: int) -> Settings:
    """Return the settings of the demo on `port`: its own keys and mailbox, whatever the environment names."""
    return Settings(
        mode="demo",
        data_dir=data_dir,
        port=port,
        key_file=None,
        audit_key_file=None,
        smtp_host="127.0.0.1",
        smtp_port=startup.unused_port(),
        smtp_username=None,
        smtp_password=None,
        smtp_security="none",
    )


def on_network(settings: Settings, address: str) -> Settings:
    """Return the settings of a demo that others of this network reach, over https, and its hub as well."""
    given = {"host": address, "origin": f"https://{address}:{settings.port}"}
    return settings.model_copy(update={**given, "media_addresses": settings.media_addresses or address})


def _run(settings: Settings, places: Places, server: EmbeddedPostgres | None, tls: Tls | None) -> int:
    is_first = _bring_schema_up_to_date(settings, places, server)
    seeding = _start_step("demo-clinic", settings, places)
    if is_first:
        _finish_step(seeding)  # it makes the keys, which the web process would otherwise make at the same time
    pages = ensure_built(places, say)
    needed, later = demo_services(settings, places, pages, server, tls)
    with Supervisor(needed, say) as supervisor:
        certificate = tls.certificate if tls else None
        if startup.wait_until_ready(supervisor, needed, settings.host, settings.port, certificate=certificate):
            if not is_first:
                _finish_step(seeding)
            for service in later:
                supervisor.add(service)
            if tls is not None:
                say(lan.invitation(settings.public_origin, tls, in_colour=sys.stdout.isatty()))
            say(welcome(settings.public_origin, settings.data_dir))
            supervisor.run()
        say("Stopping …")
    say("Everything has stopped. Your demo is kept; start it again the same way.")
    return 0


def _bring_schema_up_to_date(settings: Settings, places: Places, server: EmbeddedPostgres | None) -> bool:
    """Migrate where the migrations have changed; return True on the very first start.

    A database of our own has the schema that was noted beside it, so that a second start need not load Alembic.
    """
    note = settings.data_dir / "schema"
    noted = note.read_text() if note.exists() else ""
    wanted = schema_digest()
    if server is None or noted != wanted:
        _finish_step(_start_step("migrate", settings, places))
        note.write_text(wanted)
    return not noted


def _start_step(verb: str, settings: Settings, places: Places) -> subprocess.Popen[str]:
    environment = process_environment(settings, places)
    environment["PORTAL_DATABASE_OWNER_URL"] = settings.database_owner_url or ""
    command = tethered([sys.executable, "-m", "portal_app.cli", verb])
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _finish_step(step: subprocess.Popen[str]) -> None:
    """Wait for a step; raises CannotStart with its last lines when it failed."""
    output, _nothing = step.communicate()
    if step.returncode != 0:
        tail = "\n".join(f"    {line}" for line in output.splitlines()[-15:])
        raise startup.CannotStart(f"The demo's database could not be prepared:\n{tail}")


def demo_services(
    settings: Settings, places: Places, pages: Path, server: EmbeddedPostgres | None, tls: Tls | None = None
) -> tuple[list[Service], list[Service]]:
    """Return what must run before the first page, and what may follow."""
    logs = settings.data_dir / "logs"
    catcher = [sys.executable, "-m", "portal_app.cli", "mail-catcher"]
    needed: list[Service] = [
        *([Database(server)] if server else []),
        web_program(settings, places, pages, logs / "web.log", tls),
    ]
    later: list[Service] = [
        Program("mail", catcher, process_environment(settings, places), settings.data_dir, logs / "mail.log"),
        worker_program(settings, places, logs / "worker.log"),
        media_program(settings, places, logs / "media.log"),
        *([practice_program(settings, places, logs / "practice.log")] if settings.practises_payments else []),
    ]
    return needed, later


def welcome(origin: str, data_dir: Path) -> str:
    """Return the box that tells where to go."""
    lines = [f"Sala is ready:  {origin}", "", f"Data and logs:  {data_dir}", "Stop:           Ctrl-C"]
    width = max(map(len, lines))
    middle = [f"│  {line.ljust(width)}  │" for line in lines]
    return "\n".join(["", f"╭{'─' * (width + 4)}╮", *middle, f"╰{'─' * (width + 4)}╯", ""])

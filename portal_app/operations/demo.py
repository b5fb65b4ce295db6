"""The whole portal on one machine with one command: database, clinic, pages, processes, one address."""

import sys
from pathlib import Path

from portal_app.operations import embedded_postgres, startup
from portal_app.operations.build import ensure_built
from portal_app.operations.database import with_addresses
from portal_app.operations.embedded_postgres import EmbeddedPostgres
from portal_app.operations.places import DEMO_MARK, Places
from portal_app.operations.supervisor import Database, Program, Service, Supervisor
from portal_app.operations.web_server import process_environment, web_program, worker_program
from portal_app.settings import Settings


def say(line: str) -> None:
    """Print a line at once, for a person who waits."""
    print(line, flush=True)


def main(port: int) -> int:
    """Run the demo on `port` until Ctrl-C. Raises CannotStart, DatabaseNotStarted, BuildFailed."""
    places = Places.from_environment()
    data_dir = places.demo(port)
    already = f"The demo already runs: open http://localhost:{port}, or start another: ./portal demo --port {port + 1}"
    with startup.sole_use(data_dir, already):
        settings = Settings(mode="demo", data_dir=data_dir, port=port, smtp_port=startup.unused_port())
        startup.require_free_port(settings.host, port)
        (data_dir / DEMO_MARK).touch()
        if settings.database_url:
            return _run(settings, places, None)
        server = embedded_postgres.start(data_dir / "postgres")
        try:
            return _run(with_addresses(settings, server), places, server)
        finally:
            server.stop()


def _run(settings: Settings, places: Places, server: EmbeddedPostgres | None) -> int:
    pages = prepare(settings, places)
    services = demo_services(settings, places, pages, server)
    with Supervisor(services, say) as supervisor:
        if startup.wait_until_ready(supervisor, services, settings.host, settings.port):
            say(welcome(settings.public_origin, settings.data_dir))
            supervisor.run()
        say("Stopping …")
    say("Everything has stopped. Your demo is kept; start it again the same way.")
    return 0


def prepare(settings: Settings, places: Places) -> Path:
    """Bring schema, catalogues, clinic and pages up to date, and return where the pages lie."""
    from portal_app.operations import catalogues, demo_clinic, migrate

    catalogues.compile_all()
    migrate.main(settings)
    demo_clinic.main(settings)
    return ensure_built(places, say)


def demo_services(settings: Settings, places: Places, pages: Path, server: EmbeddedPostgres | None) -> list[Service]:
    """Return what the demo keeps running, the database first."""
    logs = settings.data_dir / "logs"
    catcher = [sys.executable, "-m", "portal_app.cli", "mail-catcher"]
    environment = process_environment(settings, places)
    return [
        *([Database(server)] if server else []),
        Program("mail", catcher, environment, settings.data_dir, logs / "mail.log"),
        worker_program(settings, places, logs / "worker.log"),
        web_program(settings, places, pages, logs / "web.log"),
    ]


def welcome(origin: str, data_dir: Path) -> str:
    """Return the box that tells where to go."""
    lines = [f"Sala is ready:  {origin}", "", f"Data and logs:  {data_dir}", "Stop:           Ctrl-C"]
    width = max(map(len, lines))
    middle = [f"│  {line.ljust(width)}  │" for line in lines]
    return "\n".join(["", f"╭{'─' * (width + 4)}╮", *middle, f"╰{'─' * (width + 4)}╯", ""])

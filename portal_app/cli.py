"""What `./portal` calls: one verb each, every module imported only by the verb that needs it."""

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal_app.operations.places import Places

if TYPE_CHECKING:
    from portal_app.settings import Settings

Verb = Callable[[argparse.Namespace], int]

EXIT_UNAVAILABLE = 69  # sysexits(3), EX_UNAVAILABLE
_DEMO: dict[str, Any] = {
    "type": int,
    "nargs": "?",
    "const": 4100,
    "metavar": "PORT",
    "help": "act on the demo of that port (4100)",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb given on the command line; what a person can mend is said in a sentence, without a traceback."""
    parser = _parser()
    given, rest = parser.parse_known_args(arguments)
    if rest and not given.passes_on:
        parser.error(f"unknown: {' '.join(rest)}")
    given.rest = rest
    verb: Verb = given.verb
    try:
        return verb(given)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except Exception as problem:
        if not _is_for_a_person(problem):
            raise
        print(f"\n{problem}", file=sys.stderr)
        return EXIT_UNAVAILABLE


def _is_for_a_person(problem: Exception) -> bool:
    from portal_app.core.crypto import DemoKeyRefused, KeyRingMissing, KeyRingUnreadable
    from portal_app.operations.build import BuildFailed
    from portal_app.operations.embedded_postgres import DatabaseNotStarted
    from portal_app.operations.startup import CannotStart
    from portal_app.operations.test_run import BrowserMissing

    if type(problem).__name__ == "NoFreePort":  # of the hub, which no other command imports
        return True
    keys = DemoKeyRefused | KeyRingMissing | KeyRingUnreadable
    return isinstance(problem, BrowserMissing | BuildFailed | CannotStart | DatabaseNotStarted | keys)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./portal", description="Sala, a self-hosted patient portal.")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = _add(verbs, "demo", _demo, "run the whole portal with a demo clinic")
    demo.add_argument("--port", type=int, default=int(os.environ.get("PORTAL_PORT", "4100")))
    demo.add_argument("--lan", nargs="?", const="", metavar="ADDRESS", help="let phones of this network in, over https")
    _add(verbs, "serve", _serve, "run the portal for real people, from the settings")
    _add(verbs, "migrate", _migrate, "bring the database to the newest schema")
    _add(verbs, "worker", _worker, "do background work")
    _add(verbs, "media", _media, "carry video where browsers do not reach each other (started by demo and serve)")
    _add(verbs, "demo-clinic", _demo_clinic, "fill the demo's database (done by demo)")
    _add(verbs, "mail-catcher", _mail_catcher, "keep the demo's mail (started by demo)")
    _add(verbs, "practice-payments", _practice_payments, "stand in for Stripe (started by demo)")
    doctor = _add(verbs, "doctor", _doctor, "check this machine and this installation, or the account with Stripe")
    doctor.add_argument("subject", nargs="?", choices=["stripe"], help="stripe: ask Stripe how the account is set up")
    doctor.add_argument("--demo", **_DEMO)

    test = _add(verbs, "test", _test, "run every check and test; what is not named here goes to pytest", passes_on=True)
    test.add_argument("--database-url", help="the superuser's address of a PostgreSQL server to test on")
    test.add_argument("-k", dest="name", help="only tests whose name matches; the other checks are left out")
    bench = _add(verbs, "bench", _bench, "run one benchmark", passes_on=True)
    bench.add_argument("name")
    words = _add(verbs, "i18n", _i18n, "work on the catalogues")
    words.add_argument("action", choices=["extract", "update", "check"])
    _add(verbs, "lock", _lock, "pin the newest packages that pyproject.toml allows")

    _add_upkeep(verbs)
    return parser


def _add_upkeep(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs that look after what a portal has stored."""
    backup = _add(verbs, "backup", _with_database("backup"), "write everything into one encrypted file")
    backup.add_argument("file", type=Path)
    backup.add_argument("--passphrase-file", type=Path, help="a file with the passphrase")
    restore = _add(verbs, "restore", _with_database("restore"), "fill an empty installation from a backup")
    restore.add_argument("file", type=Path)
    restore.add_argument("--passphrase-file", type=Path, help="a file with the passphrase")
    audit = _add(verbs, "audit", _with_database("audit_verify"), "check the audit trail")
    audit.add_argument("action", choices=["verify"])
    audit.add_argument("--accept-end", action="store_true", help="note the present end of a sound trail")
    keys = _add(verbs, "keys", _keys, "look after the keys for secrets at rest")
    keys.add_argument("action", choices=["make", "rotate", "push"])
    keys.add_argument("--retire", action="store_true", help="drop old keys that nothing needs any more")
    user = _add(verbs, "user", _with_database("user"), "add staff, or let in again whoever lost their devices")
    user.add_argument("action", choices=["create", "reset"])
    user.add_argument("--email", required=True)
    for name in ("--name", "--role"):
        user.add_argument(name, help="needed to create", default="")
    codes = _add(verbs, "codes", _with_database("codes"), "load diagnoses, services, what they cost, or insurers")
    codes.add_argument("list", choices=["diagnoses", "services", "fees", "payers"])
    codes.add_argument("file", nargs="?", default="", help="CSV: see the operator's guide")
    codes.add_argument("--currency", default="USD", help="of fees, as three letters")
    for parser in (backup, restore, audit, keys, user, codes):
        parser.add_argument("--demo", **_DEMO)


def _add(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    verb: Verb,
    help_text: str,
    *,
    passes_on: bool = False,
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
    parser.set_defaults(verb=verb, passes_on=passes_on)
    return parser


def _settings(given: argparse.Namespace) -> "Settings":
    """Return the settings of the installation a command acts on: the operator's, or with --demo the demo's."""
    from portal_app.settings import get_settings

    port: int | None = getattr(given, "demo", None)
    if port is not None:
        from portal_app.operations.demo import demo_settings
        from portal_app.operations.practice_money import as_it_runs

        return as_it_runs(demo_settings(Places.from_environment().demo(port), port))
    os.environ.setdefault("PORTAL_MODE", "serve")
    return get_settings()


def _demo(given: argparse.Namespace) -> int:
    from portal_app.operations import demo

    return demo.main(given.port, given.lan)


def _serve(given: argparse.Namespace) -> int:
    from portal_app.operations import serve

    return serve.main(_settings(given))


def _migrate(given: argparse.Namespace) -> int:
    from portal_app.operations import migrate
    from portal_app.operations.database import reachable

    with reachable(_settings(given)) as settings:
        migrate.main(settings)
    print("The database has the newest schema.")
    return 0


def _worker(given: argparse.Namespace) -> int:
    from portal_app.operations import worker

    return worker.main(_settings(given))


def _media(given: argparse.Namespace) -> int:
    from portal_app.media import process
    from portal_app.operations import logs

    settings = _settings(given)
    logs.configure(settings)
    asyncio.run(process.run(settings))
    return 0


def _demo_clinic(given: argparse.Namespace) -> int:
    from portal_app.operations import demo_clinic

    settings = _settings(given)
    if not settings.is_demo:
        print("Only the demo has a demo clinic: ./portal demo", file=sys.stderr)
        return 2
    os.nice(10)  # the web process starts at the same time, and people wait for that
    demo_clinic.main(settings)
    return 0


def _mail_catcher(given: argparse.Namespace) -> int:
    from portal_app.operations import mail_catcher

    return mail_catcher.main(_settings(given))


def _practice_payments(given: argparse.Namespace) -> int:
    from portal_app.operations import logs
    from portal_app.wiring import practise_payments

    settings = _settings(given)
    logs.configure(settings)
    return practise_payments(settings)


def _doctor(given: argparse.Namespace) -> int:
    from portal_app.operations import doctor

    return doctor.main(_settings(given), given.subject)


def _test(given: argparse.Namespace) -> int:
    from portal_app.operations import test_run

    return test_run.main(given.database_url, given.name, given.rest)


def _bench(given: argparse.Namespace) -> int:
    from portal_app.operations import bench_run

    return bench_run.main(given.name, given.rest)


def _i18n(given: argparse.Namespace) -> int:
    from portal_app.operations import catalogues

    return catalogues.main(given.action)


def _lock(_given: argparse.Namespace) -> int:
    from portal_app.operations import lock

    return lock.main()


def _keys(given: argparse.Namespace) -> int:
    from portal_app.operations import keys

    return keys.main(_settings(given), given) if given.action != "rotate" else _with_database("keys")(given)


def _with_database(module: str) -> Verb:
    """Return a verb that runs `main(settings, arguments)` of a module of operations with a database that answers."""

    def verb(given: argparse.Namespace) -> int:
        from portal_app.operations.database import reachable

        with reachable(_settings(given)) as settings:
            main: Callable[[Settings, argparse.Namespace], int]
            main = importlib.import_module(f"portal_app.operations.{module}").main
            return main(settings, given)

    return verb


if __name__ == "__main__":
    sys.exit(main())

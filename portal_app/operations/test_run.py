"""`./portal test`: every check and every test, in order of speed, each stopping nobody from seeing the others.

A missing piece fails loudly. With `-k NAME` or arguments for pytest only pytest runs. Otherwise three parts run beside
each other, each with a database server of its own: who walks with a browser waits more than they work.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import TextIO

from portal_app.operations.build import BuildFailed, ensure_built, reflex_environment
from portal_app.operations.debian_program import find_redis, find_turn
from portal_app.operations.places import CHECKOUT, Places

_BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_BARE = "chromium-headless-shell"
_JOURNEYS = "tests/journeys"
_BESIDE_PAGES = ("accessible", "change", "forms", "keyboard", "waiting", "week")
_OF_PAGES = (*(f"{_JOURNEYS}/test_{name}.py" for name in _BESIDE_PAGES), "tests/pages", "tests/web")
"""What opens page after page, and so many of the journeys that the parts end at about the same time."""
_CHECKED = ("portal_app", "tests", "bench", "alembic", "rxconfig.py")

CHECKS: tuple[tuple[str, Sequence[str]], ...] = (
    ("Lint", ("ruff", "check", *_CHECKED)),
    ("Format", ("ruff", "format", "--check", *_CHECKED)),
    ("Import rules", ("lint-imports",)),
    ("Catalogues", (sys.executable, "-m", "portal_app.cli", "i18n", "check")),
    ("Types", ("mypy",)),
)


class BrowserMissing(Exception):
    """Say which browser the tests need and how to install it."""


def main(database_url: str | None, name: str | None, arguments: Sequence[str]) -> int:
    """Run the checks and then pytest; return 0 only when all of it passed."""
    environment = test_environment(database_url)
    failed = [] if name or arguments else run_checks(environment)
    if name or arguments or database_url:
        code = _pytest(environment, *(("-k", name) if name else ()), *arguments).wait()
    else:
        code = _all_parts(environment)
    if failed:
        print(f"Failed before the tests: {', '.join(failed)}.", file=sys.stderr, flush=True)
    return code or (1 if failed else 0)


def _all_parts(environment: dict[str, str]) -> int:
    """Run the parts beside each other; show what the first says at once, and what the others said after it."""
    # One cache of pytest's is not for several at once.
    options = f"-p no:cacheprovider {os.environ.get('PYTEST_ADDOPTS', '')}".strip()
    environment = {**environment, "PYTEST_ADDOPTS": options}
    codes = {}
    with contextlib.ExitStack() as stack:
        parts = _parts()
        told = {title: stack.enter_context(tempfile.TemporaryFile("w+")) for title in list(parts)[1:]}
        running = {title: _pytest(environment, *parts[title], output=told.get(title)) for title in parts}
        for title, process in running.items():
            codes[title] = process.wait()
            if said := told.get(title):
                said.seek(0)
                shutil.copyfileobj(said, sys.stdout)
    failed = [title for title, code in codes.items() if code]
    print(f"Failed: {' and '.join(failed)}." if failed else "All tests passed.", flush=True)
    return next(filter(None, codes.values()), 0)


def _parts() -> dict[str, list[str]]:
    """Return what each part gives to pytest; every test is in one of them.

    All are named one by one: pytest enters no folder that it is told to leave out.
    """
    tests = CHECKOUT / "tests"
    tops = [path for path in sorted(tests.iterdir()) if path.is_dir() or path.match("test_*.py")]
    found = [path.relative_to(CHECKOUT).as_posix() for path in tops if not path.name.startswith((".", "_"))]
    of_pages = [path for path in _OF_PAGES if (CHECKOUT / path).exists()]
    return {
        "the journeys": [_JOURNEYS, *(f"--ignore={path}" for path in of_pages if path.startswith(_JOURNEYS))],
        "the tests of pages": of_pages,
        "the other tests": [path for path in found if path != _JOURNEYS and path not in of_pages],
    }


def _pytest(environment: dict[str, str], *arguments: str, output: TextIO | None = None) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
    )


def run_checks(environment: dict[str, str]) -> list[str]:
    """Run every check and build the pages that the browser tests open; return the names of what failed."""
    failed = [title for title, command in CHECKS if not _passes(title, command, environment)]
    try:
        ensure_built(Places.from_environment(), print)
    except BuildFailed as problem:
        print(problem, flush=True)
        failed.append("Pages")
    return failed


def test_environment(database_url: str | None) -> dict[str, str]:
    """Return the environment of the checks: caches under PORTAL_DATA_DIR, a browser, and the database to test on."""
    places = Places.from_environment()
    browser = find_browser()
    environment = {
        **reflex_environment(places),
        "MYPY_CACHE_DIR": str(places.cache / "mypy"),
        "RUFF_CACHE_DIR": str(places.cache / "ruff"),
        "PYTEST_ADDOPTS": f"-o cache_dir={places.cache / 'pytest'} {os.environ.get('PYTEST_ADDOPTS', '')}".strip(),
        "PORTAL_TEST_BROWSER": browser,
        "PORTAL_TEST_BARE_BROWSER": find_bare_browser() or browser,
    }
    for name in [name for name in environment if name.startswith("PORTAL_") and name not in _KEPT]:
        del environment[name]
    if database_url:
        environment["PORTAL_TEST_DATABASE_URL"] = database_url
    if redis := find_redis(places):
        environment["PORTAL_TEST_REDIS"] = redis
    if turn := find_turn(places):
        environment["PORTAL_TEST_TURN"] = turn
    return environment


_KEPT = {"PORTAL_DATA_DIR", "PORTAL_TEST_BARE_BROWSER", "PORTAL_TEST_BROWSER", "PORTAL_TEST_DATABASE_URL"}


def find_browser() -> str:
    """Return the path of Chromium: the system's, or Debian's package when root may install it.

    Raises BrowserMissing with what to install.
    """
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install("chromium")
        found = shutil.which("chromium")
    if found is None:
        raise BrowserMissing("The browser tests need Chromium. Install it (Debian and Ubuntu: apt install chromium).")
    return found


def find_bare_browser() -> str | None:
    """Return the path of Chromium without windows, Debian's package when root may install it, or None.

    What looks at page after page does so for less than half the work: docs/decisions/0116-a-browser-without-windows.md.
    """
    if shutil.which(_BARE) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(_BARE)
    return shutil.which(_BARE)


def _install(package: str) -> None:
    print(f"Installing {package} for the browser tests …", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", package]):
        subprocess.run(
            command,
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


def _passes(title: str, command: Sequence[str], environment: dict[str, str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    is_fine = done.returncode == 0
    print(f"{title}: {'passed' if is_fine else 'FAILED'} ({time.monotonic() - started:.1f} s)", flush=True)
    if not is_fine:
        print(done.stdout + done.stderr, flush=True)
    return is_fine

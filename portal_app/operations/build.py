"""Build the pages once for each state of the sources; what is built is never changed, only replaced.

A build is made in the workshop and then moved to a folder named after its sources, so a portal that runs keeps its own
pages while another builds, and a start with known sources builds nothing.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from portal_app.operations.places import CHECKOUT, Places
from portal_app.operations.tether import kill_group, tethered

Say = Callable[[str], None]

_SOURCES = ("portal_app", "assets", "reflex.lock", "rxconfig.py", "requirements.lock")
_NO_SOURCE_OF_PAGES = ("operations", "integrations", "media", "cli.py")
_SUFFIXES_LEFT_OUT = {".pyc", ".pot"}
_KEPT_BUILDS = 3
_SAY_AGAIN_S = 5.0


class BuildFailed(Exception):
    """Say in plain words why the pages could not be built, with the end of the build's own words."""


def reflex_environment(places: Places) -> dict[str, str]:
    """Return the variables under which Reflex and npm write to `places` only and call nobody but the registry.

    Only names beginning with REFLEX_ work; TELEMETRY_ENABLED and its like are ignored by Reflex 0.10.
    """
    return {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        # Node comes from the wheel, whatever else is installed, also for who did not come by `./portal`.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_USE_NPM": "1",
        "REFLEX_DIR": str(places.cache / "reflex"),
        "REFLEX_UPLOADED_FILES_DIR": str(places.workshop / "never-used"),
        "REFLEX_ENV_MODE": "prod",
        "NODE_USE_SYSTEM_CA": "1",  # beside its own, for the proxies of organisations
        "NPM_CONFIG_CACHE": str(places.cache / "npm"),
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        "NPM_CONFIG_AUDIT": "false",
        "NPM_CONFIG_FUND": "false",
        "NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED": "true",
        "NPM_CONFIG_PREFER_OFFLINE": "true",
    }


def sources_digest(checkout: Path = CHECKOUT) -> str:
    """Return a name for the present state of everything a page is made from."""
    digest = hashlib.sha256(f"python {sys.version_info[:2]}".encode())
    for path in _source_files(checkout):
        digest.update(f"{path.relative_to(checkout)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _source_files(checkout: Path) -> Iterator[Path]:
    left_out = tuple(checkout / "portal_app" / name for name in _NO_SOURCE_OF_PAGES)
    for source in _SOURCES:
        top = checkout / source
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            is_ours = not any(path.is_relative_to(part) for part in left_out)
            if is_ours and path.suffix not in _SUFFIXES_LEFT_OUT and path.is_file():
                yield path


def schema_digest(checkout: Path = CHECKOUT) -> str:
    """Return a name for the present state of the migrations."""
    files = sorted((checkout / "alembic").rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def ensure_built(places: Places, say: Say) -> Path:
    """Return the folder of the pages built from the present sources, building them if need be.

    Reflex is to be told of it as REFLEX_WEB_WORKDIR. `say` gets a line as long steps go on. Raises BuildFailed.
    """
    finished = places.pages / sources_digest()
    if (finished / "complete").exists():
        return finished
    places.pages.mkdir(parents=True, exist_ok=True)
    with _alone(places.pages / "lock", say):
        if not (finished / "complete").exists():
            _build(places, say)
            _publish(places.workshop / ".web", finished)
            _forget_old(places.pages, keep=finished)
    return finished


@contextlib.contextmanager
def _alone(path: Path, say: Say) -> Iterator[None]:
    """Let one process build at a time."""
    with path.open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another portal that is building the pages …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(places: Places, say: Say) -> None:
    workshop = places.workshop
    is_first = not (workshop / ".web" / "node_modules").exists()
    _lay_out(workshop)
    say(f"Building the pages ({'a minute or so the first time' if is_first else 'about half a minute'}) …")
    environment = reflex_environment(places)
    environment.setdefault("NPM_CONFIG_REGISTRY", _npm_registry(environment))
    started = time.monotonic()
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--env", "prod"]
    log_path = workshop / "build.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            tethered(command),
            cwd=workshop,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            with _said_to_go_on(say, log_path):
                code = process.wait()
        finally:
            kill_group(process)
    if code != 0:
        raise BuildFailed(_explain(log_path))
    say(f"The pages are built ({time.monotonic() - started:.0f} s).")


def _lay_out(workshop: Path) -> None:
    """Copy what Reflex looks for in its working folder, since it also writes there.

    Reflex takes over an asset only if it is newer than its own copy, which a file of another checkout need not be.
    """
    workshop.mkdir(parents=True, exist_ok=True)
    for left in ("assets", "reflex.lock", ".web/public"):
        shutil.rmtree(workshop / left, ignore_errors=True)
    for name in ("assets", "reflex.lock"):
        if (CHECKOUT / name).exists():
            shutil.copytree(CHECKOUT / name, workshop / name)
    shutil.copy(CHECKOUT / "rxconfig.py", workshop / "rxconfig.py")


def _npm_registry(environment: dict[str, str]) -> str:
    """Ask npm which registry it uses, or else Reflex would measure two of its own choice."""
    asked = ["npm", "config", "get", "registry"]
    return subprocess.run(asked, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@contextlib.contextmanager
def _said_to_go_on(say: Say, log_path: Path) -> Iterator[None]:
    """Repeat the build's newest line every few seconds."""
    done = threading.Event()

    def go_on() -> None:
        last = ""
        while not done.wait(_SAY_AGAIN_S):
            lines = _plain_lines(log_path)
            if lines and lines[-1] != last:
                last = lines[-1]
                say(f"  … {re.sub('[─━ ]+', ' ', last).strip()[:100]}")

    teller = threading.Thread(target=go_on, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _plain_lines(log_path: Path) -> list[str]:
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", log_path.read_text(errors="replace")).replace("\r", "\n")
    return [line.strip() for line in text.splitlines() if line.strip()]


def _explain(log_path: Path) -> str:
    """Return the likely cause of a failed build and the end of its log."""
    lines = _plain_lines(log_path)
    text = "\n".join(lines)
    if re.search(r"ENOSPC|No space left on device", text):
        cause = "The disk is full: building the pages needs about 1 GB."
    elif re.search(r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|network request.*failed", text):
        cause = (
            "The npm registry cannot be reached. Check the network or the proxy (NPM_CONFIG_REGISTRY names a mirror)."
        )
    else:
        cause = "The pages could not be built."
    return "\n".join([f"{cause} The end of {log_path}:", *(f"    {line}" for line in lines[-15:])])


def _publish(web: Path, finished: Path) -> None:
    """Copy what is served and what the server reads to its final place, whole or not at all."""
    fresh = finished.with_name(f"{finished.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name in ("build", "backend"):
        if (web / name).exists():
            shutil.copytree(web / name, fresh / name)
    for name in ("reflex.json", "env.json"):
        if (web / name).exists():
            shutil.copy(web / name, fresh / name)
    (fresh / "complete").touch()
    shutil.rmtree(finished, ignore_errors=True)
    fresh.rename(finished)


def _forget_old(pages: Path, keep: Path) -> None:
    """Remove all but the newest builds; a running portal has read its pages or is among the newest."""
    builds = sorted((path for path in pages.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for old in builds[:-_KEPT_BUILDS]:
        if old != keep:
            shutil.rmtree(old, ignore_errors=True)

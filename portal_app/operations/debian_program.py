"""Programs that tests need and Python has none of: the system's own, or Debian's package unpacked in the cache.

Unpacked, they are neither installed nor started by the system, and need no root.
"""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from portal_app.operations.places import Places

_PATIENCE_S = 120


def find_redis(places: Places) -> str | None:
    """Return the path of a program that serves Redis, or None where there is none and none can be had."""
    return shutil.which("valkey-server") or find(places, "redis-server", "redis-server")


def find_turn(places: Places) -> str | None:
    """Return the path of coturn, which relays media where no UDP gets through, or None where it cannot be had."""
    return find(places, "turnserver", "coturn")


def find(places: Places, program: str, package: str) -> str | None:
    """Return the path of a program that a package of Debian's has, or None."""
    found = shutil.which(program)
    if found is not None:
        return found
    folder = places.cache / program.removesuffix("-server")
    starter = folder / program
    if not starter.exists() and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        print(f"Fetching {package} for the tests …", flush=True)
        _fetch(folder, starter, package)
    return str(starter) if starter.exists() else None


def _fetch(folder: Path, starter: Path, package: str) -> None:
    archives = folder / "archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    where = ["-o", "Debug::NoLocking=1", "-o", f"Dir::Cache::archives={archives}", "-o", "Acquire::http::Timeout=15"]
    download = ["apt-get", *where, "install", "-q", "-y", "--no-install-recommends", "--download-only", package]
    if not _runs(download) and os.geteuid() == 0:
        _runs(["apt-get", "update", "-q"])  # a fresh machine has no lists yet
        _runs(download)
    unpacked = [_runs(["dpkg-deb", "-x", str(archive), str(folder)]) for archive in archives.glob("*.deb")]
    libraries = folder / "usr" / "lib" / f"{platform.machine()}-linux-gnu"
    program = folder / "usr" / "bin" / starter.name
    if unpacked and all(unpacked) and program.exists():
        starter.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}" exec "{program}" "$@"\n')
        starter.chmod(0o755)


def _runs(command: list[str]) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0

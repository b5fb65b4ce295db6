"""A Redis server for the tests of several web processes: the system's own, or Debian's package unpacked in the cache.

Unpacked, it is neither installed nor started by the system, and needs no root.
"""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from portal_app.operations.places import Places

_PROGRAMS = ("valkey-server", "redis-server")
_PACKAGE = "redis-server"
_PATIENCE_S = 120


def find_redis(places: Places) -> str | None:
    """Return the path of a program that serves Redis, or None where there is none and none can be had."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if found is not None:
        return found
    folder = places.cache / "redis"
    program = folder / "redis-server"
    if not program.exists() and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        print("Fetching Redis for the tests of several web processes …", flush=True)
        _fetch(folder, program)
    return str(program) if program.exists() else None


def _fetch(folder: Path, program: Path) -> None:
    archives = folder / "archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    where = ["-o", "Debug::NoLocking=1", "-o", f"Dir::Cache::archives={archives}", "-o", "Acquire::http::Timeout=15"]
    download = ["apt-get", *where, "install", "-q", "-y", "--no-install-recommends", "--download-only", _PACKAGE]
    if not _runs(download) and os.geteuid() == 0:
        _runs(["apt-get", "update", "-q"])  # a fresh machine has no lists yet
        _runs(download)
    unpacked = [_runs(["dpkg-deb", "-x", str(package), str(folder)]) for package in archives.glob("*.deb")]
    libraries = folder / "usr" / "lib" / f"{platform.machine()}-linux-gnu"
    server = folder / "usr" / "bin" / "redis-server"
    if unpacked and all(unpacked) and server.exists():
        program.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}" exec "{server}" "$@"\n')
        program.chmod(0o755)


def _runs(command: list[str]) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0

"""Make the Python environment and install what the lock pins; `portal` runs this before any package is there.

Standard library only. Run as `python -I install.py ENVIRONMENT LOCK`. A stamp with the lock's checksum is written last,
so an interrupted installation is done again.
"""

import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

EXIT_UNAVAILABLE = 69  # sysexits(3), EX_UNAVAILABLE

_UNREACHABLE = re.compile(
    r"dns error|error sending request|[Cc]onnection (refused|reset|timed out)|Max retries exceeded"
    r"|NewConnectionError|[Ff]ailed to (establish|fetch|connect)|[Nn]etwork is unreachable|name resolution|timed out"
    r"|certificate|\(from versions: none\)"
)
_MIRROR_HINT = "Check the network or the proxy, then try again. A mirror can be named in UV_DEFAULT_INDEX."
_CAUSES = (
    (re.compile(r"No space left on device|os error 28"), "The disk is full. Free about 1.5 GB, then try again."),
    (_UNREACHABLE, f"The Python package registry cannot be reached. {_MIRROR_HINT}"),
    (re.compile(r"Permission denied|Read-only file system"), "This account cannot write to that folder."),
)


def explain(output: str) -> str:
    """Return the likely cause of a failed installation in plain words, or "" when none is recognised."""
    return next((words for pattern, words in _CAUSES if pattern.search(output)), "")


def checksum(lock: Path) -> str:
    """Return what `cksum < lock` prints, which is what the shell compares."""
    with lock.open("rb") as content:
        return subprocess.run(["cksum"], stdin=content, capture_output=True, text=True, check=True).stdout.strip()


def installer_requirement(lock: Path) -> str:
    """Return the lines of the lock that pin uv, hashes and all."""
    found = re.search(r"^uv==.*?(?=^\S|\Z)", lock.read_text(), re.MULTILINE | re.DOTALL)
    if found is None:
        sys.exit(f"{lock} does not pin uv.")
    return found.group()


def _run(step: str, command: list[str | Path], environment: dict[str, str]) -> None:
    print(step, flush=True)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0 and "certificate" in done.stderr:
        # uv brings certificates of its own, which do not know the proxy of an organisation; the system's do.
        environment = {**environment, "UV_SYSTEM_CERTS": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        output = done.stdout + done.stderr
        tail = "\n".join(f"    {line}" for line in output.splitlines()[-8:])
        print(f"\nThis did not work: {' '.join(map(str, command[:4]))} …\n{tail}\n{explain(output)}", file=sys.stderr)
        sys.exit(EXIT_UNAVAILABLE)


def _environment() -> dict[str, str]:
    """Return this environment with every cache moved under PORTAL_DATA_DIR, and pip's mirror told to uv."""
    cache = Path(os.environ["PORTAL_DATA_DIR"]) / "cache"
    given = dict(os.environ)
    given.update(UV_CACHE_DIR=str(cache / "uv"), PIP_NO_CACHE_DIR="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    given.update(UV_PYTHON_DOWNLOADS="never", UV_NO_CONFIG="1")
    for ours, theirs in (("UV_DEFAULT_INDEX", "PIP_INDEX_URL"), ("SSL_CERT_FILE", "PIP_CERT")):
        if theirs in given:
            given.setdefault(ours, given[theirs])
    return given


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Hold `folder` until done, so that two first starts do not build the same environment at once."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def install(environment: Path, lock: Path) -> None:
    """Bring `environment` to what `lock` pins. Two starts at once wait for each other."""
    environment.parent.mkdir(parents=True, exist_ok=True)
    with _turn(environment.parent):
        stamp = environment / f"{lock.name}.installed"
        wanted = checksum(lock)
        if stamp.exists() and stamp.read_text().strip() == wanted:
            return
        variables = _environment()
        python = environment / "bin" / "python"
        if not os.access(python, os.X_OK):
            shutil.rmtree(environment, ignore_errors=True)
            _run("Making the Python environment …", [sys.executable, "-m", "venv", environment], variables)
        uv = environment / "bin" / "uv"
        if not uv.exists():
            pin = environment / "uv.txt"
            pin.write_text(installer_requirement(lock))
            pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", pin]
            _run("Fetching the installer …", pip, variables)
        command: list[str | Path] = [uv, "pip", "install", "--python", python, "--require-hashes", "-r", lock]
        _run(f"Installing the packages of {lock.name} (a minute or so) …", command, variables)
        stamp.write_text(wanted)


def main() -> None:
    """Install, or say in plain words what is missing."""
    environment, lock = (Path(argument) for argument in sys.argv[1:3])
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        print(f"{sys.executable} lacks its venv module. Debian and Ubuntu: apt install {version}-venv", file=sys.stderr)
        sys.exit(EXIT_UNAVAILABLE)
    try:
        install(environment, lock)
    except OSError as problem:
        cause = explain(str(problem)) or "The Python environment could not be made."
        print(f"{problem}\n{cause}", file=sys.stderr)
        sys.exit(EXIT_UNAVAILABLE)


if __name__ == "__main__":
    main()

"""The installation: done once for each lock, explained when it fails."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from portal_app.operations import install
from portal_app.operations.places import CHECKOUT

FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) exit {is_old} ;;
    *--version*) echo "Python 3.9.2" ;;
    *install.py*) echo "installing into $3" ;;
esac
"""


def fake_checkout(folder: Path, is_old: int = 0) -> tuple[Path, dict[str, str]]:
    """A copy of the command beside a lock, and a PATH whose only Python is a stand-in."""
    (folder / "checkout").mkdir()
    (folder / "bin").mkdir()
    for name in ("portal", "requirements.lock", "requirements-dev.lock"):
        copy = folder / "checkout" / name
        copy.write_bytes((CHECKOUT / name).read_bytes())
        copy.chmod((CHECKOUT / name).stat().st_mode)
    for name in ("python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"):
        (folder / "bin" / name).write_text(FAKE_PYTHON.format(is_old=is_old))
        (folder / "bin" / name).chmod(0o755)
    return folder / "checkout" / "portal", {"PATH": f"{folder / 'bin'}:{os.defpath}"}


def run(command: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([command, *arguments], env=environment, capture_output=True, text=True, check=False)


def pretend_installed(checkout: Path, lock: str) -> None:
    """Leave what an installation leaves: a Python that tells its arguments, and the stamp."""
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text('#!/bin/sh\necho "running $*"\n')
    python.chmod(0o755)
    (checkout / ".venv" / f"{lock}.installed").write_text(install.checksum(checkout / lock))


def test_too_old_a_python_is_said_with_what_was_found(tmp_path: Path) -> None:
    command, environment = fake_checkout(tmp_path, is_old=1)
    done = run(command, environment, "demo")
    assert done.returncode == 69
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "is Python 3.9.2" in done.stderr


def test_a_first_start_installs_into_the_checkout(tmp_path: Path) -> None:
    command, environment = fake_checkout(tmp_path)
    assert f"installing into {command.parent / '.venv'}" in run(command, environment, "demo").stdout


def test_what_is_installed_is_not_installed_again(tmp_path: Path) -> None:
    command, environment = fake_checkout(tmp_path)
    pretend_installed(command.parent, "requirements.lock")
    assert run(command, environment, "demo").stdout == "running -m portal_app.cli demo\n"


def test_a_changed_lock_is_installed_again(tmp_path: Path) -> None:
    command, environment = fake_checkout(tmp_path)
    pretend_installed(command.parent, "requirements.lock")
    with (command.parent / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert "installing into" in run(command, environment, "demo").stdout


def test_tests_ask_for_the_packages_of_the_tests(tmp_path: Path) -> None:
    command, environment = fake_checkout(tmp_path)
    pretend_installed(command.parent, "requirements.lock")
    assert "installing into" in run(command, environment, "test").stdout


def test_the_command_works_from_any_folder_and_through_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    command, environment = fake_checkout(folder)
    pretend_installed(command.parent, "requirements.lock")
    done = subprocess.run([command, "x y"], cwd="/", env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "running -m portal_app.cli x y\n"


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: failed to write: No space left on device (os error 28)", "disk is full"),
        ("error: Request failed\n  Caused by: error sending request\n  Caused by: dns error", "cannot be reached"),
        ("ERROR: Could not find a version that satisfies uv==1 (from versions: none)", "cannot be reached"),
        ("NewConnectionError: Failed to establish a new connection", "cannot be reached"),
        ("PermissionError: [Errno 13] Permission denied: '/opt'", "cannot write"),
    ],
)
def test_a_failed_installation_names_its_cause(output: str, words: str) -> None:
    assert words in install.explain(output)


def test_an_unknown_failure_gets_no_invented_cause() -> None:
    assert install.explain("something else") == ""


def test_the_installer_is_pinned_by_hash() -> None:
    pin = install.installer_requirement(CHECKOUT / "requirements.lock")
    assert pin.startswith("uv==")
    assert pin.count("==") == 1
    assert "--hash=sha256:" in pin


def test_the_command_is_executable() -> None:
    assert (CHECKOUT / "portal").stat().st_mode & stat.S_IXUSR

"""The supervisor: what dies comes back, what is stopped is gone, and nothing outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from portal_app.operations import embedded_postgres
from portal_app.operations.places import CHECKOUT
from portal_app.operations.supervisor import Database, Program, Supervisor

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
PARENT = "import subprocess, sys, time; subprocess.Popen(['sleep', '600']); print('up', flush=True); time.sleep(600)"


def program(name: str, code: str, folder: Path) -> Program:
    return Program(name, [sys.executable, "-c", code], dict(os.environ), folder, folder / f"{name}.log")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    services = [program("one", SLEEPER, tmp_path), program("two", PARENT, tmp_path)]
    with Supervisor(services, said.append) as supervisor:
        tend_until(supervisor, lambda: all("up" in service.last_words() for service in services))
        yield supervisor


def tend_until(supervisor: Supervisor, is_true: Callable[[], object], limit_s: float = 60) -> None:
    limit = time.monotonic() + limit_s
    while not is_true():
        assert time.monotonic() < limit, "it did not happen"
        supervisor.tend(timeout_s=0.02)


def running(supervisor: Supervisor, name: str) -> psutil.Process:
    number = supervisor.process_id(name)
    assert number is not None
    return psutil.Process(number)


def test_starts_again_what_was_killed(supervisor: Supervisor, said: list[str]) -> None:
    before = running(supervisor, "one")
    before.kill()
    tend_until(supervisor, lambda: supervisor.process_id("one") not in {None, before.pid})
    assert said == ["one ended (signal SIGKILL); starting it again in 0.1 s."]


def test_leaves_the_others_alone_when_one_dies(supervisor: Supervisor) -> None:
    other = running(supervisor, "two")
    running(supervisor, "one").kill()
    tend_until(supervisor, lambda: supervisor.failures("one") == 1)
    assert other.is_running()
    assert supervisor.process_id("two") == other.pid


def test_kills_what_a_killed_program_leaves_behind(supervisor: Supervisor) -> None:
    left_behind = running(supervisor, "two").children()
    assert len(left_behind) == 1
    running(supervisor, "two").kill()
    tend_until(supervisor, lambda: supervisor.failures("two") == 1)
    assert psutil.wait_procs(left_behind, timeout=60)[1] == []


def test_waits_longer_after_each_failure(tmp_path: Path, said: list[str]) -> None:
    with Supervisor([program("broken", "raise SystemExit(3)", tmp_path)], said.append) as supervisor:
        tend_until(supervisor, lambda: supervisor.failures("broken") == 3)
    assert [line.rsplit(" in ")[1] for line in said] == ["0.1 s.", "0.3 s.", "1 s."]
    assert "exit code 3" in said[0]


def test_stopping_ends_every_process_and_its_children(supervisor: Supervisor) -> None:
    processes = [running(supervisor, "one"), running(supervisor, "two"), *running(supervisor, "two").children()]
    supervisor.stop()
    assert psutil.wait_procs(processes, timeout=60)[1] == []


def test_a_program_that_ignores_the_request_is_killed(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal_app.operations.supervisor._STOP_LIMIT_S", 0.2)
    stubborn = program("stubborn", STUBBORN, tmp_path)
    with Supervisor([stubborn], said.append) as supervisor:
        tend_until(supervisor, lambda: "up" in stubborn.last_words())
        process = running(supervisor, "stubborn")
    assert not process.is_running()
    assert said == ["stubborn does not stop; ending it."]


def test_a_signal_ends_the_run(supervisor: Supervisor) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    supervisor.run()
    assert supervisor.is_stopping


def test_the_database_comes_back_after_it_was_killed(tmp_path: Path, said: list[str]) -> None:
    server = embedded_postgres.start(tmp_path / "postgres")
    with Supervisor([Database(server)], said.append) as supervisor:
        first = running(supervisor, "postgres")
        first.kill()
        tend_until(supervisor, lambda: supervisor.process_id("postgres") not in {None, first.pid})
        server.wait_until_ready()
    server.stop()
    assert said[0].startswith("postgres ended (signal SIGKILL)")


SUPERVISING_PROCESS = """
import os, sys
from pathlib import Path
from portal_app.operations import embedded_postgres
from portal_app.operations.supervisor import Database, Program, Supervisor
folder = Path(sys.argv[1])
server = embedded_postgres.start(folder / "postgres")
sleeper = Program("sleeper", ["sleep", "600"], dict(os.environ), folder, folder / "sleeper.log")
with Supervisor([Database(server), sleeper], print) as supervisor:
    print("supervising", flush=True)
    supervisor.run()
server.stop()
"""


@pytest.fixture
def supervising(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that supervises a database and a program."""
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", SUPERVISING_PROCESS, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "supervising\n"
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_outlives_the_supervisor(supervising: subprocess.Popen[str], number: signal.Signals) -> None:
    children = psutil.Process(supervising.pid).children(recursive=True)
    assert len(children) > 2
    supervising.send_signal(number)
    supervising.wait(timeout=60)
    assert psutil.wait_procs(children, timeout=60)[1] == []

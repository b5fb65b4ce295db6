"""The demo as a person starts it: one command, one address, back after every crash, gone after Ctrl-C."""

import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import pytest

from portal_app.operations.build import ensure_built
from portal_app.operations.places import CHECKOUT, Places
from portal_app.operations.startup import unused_port

pytestmark = pytest.mark.timeout(600)  # the first start may have to build the pages


@dataclass
class Demo:
    """A running demo, its supervisor, and what it said; `trusted` where it speaks https."""

    port: int
    supervisor: psutil.Process
    said: str
    trusted: ssl.SSLContext | None = None

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        if self.trusted is not None:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.trusted)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def process(self, words: str) -> psutil.Process | None:
        for child in self.supervisor.children(recursive=True):
            try:
                if words in " ".join(child.cmdline()):
                    return child
            except psutil.NoSuchProcess:
                continue
        return None


def command(port: int, *more: str) -> list[str]:
    return [sys.executable, "-m", "portal_app.cli", "demo", "--port", str(port), *more]


def environment() -> dict[str, str]:
    ours = {"PYTHONPATH": str(CHECKOUT), "PORTAL_DATA_DIR": str(Places.from_environment().root)}
    return {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | ours


@contextmanager
def running_demo(*more: str) -> Iterator[Demo]:
    """Start a demo on a port of its own, and stop it as Ctrl-C does."""
    places, port = Places.from_environment(), unused_port()
    ensure_built(places, print)
    with subprocess.Popen(
        command(port, *more), env=environment(), cwd="/", stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Stop:" in line:
                break
        shown = places.demo(port) / "lan" / "certificate.pem"
        trusted = ssl.create_default_context(cafile=shown) if more else None
        assert (f"https://127.0.0.1:{port}" if more else f"http://localhost:{port}") in said
        try:
            yield Demo(port, psutil.Process(process.pid), said, trusted)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=120)
            shutil.rmtree(places.demo(port))


def wait_for(is_true: Callable[[], object], limit_s: float = 120) -> None:
    limit = time.monotonic() + limit_s
    while not is_true():
        assert time.monotonic() < limit, "it did not happen"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo() as demo:
        yield demo


def test_the_address_shows_a_page(demo: Demo) -> None:
    status, page = demo.get("/sign-in")
    assert status == 200
    assert '<html lang="en" dir="ltr"' in page


def test_the_same_demo_is_not_started_twice(demo: Demo) -> None:
    again = subprocess.run(
        command(demo.port), env=environment(), cwd="/", capture_output=True, text=True, check=False, timeout=60
    )
    assert again.returncode == 69
    assert f"The demo already runs: open http://localhost:{demo.port}" in again.stderr


@pytest.mark.parametrize(
    "words", ["granian", "portal_app.cli worker", "portal_app.cli mail-catcher", "bin/postgres -D"]
)
def test_a_killed_process_comes_back(demo: Demo, words: str) -> None:
    wait_for(lambda: demo.process(words))
    before = demo.process(words)
    assert before
    before.kill()
    wait_for(lambda: (now := demo.process(words)) and now.pid != before.pid)
    wait_for(demo.answers)


def test_a_killed_worker_of_the_web_server_comes_back(demo: Demo) -> None:
    server = demo.process("granian")
    assert server
    worker = server.children()[0]
    worker.kill()
    wait_for(lambda: not worker.is_running() and demo.answers())


def test_the_web_process_logs_json_lines(demo: Demo) -> None:
    log = Places.from_environment().demo(demo.port) / "logs" / "web.log"
    assert {"event", "level", "timestamp"} <= json.loads(log.read_text().splitlines()[0]).keys()


def test_two_demos_run_at_once_one_of_them_for_phones_and_one_stops_alone(demo: Demo) -> None:
    with running_demo("--lan", "127.0.0.1") as other:
        processes = [other.supervisor, *other.supervisor.children(recursive=True)]
        assert demo.answers()
        assert other.answers()
        assert "Passkeys and notifications (service workers) do not work" in other.said
        assert sum(set(line) > {"█"} and set(line) <= set("█▀▄ ") for line in other.said.splitlines()) > 10  # to scan

    assert psutil.wait_procs(processes, timeout=60)[1] == []
    assert demo.answers()


def test_no_process_that_stays_knows_the_owners_address(demo: Demo) -> None:
    for child in demo.supervisor.children(recursive=True):
        if "portal_app" in " ".join(child.cmdline()):
            assert "PORTAL_DATABASE_OWNER_URL" not in child.environ()

"""Keep programs running: start them, start them again when they die, and leave none behind.

One process, one thread, one loop. Each program is tied to this process (see tether.py), so that even `kill -9` of the
supervisor ends them; each leads a process group of its own, so that what a killed program leaves is killed too.
"""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Protocol, Self

from portal_app.operations.embedded_postgres import EmbeddedPostgres
from portal_app.operations.tether import kill_group, tethered

_BACKOFF_S = (0.1, 0.3, 1.0, 2.0, 5.0, 10.0)
_STEADY_S = 20.0
"""A program that ran this long is well again, and its next failure is its first."""
_STOP_LIMIT_S = 5.0
_LOG_MAX_BYTES = 5_000_000


class Service(Protocol):
    """Something that runs as one process and can be started any number of times."""

    @property
    def name(self) -> str:
        """Return one word for the screen and the log."""

    @property
    def stops_last(self) -> bool:
        """Tell whether the others need it until they have stopped."""

    def start(self) -> subprocess.Popen[bytes]:
        """Start it and return its process, which leads a process group."""

    @property
    def ending(self) -> signal.Signals:
        """Return the signal that asks it to stop cleanly."""

    def last_words(self) -> list[str]:
        """Return the end of its log, for a person."""


@dataclass(frozen=True)
class Program:
    """A program of ours. Without `log_path` it speaks where the supervisor speaks."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log_path: Path | None = None
    stops_last: bool = False
    ending: signal.Signals = signal.SIGTERM

    def start(self) -> subprocess.Popen[bytes]:
        """Start the program, tied to this process."""
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(open_log(self.log_path)) if self.log_path else None
            return subprocess.Popen(
                tethered(self.command, self.ending),
                env=dict(self.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the others in order
            )

    def last_words(self) -> list[str]:
        """Return the last lines of the log file."""
        if self.log_path is None or not self.log_path.exists():
            return []
        return self.log_path.read_text(errors="replace").splitlines()[-15:]


@dataclass(frozen=True)
class Database:
    """The embedded PostgreSQL as a service; it is running already when the supervisor takes it over."""

    server: EmbeddedPostgres
    name: str = "postgres"
    stops_last: bool = True
    ending: signal.Signals = signal.SIGINT

    def start(self) -> subprocess.Popen[bytes]:
        """Return the running server, or start it again after its end; it repairs itself."""
        running = self.server.process
        return running if running is not None and running.poll() is None else self.server.launch()

    def last_words(self) -> list[str]:
        """Return the last lines of PostgreSQL's log."""
        return self.server.log_path.read_text(errors="replace").splitlines()[-15:]


@dataclass
class _Running:
    service: Service
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float = field(default=0.0)


class Supervisor:
    """Runs services until told to stop. Use it in the main thread: programs are tied to the thread that starts them."""

    def __init__(self, services: Iterable[Service], say: Callable[[str], None]) -> None:
        self._all = [_Running(service) for service in services]
        self._say = say
        self._is_stopping = False
        self._wake_reader, self._wake_writer = os.pipe()
        for end in (self._wake_reader, self._wake_writer):
            os.set_blocking(end, False)
        self._handlers_before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        """Listen to signals and start everything."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers_before[number] = signal.signal(number, self._on_stop_signal)
        self._handlers_before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        try:
            for running in self._all:
                self._start(running)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything and give the signals back."""
        self.stop()
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # it came from signal.signal
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def add(self, service: Service) -> None:
        """Start one more service and keep it running."""
        running = _Running(service)
        self._all.append(running)
        self._start(running)

    @property
    def is_stopping(self) -> bool:
        """Tell whether a signal asked for the end."""
        return self._is_stopping

    def request_stop(self) -> None:
        """End `run` soon; may be called from another thread."""
        self._is_stopping = True
        os.write(self._wake_writer, b"\0")

    def run(self) -> None:
        """Keep everything running until SIGINT, SIGTERM or SIGHUP comes."""
        while not self._is_stopping:
            self.tend(timeout_s=None)

    def tend(self, timeout_s: float | None) -> None:
        """Wait for something to happen, at most `timeout_s`, and start again what is due."""
        due = [running.due_at for running in self._all if running.process is None]
        waits = [moment - time.monotonic() for moment in due] + ([] if timeout_s is None else [timeout_s])
        select.select([self._wake_reader], [], [], max(0.0, min(waits)) if waits else None)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_reader, 4096)
        for running in self._all:
            self._look_after(running)

    def failures(self, name: str) -> int:
        """Return how often in a row a service has died soon after its start."""
        return next(running.failures for running in self._all if running.service.name == name)

    def process_id(self, name: str) -> int | None:
        """Return the process id of a service, or None while it is down."""
        process = next(running.process for running in self._all if running.service.name == name)
        return process.pid if process else None

    def stop(self) -> None:
        """End all services, those that others need at last; kill what does not end in five seconds."""
        self._is_stopping = True
        for is_last in (False, True):
            ending = [running for running in self._all if running.service.stops_last is is_last and running.process]
            for running in ending:
                if running.process is not None:
                    running.process.send_signal(running.service.ending)
            limit = time.monotonic() + _STOP_LIMIT_S
            for running in ending:
                self._wait_or_kill(running, limit)

    def _wait_or_kill(self, running: _Running, limit: float) -> None:
        if running.process is None:
            return
        try:
            running.process.wait(max(0.0, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._say(f"{running.service.name} does not stop; ending it.")
        kill_group(running.process)
        running.process.wait()
        running.process = None

    def _on_stop_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _start(self, running: _Running) -> None:
        running.started_at = time.monotonic()
        running.process = running.service.start()

    def _look_after(self, running: _Running) -> None:
        if self._is_stopping:
            return
        if running.process is None:
            if running.due_at <= time.monotonic():
                self._start(running)
        elif running.process.poll() is not None:
            self._note_end(running, running.process)

    def _note_end(self, running: _Running, process: subprocess.Popen[bytes]) -> None:
        kill_group(process)
        was_steady = time.monotonic() - running.started_at >= _STEADY_S
        running.failures = 1 if was_steady else running.failures + 1
        wait_s = _BACKOFF_S[min(running.failures, len(_BACKOFF_S)) - 1]
        running.due_at = time.monotonic() + wait_s
        running.process = None
        self._say(f"{running.service.name} ended ({_how(process.returncode)}); starting it again in {wait_s:g} s.")


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, private to this account; past five megabytes the old one is kept aside once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LOG_MAX_BYTES:
        path.replace(path.with_suffix(f"{path.suffix}.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

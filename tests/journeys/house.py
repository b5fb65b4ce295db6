"""A whole portal as people meet it: PostgreSQL, web process, worker and a mailbox, each of which can be killed."""

import asyncio
import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as mail_policy
from pathlib import Path
from typing import Any, TypeVar

import httpx

from portal_app.features.notify.service import outbox_folder
from portal_app.operations.embedded_postgres import EmbeddedPostgres
from portal_app.operations.lan import Tls
from portal_app.operations.places import Places
from portal_app.operations.supervisor import Program
from portal_app.operations.tether import kill_group
from portal_app.operations.web_server import (
    media_program,
    practice_program,
    process_environment,
    web_program,
    worker_program,
)
from portal_app.settings import Settings

PORTAL = "portal_app.portal_app:app"
PATIENCE_S = 120
GAVE_UP = 1
"""How a worker ends that could not stop; it wrote down where it stood."""
HOLD_FILE = "hold-s"
"""Where `hasty.py` reads how many seconds a time is kept."""
Found = TypeVar("Found")


async def until(
    look: Callable[[], Coroutine[Any, Any, Found | None]], *, what: str, limit_s: float = PATIENCE_S
) -> Found:
    """Ask again and again until the answer is something, and return it."""
    try:
        async with asyncio.timeout(limit_s):
            while not (found := await look()):  # noqa: ASYNC110 - processes and folders are asked; they tell nobody
                await asyncio.sleep(0.05)
            return found
    except TimeoutError:
        raise AssertionError(f"waited {limit_s} s for {what}") from None


@dataclass
class House:
    """The processes of one portal.

    `postgres` is set where the database is this portal's own; `app` is what the web process serves; `trusted` is whose
    certificates count where the portal is reached by https; `tls` is what the web process shows by itself.
    """

    settings: Settings
    pages: Path
    postgres: EmbeddedPostgres | None = None
    app: str = PORTAL
    trusted: ssl.SSLContext | None = None
    tls: Tls | None = None
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return self.settings.public_origin

    def start(self, *names: str) -> None:
        """Start `web`, `worker`, `media`, `mail`, `practice` or all of them; or `serve`, which runs the first three."""
        practice = ("practice",) if self.settings.practises_payments else ()
        for name in names or ("mail", *practice, "worker", "media", "web"):
            self.running[name] = self._program(name).start()

    async def ready(self) -> None:
        """Wait until the web process answers, its database too."""
        front = self.running.get("web") or self.running["serve"]
        async with httpx.AsyncClient(trust_env=False, verify=self.trusted or True, timeout=PATIENCE_S) as browser:

            async def look() -> bool:
                with contextlib.suppress(httpx.TransportError):
                    return (await browser.get(f"{self.origin}/readyz")).status_code == 200
                if front.poll() is not None:
                    raise AssertionError("\n".join(map(self.log, self.running)))
                return False

            await until(look, what="the portal to answer")

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a program and to all it has started."""
        os.killpg(self.running[name].pid, number)

    def kill(self, name: str) -> None:
        """End a program at once, as a machine out of memory would."""
        kill_group(self.running[name])
        self.running.pop(name).wait(PATIENCE_S)

    def stop(self) -> None:
        """End them all. What did not end by itself is an error, once nothing of it is left."""
        for name in list(self.running):
            self.signal(name, signal.SIGCONT)
            self.running[name].terminate()
        stayed = []
        for name, process in self.running.items():
            try:
                if process.wait(PATIENCE_S) == GAVE_UP and name == "worker":
                    stayed.append(name)
            except subprocess.TimeoutExpired:
                stayed.append(name)
            kill_group(process)
            process.wait()
        if stayed:
            raise AssertionError("\n".join([f"did not stop: {stayed}", *map(self.log, stayed)]))

    def log(self, name: str, most: int = 4000) -> str:
        """Return the end of a program's log."""
        return self._log_path(name).read_text(errors="replace")[-most:]

    async def mail(self, to: str, kind: str) -> EmailMessage:
        """Wait for a mail that went over SMTP to an address, and return it."""

        async def look() -> EmailMessage | None:
            return next(iter(self.mails(to, kind)), None)

        return await until(look, what=f"a mail {kind} to {to}")

    def mails(self, to: str, kind: str) -> list[EmailMessage]:
        """Return the mails of one kind to an address, newest first."""
        found = []
        for path in sorted(outbox_folder(self.settings).glob("*.eml"), reverse=True):
            with contextlib.suppress(FileNotFoundError):  # the catcher keeps the newest alone
                mail = message_from_bytes(path.read_bytes(), policy=mail_policy)
                if mail["To"] == to and mail["X-Portal-Message"] == kind:
                    found.append(mail)
        return found

    async def text_message(self, to: str) -> str:
        """Wait for a text message to a number, and return the newest."""

        async def look() -> str | None:
            found = sorted(outbox_folder(self.settings).glob("*.text"), reverse=True)
            held = (json.loads(path.read_text()) for path in found)
            return next((one["text"] for one in held if one["to"] == to), None)

        return await until(look, what=f"a text message to {to}")

    def _program(self, name: str) -> Program:
        places = Places.from_environment()
        if name == "web":
            program = web_program(self.settings, places, self.pages, self._log_path(name), self.tls)
            return replace(program, command=[self.app if part == PORTAL else part for part in program.command])
        if name == "worker":
            return worker_program(self.settings, places, self._log_path(name))
        if name == "practice":
            return practice_program(self.settings, places, self._log_path(name))
        if name == "media":
            return media_program(self.settings, places, self._log_path(name))
        command = [sys.executable, "-m", "portal_app.cli", "serve" if name == "serve" else "mail-catcher"]
        folder = self.settings.data_dir
        return Program(name, command, process_environment(self.settings, places), folder, self._log_path(name))

    def _log_path(self, name: str) -> Path:
        return self.settings.data_dir / f"{name}-{self.settings.port}.log"

"""Processes that are killed in the middle of what they do, and the server's word that they are gone."""

import asyncio
import base64
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from tests.features.booking.mortal import Errand


class Mortal:
    """Has errands done by processes that are killed in the middle of them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    async def killed(self, errand: Errand) -> bool:
        """Kill a process that does an errand before its n-th statement; return whether it came so far."""
        assert self._process.stdin
        self._process.stdin.write(f"{base64.b64encode(pickle.dumps(errand)).decode()}\n")
        self._process.stdin.flush()
        word, pid = (await self._line()).split()
        os.kill(int(pid), signal.SIGKILL)
        assert (await self._line()).startswith("dead")
        return word == "stopped"

    async def _line(self) -> str:
        assert self._process.stdout
        return await asyncio.to_thread(self._process.stdout.readline)


@contextmanager
def mortal_process(module: str, environment: Mapping[str, str]) -> Iterator[Mortal]:
    """Start what does the errands of a module, and end it afterwards."""
    command = [sys.executable, "-m", "tests.features.booking.mortal", module]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Mortal(process)
        process.kill()


async def until_nobody_acts(superuser: str) -> None:
    """Wait until the server has noticed that the process is gone."""
    async with await psycopg.AsyncConnection.connect(superuser, autocommit=True) as connection:
        ask = (
            "select 1 from pg_stat_activity where datname = current_database() and usename = 'portal_app'"
            " and state <> 'idle' and pid <> pg_backend_pid()"
        )
        while await (await connection.execute(ask)).fetchone():  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.01)

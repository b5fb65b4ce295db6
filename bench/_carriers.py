"""What carries calls in a benched visit: our own hub as a process of its own, and Debian's Janus beside it."""

import asyncio
import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
from aiortc import RTCCertificate

from bench._caller import Caller, here
from bench._clip import clip
from portal_app.operations.places import Places
from portal_app.operations.startup import unused_port
from portal_app.operations.web_server import media_program
from portal_app.settings import Settings

_WITHIN_S: Final = 30


@dataclass(frozen=True)
class Cost:
    """What a process took over some seconds, and the fewest pictures a second anybody was shown, and sent."""

    percent: float
    mb: float
    shown: float
    sent: float


class Watch:
    """Looks at a process and its callers from one moment to another."""

    def __init__(self, process: psutil.Process, callers: list[Caller]) -> None:
        self._process, self._callers = process, list(callers)
        self._used, self._began = _used_s(process), time.monotonic()
        self._before = [(one.pictures.copy(), one.pictures_sent) for one in self._callers]

    def cost(self) -> Cost:
        """Return what it took so far. Processor time, so that other work on the machine counts little."""
        took = time.monotonic() - self._began
        shown, sent = [], []
        for one, (seen, showed) in zip(self._callers, self._before, strict=True):
            rates = sorted((count - seen[ssrc]) / took for ssrc, count in one.pictures.items())
            shown += [0.0] * (one.others - len(rates)) + rates
            sent.append((one.pictures_sent - showed) / took)
        percent = 100 * (_used_s(self._process) - self._used) / took
        mb = self._process.memory_info().rss / 1e6
        return Cost(percent, mb, min(shown, default=0.0), min(sent, default=0.0))


def _used_s(process: psutil.Process) -> float:
    """Return the processor time of a process: to the nanosecond where the system tells it, else to 10 ms."""
    threads = [path / "schedstat" for path in Path(f"/proc/{process.pid}/task").glob("*")]
    if threads and threads[0].exists():
        return sum(int(path.read_text().split()[0]) for path in threads) / 1e9
    used = process.cpu_times()
    return used.user + used.system


class HubRooms:
    """The hub, and its rooms filled as a web process fills them."""

    def __init__(self, settings: Settings, process: psutil.Process) -> None:
        self.process = process
        self._note = settings.media_folder / "line.json"
        self._heard: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._certificate = RTCCertificate.generateCertificate()
        self.callers: list[Caller] = []
        self.rooms = 0
        self._numbers = itertools.count(1)

    async def open(self) -> None:
        """Reach the hub as soon as it says where it is, with the clip encoded: nobody waits for that later."""
        clip()
        async with asyncio.timeout(_WITHIN_S):
            while not self._note.exists():  # noqa: ASYNC110 - a process of its own writes it
                await asyncio.sleep(0.05)
        told = json.loads(self._note.read_text())
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", told["port"], limit=1 << 20)
        self._writer.write(told["secret"].encode() + b"\n")
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while line := await self._reader.readline():
            told = json.loads(line)
            if told["c"] in self._heard:  # those who have left need hear no more
                self._heard[told["c"]].put_nowait(told["say"])

    def _say(self, **words: Any) -> None:
        self._writer.write(json.dumps(words).encode() + b"\n")

    async def _hears(self, name: str, said: str) -> dict[str, Any]:
        async with asyncio.timeout(_WITHIN_S):
            while True:
                words = await self._heard[name].get()
                if words["do"] == said and words.get("path", "hub") == "hub":
                    return words

    async def fill(self, people: int = 2) -> None:
        """Fill one more room."""
        self.rooms += 1
        room = f"room {next(self._numbers)}"
        names = [f"{room}, {number}" for number in range(people)]
        for one in names:
            self._heard[one] = asyncio.Queue()
            person = {"person": one, "name": one, "role": "patient", "call": None}
            self._say(c=one, do="join", room=room, may_go_direct=False, is_mirror=False, **person)
        for one in names:
            caller = Caller(clip(), people - 1, self._certificate)
            way = await self._hears(one, "go")
            self._say(c=one, do="hear", words={"do": "offer", **_named(way), "sdp": caller.offer()})
            await caller.take((await self._hears(one, "answer"))["sdp"])
            self.callers.append(caller)

    async def empty(self) -> None:
        """Let everybody leave."""
        for name in self._heard:
            self._say(c=name, do="leave")
        await self._writer.drain()
        for one in self.callers:
            one.close()
        self.callers.clear()
        self._heard.clear()
        self.rooms = 0

    async def close(self) -> None:
        """Let go of the hub."""
        await self.empty()
        self._listening.cancel()
        self._writer.close()


def _named(way: dict[str, Any]) -> dict[str, Any]:
    return {"call": way["call"], "token": way["token"]}


@contextlib.asynccontextmanager
async def running_hub(folder: Path) -> AsyncIterator[HubRooms]:
    """Run the hub alone."""
    settings = Settings(mode="test", data_dir=folder, media_ports="0", media_addresses=here())
    program = media_program(settings, Places.from_environment(), folder / "hub.log").start()
    rooms = HubRooms(settings, psutil.Process(program.pid))
    try:
        await rooms.open()
        yield rooms
        await rooms.close()
    finally:
        program.terminate()
        program.wait(10)


def has_janus() -> bool:
    """Tell whether Janus is installed."""
    return shutil.which("janus") is not None


class JanusEchoes:
    """Janus, with callers who see themselves by its echo."""

    def __init__(self, process: psutil.Process, address: str) -> None:
        self.process, self._address = process, address
        self._certificate = RTCCertificate.generateCertificate()
        self._http = httpx.AsyncClient(trust_env=False, timeout=60)
        self.callers: list[Caller] = []

    async def _ask(self, path: str, **words: Any) -> dict[str, Any]:
        answer = await self._http.post(self._address + path, json={"transaction": "bench", **words})
        found: dict[str, Any] = answer.json()
        return found

    async def echo(self) -> None:
        """Open one more echo."""
        session = (await self._first_session())["data"]["id"]
        handle = (await self._ask(f"/{session}", janus="attach", plugin="janus.plugin.echotest"))["data"]["id"]
        caller = Caller(clip(), 1, self._certificate)
        jsep = {"type": "offer", "sdp": caller.offer()}
        await self._ask(f"/{session}/{handle}", janus="message", body={"audio": True, "video": True}, jsep=jsep)
        async with asyncio.timeout(_WITHIN_S):
            while "jsep" not in (event := (await self._http.get(f"{self._address}/{session}")).json()):
                pass
        await caller.take(event["jsep"]["sdp"])
        self.callers.append(caller)

    async def _first_session(self) -> dict[str, Any]:
        async with asyncio.timeout(_WITHIN_S):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    return await self._ask("", janus="create")
                await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Hang up."""
        for one in self.callers:
            one.close()
        await self._http.aclose()


_JANUS: Final = """
general: {{ configs_folder = "{folder}"; debug_level = 1; session_timeout = 0
  plugins_folder = "{root}/plugins"; transports_folder = "{root}/transports" }}
plugins: {{ disable = "{others}" }}
"""
_JANUS_HTTP: Final = """
general: {{ http = true; port = {port}; ip = "127.0.0.1"; base_path = "/janus"; json = "compact" }}
admin: {{ admin_http = false }}
"""


@contextlib.asynccontextmanager
async def running_janus(folder: Path) -> AsyncIterator[JanusEchoes]:
    """Run Debian's Janus with its echo, and nothing else of it."""
    port = unused_port()
    process = _started_janus(folder, port)
    echoes = JanusEchoes(psutil.Process(process.pid), f"http://127.0.0.1:{port}/janus")
    try:
        yield echoes
        await echoes.close()
    finally:
        process.terminate()
        process.wait(10)


def _started_janus(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    root = next(Path("/usr/lib").glob("*/janus"))
    others = ",".join(path.name for path in (root / "plugins").glob("*.so") if "echotest" not in path.name)
    (folder / "janus.jcfg").write_text(_JANUS.format(folder=folder, root=root, others=others))
    (folder / "janus.transport.http.jcfg").write_text(_JANUS_HTTP.format(port=port))
    command = [shutil.which("janus") or "", "-F", str(folder), "-C", str(folder / "janus.jcfg"), "-o", "-d", "1"]
    with (folder / "janus.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - made here, of nothing from outside

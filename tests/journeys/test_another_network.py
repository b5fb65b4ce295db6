"""A telephone that leaves one network and finds another, in the middle of a visit: both pictures move again."""

import os
import re
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from bench._line import PageLine
from tests.browser import CHROMIUM, FLAGS
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House, until
from tests.journeys.meeting import ANY, KEEP, both_move, meet
from tests.media.bad_line import BadLine

pytestmark = pytest.mark.asyncio(loop_scope="session")

BY_THE_LINE = """
  window.line = LINE;
  const proper = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (given) {
    const named = `$1 127.0.0.1 ${window.line} typ host`;
    const sdp = given.sdp.replace(/(candidate:\\S+ 1 udp \\S+) \\S+ \\S+ typ host/g, named);
    return proper.call(this, { type: given.type, sdp });
  };
"""
"""What the hub answers names its port; the browser is told that of the line it is on."""
BY_LETTER = """
  const proper = RTCPeerConnection.prototype.addIceCandidate;
  RTCPeerConnection.prototype.addIceCandidate = async function (given) {
    const host = /^(candidate:\\S+ 1 udp \\S+) (\\S+) (\\d+) typ host/i;
    const [all, before, address, port] = given.candidate.match(host) || [];
    if (!all || address.includes(":")) return undefined;
    const line = await window.lineTo(address, Number(port));
    const candidate = given.candidate.replace(all, `${before} 127.0.0.1 ${line} typ host`);
    return proper.call(this, { ...given, candidate });
  };
"""
"""Two browsers reach each other only by lines of the test's own, one to each of their ports."""
REACHED = """() => {
  const way = window.ways.findLast((one) => one.connectionState === "connected");
  return way?.getStats().then((stats) => {
    const all = [...stats.values()];
    const pair = all.find((one) => one.type === "candidate-pair" && one.nominated);
    const end = (id) => all.find((one) => one.id === id);
    return pair && { from: end(pair.localCandidateId)?.address, to: end(pair.remoteCandidateId)?.port };
  });
}"""


def hub_port(house: House) -> int:
    """Return where the hub listens, as its log says."""
    return int(re.findall(r'"port": (\d+), "event": "hub_listens"', house.log("media", 1_000_000))[-1])


async def test_the_hub_is_reached_over_another_line_when_one_dies(
    arrive: Arrive, practices: Practices, house: House
) -> None:
    old, new = BadLine(hub_port(house)), BadLine(hub_port(house))
    try:
        meeting = await meet(practices, is_through_hub=True)
        phone, desk = await arrive(), await arrive()
        await phone.page.add_init_script(KEEP)
        await phone.page.add_init_script(BY_THE_LINE.replace("LINE", str(await old.open())))
        await meeting.begin(phone, desk)
        await both_move("hub", phone, desk)

        # When the line dies, and the next way would be another one
        other = await new.open()
        await phone.page.evaluate("(line) => { window.line = line; }", other)
        old.be(loss=1.0)

        async def is_new() -> bool:
            found = await phone.page.evaluate(REACHED)
            return bool(found and found["to"] == other)

        await until(is_new, what="a way over the other line")
        await both_move("hub", phone, desk)
    finally:
        await old.close()
        await new.close()


async def test_two_whose_direct_way_dies_are_carried_by_the_hub(arrive: Arrive, practices: Practices) -> None:
    lines: list[BadLine] = []

    async def line_to(address: str, port: int) -> int:
        lines.append(BadLine(port, address))
        return await lines[-1].open()

    try:
        meeting = await meet(practices)
        phone, desk = await arrive(), await arrive()
        for one in (phone, desk):
            await one.page.expose_function("lineTo", line_to)
            await one.page.add_init_script(BY_LETTER)
        await meeting.begin(phone, desk)
        await both_move("direct", phone, desk)

        for line in lines:
            line.be(loss=1.0)

        await both_move("hub", phone, desk)
        said = "Encrypted to our own server, which passes it on and records nothing."
        for one in (phone, desk):
            await expect(one.page.get_by_text(one.say(said))).to_be_visible()
    finally:
        for line in lines:
            await line.close()


class Networks:
    """A place of its own in this machine's network, with two ways out of it, of which one goes on at a time."""

    def __init__(self) -> None:
        self.name = f"portal{uuid4().hex[:6]}"
        self._pairs = [
            (f"{self.name}{end}", f"10.{199 + number}.{os.getpid() % 250}") for number, end in enumerate("ab")
        ]

    @property
    def addresses(self) -> list[str]:
        """Return this machine's own, one on each way."""
        return [f"{net}.1" for _name, net in self._pairs]

    def _ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def _inside(self, *words: str) -> None:
        self._ip("-n", self.name, *words)

    def open(self) -> None:
        """Make it. Raises OSError or CalledProcessError where one may not."""
        self._ip("netns", "add", self.name)
        self._inside("link", "set", "lo", "up")
        for name, net in self._pairs:
            self._ip("link", "add", name, "type", "veth", "peer", "name", "out", "netns", self.name)
            self._inside("link", "set", "out", "name", f"{name}o")
            self._ip("addr", "add", f"{net}.1/24", "dev", name)
            self._ip("link", "set", name, "up")
        self.join(0)

    def join(self, number: int) -> None:
        """Take up one of the two ways, to all addresses of this machine."""
        name, net = self._pairs[number]
        self._inside("addr", "add", f"{net}.2/24", "dev", f"{name}o")
        self._inside("link", "set", f"{name}o", "up")
        self._inside("route", "add", "default", "via", f"{net}.1")

    def leave(self, number: int) -> None:
        """Lose one of the two."""
        name, _net = self._pairs[number]
        self._inside("addr", "flush", "dev", f"{name}o")
        self._inside("link", "set", f"{name}o", "down")

    def close(self) -> None:
        for name, _net in self._pairs:
            subprocess.run(["ip", "link", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)


@pytest.fixture
def networks() -> Iterator[Networks]:
    made = Networks()
    try:
        made.open()
        yield made
    except (OSError, subprocess.CalledProcessError) as refused:
        pytest.skip(f"no network of one's own may be made here ({refused}); the lines above stand for it")
    finally:
        made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def reached_from_there(networks: Networks, house: House) -> AsyncIterator[House]:
    """Have pages and the hub answer on those ways too."""
    pages = [PageLine(house.settings.port) for _ in networks.addresses]
    for line, address in zip(pages, networks.addresses, strict=True):
        await line.open(house.settings.port, address)
    told = replace(house, settings=house.settings.model_copy(update={"media_addresses": ",".join(networks.addresses)}))
    house.kill("media")
    told.start("media")
    yield house
    house.kill("media")
    house.start("media")
    for line in pages:
        await line.close()


@pytest_asyncio.fixture(loop_scope="session")
async def telephone(networks: Networks, tmp_path: Path) -> AsyncIterator[Browser]:
    """Run a browser there. It finds the portal by its name on the way it is on, as a telephone does."""
    program = tmp_path / "chromium"
    program.write_text(f'#!/bin/sh\nexec ip netns exec {networks.name} {CHROMIUM} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    async with async_playwright() as playwright:
        flags = [*FLAGS, f"--host-resolver-rules=MAP localhost {networks.addresses[0]}"]
        browser = await playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        await browser.close()


@pytest.mark.parametrize("way", ["direct", "hub"])
async def test_from_one_network_into_another(
    networks: Networks, reached_from_there: House, telephone: Browser, arrive: Arrive, practices: Practices, way: str
) -> None:
    meeting = await meet(practices, is_through_hub=way == "hub")
    phone, desk = await arrive(by=telephone), await arrive()
    await phone.page.add_init_script(KEEP)
    await meeting.begin(phone, desk)
    await both_move(way, phone, desk)
    before = await phone.page.evaluate(REACHED)

    networks.leave(0)
    networks.join(1)

    async def is_elsewhere() -> bool:
        found = await phone.page.evaluate(REACHED)
        return bool(found and found["from"] != before["from"])

    await until(is_elsewhere, what="a way over the other network")
    await both_move(ANY, phone, desk)

    # And the page itself is there again too: what is written on either side is read on the other
    for one, other, words in ((desk, phone, "Can you hear me?"), (phone, desk, "Yes, I am outside now")):
        await one.page.locator("#words").fill(words)
        await one.button("Send").click()
        await expect(other.page.get_by_role("log").get_by_text(words, exact=True)).to_be_visible()

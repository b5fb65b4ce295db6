"""A network that lets no UDP out, as many hospitals' do: what people say and show goes over TLS, through a relay."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import running_chromium
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.coturn import Coturn
from tests.journeys.house import House
from tests.journeys.meeting import BLOCK, KEEP, both_move, meet

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.needs_turn]

NO_UDP = ["webrtc-ip-handling-policy", "force-webrtc-ip-handling-policy"]  # newer and older versions of Chromium
FLAGS = [*(f"--{name}=disable_non_proxied_udp" for name in NO_UDP), "--ignore-certificate-errors"]
CARRIED = """async () => {
  const way = window.ways.findLast((one) => one.connectionState === "connected");
  const stats = [...(await way.getStats()).values()];
  const pair = stats.find((one) => one.type === "candidate-pair" && one.nominated);
  const own = stats.find((one) => one.id === pair.localCandidateId);
  return [own.candidateType, own.relayProtocol];
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def relay(tmp_path: Path) -> AsyncIterator[Coturn]:
    coturn = Coturn(tmp_path)
    try:
        coturn.start()
        await coturn.ready()
        yield coturn
    finally:
        coturn.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def house_with_relay(house: House, relay: Coturn) -> AsyncIterator[House]:
    """Tell browsers of the relay: the hub does that."""
    given = {"turn_urls": relay.url, "turn_secret_file": relay.secret_file}
    told = replace(house, settings=house.settings.model_copy(update=given))
    house.kill("media")
    told.start("media")
    yield house
    house.kill("media")
    house.start("media")


@pytest_asyncio.fixture(loop_scope="session")
async def cut_off() -> AsyncIterator[Browser]:
    async with running_chromium(*FLAGS) as browser:
        yield browser


@pytest.mark.parametrize("way", ["direct", "hub"])
async def test_two_without_udp_see_each_other(
    house_with_relay: House, cut_off: Browser, arrive: Arrive, practices: Practices, way: str
) -> None:
    meeting = await meet(practices)
    phone, desk = await arrive(by=cut_off), await arrive(by=cut_off)
    for one in (phone, desk):
        await one.page.add_init_script(KEEP)
        if way == "hub":
            await one.page.add_init_script(BLOCK)
    await meeting.begin(phone, desk)

    await both_move(way, phone, desk)

    for one in (phone, desk):
        assert await one.page.evaluate(CARRIED) == ["relay", "tls"]

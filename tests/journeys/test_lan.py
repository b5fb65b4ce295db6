"""The demo on one's own network, over https with a certificate that nobody vouches for: what a phone there can do."""

import ssl
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.features.access.service import demo_people
from portal_app.operations import demo, lan
from portal_app.operations.startup import CannotStart, unused_port
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.meeting import both_move, meet
from tests.journeys.walker import AWAY

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def address() -> str:
    try:
        return lan.own_address("")
    except CannotStart:  # a machine on no network has its loop
        return "127.0.0.1"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def on_network(house: House, address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Serve the shared clinic a second time, as `demo --lan` does."""
    tls = lan.certificate_for(address, tmp_path_factory.mktemp("lan"))
    settings = demo.on_network(house.settings.model_copy(update={"port": unused_port()}), address)
    trusted = ssl.create_default_context(cafile=tls.certificate)
    found = House(settings, house.pages, tls=tls, trusted=trusted)
    found.start("web")
    try:
        await found.ready()
        yield found
    finally:
        found.stop()


async def test_somebody_of_the_demo_signs_in_with_a_tap(on_network: House, arrive: Arrive) -> None:
    phone = await arrive(at=on_network)

    await phone.sign_in_by_tap(demo_people()[0].name)

    await expect(phone.page.locator("#notice")).to_be_hidden()
    await phone.at("/")
    assert phone.unexpected(AWAY) == []


async def test_two_see_each_other(on_network: House, arrive: Arrive, practices: Practices) -> None:
    meeting = await meet(practices)
    phone, desk = await arrive(at=on_network), await arrive(at=on_network)

    await meeting.begin(phone, desk)

    await both_move("direct", phone, desk)

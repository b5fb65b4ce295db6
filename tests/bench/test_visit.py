"""The bench's callers are callers: two of them in a room of the real hub are shown each other."""

from pathlib import Path

import psutil

from bench._caller import here
from bench._carriers import HubRooms, Watch
from bench._clip import FPS, clip
from portal_app.media import process
from portal_app.settings import Settings
from tests.journeys.house import until


async def test_callers_are_shown_each_other_and_counted(tmp_path: Path) -> None:
    settings = Settings(mode="test", data_dir=tmp_path, media_ports="0", media_addresses=here())
    async with process.opened(settings):
        hub = HubRooms(settings, psutil.Process())
        await hub.open()
        try:
            await hub.fill()
            watch = Watch(hub.process, hub.callers)

            async def shown() -> bool:
                cost = watch.cost()
                return cost.shown > 0 and cost.sent > 0

            await until(shown, what="both to be shown each other")
        finally:
            await hub.close()


def test_the_clip_is_what_a_camera_of_its_size_sends() -> None:
    pictures = clip().pictures

    bits_per_s = 8 * FPS * sum(len(payload) for one in pictures for payload in one) / len(pictures)
    assert 500_000 < bits_per_s < 1_200_000
    assert all(
        payload[0] == 0x10 if first else payload[0] == 0 for one in pictures for first, payload in _numbered(one)
    )


def _numbered(payloads: list[bytes]) -> list[tuple[bool, bytes]]:
    return [(number == 0, payload) for number, payload in enumerate(payloads)]

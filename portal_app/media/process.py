"""`./portal media`: the hub's process. It holds nothing that must survive it: killed, it comes back empty."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Final

import structlog

from portal_app.media.hub import Hub, Relays
from portal_app.media.line import Line
from portal_app.media.port import Port
from portal_app.settings import Settings

_LOSSES_EVERY_S: Final = 0.05
_LINES_EVERY: Final = 20
"""Of those moments, how many make a second."""
_TELL_EVERY: Final = 60 * _LINES_EVERY
_COUNTED: Final = ("packets_in", "packets_out", "asked_again", "sent_again", "not_sent")

log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Carry rooms until SIGTERM or SIGINT. Raises NoFreePort."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with opened(settings) as hub:
        log.info("hub_listens", port=hub.port.number)
        await stopping.wait()


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Hub]:
    """Hold the port and the line to the web processes. Raises NoFreePort."""
    port = Port(settings.media_port_range, settings.media_address_list)
    hub = Hub(port, Relays(settings.stun_list, settings.turn_list, settings.turn_secret))
    line = Line(hub, settings.media_folder)
    await line.open()
    tending = asyncio.create_task(_tend(hub))
    try:
        yield hub
    finally:
        tending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tending
        for room in list(hub.rooms.values()):
            room.close()
        await line.close()
        port.close()


async def _tend(hub: Hub) -> None:
    moment, told = 0, hub.report()
    while True:
        await asyncio.sleep(_LOSSES_EVERY_S)
        moment += 1
        hub.look_after_losses()
        if moment % _LINES_EVERY == 0:
            hub.look_after_lines()
        if moment % _TELL_EVERY == 0:
            told = _tell(hub.report(), told)


def _tell(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    """Log how much went on in the last minute, if anything did: numbers only."""
    passed = {name: now[name] - before[name] for name in _COUNTED}
    if now["rooms"] or passed["packets_in"]:
        log.info("hub_carries", **{**now, **passed})
    if passed["not_sent"]:
        log.warning("packets_not_sent", count=passed["not_sent"])
    return now

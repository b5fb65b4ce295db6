"""How soon two people see each other, how soon again after what broke, and what a bad line leaves."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Final

from bench._clinic import Installation
from bench._figures import spread
from bench._meeting import Meeting, Portal, portal

CUT_S: Final = 3.0
LOSSES: Final = (0.0, 0.05, 0.10, 0.30)


async def figures(installation: Installation, rounds: int, seconds: float) -> dict[str, float]:
    """Measure and return all of it, each of what is timed so many times."""
    found: dict[str, float] = {}

    async def several(name: str, words: str, measure: Callable[[], Awaitable[float]]) -> None:
        took = [await measure() for _ in range(rounds)]
        print(f"{words}: {spread(took, ' ms')}", flush=True)
        found[name] = median(took)

    async with portal(installation) as served:
        await several("device_check_ms", "The device check, from its opening to its end", served.device_check)
        await several("join_ms_direct", "Admitted to both pictures, directly", lambda: _join(served, through_hub=False))
        await several("join_ms_hub", "Admitted to both pictures, by the hub", lambda: _join(served, through_hub=True))
        meeting = await served.meeting(through_hub=True)
        await meeting.admit()
        await several("recover_ms_reload", "Reload to both pictures", lambda: _reload(meeting))
        await several("recover_ms_hub_killed", "Hub killed to both pictures", lambda: _kill(served, meeting))
        found["visit_page_kb"] = await asyncio.to_thread(served.weight_kb, meeting)
        await meeting.close()
        meeting = await served.meeting(through_hub=True, by_line=True)
        await meeting.admit()
        cut = f"Line cut for {CUT_S:g} s, mended to both pictures"
        await several("recover_ms_network_cut", cut, lambda: _cut(served, meeting))
        for lost in LOSSES:
            shown = await _at_loss(meeting, lost, seconds)
            print(f"At {lost:.0%} loss each way on the patient's line: {shown:.1f} frames/s", flush=True)
            found[f"fps_at_{100 * lost:.0f}_percent_loss"] = shown
        await _lose(meeting, 0.0)
        change = "The patient's network changed for another to both pictures"
        await several("recover_ms_network_changed", change, lambda: _change(served, meeting))
        await meeting.close()
    return found


async def _join(served: Portal, *, through_hub: bool) -> float:
    meeting = await served.meeting(through_hub=through_hub)
    took = await meeting.admit()
    wanted = "hub" if through_hub else "direct"
    assert await meeting.way() == wanted, f"they see each other by {await meeting.way()}, not {wanted}"
    await meeting.close()
    return took


async def _reload(meeting: Meeting) -> float:
    began = time.time() * 1000
    await meeting.phone.page.reload()
    return await meeting.both_shown_at(began) - began


async def _kill(served: Portal, meeting: Meeting) -> float:
    killed = served.kill_hub()
    return await meeting.both_shown_at(killed) - killed


async def _cut(served: Portal, meeting: Meeting) -> float:
    """Cut both people's lines to the portal: pages, sockets and media."""
    served.pages.cut()
    await _lose(meeting, 1.0)
    await asyncio.sleep(CUT_S)
    mended = time.time() * 1000
    served.pages.mend()
    await _lose(meeting, 0.0)
    took = await meeting.both_shown_at(mended) - mended
    await asyncio.sleep(2)
    return took


async def _change(served: Portal, meeting: Meeting) -> float:
    """Let the patient leave one network for another, as from the Wi-Fi to the street."""
    changed = await meeting.change_network(served.pages, served.hub_port())
    took = await meeting.both_shown_at(changed) - changed
    await asyncio.sleep(2)
    return took


async def _lose(meeting: Meeting, share: float) -> None:
    for one in (meeting.phone, meeting.desk):
        if one.line is not None:
            one.line.lost = share


async def _at_loss(meeting: Meeting, lost: float, seconds: float) -> float:
    """Return how many pictures a second the worse off of the two is shown, once the line has been so for a while."""
    assert meeting.phone.line is not None
    meeting.phone.line.lost = lost
    await asyncio.sleep(seconds)
    began = time.time() * 1000
    await asyncio.sleep(seconds)
    counts = [await one.frames_since(began) for one in (meeting.phone, meeting.desk)]
    print(f"  the patient {counts[0] / seconds:.1f}, the clinician {counts[1] / seconds:.1f}", flush=True)
    return min(counts) / seconds

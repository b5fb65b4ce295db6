"""What rooms cost the hub: beside Janus, each more of them, with more people in them, and how many there may be."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Final

from bench._carriers import Cost, HubRooms, JanusEchoes, Watch, has_janus, running_hub, running_janus
from bench._figures import spread

ROUNDS: Final = 3
ROOMS: Final = 6
FPS_MIN: Final = 29.0
_STEADY_WITHIN_S: Final = 20
_ROOMS_MAX: Final = 200
_BEGIN: Final = 8


async def figures(seconds: float) -> dict[str, float]:
    """Measure and return all of it; each look lasts so many seconds."""
    found: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hub = await stack.enter_async_context(running_hub(folder))
        empty_mb = Watch(hub.process, []).cost().mb
        await hub.fill()
        found |= await _beside_janus(hub, seconds)
        one = await _steady(hub, seconds)
        while hub.rooms < ROOMS:
            await hub.fill()
        several = await _steady(hub, seconds)
        found["mb_per_room"] = (several.mb - empty_mb) / ROOMS
        each_more = (several.percent - one.percent) / (ROOMS - 1)
        print(f"{ROOMS} rooms of two: {several.percent:.2f} % of a core and {several.mb - empty_mb:.1f} MB", flush=True)
        print(f"  each more of them: {each_more:.2f} %; the empty hub holds {empty_mb:.0f} MB", flush=True)
        for people, word in ((3, "three"), (4, "four")):
            await hub.empty()
            await hub.fill(people)
            cost = await _steady(hub, seconds)
            found[f"cpu_percent_{word}"] = cost.percent
            print(f"A room of {word}: {cost.percent:.2f} % of a core, {cost.shown:.1f} frames/s", flush=True)
        await hub.empty()
        found["rooms_per_core"] = await _most_rooms(hub, seconds)
    return found


async def _beside_janus(hub: HubRooms, seconds: float) -> dict[str, float]:
    """Look at one room of two and two echoes over the same seconds, several times."""
    if not has_janus():
        print("Janus is not installed (Debian: apt install janus), so the hub is not compared with it.", flush=True)
        costs = [await _steady(hub, seconds) for _ in range(ROUNDS)]
        return {"cpu_percent_per_room": median(one.percent for one in costs)}
    with tempfile.TemporaryDirectory() as folder:
        async with running_janus(Path(folder)) as janus:
            for _ in range(2):
                await janus.echo()
            await _steady(janus, 1)
            pairs = []
            for _ in range(ROUNDS):
                ours, theirs = Watch(hub.process, hub.callers), Watch(janus.process, janus.callers)
                await asyncio.sleep(seconds)
                pairs.append((ours.cost(), theirs.cost()))
    slowest = min(cost.shown for pair in pairs for cost in pair)
    percents = [ours.percent for ours, _ in pairs]
    print(f"One room of two: {spread(percents, ' %')} of a core", flush=True)
    print(f"  two echoes of Janus: {spread([theirs.percent for _, theirs in pairs], ' %')}", flush=True)
    print(f"  no stream under {slowest:.1f} frames/s in either", flush=True)
    ratio = median(ours.percent / theirs.percent for ours, theirs in pairs)
    return {"cpu_ratio_to_janus": ratio, "cpu_percent_per_room": median(percents)}


async def _steady(carrier: HubRooms | JanusEchoes, seconds: float) -> Cost:
    """Wait until everybody is shown everybody, then look."""
    async with asyncio.timeout(_STEADY_WITHIN_S):
        cost = Cost(0, 0, 0, 0)
        while cost.shown < FPS_MIN:
            watch = Watch(carrier.process, carrier.callers)
            await asyncio.sleep(1)
            cost = watch.cost()
    watch = Watch(carrier.process, carrier.callers)
    await asyncio.sleep(seconds)
    return watch.cost()


async def _most_rooms(hub: HubRooms, seconds: float) -> int:
    """Add rooms until somebody is shown less than 29 pictures a second; return how many there were before."""
    held = 0
    while hub.rooms < _ROOMS_MAX:
        wanted = hub.rooms + max(_BEGIN, hub.rooms // 5)
        while hub.rooms < wanted:
            await hub.fill()
        cost = await _most_of_two(hub, max(2.0, seconds / 2))
        words = f"{hub.rooms} rooms: {cost.percent:.0f} % of a core, the slowest stream {cost.shown:.1f} frames/s"
        print(f"  {words} of {cost.sent:.1f} sent", flush=True)
        if cost.shown < FPS_MIN:
            if cost.sent < FPS_MIN:
                print(
                    "  The callers are late themselves: the machine is the limit here, not the hub alone.", flush=True
                )
            break
        held = hub.rooms
    return held


async def _most_of_two(hub: HubRooms, seconds: float) -> Cost:
    """Look once, and once more if a stream was slow: what filling the rooms delayed, or others' work, is no limit."""
    cost = Cost(0, 0, 0, 0)
    for _ in range(2):
        await asyncio.sleep(1)
        watch = Watch(hub.process, hub.callers)
        await asyncio.sleep(seconds)
        cost = watch.cost()
        if cost.shown >= FPS_MIN:
            break
    return cost

"""People in a room that the hub carries see each other, and nobody else gets anything out of it."""

import asyncio
import json
import secrets
import socket
import time

import pytest
import structlog
from aioice import stun

from portal_app.media import process
from portal_app.media.hub import MAX_ROOMS, TURN_S, Hub, Relays
from portal_app.media.member import SHARED_BITS, picture_limit
from portal_app.media.room import MOST, SILENT_S
from portal_app.media.sdp import MAX_BYTES
from portal_app.settings import Settings
from portal_app.web.hub_line import ask_hub
from tests.media.bad_line import BadLine
from tests.media.conftest import Caller, MakeCaller, Words, brightness, sees

ASKS = {"name": "", "role": "patient", "may_go_direct": True, "is_mirror": False, "call": None}


def carried(words: Words) -> bool:
    return bool(words["path"] == "hub")


async def test_two_people_see_each_other_through_the_hub(hub: Hub, caller: MakeCaller, settings: Settings) -> None:
    dark, light = await caller(60), await caller(200)
    dark.join("room", may_go_direct=False)
    light.join("room", may_go_direct=False)

    of_dark = await dark.call_hub(await dark.hears("go", carried))
    of_light = await light.call_hub(await light.hears("go", carried))

    await asyncio.gather(sees(of_dark[0], 200), sees(of_light[0], 60))
    assert hub.figures() == {"rooms": 1, "people": 2, "rooms_carried": 1, "connections": 2}
    told = await ask_hub(settings.media_folder)
    assert told.items() >= {**hub.figures(), "udp_port": hub.port.number}.items()
    assert min(told["packets_in"], told["packets_out"]) > 0
    assert [one.name for one in settings.media_folder.rglob("*")] == ["line.json"]  # nothing of it is kept


async def test_a_third_person_is_seen_in_a_place_of_their_own(caller: MakeCaller) -> None:
    people = [await caller(luma) for luma in (40, 130, 220)]
    for one in people:
        one.join("room")
    pictures = [await one.call_hub(await one.hears("go", carried)) for one in people]

    for one, tracks in zip(people, pictures, strict=True):
        told = await one.hears("roster", lambda words: len(words["people"]) == 2)
        slots = {person["name"]: person["slot"] for person in told["people"]}
        others = [other for other in people if other is not one]
        await asyncio.gather(*(sees(tracks[slots[f"Person {other.luma}"]], other.luma) for other in others))


async def test_a_slow_line_slows_nobody_else(hub: Hub, caller: MakeCaller) -> None:
    line = BadLine(hub.port.number)
    people = [await caller(luma) for luma in (40, 130, 220)]
    for one in people:
        one.join("room")
    ways = [await one.hears("go", carried) for one in people]
    between = (0, 0, await line.open())
    pictures = [await one.call_hub(way, line=at) for one, way, at in zip(people, ways, between, strict=True)]
    told = [await one.hears("roster", lambda words: len(words["people"]) == 2) for one in people]
    slot = [next(them["slot"] for them in one["people"] if them["name"] == "Person 40") for one in told[1:]]
    quick, slow = pictures[1][slot[0]], pictures[2][slot[1]]
    await asyncio.gather(sees(quick, 40), sees(slow, 40))
    shown = 0

    async def count() -> None:
        nonlocal shown
        while True:
            await slow.recv()
            shown += 1

    counting = asyncio.create_task(count())
    line.be(kbit=15)
    try:
        for _ in range(150):  # five seconds of pictures
            await brightness(quick)
    finally:
        counting.cancel()
        await line.close()

    assert shown < 100
    sender = next(one for one in hub.rooms["room"].members.values() if one.name == "Person 40").media
    assert sender is not None
    receivers = [one for one in hub.rooms["room"].media() if one is not sender]
    assert picture_limit(sender.sources["video"], receivers) >= SHARED_BITS


async def test_letters_that_are_too_long_are_not_brought(caller: MakeCaller) -> None:
    first, second = await caller(1), await caller(2)
    first.join("room")
    second.join("room")
    call = (await first.hears("go", lambda words: words["path"] == "direct"))["call"]
    first.say(do="peer", call=call, offer="v" * (MAX_BYTES + 1))
    first.say(do="peer", call=call, candidate={"candidate": "c" * 2000, "sdpMid": "0"})
    first.say(do="peer", call=call, candidate="no mapping")
    first.say(do="peer", call=call, answer="v=0")

    assert await second.hears("peer") == {"do": "peer", "call": call, "answer": "v=0"}
    assert not [words for words in second.heard if words["do"] == "peer"]


async def test_two_who_may_are_let_find_each_other_and_the_hub_carries_only_letters(
    hub: Hub, caller: MakeCaller
) -> None:
    first, second = await caller(1), await caller(2)
    first.join("room")
    second.join("room")
    ways = [await one.hears("go", lambda words: words["path"] == "direct") for one in (first, second)]

    first.say(do="peer", call=ways[0]["call"], offer="v=0", extra="not passed on")

    assert sorted(way["begins"] for way in ways) == [False, True]
    assert await second.hears("peer") == {"do": "peer", "call": ways[0]["call"], "offer": "v=0"}
    assert hub.figures()["connections"] == 0


async def test_who_does_not_find_the_other_is_carried_by_the_hub(caller: MakeCaller) -> None:
    dark, light = await caller(60), await caller(200)
    dark.join("room")
    light.join("room")
    way = await dark.hears("go", lambda words: words["path"] == "direct")
    dark.say(do="missed", call=way["call"])

    of_dark = await dark.call_hub(await dark.hears("go", carried))
    await light.call_hub(await light.hears("go", carried))

    await sees(of_dark[0], 200)


async def test_the_newer_of_two_tabs_takes_over_and_the_older_is_told(hub: Hub, caller: MakeCaller) -> None:
    older, newer = await caller(1), await caller(2)
    older.join("room", "one person")
    await older.hears("welcome")
    newer.join("room", "one person")

    await older.hears("taken")
    older.say(do="show", muted=True)
    newer.say(do="show", muted=False)

    await newer.hears("welcome")
    assert hub.figures()["people"] == 1


async def test_nobody_is_in_two_rooms_at_once(hub: Hub, caller: MakeCaller) -> None:
    one, two = await caller(1), await caller(2)
    one.join("first room", "a clinician")
    await one.hears("welcome")
    two.join("second room", "a clinician")

    await one.hears("taken")
    await two.hears("welcome")
    assert list(hub.rooms) == ["second room"]


async def test_a_place_is_kept_for_whoever_loses_the_line(hub: Hub, caller: MakeCaller) -> None:
    dark, light = await caller(60), await caller(200)
    dark.join("room")
    light.join("room")
    await dark.hears("go", lambda words: words["path"] == "direct")
    light.tell(do="away")
    away = await dark.hears("roster", lambda words: any(one["away"] for one in words["people"]))
    again = await caller(201)
    again.join("room", "person 200", call=None)

    assert [one["name"] for one in away["people"]] == ["Person 200"]
    await dark.hears("go", lambda words: words["path"] == "direct")
    assert hub.figures()["people"] == 2


async def test_whoever_lost_their_place_while_away_is_gone_at_once(hub: Hub, caller: MakeCaller) -> None:
    one, other = await caller(1), await caller(2)
    one.join("room", "somebody")
    other.join("room", "somebody else")
    await one.hears("roster", lambda words: bool(words["people"]))
    one.tell(do="away")
    await other.hears("roster", lambda words: any(person["away"] for person in words["people"]))
    other.heard.clear()
    other.tell(do="keep_only", room="room", people=["somebody else"])

    await other.hears("roster", lambda words: not words["people"])
    assert hub.figures()["people"] == 1


async def test_a_room_takes_so_many_and_no_more(caller: MakeCaller) -> None:
    people = [await caller(number) for number in range(MOST + 1)]
    for one in people[:MOST]:
        one.join("room")
        await one.hears("welcome")
    people[MOST].join("room")

    await people[MOST].hears("full")


@pytest.mark.parametrize(
    "sdp",
    ["", "v=0", "m=video x", "v=0\r\n" * 20_000, "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n", None, 7],
    ids=["empty", "bare", "broken", "long", "unencrypted", "none", "number"],
)
async def test_an_offer_no_browser_makes_is_refused(caller: MakeCaller, sdp: object) -> None:
    one, other = await caller(1), await caller(2)
    one.join("room", may_go_direct=False)
    other.join("room", may_go_direct=False)
    way = await one.hears("go", carried)
    one.say(do="offer", call=way["call"], token=way["token"], sdp=sdp)

    await one.hears("refused")


async def test_a_token_is_good_for_one_person_and_once(caller: MakeCaller) -> None:
    one, other = await caller(1), await caller(2)
    one.join("room", may_go_direct=False)
    other.join("room", may_go_direct=False)
    way, theirs = await one.hears("go", carried), await other.hears("go", carried)

    for token in (theirs["token"], way["token"], way["token"]):
        one.say(do="offer", call=way["call"], token=token, sdp="v=0")
        await one.hears("refused")


async def test_a_token_is_good_for_a_short_time(caller: MakeCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal_app.media.room.TOKEN_S", -1)
    one, other = await caller(1), await caller(2)
    one.join("room", may_go_direct=False)
    other.join("room", may_go_direct=False)
    way = await one.hears("go", carried)
    one.say(do="offer", call=way["call"], token=way["token"], sdp="v=0")
    await one.hears("refused")


async def test_whoever_offers_without_end_is_refused_and_the_others_stay(hub: Hub, caller: MakeCaller) -> None:
    one, other = await caller(1), await caller(2)
    one.join("room", may_go_direct=False)
    other.join("room", may_go_direct=False)
    for _ in range(40):
        one.say(do="again")
        way = await one.hears("go", carried)
        one.say(do="offer", call=way["call"], token=way["token"], sdp="v=0")
        await one.hears("refused")

    assert hub.figures()["people"] == 2


async def test_the_line_is_for_those_who_know_its_secret(hub: Hub, settings: Settings) -> None:
    note = json.loads((settings.media_folder / "line.json").read_text())
    reader, writer = await asyncio.open_connection("127.0.0.1", note["port"])
    writer.write(b'guessed\n{"do": "figures"}\n')

    assert await reader.read() == b""
    writer.close()
    assert (settings.media_folder / "line.json").stat().st_mode & 0o777 == 0o600


async def test_the_port_is_silent_to_strangers(hub: Hub, caller: MakeCaller) -> None:
    one, other = await caller(60), await caller(200)
    one.join("room", may_go_direct=False)
    other.join("room", may_go_direct=False)
    track = (await one.call_hub(await one.hears("go", carried)))[0]
    await other.call_hub(await other.hears("go", carried))
    call = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    call.attributes["USERNAME"] = "guessed:user"
    call.add_message_integrity(b"guessed")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        stranger.bind(("127.0.0.1", 0))
        for packet in (bytes(call), b"\x00\x01", b"\x80" + secrets.token_bytes(40), b"\x16\xfe\xfd" + bytes(60)):
            stranger.sendto(packet, ("127.0.0.1", hub.port.number))
        await sees(track, 200)  # by then the hub has read what was sent before

        with pytest.raises(BlockingIOError):
            stranger.recv(100)


async def test_an_answer_offers_encryption_only(hub: Hub, caller: MakeCaller) -> None:
    one, other = await caller(1), await caller(2)
    one.join("room", may_go_direct=False)
    other.join("room", may_go_direct=False)
    await one.call_hub(await one.hears("go", carried))
    sdp = one.peers[0].remoteDescription.sdp

    media = [line for line in sdp.splitlines() if line.startswith("m=")]
    assert all("UDP/TLS/RTP/SAVPF" in line for line in media)
    assert "a=crypto" not in sdp


def test_credentials_of_the_relay_are_each_browsers_own_and_end() -> None:
    relays = Relays(("stun:one",), ("turns:two",), "secret")
    first, second = relays.servers("a")[1], relays.servers("b")[1]

    assert first["urls"] == ["turns:two"]
    assert (first["username"][-2:], second["username"][-2:]) == (":a", ":b")
    assert first["credential"] != second["credential"]
    assert 0 < int(first["username"].partition(":")[0]) - time.time() <= TURN_S
    assert Relays(("stun:one",), ("turns:two",), "").servers("a") == [{"urls": ["stun:one"]}]


async def test_a_person_alone_may_look_at_themselves_to_measure_their_line(caller: MakeCaller) -> None:
    one: Caller = await caller(90)
    one.join("check", is_mirror=True)

    tracks = await one.call_hub(await one.hears("go", carried))

    await sees(tracks[0], 90)


async def test_a_thousand_who_want_in_at_once_get_no_more_places_and_stop_nobody(hub: Hub, caller: MakeCaller) -> None:
    many, one = await caller(1), await caller(2)
    for number in range(1000):
        many.tell(do="join", c=f"c{number}", room="room", person=f"p{number}", **ASKS)
        many.tell(do="join", c=f"t{number}", room="other", person="the same", **ASKS)
        many.tell(do="join", c=f"r{number}", room=f"room {number}", person=f"q{number}", **ASKS)

    one.join("other", "somebody else")

    await one.hears("roster", lambda words: len(words["people"]) == 1)
    assert len(hub.rooms["room"].members) == MOST
    assert len(hub.rooms) == MAX_ROOMS


async def test_somebody_who_sends_nothing_is_told_to_the_others_as_without_a_line(hub: Hub, caller: MakeCaller) -> None:
    mute, other = await caller(1), await caller(200)
    mute.join("room", may_go_direct=False)
    other.join("room", may_go_direct=False)
    await other.call_hub(await other.hears("go", carried))
    await other.hears("roster", lambda words: bool(words["people"]))

    hub.rooms["room"].look_after_lines(time.monotonic() + SILENT_S + 1)

    told = await other.hears("roster", lambda words: any(person["silent"] for person in words["people"]))
    assert [person["name"] for person in told["people"]] == ["Person 1"]
    await mute.call_hub(await mute.hears("go", carried))
    await other.hears("roster", lambda words: not any(person["silent"] for person in words["people"]))


async def test_packets_that_cannot_be_sent_are_counted_and_told_of_once(hub: Hub, caller: MakeCaller) -> None:
    one = await caller(90)
    one.join("check", is_mirror=True)
    await sees((await one.call_hub(await one.hears("go", carried)))[0], 90)
    before = hub.report()
    with structlog.testing.capture_logs() as said:
        for _ in range(50):
            next(hub.rooms["check"].media()).link.send_media(b"\x80" + bytes(5000))
        process._tell(hub.report(), before)

    assert hub.port.traffic.not_sent - before["not_sent"] == 50
    assert [one["count"] for one in said if one["log_level"] == "warning"] == [50]


async def test_of_two_the_one_whose_picture_stands_still_is_asked_for_a_smaller_one(caller: MakeCaller) -> None:
    one, other, third = await caller(1), await caller(2), await caller(3)
    one.join("room")
    other.join("room")
    way = await one.hears("go", lambda words: words["path"] == "direct")
    told = await one.hears("roster", lambda words: bool(words["people"]))
    for tag in ("nobody's", told["people"][0]["tag"]):
        one.say(do="still", call=way["call"], tag=tag)
    await other.hears("still")

    # With three, one poor line does not make the picture smaller for all
    third.join("room")
    told = await one.hears("roster", lambda words: len(words["people"]) == 2)
    way = await one.hears("go", carried)
    for person in told["people"]:
        one.say(do="still", call=way["call"], tag=person["tag"])
    one.say(do="show", stalled=True, paused=True, screen="yes", name="Somebody else")
    told = await third.hears("roster", lambda words: any(person.get("paused") for person in words["people"]))
    assert not [person for person in told["people"] if "screen" in person or person["name"] == "Somebody else"]
    await other.hears("roster", lambda words: any(person.get("stalled") for person in words["people"]))
    assert not [words for who in (other, third) for words in who.heard if words.get("do") == "still"]

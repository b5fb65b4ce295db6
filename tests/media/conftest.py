"""A hub in this process, and people whose browser is aiortc: real ICE, real encryption, real pictures."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import AudioStreamTrack
from av import VideoFrame

from portal_app.media import process
from portal_app.media.hub import Hub
from portal_app.settings import Settings

Words = dict[str, Any]
PATIENCE_S = 30


class Colour(VideoStreamTrack):
    """A small picture of one brightness, by which it is known again at the other end."""

    def __init__(self, luma: int) -> None:
        super().__init__()
        self.luma = luma

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame(width=160, height=120, format="yuv420p")
        for plane, value in zip(frame.planes, (self.luma, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Caller:
    """Somebody at the end of the line, as a web process and a browser together."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, luma: int) -> None:
        self._reader, self._writer = reader, writer
        self.luma = luma
        self.connection = f"c{luma}-{id(self)}"
        self.heard: list[Words] = []
        self._news = asyncio.Condition()
        self._listening = asyncio.create_task(self._listen())
        self.peers: list[RTCPeerConnection] = []

    async def _listen(self) -> None:
        while line := await self._reader.readline():
            async with self._news:
                self.heard.append(json.loads(line).get("say", {}))
                self._news.notify_all()
        async with self._news:
            self.heard.append({"do": "cut"})
            self._news.notify_all()

    def tell(self, **words: Any) -> None:
        self._writer.write(json.dumps({"c": self.connection, **words}).encode() + b"\n")

    def say(self, **words: Any) -> None:
        self.tell(do="hear", words=words)

    def join(self, room: str, person: str = "", **more: Any) -> None:
        person = person or f"person {self.luma}"
        given = {"name": person.title(), "role": "patient", "may_go_direct": True, "is_mirror": False, "call": None}
        self.tell(do="join", room=room, person=person, **given | more)

    async def hears(self, said: str, is_it: Callable[[Words], bool] = lambda _words: True) -> Words:
        """Return the newest words of a kind, waiting for them; they are then forgotten."""

        def found() -> Words | None:
            return next((one for one in reversed(self.heard) if one.get("do") == said and is_it(one)), None)

        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: found() is not None)
        words = found()
        assert words is not None
        self.heard.remove(words)
        return words

    async def call_hub(self, way: Words, places: int = 2, line: int = 0) -> list[MediaStreamTrack]:
        """Connect to the hub and return what it may send, in the order of the places: the picture of each.

        `line` is the port of what lies between, if anything does.
        """
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.peers.append(peer)
        peer.addTransceiver(AudioStreamTrack(), direction="sendrecv")
        pictures = [peer.addTransceiver(Colour(self.luma), direction="sendrecv")]
        for _ in range(places - 1):
            peer.addTransceiver("audio", direction="recvonly")
            pictures.append(peer.addTransceiver("video", direction="recvonly"))
        for one in pictures:
            one.setCodecPreferences(
                [codec for codec in RTCRtpSender.getCapabilities("video").codecs if codec.name in ("VP8", "rtx")]
            )
        await peer.setLocalDescription(await peer.createOffer())
        self.say(do="offer", call=way["call"], token=way["token"], sdp=peer.localDescription.sdp)
        answer = await self.hears("answer")
        at = f"127.0.0.1 {line} typ host"
        sdp = (
            re.sub(r"(candidate:\S+ 1 udp \S+) \S+ \S+ typ host", rf"\1 {at}", answer["sdp"]) if line else answer["sdp"]
        )
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        return [one.receiver.track for one in pictures]

    async def close(self) -> None:
        for peer in self.peers:
            await peer.close()
        self._writer.close()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)


async def brightness(track: MediaStreamTrack) -> int:
    """Return how bright the next picture is."""
    async with asyncio.timeout(PATIENCE_S):
        frame = await track.recv()
    assert isinstance(frame, VideoFrame)
    return int(bytes(frame.planes[0])[0])


async def sees(track: MediaStreamTrack, luma: int) -> None:
    """Wait until a picture of somebody arrives."""
    async with asyncio.timeout(PATIENCE_S):
        while abs(await brightness(track) - luma) > 12:
            pass


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # Any free port will do for a test.
    return Settings(mode="test", data_dir=tmp_path, media_ports="0")


@pytest_asyncio.fixture
async def hub(settings: Settings) -> AsyncIterator[Hub]:
    async with process.opened(settings) as opened:
        yield opened


MakeCaller = Callable[[int], Awaitable[Caller]]


@pytest_asyncio.fixture
async def caller(hub: Hub, settings: Settings) -> AsyncIterator[MakeCaller]:
    made: list[Caller] = []

    async def make(luma: int) -> Caller:
        note = json.loads((settings.media_folder / "line.json").read_text())
        reader, writer = await asyncio.open_connection("127.0.0.1", note["port"], limit=1 << 20)
        writer.write(note["secret"].encode() + b"\n")
        made.append(Caller(reader, writer, luma))
        return made[-1]

    yield make
    for one in made:
        await one.close()

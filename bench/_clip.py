"""What people in a benched visit send: a moving picture of 640×360 at 30 a second and a tone, encoded once."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

import av

WIDTH, HEIGHT, FPS = 640, 360, 30
BITS: Final = 800_000
"""A second of picture, about what Chromium sends of this size."""
SECONDS: Final = 2
PAYLOAD_BYTES: Final = 1150
"""Chromium puts no more into a packet."""
SOUND_MS: Final = 20
_HZ: Final = 48_000


@dataclass(frozen=True)
class Clip:
    """Payloads ready to be sent: of each picture its packets, of each 20 ms of sound one."""

    pictures: list[list[bytes]]
    sounds: list[bytes]


@cache
def clip() -> Clip:
    """Return the clip, which goes on from its end with its beginning."""
    return Clip(list(map(list, map(_split, _pictures()))), list(_sounds()))


def _split(frame: bytes) -> Iterator[bytes]:
    """Yield the payloads of one VP8 frame (RFC 7741): the first says that it is the first."""
    for at in range(0, len(frame), PAYLOAD_BYTES):
        yield bytes([0x10 if at == 0 else 0]) + frame[at : at + PAYLOAD_BYTES]


def _pictures() -> Iterator[bytes]:
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.bit_rate = Fraction(1, FPS), Fraction(FPS), BITS
    encoder.thread_count = 1  # several wait for each other on a busy machine
    encoder.options = {"deadline": "realtime", "cpu-used": "12", "lag-in-frames": "0", "g": str(FPS)}
    frames = [_picture(number) for number in range(SECONDS * FPS)]
    for frame in [*frames, None]:
        yield from map(bytes, encoder.encode(frame))


def _picture(number: int) -> av.VideoFrame:
    """Draw stripes that wander, under grain that a camera has: without it there would be little to send."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    grain = [(x * 7919 + number * 104_729) % 23 for x in range(WIDTH + HEIGHT)]
    row = bytes((96 + 64 * math.sin((x + number * 4) / 40) + grain[x]).__trunc__() for x in range(WIDTH + HEIGHT))
    for plane, size in zip(frame.planes, (None, 128, 128), strict=True):
        if size is None:
            plane.update(b"".join(row[y : y + plane.line_size] for y in range(HEIGHT)))
        else:
            plane.update(bytes([size]) * plane.buffer_size)
    frame.pts = number
    return frame


def _sounds() -> Iterator[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = _HZ, "s16", "mono"
    encoder.bit_rate, encoder.time_base = 32_000, Fraction(1, _HZ)
    samples = _HZ * SOUND_MS // 1000
    for number in range(SECONDS * 1000 // SOUND_MS):
        frame = av.AudioFrame("s16", "mono", samples)
        tone = (int(4000 * math.sin((number * samples + n) / 20)) for n in range(samples))
        frame.planes[0].update(b"".join(value.to_bytes(2, "little", signed=True) for value in tone))
        frame.sample_rate, frame.pts, frame.time_base = _HZ, number * samples, Fraction(1, _HZ)
        yield from map(bytes, encoder.encode(frame))

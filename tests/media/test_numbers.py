"""What a receiver is sent in one place is numbered on, whoever is seen there: encryption refuses what goes back."""

from typing import Any, cast

from portal_app.media import rtp
from portal_app.media.link import Link
from portal_app.media.member import LEAST_BITS, Media, picture_limit
from portal_app.media.sdp import Agreed, Place
from portal_app.media.source import Source

OPUS = Agreed(111)
VP8 = Agreed(96)
PLACES = {"audio": [(OPUS, Place(5, 6))], "video": [(VP8, Place(7, 8))]}


class Sent:
    """A connection that keeps what would be sent."""

    is_up = True
    ssrc = 7

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def send_media(self, packet: bytes) -> None:
        read = rtp.read_packet(packet)
        assert read is not None
        self.numbers.append(read.sequence)

    def send_feedback(self, packet: bytes) -> None:
        """Keep nothing of it."""


def sound(link: Any) -> Media:
    """Return somebody who sends sound."""
    return Media(cast("Link", link), {"audio": Source("audio", OPUS, cast("Link", link))}, PLACES, "")


def picture() -> Media:
    """Return somebody who sends a picture."""
    shown = Source("video", VP8, cast("Link", Sent()))
    shown.ssrc = 9
    return Media(cast("Link", Sent()), {"video": shown}, {}, "")


def test_somebody_who_comes_back_is_heard_at_once() -> None:
    heard = Sent()
    desk = Media(cast("Link", heard), {}, PLACES, "")
    for first in (40_000, 100):  # the browser that was reloaded begins anew, wherever it likes
        phone = sound(Sent())
        desk.show("patient", 0, phone, 1.0)
        for number in range(first, first + 50):
            phone.sources["audio"].take(rtp.Packet(0x80, 0, 111, number, number * 960, first, b"sound"), 1.0)
        desk.hide("patient")

    assert heard.numbers == list(range(1, 101))


def poor_line() -> Media:
    """Return somebody whose line is thought to carry little, and who is shown one picture."""
    line = sound(Sent())
    line.limit = LEAST_BITS // 2
    line.show("patient", 0, picture(), 0.0)
    return line


def looked_at(line: Media, *seconds: float, is_still: bool = True) -> list[bool | None]:
    """Look at a line at these moments, at which its owner says that the picture stands still, or that it moves."""
    told = []
    for now in seconds:
        line.still_at = now if is_still else line.still_at
        told.append(line.look_at_line(now))
    return told


def test_a_line_that_rested_is_tried_with_little_and_given_time_to_grow() -> None:
    line = poor_line()
    resting = [one for one in looked_at(line, 1, 2, 3, 4, 5, 16) if one is not None]

    assert resting == [False, True]
    assert picture_limit(next(iter(line.sinks.values())).source, [line]) == 2 * LEAST_BITS
    line.limit = LEAST_BITS // 2
    assert looked_at(line, *range(17, 26)) == [None] * 9


def test_a_picture_that_moves_is_not_given_up_for_an_estimate() -> None:
    assert looked_at(poor_line(), *range(1, 30), is_still=False) == [None] * 29


def test_a_picture_that_nobody_can_be_shown_is_sent_as_little_as_may_be() -> None:
    line = poor_line()
    looked_at(line, 1, 2, 3, 4, 5)

    assert line.paused_until
    assert picture_limit(next(iter(line.sinks.values())).source, [line]) == LEAST_BITS

"""What the hub writes into packets is what the standards say."""

from aiortc import rtp as reference
from hypothesis import given
from hypothesis import strategies as st

from portal_app.media import rtp
from portal_app.media.rtp import Report

numbers = st.integers(0, 0xFFFF)


@given(st.lists(numbers, min_size=1, max_size=40, unique=True))
def test_packets_asked_for_are_the_packets_read(lost: list[int]) -> None:
    parts = list(rtp.read_feedback(rtp.packet_request(1, 2, sorted(lost))))

    assert sorted(set(rtp.lost_numbers(parts[0].body))) == sorted(lost)


@given(st.integers(0, 2_000_000_000))
def test_a_limit_is_read_back_to_its_precision(bits: int) -> None:
    part = next(iter(rtp.read_feedback(rtp.bandwidth_limit(1, bits, [2]))))
    told = rtp.estimate(part.body)

    assert told is not None
    assert 0 <= bits - told <= bits / 2**17


@given(st.binary(max_size=200))
def test_nothing_that_arrives_breaks_the_reading(data: bytes) -> None:
    rtp.read_packet(data)
    for part in rtp.read_feedback(data):
        rtp.lost_numbers(part.body)
        rtp.estimate(part.body)
        list(rtp.reports(part.body, part.count))


def test_a_repetition_is_the_packet_again() -> None:
    packet = rtp.read_packet(
        bytes([0x90, 0x80 | 96, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5, 0xBE, 0xDE, 0, 1, 0x32, 1, 2, 3, 42])
    )
    assert packet is not None
    again = rtp.read_packet(rtp.retransmission(packet, 97, 1, 6, packet.sequence))
    assert again is not None

    original = rtp.original_of(again, 96, 5)

    assert original is not None
    assert original.written(96, original.sequence, 9, 5) == packet.written(96, 7, 9, 5)


def test_an_extension_goes_under_the_number_its_receiver_knows() -> None:
    rest = bytes([0xBE, 0xDE, 0, 2, 0x10, 7, 0x32, 1, 2, 3, 0, 0]) + b"picture"

    changed = rtp.with_extension_id(rest, 0x90, 3, 5)

    assert changed == rest[:6] + b"\x52" + rest[7:]
    assert rtp.with_extension_id(rest, 0x90, 9, 5) == rest


def test_a_report_is_what_others_read() -> None:
    written = rtp.receiver_report(1, [Report(2, 25, 100, 70000, 30, 11, 12)])

    packet = reference.RtcpPacket.parse(written)[0]

    assert isinstance(packet, reference.RtcpRrPacket)
    told = packet.reports[0]
    assert (told.fraction_lost, told.packets_lost, told.highest_sequence, told.jitter) == (25, 100, 70000, 30)

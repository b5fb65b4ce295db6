"""The demo's insurer: reads the 270 and answers by a 271, by what the member's number begins with.

NF: nobody of that number. IN: no longer covered. AW: the insurer is away. MF: what comes is no answer. UN: it says
nothing of whether it is active. DE: most of the deductible is left. Anything else: active, with a co-pay.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pyx12.segment import Segment

from portal_app.features.coverage.errors import PayerAway
from portal_app.integrations.eligibility import segments
from portal_app.integrations.eligibility.segments import VERSION, value

Row = tuple[str, ...]

_PLAN: Final[Row] = ("EB", "1", "", "30^98", "", "NORTHWIND SILVER")
_COPAY: Final[Row] = ("EB", "B", "IND", "98", "", "", "27", "25", "", "", "", "", "Y")
_SHARE: Final[Row] = ("EB", "A", "IND", "98", "", "", "", "", "0.2", "", "", "", "Y")
_ABROAD: Final[Row] = ("EB", "A", "IND", "98", "", "", "", "", "0.4", "", "", "", "N")
_BENEFITS: Final[Mapping[str, tuple[Row, ...]]] = {
    "IN": (("EB", "6", "", "30"),),
    "UN": (("EB", "V", "", "30"),),
    "DE": (
        _PLAN, _SHARE, _ABROAD,
        ("EB", "C", "IND", "30", "", "", "23", "2000", "", "", "", "", "Y"),
        ("EB", "C", "IND", "30", "", "", "29", "1450.5", "", "", "", "", "Y"),
        ("EB", "G", "IND", "30", "", "", "29", "5200", "", "", "", "", "Y"),
    ),
}  # fmt: skip
_USUAL: Final = (
    _PLAN, _COPAY, ("EB", "C", "IND", "30", "", "", "23", "500", "", "", "", "", "Y"),
    ("EB", "C", "IND", "30", "", "", "29", "0", "", "", "", "", "Y"),
)  # fmt: skip


class DemoPayer:
    """Answers whoever asks. A Carrier."""

    async def exchange(self, interchange: str) -> str:
        """Return a 271 for a 270."""
        asked = segments.read(interchange)
        kind = _of(asked, "NM1", "IL", 9)[:2]
        if kind == "AW":
            raise PayerAway
        if kind == "MF":
            return "ISA*00*THIS IS NO ANSWER~"
        return segments.write(_rows(asked, kind))


def _of(asked: list[Segment], name: str, kind: str, place: int) -> str:
    return next((value(one, place) for one in asked if one.get_seg_id() == name and value(one, 1) == kind), "")


def _rows(asked: list[Segment], kind: str) -> Iterator[Row]:
    envelope = next(one for one in asked if one.get_seg_id() == "ISA")
    heading = next(one for one in asked if one.get_seg_id() == "BHT")
    sender, receiver, day, minute = (value(envelope, place) for place in (8, 6, 9, 10))
    blank = " " * 10
    yield ("ISA", "00", blank, "00", blank, "ZZ", sender.ljust(15), "ZZ", receiver.ljust(15), day, minute, "^",
           "00501", "000000001", "0", "P", ":")  # fmt: skip
    yield ("GS", "HB", sender, receiver, f"20{day}", minute, "1", "X", VERSION)
    yield ("ST", "271", "0001", VERSION)
    yield ("BHT", "0022", "11", value(heading, 3), f"20{day}", minute)
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", "PR", "2", _of(asked, "NM1", "PR", 3), "", "", "", "", "PI", _of(asked, "NM1", "PR", 9))
    yield ("HL", "2", "1", "21", "1")
    yield ("NM1", "1P", "2", _of(asked, "NM1", "1P", 3), "", "", "", "", "XX", _of(asked, "NM1", "1P", 9))
    yield ("HL", "3", "2", "22", "0")
    yield ("TRN", "2", _of(asked, "TRN", "1", 2), _of(asked, "TRN", "1", 3))
    yield ("NM1", "IL", "1", _of(asked, "NM1", "IL", 3), _of(asked, "NM1", "IL", 4), "", "", "", "MI",
           _of(asked, "NM1", "IL", 9))  # fmt: skip
    if kind == "NF":
        yield ("AAA", "N", "", "75", "C")
    else:
        yield from _BENEFITS.get(kind, _USUAL)
    for end in ("SE", "GE", "IEA"):
        yield (end,)

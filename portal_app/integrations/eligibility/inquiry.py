"""The 270: who asks, about which member, for which kind of service, and nothing else."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from portal_app.core import clock
from portal_app.features.coverage.errors import CannotAsk
from portal_app.features.coverage.ports import Inquiry, Named
from portal_app.integrations.eligibility import segments
from portal_app.integrations.eligibility.segments import VERSION, plain

_RELATIONS: Final = {"spouse": "01", "child": "19", "other": "34"}


def write_inquiry(inquiry: Inquiry) -> str:
    """Return the interchange.

    Raises:
        CannotAsk: if something is missing without which no insurer can find a member.
    """
    return segments.write(_rows(inquiry, clock.now()))


def _rows(inquiry: Inquiry, now: datetime) -> Iterator[tuple[str, ...]]:
    sender, receiver = _needed(inquiry.provider_npi, 15), _needed(inquiry.payer_code, 15)
    day, minute = now.strftime("%Y%m%d"), now.strftime("%H%M")
    blank = " " * 10
    yield ("ISA", "00", blank, "00", blank, "ZZ", sender.ljust(15), "ZZ", receiver.ljust(15), day[2:], minute, "^",
           "00501", "000000001", "0", "P", ":")  # fmt: skip
    yield ("GS", "HS", sender, receiver, day, minute, "1", "X", VERSION)
    yield ("ST", "270", "0001", VERSION)
    yield ("BHT", "0022", "13", inquiry.trace, day, minute)
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", "PR", "2", _needed(inquiry.payer_name, 60), "", "", "", "", "PI", receiver)
    yield ("HL", "2", "1", "21", "1")
    yield ("NM1", "1P", "2", _needed(inquiry.provider_name, 60), "", "", "", "", "XX", sender)
    yield ("HL", "3", "2", "22", "1" if inquiry.patient else "0")
    if not inquiry.patient:
        yield ("TRN", "1", inquiry.trace, sender)
    yield from _person("IL", inquiry.subscriber, _needed(inquiry.member_id, 80))
    if inquiry.patient:
        yield ("HL", "4", "3", "23", "0")
        yield ("TRN", "1", inquiry.trace, sender)
        yield from _person("03", inquiry.patient, "")
        yield ("INS", "N", _RELATIONS.get(inquiry.relation, "34"))
    yield ("DTP", "291", "D8", inquiry.on.strftime("%Y%m%d"))
    yield ("EQ", inquiry.service_type)
    for end in ("SE", "GE", "IEA"):
        yield (end,)


def _person(kind: str, who: Named, member_id: str) -> Iterator[tuple[str, ...]]:
    known_by = ("", "", "", "MI", member_id) if member_id else ()
    yield ("NM1", kind, "1", _needed(who.family_name, 60), plain(who.given_name, 35), *known_by)
    yield ("DMG", "D8", who.birth_date.strftime("%Y%m%d"))


def _needed(said: str, most: int) -> str:
    if not (found := plain(said, most)):
        raise CannotAsk
    return found

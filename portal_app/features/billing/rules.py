"""Which codes a visit is charged under, from how it was held. Data, so that a payer's own rule is another table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class TelehealthCodes:
    """What a claim line says of where and how: `modifier` is "" in person."""

    modifier: str
    place_of_service: str


BY_ENCOUNTER: Final[Mapping[tuple[str, str], TelehealthCodes]] = {
    ("in_person", "clinic"): TelehealthCodes("", "11"),
    ("video", "home"): TelehealthCodes("95", "10"),
    ("video", "elsewhere"): TelehealthCodes("95", "02"),
    ("audio", "home"): TelehealthCodes("93", "10"),
    ("audio", "elsewhere"): TelehealthCodes("93", "02"),
}
"""By how a visit was held and where the patient was.

Places of service 02 (telehealth, not in the patient's home), 10 (telehealth, in the patient's home) and 11 (office):
CMS Place of Service Code Set. Modifiers 95 (live video) and 93 (live, audio only): AMA CPT Appendix A, named here by
number only. A payer may want it otherwise: then billing corrects the charge, and the history says so.
"""


def telehealth_codes(modality: str, patient_place: str) -> TelehealthCodes:
    """Return what a claim says of how a visit was held. Raises ValueError for what cannot be."""
    try:
        return BY_ENCOUNTER[modality, patient_place]
    except KeyError:
        raise ValueError(f"no such visit: {modality}, {patient_place}") from None


REVIEWS: Final = ("open", "ready", "held")
"""Where billing is with a charge that waits: to be looked at, ready to be billed, or kept back."""
MODIFIERS: Final = ("", *sorted({one.modifier for one in BY_ENCOUNTER.values()} - {""}))
PLACES: Final = tuple(sorted({one.place_of_service for one in BY_ENCOUNTER.values()}))
"""What billing may correct a charge to: what there is for a visit, in any pairing, because payers differ."""
REASON_LEAST: Final = 5
REASON_MOST: Final = 300


def missing(service_code: str, diagnoses: Sequence[str]) -> tuple[str, ...]:
    """Return what a charge lacks before it can be billed: "service", "diagnosis"."""
    return tuple(name for name, given in (("service", service_code), ("diagnosis", diagnoses)) if not given)


QUESTION_KINDS: Final = ("unclear", "wrong", "help")
LINES: Final = ("charged", "insured", "reduced", "paid", "owed")
"""The amounts of a bill that somebody may ask about."""
WORDS_MOST: Final = 2000
ANSWER_DAYS: Final = 2
"""A question is answered before the desk closes on the second day after it on which the desk is open."""
UNKNOWN_HOURS: Final = timedelta(days=3)
_LOOK_AHEAD_DAYS: Final = 30


def answer_by(
    now: datetime,
    hours: Mapping[int, Sequence[tuple[time, time]]],
    zone: str,
    closed: frozenset[date] = frozenset(),
) -> datetime:
    """Return when a question about a bill is answered at the latest; `hours` are those of the desk, by ISO weekday."""
    local, left = ZoneInfo(zone), ANSWER_DAYS
    today = now.astimezone(local).date()
    for n in range(1, _LOOK_AHEAD_DAYS):
        day = today + timedelta(days=n)
        times = () if day in closed else hours.get(day.isoweekday(), ())
        left -= bool(times)
        if times and not left:
            return datetime.combine(day, max(closes for _opens, closes in times), local).astimezone(now.tzinfo)
    return now + UNKNOWN_HOURS

"""Readings that come as a list in a file: our own export, or date, time, systolic, diastolic and pulse. Pure.

A line that cannot be read is named with what is wrong; nothing is guessed. 03/04/2026 is a day only if another line of
the same file shows whether the day or the month comes first.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Final, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, available_timezones

from portal_app.core.errors import InputRefused
from portal_app.features.vitals.entering import NOTE_MAX, typed_reading
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.typed import plain_digits
from portal_app.features.vitals.views import NewReading

LINES_MOST: Final = 2000
OWN: Final = frozenset({"taken_at", "measure", "value", "unit"})
PLAIN: Final = frozenset({"date", "systolic", "diastolic"})
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap])?\.?m?\.?", re.IGNORECASE)

Fault = Literal["date", "time", "number", "measure", "unit", "note"]


class NotAList(Exception):
    """The file has no columns that are known."""


class ListTooLong(Exception):
    """The file has more lines than are taken at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a file: a reading, or what is wrong with it."""

    line: int
    reading: NewReading | None = None
    fault: Fault | None = None


def read_list(content: str, chart_id: UUID, zone: str) -> list[Listed]:
    """Return the readings of a file, in its order; times without a zone are those of where the patient lives.

    Raises:
        NotAList: if its first line does not name known columns.
        ListTooLong: if there are more lines than LINES_MOST.
    """
    first = content.lstrip("\ufeff").splitlines()[:1]
    mark = max(",;\t", key=(first[0] if first else "").count)
    rows = csv.reader(io.StringIO(content.lstrip("\ufeff")), delimiter=mark)
    try:
        names = [name.strip().casefold() for name in next(rows, [])]
        listed = [
            (rows.line_num, dict(zip(names, (cell.strip() for cell in row), strict=False)))
            for row in rows
            if any(cell.strip() for cell in row)
        ]
    except csv.Error:
        raise NotAList from None
    if not (set(names) >= OWN or set(names) >= PLAIN):
        raise NotAList
    if len(listed) > LINES_MOST:
        raise ListTooLong
    order = _order([row.get("date", "") for _, row in listed])
    read = _own if set(names) >= OWN else _plain
    return [_listed(line, row, read, chart_id, (zone, order)) for line, row in listed]


class _Wrong(Exception):
    """What is wrong with a line."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


_Reader = Callable[[Mapping[str, str], str, str], tuple[str, dict[str, str]]]


def _listed(line: int, row: Mapping[str, str], read: _Reader, chart_id: UUID, how: tuple[str, str]) -> Listed:
    try:
        measure, said = read(row, *how)
        new = typed_reading(MEASURES[measure], said, chart_id, how[0])
    except _Wrong as wrong:
        return Listed(line, fault=wrong.fault)
    except InputRefused as error:
        return Listed(line, fault="note" if error.field == "note" else "time" if error.field == "at" else "number")
    return Listed(line, reading=replace(_keyed(new, chart_id), zone=_zone(row.get("zone", ""))))


def _keyed(new: NewReading, chart_id: UUID) -> NewReading:
    """Give a reading the key that the same line has in every upload."""
    numbers = (f"{one.normalize():f}" if one is not None else "" for one in (new.value, new.pair))
    moment = new.taken_at.isoformat() if new.taken_at else ""
    return replace(new, request_key=uuid5(chart_id, " ".join((new.measure, new.unit, moment, *numbers))))


def _zone(said: str) -> str:
    """Return a zone that is known, else "": an old file has none. "Factory" is that of a clock that was never set."""
    return said if said in available_timezones() - {"Factory"} else ""


def _own(row: Mapping[str, str], _zone: str, _order: str) -> tuple[str, dict[str, str]]:
    measure = row.get("measure", "").casefold()
    if measure not in MEASURES:
        raise _Wrong("measure")
    if row.get("unit", "") not in {one.code for one in MEASURES[measure].units}:
        raise _Wrong("unit")
    try:
        moment = datetime.fromisoformat(row.get("taken_at", ""))
    except ValueError:
        raise _Wrong("time") from None
    if moment.tzinfo is None:
        raise _Wrong("time")
    at = _in_utc(moment)
    return measure, {
        "value": row.get("value", ""), "pair": row.get("second_value", ""), "pulse": row.get("pulse", ""),
        "unit": row["unit"], "context": row.get("context", ""), "arm": row.get("arm", ""),
        "posture": row.get("posture", ""), "symptom": row.get("symptom", ""), "at": at.isoformat(),
        "note": row.get("note", "").removeprefix("'")[: NOTE_MAX + 1],
    }  # fmt: skip


def _plain(row: Mapping[str, str], zone: str, order: str) -> tuple[str, dict[str, str]]:
    day, moment = _day(row.get("date", ""), order), _time(row.get("time", ""))
    at = _in_utc(datetime.combine(day, moment, ZoneInfo(zone)))
    return "blood_pressure", {
        "value": row.get("systolic", ""), "pair": row.get("diastolic", ""), "pulse": row.get("pulse", ""),
        "unit": "mm[Hg]", "note": row.get("note", "")[: NOTE_MAX + 1], "at": at.isoformat(),
    }  # fmt: skip


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or the last day there is, which is another one in UTC
        raise _Wrong("date") from None


def _order(days: Sequence[str]) -> str:
    """Return "dmy" or "mdy", as the file itself shows, or "" where nothing tells."""
    found = [found for one in days if (found := _SLASHED.fullmatch(plain_digits(one)))]
    is_day_first = any(int(one[1]) > 12 for one in found)
    is_month_first = any(int(one[2]) > 12 for one in found)
    if is_day_first == is_month_first:
        return ""
    return "dmy" if is_day_first else "mdy"


def _day(words: str, order: str) -> date:
    said = plain_digits(words)
    try:
        if found := _ISO.fullmatch(said):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DOTTED.fullmatch(said):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if (found := _SLASHED.fullmatch(said)) and order:
            day, month = (1, 2) if order == "dmy" else (2, 1)
            return date(int(found[3]), int(found[month]), int(found[day]))
    except ValueError:
        pass
    raise _Wrong("date")


def _time(words: str) -> time:
    found = _TIME.fullmatch(plain_digits(words).strip())
    if found is None:
        raise _Wrong("time")
    hour, half = int(found[1]), (found[4] or "").casefold()
    if half:
        hour = hour % 12 + 12 * (half == "p")
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        raise _Wrong("time") from None

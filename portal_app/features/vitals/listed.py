"""Readings that come as a list in a file: our own export, or what a device or an app gives. Pure.

A line that cannot be read is named with what is wrong; nothing is guessed.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import available_timezones

from portal_app.core.errors import InputRefused
from portal_app.features.vitals.entering import NOTE_MAX, typed_reading
from portal_app.features.vitals.file_columns import NUMBERS, Layout, layout_of, unit_code
from portal_app.features.vitals.file_moments import UnreadMoment, moment_of, order_of
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.typed import typed_number
from portal_app.features.vitals.views import NewReading

LINES_MOST: Final = 2000
_BEFORE_NAMES: Final = 12
"""So many lines may stand before the names of the columns: what the device is called, when it was read."""
_MARKS: Final = ",;\t"
_NOTHING: Final = frozenset({"", "-", "--", "—", "n/a", "null"})
_CONTEXTS: Final = {
    "fasting": "fasting", "fast": "fasting", "before meal": "before_meal", "pre-meal": "before_meal",
    "pre meal": "before_meal", "premeal": "before_meal", "after meal": "after_meal", "post-meal": "after_meal",
    "post meal": "after_meal", "postmeal": "after_meal", "bedtime": "bedtime",
}  # fmt: skip


class NotAList(Exception):
    """The file has no columns that are known."""


class ListTooLong(Exception):
    """The file has more lines than are taken at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A reading of a line, or what is wrong with this; a line may have several. `is_timed` tells that it says a time.

    `day` is what a line says whose day may be two.
    """

    line: int
    reading: NewReading | None = None
    fault: str = ""
    is_timed: bool = True
    day: str = ""


class _Wrong(Exception):
    """What is wrong with a line."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


Line = Mapping[str, tuple[str, str]]
"""What stands in a line, by what it is, each with the unit of its column."""


def decoded(content: bytes) -> str:
    """Return the text of a file, which may be UTF-8, UTF-16 with its mark, or of Windows. Raises NotAList."""
    is_wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotAList


def read_list(content: str, chart_id: UUID, zone: str, order: str = "") -> list[Listed]:
    """Return the readings of a file, in its order; times without a zone are those of where the patient lives.

    `order` is whether the day or the month comes first ("dmy", "mdy") where the file does not show it.

    Raises:
        NotAList: if none of its first lines names known columns.
        ListTooLong: if there are more lines than LINES_MOST.
    """
    layout, lines = _lines(content.lstrip("\ufeff"))
    if len(lines) > LINES_MOST:
        raise ListTooLong
    shown = order_of([line["date"][0] for _, line in lines if "date" in line], order)
    return [one for number, line in lines for one in _read(number, line, layout, chart_id, (zone, shown))]


def _lines(content: str) -> tuple[Layout, list[tuple[int, Line]]]:
    """Return what the columns are, and the lines below their names, each with its number."""
    try:
        for mark in _MARKS:
            rows = csv.reader(io.StringIO(content), delimiter=mark)
            for names in islice(rows, _BEFORE_NAMES):
                if layout := layout_of(names):
                    return layout, list(_below(rows, layout))
    except csv.Error:
        pass
    raise NotAList


def _below(rows: Any, layout: Layout) -> Iterator[tuple[int, Line]]:
    for row in rows:
        if any(cell.strip() for cell in row):
            line: dict[str, tuple[str, str]] = {}
            for column, cell in zip(layout.columns, row, strict=False):
                said = cell.strip()
                if column is not None and (layout.is_own or said.casefold() not in _NOTHING):
                    line.setdefault(column.what, (said, column.unit))
            yield rows.line_num, line


def _read(number: int, line: Line, layout: Layout, chart_id: UUID, how: tuple[str, str]) -> list[Listed]:
    try:
        said, is_timed = ([_own(line)], True) if layout.is_own else _plain(line, layout, how)
        return [_kept(number, measure, fields, chart_id, is_timed=is_timed) for measure, fields in said]
    except _Wrong as wrong:
        return [Listed(number, fault=wrong.fault)]
    except UnreadMoment as unread:
        return [Listed(number, fault=unread.fault, day=_cell(line, "date") if unread.fault == "order" else "")]


def _kept(number: int, measure: str, said: Mapping[str, str], chart_id: UUID, *, is_timed: bool) -> Listed:
    try:
        new = typed_reading(MEASURES[measure], said, chart_id, "UTC")
    except InputRefused as error:
        return Listed(number, fault={"note": "note", "at": "time"}.get(error.field, "number"))
    zone = said.get("zone", "")
    return Listed(number, replace(_keyed(new, chart_id), zone=_zone(zone)), is_timed=is_timed)


def _keyed(new: NewReading, chart_id: UUID) -> NewReading:
    """Give a reading the key that the same line has in every upload."""
    numbers = (f"{one.normalize():f}" if one is not None else "" for one in (new.value, new.pair))
    moment = new.taken_at.isoformat() if new.taken_at else ""
    return replace(new, request_key=uuid5(chart_id, " ".join((new.measure, new.unit, moment, *numbers))))


def _zone(said: str) -> str:
    """Return a zone that is known, else "": an old file has none. "Factory" is that of a clock that was never set."""
    return said if said in available_timezones() - {"Factory"} else ""


def _own(line: Line) -> tuple[str, dict[str, str]]:
    measure = _cell(line, "measure").casefold()
    if measure not in MEASURES:
        raise _Wrong("measure")
    if _cell(line, "unit") not in {one.code for one in MEASURES[measure].units}:
        raise _Wrong("unit")
    try:
        moment = datetime.fromisoformat(_cell(line, "taken_at"))
    except ValueError:
        raise _Wrong("time") from None
    if moment.tzinfo is None:
        raise _Wrong("time")
    try:
        at = moment.astimezone(UTC)
    except OverflowError:  # the first or the last day there is, which is another one in UTC
        raise _Wrong("date") from None
    same = ("value", "pulse", "unit", "context", "arm", "posture", "symptom", "zone")
    return measure, {
        **{name: _cell(line, name) for name in same}, "pair": _cell(line, "second_value"), "at": at.isoformat(),
        "note": _cell(line, "note").removeprefix("'")[: NOTE_MAX + 1],
    }  # fmt: skip


def _plain(line: Line, layout: Layout, how: tuple[str, str]) -> tuple[list[tuple[str, dict[str, str]]], bool]:
    """Return the readings of a line of a device's file, and whether it says when on its day they were taken."""
    found = list(_numbers(line))
    if _cell(line, "control"):
        raise _Wrong("control")
    if not found:
        raise _Wrong("sensor" if "sensor" in line else "nothing")
    zone, order = how
    at, is_timed = moment_of(_cell(line, "date"), _cell(line, "time"), has_time=layout.has_time, zone=zone, order=order)
    note = "; ".join(filter(None, (_cell(line, "symptoms"), _cell(line, "note"))))[: NOTE_MAX + 1]
    beside = {"at": at.isoformat(), "note": note, "context": _context(line)}
    return [(measure, fields | beside) for measure, fields in found], is_timed


def _numbers(line: Line) -> Iterator[tuple[str, dict[str, str]]]:
    """Return what was measured, with its unit; a pulse goes with the pressure beside it."""
    if "systolic" in line or "diastolic" in line:
        unit = _unit("blood_pressure", line, "systolic" if "systolic" in line else "diastolic")
        pulse = _cell(line, "pulse")
        value, pair = _cell(line, "systolic"), _cell(line, "diastolic")
        yield "blood_pressure", {"value": value or "?", "pair": pair, "pulse": pulse, "unit": unit}
    elif "pulse" in line:
        yield "pulse", {"value": _cell(line, "pulse"), "unit": _unit("pulse", line, "pulse")}
    for measure in NUMBERS:
        if measure in line:
            yield measure, {"value": _cell(line, measure), "unit": _unit(measure, line, measure)}


def _unit(measure: str, line: Line, column: str) -> str:
    cell, said = line[column]
    code = unit_code(measure, said or (_cell(line, "unit") if measure == column else ""))
    if code is None:
        raise _Wrong("unit")
    typed = typed_number(cell, MEASURES[measure])
    if not code and not (typed and typed.unit):
        raise _Wrong("unitless")
    return code


def _context(line: Line) -> str:
    for name in ("before_meal", "after_meal"):
        if name in line:
            return name
    return _CONTEXTS.get(_cell(line, "context").casefold().replace("_", " "), "")


def _cell(line: Line, name: str) -> str:
    return line[name][0] if name in line else ""

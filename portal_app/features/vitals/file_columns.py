"""What the columns of a file of readings are, by the names that devices and apps give them. Pure.

Names as files have them: OMRON connect ("Systolic (mmHg)", "Pulse (bpm)", "Symptoms", "Notes"), Withings ("Heart rate",
"Weight (kg)", "Comments"), Accu-Chek ("Result", "Unit", "Before meal", "Control test"), LibreView ("Device Timestamp",
"Historic Glucose mg/dL", "Strip Glucose mg/dL"), meters whose files say "BG [mmol/L]", and lists made by hand.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portal_app.features.vitals.measures import MEASURES

OWN: Final = frozenset({"taken_at", "measure", "value", "unit"})
COLUMNS_MOST: Final = 200
_NAME_MOST: Final = 80
"""No column is called by more; looking for brackets in a name takes the square of its length."""
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "date": (
        "date", "day", "date/time", "date time", "datetime", "date & time", "date and time", "timestamp", "time stamp",
        "device timestamp", "measured at", "measurement date", "reading date", "fecha", "fecha y hora", "التاريخ",
        "التاريخ والوقت",
    ),
    "time": ("time", "measurement time", "reading time", "hora", "الوقت"),
    "systolic": (
        "systolic", "sys", "systolic pressure", "systolic blood pressure", "systolic bp", "sistólica", "الانقباضي",
    ),
    "diastolic": (
        "diastolic", "dia", "diastolic pressure", "diastolic blood pressure", "diastolic bp", "diastólica", "الانبساطي",
    ),
    "pulse": ("pulse", "pulse rate", "heart rate", "hr", "pulso", "frecuencia cardíaca", "النبض"),
    "weight": ("weight", "body weight", "peso", "الوزن"),
    "temperature": ("temperature", "body temperature", "temp", "temperatura", "الحرارة"),
    "oxygen": ("oxygen", "spo2", "oxygen saturation", "blood oxygen", "oxígeno", "الأكسجين"),
    "glucose": (
        "glucose", "blood glucose", "blood sugar", "bg", "bg value", "bg reading", "glucose value", "glucose reading",
        "blood glucose reading", "strip glucose", "result", "glucosa", "السكر",
    ),
    "breaths": ("breaths", "respiratory rate", "respiration rate"),
    "peak_flow": ("peak flow", "pef"),
    "sensor": ("historic glucose", "scan glucose", "sensor glucose"),
    "unit": ("unit", "units", "unidad", "الوحدة"),
    "context": ("context", "meal", "meal marker", "meal tag", "marker"),
    "before_meal": ("before meal",),
    "after_meal": ("after meal",),
    "control": ("control test", "control"),
    "note": ("note", "notes", "comment", "comments", "nota", "notas", "ملاحظة"),
    "symptoms": ("symptoms",),
}  # fmt: skip
_KNOWN: Final = {name: what for what, names in _NAMES.items() for name in names}
NUMBERS: Final = ("weight", "temperature", "oxygen", "glucose", "breaths", "peak_flow")
"""Columns each of which is a reading by itself; a pressure takes two of them, and a pulse goes with it."""
_BRACKETED: Final = re.compile(r"(.*?)\s*[(\[]\s*([^)\]]*?)\s*[)\]]")
_TRAILING: Final = re.compile(r"(.*?)\s+(mg/dl|mmol/l|mmhg|bpm|kgs?|lbs?|°?[cf]|%)")


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds, and the unit that stands in its name, "" for none."""

    what: str
    unit: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What each column of a file holds, in their order; None for what is left out. `is_own` is our own file."""

    columns: tuple[Column | None, ...]
    is_own: bool = False

    @property
    def has_time(self) -> bool:
        """Tell whether a column of its own says the time."""
        return any(one is not None and one.what == "time" for one in self.columns)


def layout_of(names: Sequence[str]) -> Layout | None:
    """Return what the columns of these names hold; None where they name no list of readings."""
    if not 2 <= len(names) <= COLUMNS_MOST:
        return None
    plain = [" ".join(name.replace("\ufeff", "").casefold().split()) for name in names]
    if set(plain) >= OWN:
        return Layout(tuple(Column(name, "") for name in plain), is_own=True)
    columns = tuple(_column(name.replace("_", " ")) for name in plain)
    found = {one.what for one in columns if one is not None}
    has_reading = bool(found & {*NUMBERS, "pulse", "sensor"}) or found >= {"systolic", "diastolic"}
    return Layout(columns) if "date" in found and has_reading else None


def _column(name: str) -> Column | None:
    if name in _KNOWN:
        return Column(_KNOWN[name], "")
    if len(name) > _NAME_MOST:
        return None
    for split in (_BRACKETED, _TRAILING):
        if (found := split.fullmatch(name)) and found[1] in _KNOWN:
            return Column(_KNOWN[found[1]], found[2])
    return None


def unit_code(measure: str, said: str) -> str | None:
    """Return the code of a unit as a file writes it; "" where none is said and one is needed, None for another's."""
    units = MEASURES[measure].units
    plain = said.strip().casefold()
    if not plain:
        return units[0].code if len(units) == 1 else ""
    return next((one.code for one in units if plain in (*one.typed, one.code.casefold(), one.shown.casefold())), None)

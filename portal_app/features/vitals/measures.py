"""What can be measured at home, with the codes it is written down under. The standard library only.

LOINC codes: R4 vital signs (hl7.org/fhir/R4/observation-vitalsigns.html) for pressure, pulse, breathing, oxygen,
temperature and weight; 41653-7 and 14743-9, glucose in capillary blood by glucometer, as mass and as moles;
19935-6, expiratory flow by peak flow meter; 72514-3, pain from 0 to 10 as reported; 41950-7, steps in 24 hours
(HL7 Physical Activity, `/d`). Units are UCUM codes (ucum.org). The bounds are what a home device can show, not what
is healthy: beyond them a number was probably typed wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: UCUM code, how it is written on screens, and how it becomes the measure's first: (x + offset) · factor.

    `loinc` is set where the code of the whole measure depends on the unit. `least` and `most` are plausible in it.
    """

    code: str
    shown: str
    least: Decimal
    most: Decimal
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    loinc: str = ""
    decimals: int = 0
    typed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """Something to measure. `loinc` are its codes, the more general one first; `units` has the one to reckon in first.

    `profile` is the US Core profile it is held to, if there is one. `hard_most` is what cannot be exceeded at all.
    """

    code: str
    loinc: tuple[str, ...]
    units: tuple[Unit, ...]
    contexts: tuple[str, ...] = ()
    has_pair: bool = False
    profile: str = ""
    hard_most: Decimal | None = None
    category: str = "vital-signs"

    def unit(self, code: str) -> Unit:
        """Return a unit by its UCUM code. Raises KeyError."""
        return {one.code: one for one in self.units}[code]

    def codes(self, unit: str) -> tuple[str, ...]:
        """Return the LOINC codes for a value in a unit."""
        own = self.unit(unit).loinc
        return (own,) if own else self.loinc


def _d(number: str) -> Decimal:
    return Decimal(number)


GLUCOSE_MOLAR: Final = Fraction("18.0156")
"""mg/dL in one mmol/L: glucose has a molar mass of 180.156 g/mol. Not a plain conversion of units."""
MMHG: Final = Unit("mm[Hg]", "mmHg", _d("50"), _d("260"), typed=("mmhg", "mm hg"))
PER_MINUTE: Final = Unit("/min", "/min", _d("20"), _d("250"), typed=("bpm", "/min"))
DIASTOLIC_LEAST: Final = _d("30")
DIASTOLIC_MOST: Final = _d("160")
SYSTOLIC: Final = "8480-6"
DIASTOLIC: Final = "8462-4"
PULSE: Final = "8867-4"

_ALL: Final = (
    Measure("blood_pressure", ("85354-9",), (MMHG,), has_pair=True, profile="us-core-blood-pressure"),
    Measure(
        "glucose",
        (),
        (
            Unit("mg/dL", "mg/dL", _d("20"), _d("600"), loinc="41653-7", typed=("mg/dl", "mg")),
            Unit(
                "mmol/L", "mmol/L", _d("1.1"), _d("33.3"), GLUCOSE_MOLAR, loinc="14743-9", decimals=1,
                typed=("mmol/l", "mmol"),
            ),
        ),
        contexts=("fasting", "before_meal", "after_meal", "bedtime"),
        category="laboratory",
    ),
    Measure(
        "weight",
        ("29463-7",),
        (
            Unit("kg", "kg", _d("1"), _d("350"), decimals=1, typed=("kg", "kgs", "kilos")),
            Unit("[lb_av]", "lb", _d("2"), _d("770"), Fraction("0.45359237"), decimals=1, typed=("lb", "lbs")),
        ),
        profile="us-core-body-weight",
    ),
    Measure(
        "temperature",
        ("8310-5",),
        (
            Unit("Cel", "°C", _d("32"), _d("43"), decimals=1, typed=("c", "°c")),
            Unit("[degF]", "°F", _d("89.6"), _d("109.4"), Fraction(5, 9), Fraction(-32), decimals=1, typed=("f", "°f")),
        ),
        profile="us-core-body-temperature",
    ),
    Measure(
        "oxygen", ("2708-6", "59408-5"), (Unit("%", "%", _d("60"), _d("100"), typed=("%", "٪")),),
        profile="us-core-pulse-oximetry", hard_most=_d("100"),
    ),
    Measure("pulse", (PULSE,), (PER_MINUTE,), profile="us-core-heart-rate"),
    Measure(
        "breaths", ("9279-1",), (Unit("/min", "/min", _d("4"), _d("70"), typed=("/min",)),),
        profile="us-core-respiratory-rate",
    ),
    Measure(
        "peak_flow", ("19935-6",), (Unit("L/min", "L/min", _d("50"), _d("900"), typed=("l/min",)),),
        category="procedure",
    ),
    Measure("pain", ("72514-3",), (Unit("{score}", "/ 10", _d("0"), _d("10"), typed=("/10",)),), hard_most=_d("10"),
            category="survey"),
    Measure("steps", ("41950-7",), (Unit("/d", "", _d("0"), _d("60000"), typed=("steps",)),), category="activity"),
)  # fmt: skip
MEASURES: Final[Mapping[str, Measure]] = {one.code: one for one in _ALL}
"""Every measure, in the order in which they are offered."""


def converted(value: Decimal, unit: Unit, wanted: Unit) -> Fraction:
    """Return a value in another unit of the same measure, exactly; nothing is rounded before it is shown."""
    return (Fraction(value) + unit.offset) * unit.factor / wanted.factor - wanted.offset


def shown(value: Fraction, decimals: int) -> Decimal:
    """Round half away from zero to so many decimals, as people do; for display only."""
    scaled = abs(value) * 10**decimals
    whole = int(scaled) + (scaled - int(scaled) >= Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals)

"""What can be measured at home, with the codes it is written down under, and each value in the units it is thought in.

LOINC codes: R4 vital signs (hl7.org/fhir/R4/observation-vitalsigns.html) for pressure, pulse, breathing, oxygen,
temperature and weight; 41653-7 and 14743-9, glucose in capillary blood by glucometer, as mass and as moles;
19935-6, expiratory flow by peak flow meter; 72514-3, pain from 0 to 10 as reported; 41950-7, steps in 24 hours
(HL7 Physical Activity, `/d`). Units are UCUM codes (ucum.org). The bounds are what a home device can show, not what
is healthy: beyond them a number was probably typed wrong. Pint reckons from unit to unit, in exact fractions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import permutations
from typing import Any, Final

import pint


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: UCUM code, how it is written on screens, and what Pint calls it, where its measure has another one.

    `loinc` is set where the code of the whole measure depends on the unit. `least` and `most` are plausible in it.
    `molar` is what a mole of what is measured weighs in grams, where it is counted in moles too.
    """

    code: str
    shown: str
    least: Decimal
    most: Decimal
    named: str = ""
    molar: Fraction | None = None
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


GLUCOSE_G_PER_MOL: Final = Fraction("180.156")
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
            Unit(
                "mg/dL", "mg/dL", _d("20"), _d("600"), "mg/dL", GLUCOSE_G_PER_MOL, loinc="41653-7",
                typed=("mg/dl", "mg"),
            ),
            Unit(
                "mmol/L", "mmol/L", _d("1.1"), _d("33.3"), "mmol/L", GLUCOSE_G_PER_MOL, loinc="14743-9", decimals=1,
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
            Unit("kg", "kg", _d("1"), _d("350"), "kg", decimals=1, typed=("kg", "kgs", "kilos")),
            Unit("[lb_av]", "lb", _d("2"), _d("770"), "pound", decimals=1, typed=("lb", "lbs")),
        ),
        profile="us-core-body-weight",
    ),
    Measure(
        "temperature",
        ("8310-5",),
        (
            Unit("Cel", "°C", _d("32"), _d("43"), "degC", decimals=1, typed=("c", "°c")),
            Unit("[degF]", "°F", _d("89.6"), _d("109.4"), "degF", decimals=1, typed=("f", "°f")),
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


def converted(value: Decimal | Fraction, unit: Unit, wanted: Unit) -> Fraction:
    """Return a value in another unit of the same measure, exactly; nothing is rounded before it is shown."""
    if unit.code == wanted.code:
        return Fraction(value)
    steepness, beginning = _line(unit, wanted)
    return Fraction(value) * steepness + beginning


@cache
def _line(unit: Unit, wanted: Unit) -> tuple[Fraction, Fraction]:
    """Return what one more of a unit is in another, and what none of it is: all units here lie on a line."""
    molar = {"mw": known_units().Quantity(unit.molar, "g/mol")} if unit.molar else {}

    def found(value: int) -> Fraction:
        here = known_units().Quantity(Fraction(value), unit.named)
        there: Fraction = here.to(wanted.named, *(["chemistry"] if molar else []), **molar).magnitude
        return there

    return found(1) - found(0), found(0)


def learn_units() -> None:
    """Reckon how all units lie to each other, before somebody waits for it: Pint takes a third of a second to begin."""
    for measure in MEASURES.values():
        for unit, wanted in permutations(measure.units, 2):
            _line(unit, wanted)


@cache
def known_units() -> "pint.UnitRegistry[Any]":
    """Return Pint's units, read when somebody first thinks in another one than the numbers were entered in."""
    return pint.UnitRegistry(non_int_type=Fraction)


def shown(value: Fraction, decimals: int) -> Decimal:
    """Round half away from zero to so many decimals, as people do; for display only."""
    scaled = abs(value) * 10**decimals
    whole = int(scaled) + (scaled - int(scaled) >= Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals)

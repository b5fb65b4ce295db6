"""Numbers as people type and paste them, and units: exact, against the examples of UCUM's own definitions."""

from decimal import Decimal
from fractions import Fraction

import pytest

from portal_app.features.vitals.measures import MEASURES, converted, shown
from portal_app.features.vitals.typed import typed_number, typed_pair


@pytest.mark.parametrize(
    ("measure", "words", "value", "unit"),
    [
        ("weight", "72.5", "72.5", None), ("weight", "72,5", "72.5", None), ("weight", "٧٢٫٥", "72.5", None),
        ("weight", "７２．５", "72.5", None), ("weight", "160 lb", "160", "[lb_av]"), ("weight", "1.10", "1.10", None),
        ("pain", "三", "3", None), ("pain", "٣", "3", None), ("steps", "8,500", "8500", None),
        ("steps", "8.500", "8500", None), ("steps", "\u200f٨٬٥٠٠", "8500", None), ("oxygen", "97%", "97", "%"),
        ("glucose", "5,4 mmol/l", "5.4", "mmol/L"), ("temperature", "۳۷٫۹", "37.9", None),
    ],
)  # fmt: skip
def test_what_was_meant_is_read_with_its_decimals(measure: str, words: str, value: str, unit: str | None) -> None:
    typed = typed_number(words, MEASURES[measure])
    assert typed
    assert str(typed.value) == value
    assert (typed.unit.code if typed.unit else None) == unit


@pytest.mark.parametrize("words", ["", "-3", "12 stone", "1.2.3", "十", "NaN", "1e3", "9" * 30, "<b>"])
def test_what_is_no_number_is_none(words: str) -> None:
    assert typed_number(words, MEASURES["weight"]) is None


def test_a_pressure_may_come_in_one_piece() -> None:
    assert typed_pair("١٢٠/٨٠") == ("120", "80") == typed_pair(" 120 / 80 ")
    assert typed_pair("120") is None


@pytest.mark.parametrize(
    ("measure", "value", "unit", "wanted", "exact"),
    [
        ("weight", "1", "[lb_av]", "kg", Fraction("0.45359237")),  # ucum-essence: [lb_av] = 7000 [gr]
        ("temperature", "98.6", "[degF]", "Cel", Fraction(37)),  # ucum-essence: degF(5 K/9)
        ("temperature", "37", "Cel", "[degF]", Fraction("98.6")),
        ("temperature", "-40", "Cel", "[degF]", Fraction(-40)),
        ("glucose", "5.5", "mmol/L", "mg/dL", Fraction("99.0858")),  # 180.156 g/mol
    ],
)
def test_conversions_are_exact_there_and_back(
    measure: str, value: str, unit: str, wanted: str, exact: Fraction
) -> None:
    one, other = MEASURES[measure].unit(unit), MEASURES[measure].unit(wanted)
    assert converted(Decimal(value), one, other) == exact
    assert converted(exact, other, one) == Fraction(value)


def test_only_what_is_shown_is_rounded() -> None:
    assert [str(shown(Fraction(half), 1)) for half in ("36.65", "36.649", "-0.05")] == ["36.7", "36.6", "-0.1"]

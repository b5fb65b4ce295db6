"""Readings of a measure in one unit, to be drawn, averaged and compared; they are kept as they were entered. Pure."""

from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from portal_app.features.vitals.measures import MEASURES, converted, shown
from portal_app.features.vitals.views import ReadingView

_EXACT: Final = Context(prec=40)
"""More digits than sums of decimals have: thirds that are summed up to a whole number are that number."""


def in_unit(one: ReadingView, unit: str) -> ReadingView:
    """Return a reading as it is in another unit of its measure, to reckon with; one in it stays as it was entered.

    What has two numbers, a pressure, has one unit.
    """
    if one.unit == unit:
        return one
    return one._replace(unit=unit, value=_decimal(_converted(one.measure, one.value, one.unit, unit)))


def shown_in(one: ReadingView, unit: str) -> ReadingView:
    """Return a reading as it is shown in another unit: with as many decimals as a device shows of it."""
    if one.unit == unit:
        return one
    return one._replace(unit=unit, value=shown_number(one.measure, one.value, one.unit, unit))


def shown_number(measure: str, number: Decimal, unit: str, wanted: str) -> Decimal:
    """Return a number as it is shown in another unit of its measure; what is in it stays as it was entered."""
    if unit == wanted:
        return number
    return shown(_converted(measure, number, unit, wanted), MEASURES[measure].unit(wanted).decimals)


def _converted(measure: str, number: Decimal, unit: str, wanted: str) -> Fraction:
    known = MEASURES[measure]
    return converted(number, known.unit(unit), known.unit(wanted))


def _decimal(value: Fraction) -> Decimal:
    return _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))

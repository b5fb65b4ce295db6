"""Units and what values are in them, judged by the NLM's library of UCUM: every unit of every measure, both ways.

And Pint, which reckons for the portal, by the examples of UCUM's functional tests that it has the units for.
"""

import asyncio
import json
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product

import pytest

from portal_app.features.vitals.measures import GLUCOSE_G_PER_MOL, MEASURES, converted, known_units
from tests.npm_tools import TOOLS, npm_package

Asked = tuple[float, str, str, float | None]


async def in_ucum(asked: list[Asked]) -> list[float | None]:
    """Return what the library says each value is in the wanted unit."""
    await asyncio.to_thread(npm_package, "@lhncbc/ucum-lhc")
    pipe = asyncio.subprocess.PIPE
    run = await asyncio.create_subprocess_exec("node", str(TOOLS / "units.mjs"), stdin=pipe, stdout=pipe)
    said, _ = await run.communicate(json.dumps(asked).encode())
    assert run.returncode == 0
    found: list[float | None] = json.loads(said)
    return found


async def test_every_unit_is_one_of_ucums() -> None:
    codes = sorted({unit.code for one in MEASURES.values() for unit in one.units})
    found = await in_ucum([(1.0, code, code, None) for code in codes])
    assert dict(zip(codes, found, strict=True)) == dict.fromkeys(codes, 1.0)


async def test_a_unit_that_does_not_exist_or_does_not_fit_is_told() -> None:
    assert await in_ucum([(1.0, "stones", "kg", None), (1.0, "kg", "Cel", None)]) == [None, None]


async def test_every_conversion_is_ucums() -> None:
    asked: list[Asked] = []
    ours: list[float] = []
    for measure in MEASURES.values():
        molar = float(GLUCOSE_G_PER_MOL) if measure.code == "glucose" else None
        for have, wanted in permutations(measure.units, 2):
            for value in (have.least, have.most, (have.least + have.most) / 2, Decimal("98.6"), Decimal("0.1")):
                asked.append((float(value), have.code, wanted.code, molar))
                ours.append(float(converted(value, have, wanted)))
    assert await in_ucum(asked) == [pytest.approx(one, rel=1e-9, abs=1e-9) for one in ours]
    assert len({(one[1], one[2]) for one in asked}) == 6


async def test_what_is_shown_and_what_is_kept_stay_apart() -> None:
    """There and back is what was entered, exactly, whatever the unit it was shown in."""
    for measure in MEASURES.values():
        for have, wanted in product(measure.units, repeat=2):
            assert converted(converted(have.most, have, wanted), wanted, have) == have.most


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "outcome"),
    [
        ("6.3", "m", "m", "6.3"),  # 3-101
        ("6.3", "mm", "m", "0.0063"),
        ("6.3", "mm", "cm", "0.63"),
        ("6.3", "s * m ** -1", "s / m", "6.3"),
        ("6.3", "s * mm ** -1", "s * m ** -1", "6300"),
        ("6.3", "s * mm ** -2", "s * m ** -2", "6300000"),
        ("6.3", "s / m / g", "s * m ** -1 * g ** -1", "6.3"),
        ("6.3", "ms / m / g", "s * m ** -1 * g ** -1", "0.0063"),
        ("6.3", "s / mm / g", "s * m ** -1 * g ** -1", "6300"),
        ("6.3", "s / m / mg", "s * m ** -1 * g ** -1", "6300"),
        ("6.3", "s / m * mg", "s * m ** -1 * g", "0.0063"),  # 3-111a
        ("6.3", "ms / m", "s / m", "0.0063"),
        ("6.3", "s / mm", "s / m", "6300"),
        ("6.3", "ms / mm", "s / m", "6.3"),
        ("6.3", "inch", "m", "0.16002"),  # 3-118, with the digits that UCUM rounds away
        ("6.3", "g * m * s ** -2 * A ** -2", "g * m * C ** -2", "6.3"),
        ("1", "light_year", "cm", "946073047258080000"),  # 3-127
        ("1.2", "g * m", "m * g", "1.2"),
    ],
)
def test_what_reckons_says_what_ucums_functional_tests_say(value: str, unit: str, wanted: str, outcome: str) -> None:
    assert known_units().Quantity(Fraction(value), unit).to(wanted).magnitude == Fraction(outcome)

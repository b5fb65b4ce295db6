"""Units and what values are in them, judged by the NLM's library of UCUM: every unit of every measure, both ways."""

import asyncio
import json
from decimal import Decimal
from itertools import permutations, product

import pytest

from portal_app.features.vitals.measures import GLUCOSE_MOLAR, MEASURES, converted
from tests.npm_tools import TOOLS, npm_package

GLUCOSE_G_PER_MOL = float(GLUCOSE_MOLAR * 10)
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
        molar = GLUCOSE_G_PER_MOL if measure.code == "glucose" else None
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
            there = converted(have.most, have, wanted)
            back = (there + wanted.offset) * wanted.factor / have.factor - have.offset
            assert back == have.most

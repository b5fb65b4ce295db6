"""What a process knows of units before somebody asks."""

from decimal import Decimal
from itertools import permutations

import pint
import pytest

from portal_app.features.vitals import measures


def test_nobody_waits_for_units_that_are_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    measures.learn_units()
    measures.known_units.cache_clear()
    monkeypatch.setattr(pint, "UnitRegistry", None)
    for measure in measures.MEASURES.values():
        for unit, wanted in permutations(measure.units, 2):
            there = measures.converted(Decimal(80), unit, wanted)
            assert measures.converted(there, wanted, unit) == 80

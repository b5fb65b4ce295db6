"""What every benchmark says in the same way: percentiles, spreads, budgets, and the last line as JSON."""

import json
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq,
    "±10%": lambda value, limit: abs(value - limit) <= limit / 10,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Budget:
    """What a figure may be at most (`<=`), at least (`>=`), exactly (`==`), or within a tenth of (`±10%`)."""

    sign: str
    limit: float

    def is_kept(self, value: float) -> bool:
        """Tell whether a figure is within the budget."""
        return bool(_SIGNS[self.sign](value, self.limit))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least so many percent of all values do not exceed (nearest rank).

    Raises:
        ValueError: if there are no values.
    """
    if not values:
        raise ValueError("no values were measured")
    rank = max(1, math.ceil(len(values) * percent / 100))
    return sorted(values)[rank - 1]


def spread(values: Sequence[float], unit: str = "") -> str:
    """Return the smallest, the middle and the largest value in words."""
    low, middle, high = min(values), median(values), max(values)
    return f"median {middle:,.4g}{unit} (min {low:,.4g}, max {high:,.4g})"


def times(seconds: Sequence[float]) -> str:
    """Return the median and the 95th percentile of durations, given in seconds, in milliseconds."""
    return f"p50 {median(seconds) * 1000:.1f} ms, p95 {percentile(seconds, 95) * 1000:.1f} ms"


def report(bench: str, figures: Mapping[str, float], budgets: Mapping[str, Budget]) -> None:
    """Print each figure beside its budget, then all of them as one JSON object, which is the last line."""
    print()
    for name, value in figures.items():
        budget = budgets.get(name)
        verdict = f"  budget {budget.sign} {budget.limit:g}: {_word(budget, value)}" if budget else ""
        print(f"  {name:<26} {_rounded(value):>10}{verdict}")
    print(json.dumps({"bench": bench, "figures": {name: _rounded(value) for name, value in figures.items()}}))


def _word(budget: Budget, value: float) -> str:
    return "kept" if budget.is_kept(value) else "MISSED"


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else round(value, 3)

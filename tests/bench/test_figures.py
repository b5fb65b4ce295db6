import json
import re

import pytest

from bench._figures import Budget, percentile, report, spread, times
from portal_app.operations.places import CHECKOUT


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([5, 1, 4, 2, 3], 50) == 3
    assert percentile([1, 2], 50) == 1
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([7], 95) == 7


def test_nothing_measured_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="measured"):
        percentile([], 95)


def test_the_last_line_is_one_json_object_with_the_bench_and_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    report("booking", {"booked": 40, "ratio": 0.151515}, {"booked": Budget("==", 40)})

    last = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(last) == {"bench": "booking", "figures": {"booked": 40, "ratio": 0.152}}


def test_a_figure_beyond_its_budget_is_said_to_miss_it(capsys: pytest.CaptureFixture[str]) -> None:
    report("pages", {"kb_max": 181.2, "performance_min": 95}, {"kb_max": Budget("<=", 180)})

    readable = capsys.readouterr().out
    assert "budget <= 180: MISSED" in readable
    assert "performance_min" in readable


@pytest.mark.parametrize(
    ("sign", "kept", "missed"), [("<=", 3, 3.1), (">=", 0.15, 0.149), ("==", 0, 1), ("±10%", 0.9, 1.11)]
)
def test_a_budget_is_kept_up_to_its_limit(sign: str, kept: float, missed: float) -> None:
    limit = {"<=": 3, ">=": 0.15, "==": 0, "±10%": 1}[sign]
    assert Budget(sign, limit).is_kept(kept)
    assert not Budget(sign, limit).is_kept(missed)


def test_spreads_are_said_with_their_middle_and_ends() -> None:
    assert spread([1, 2, 4], " ms") == "median 2 ms (min 1, max 4)"
    assert times([0.001, 0.002, 0.004]) == "p50 2.0 ms, p95 4.0 ms"


def test_the_baselines_know_nothing_of_the_portal() -> None:
    files = list((CHECKOUT / "bench" / "baselines").glob("*.py"))
    assert files
    assert not [
        file.name for file in files if re.search(r"^\s*(from|import) portal_app", file.read_text(), re.MULTILINE)
    ]

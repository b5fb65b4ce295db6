"""Who is written to about an alert, and when: only what is harmless waits."""

from datetime import UTC, datetime

import pytest

from portal_app.features.alerts import rules


@pytest.mark.parametrize(
    ("severity", "levels"),
    [("critical", [True, True, True]), ("urgent", [False, True, True]), ("routine", [False, False, False])],
)
def test_what_is_critical_is_written_at_once_and_only_what_is_harmless_never(severity: str, levels: list[bool]) -> None:
    assert [rules.is_written(severity, level) for level in range(3)] == levels


def test_each_level_hears_more_people_and_the_last_one_goes_on() -> None:
    assert [rules.pool(level) for level in (0, 1, 2, 9)] == [
        ("nurse",), ("nurse", "clinician"), ("nurse", "clinician", "manager"), ("nurse", "clinician", "manager"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("severity", "called"),
    [
        ("critical", [(1,), (2,), (1, 2), (1, 2)]), ("urgent", [(), (1,), (2,), (1, 2)]),
        ("routine", [(), (), (), ()]),
    ],
)  # fmt: skip
def test_the_first_on_call_hears_then_the_second_then_both_and_nobody_of_what_is_harmless(
    severity: str, called: list[tuple[int, ...]]
) -> None:
    assert [rules.ranks_called(severity, level) for level in range(4)] == called


def _hour(hour: int) -> datetime:
    return datetime(2027, 1, 11, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("turns", "gaps"),
    [
        ([], [(8, 20)]),
        ([(0, 23)], []),
        ([(8, 12), (12, 20)], []),
        ([(12, 16), (6, 10)], [(10, 12), (16, 20)]),
        ([(8, 18), (9, 10), (19, 20)], [(18, 19)]),
        ([(21, 23)], [(8, 20)]),
        ([(2, 4)], [(8, 20)]),
    ],
)
def test_a_gap_is_where_no_turn_runs(turns: list[tuple[int, int]], gaps: list[tuple[int, int]]) -> None:
    written = [(_hour(begins), _hour(ends)) for begins, ends in turns]
    assert rules.gaps(written, _hour(8), _hour(20)) == [(_hour(begins), _hour(ends)) for begins, ends in gaps]

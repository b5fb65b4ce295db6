"""Who is written to about an alert, and when: only what is harmless waits."""

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

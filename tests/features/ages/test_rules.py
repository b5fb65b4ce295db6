"""Rules by age as tables: who is how old, and what that leaves open."""

from datetime import date, timedelta

import pytest

from portal_app.features.ages import rules
from portal_app.features.ages.rules import Access, Ages

EVERYWHERE = Ages("", date(2000, 1, 1), 12, 18, 18, 13, frozenset({"booking", "bills"}))
OURS = Ages("CA", date(2020, 1, 1), 13, 16, 18, 13, frozenset({"booking"}))
NEXT = Ages("CA", date(2027, 7, 1), 11, 16, 18, 13, frozenset({"bills"}))
BORN = date(2014, 5, 3)


@pytest.mark.parametrize(
    ("day", "access"),
    [
        (date(2014, 5, 3), Access.full), (date(2027, 5, 2), Access.full), (date(2027, 5, 3), Access.limited),
        (date(2030, 5, 2), Access.limited), (date(2030, 5, 3), Access.none), (date(2032, 5, 2), Access.none),
        (date(2032, 5, 3), Access.grown),
    ],
)  # fmt: skip
def test_access_changes_on_the_birthday_itself(day: date, access: Access) -> None:
    assert rules.access_on(OURS, BORN, day) is access


@pytest.mark.parametrize(
    ("state", "day", "rule"),
    [
        ("CA", date(2026, 1, 1), OURS), ("CA", date(2027, 6, 30), OURS), ("CA", date(2027, 7, 1), NEXT),
        ("CA", date(2019, 1, 1), EVERYWHERE), ("OR", date(2027, 7, 1), EVERYWHERE), ("", date(2026, 1, 1), EVERYWHERE),
        ("CA", date(1999, 1, 1), None),
    ],
)  # fmt: skip
def test_the_states_own_rule_counts_from_its_day_on(state: str, day: date, rule: Ages | None) -> None:
    assert rules.rule_on([NEXT, EVERYWHERE, OURS], state, day) is rule


@pytest.mark.parametrize(
    ("known", "section", "closes"),
    [
        ([OURS], "results", date(2027, 5, 3)), ([OURS], "booking", date(2030, 5, 3)),
        ([OURS, NEXT], "results", date(2027, 5, 3)), ([OURS, NEXT], "booking", date(2027, 7, 1)),
        ([OURS, NEXT], "bills", date(2027, 5, 3)), ([], "booking", date(2026, 11, 1)),
        ([EVERYWHERE], "messages", date(2026, 11, 1)),
    ],
)  # fmt: skip
def test_a_section_closes_at_a_birthday_or_with_a_version(known: list[Ages], section: str, closes: date) -> None:
    assert rules.closes_on(known, "CA", section, BORN, date(2026, 11, 1)) == closes


def test_a_birthday_of_a_leap_day_is_kept_on_the_28th() -> None:
    assert rules.birthday(date(2012, 2, 29), 13) == date(2025, 2, 28)
    assert rules.birthday(date(2012, 2, 29), 16) == date(2028, 2, 29)


TODAY = date(2026, 11, 1)
GOOD = {"full_until": 12, "limited_until": 18, "majority": 18, "own_from": 13}


@pytest.mark.parametrize(
    ("wrong", "ages"),
    [
        ("", {}), ("full_until", {"full_until": None}), ("full_until", {"full_until": -1}),
        ("limited_until", {"limited_until": 11}), ("majority", {"majority": 15}), ("majority", {"majority": 22}),
        ("majority", {"limited_until": 19}), ("own_from", {"own_from": 9}), ("own_from", {"own_from": 19}),
    ],
)  # fmt: skip
def test_ages_that_contradict_each_other_are_refused(wrong: str, ages: dict[str, int | None]) -> None:
    assert rules.what_is_wrong(GOOD | ages, ["booking"], "the law", TODAY + timedelta(days=1), TODAY) == wrong


@pytest.mark.parametrize(
    ("wrong", "sections", "source", "day"),
    [
        ("sections", ["profile"], "the law", TODAY + timedelta(days=1)), ("source", [], " ", TODAY + timedelta(days=1)),
        ("effective_from", [], "the law", TODAY), ("effective_from", [], "the law", None),
        ("effective_from", [], "the law", TODAY + timedelta(days=731)),
    ],
)  # fmt: skip
def test_a_version_names_its_source_and_a_day_to_come(
    wrong: str, sections: list[str], source: str, day: date | None
) -> None:
    assert rules.what_is_wrong(GOOD, sections, source, day, TODAY) == wrong

"""What a plan leaves of a fee, and by when the law wants a good-faith estimate."""

from datetime import date

import pytest

from portal_app.features.estimates.rules import Plan, give_by, worked_out

FEE = 18_000
FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("plan", "amount"),
    [
        (Plan(), None),
        (Plan(copay_minor=2_500), 2_500),
        (Plan(copay_minor=99_900), FEE),
        (Plan(copay_minor=2_500, out_of_pocket_left_minor=1_000), 1_000),
        (Plan(deductible_left_minor=50_000), FEE),
        (Plan(deductible_left_minor=10_000), None),
        (Plan(deductible_left_minor=10_000, coinsurance_percent=20), 11_600),
        (Plan(deductible_left_minor=0, coinsurance_percent=0), 0),
        (Plan(deductible_left_minor=0, coinsurance_percent=33), 5_940),
        (Plan(coinsurance_percent=20), None),
        (Plan(deductible_left_minor=50_000, out_of_pocket_left_minor=7_000), 7_000),
    ],
)
def test_only_what_the_insurer_said_is_counted(plan: Plan, amount: int | None) -> None:
    assert worked_out(FEE, plan).amount_minor == amount


def test_each_step_is_kept() -> None:
    steps = worked_out(FEE, Plan(deductible_left_minor=10_000, coinsurance_percent=20)).steps
    assert steps == (("deductible", 10_000), ("coinsurance", 1_600))


@pytest.mark.parametrize(
    ("visit", "is_on_request", "due"),
    [
        (date(2026, 12, 4), False, date(2026, 11, 25)),  # ten working days ahead: three after booking
        (date(2026, 12, 3), False, date(2026, 11, 23)),  # nine: one, and the weekend does not count
        (date(2026, 11, 23), True, date(2026, 11, 25)),
    ],
)
def test_it_is_due_within_the_working_days_the_law_names(visit: date, is_on_request: bool, due: date) -> None:
    assert give_by(FRIDAY, visit, is_on_request=is_on_request) == due

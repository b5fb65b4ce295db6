"""By when an estimate is due, and what a plan probably leaves to the patient. Standard library only."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Step = Literal["copay", "deductible", "coinsurance", "cap"]

_FAR_AHEAD: Final = 10
_AHEAD: Final = 3
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What an insurer said that the member pays, in minor units; None is what it did not say."""

    copay_minor: int | None = None
    coinsurance_percent: int | None = None
    deductible_left_minor: int | None = None
    out_of_pocket_left_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """What the patient probably pays, and each step to it with its amount; None where nobody can say."""

    amount_minor: int | None
    steps: tuple[tuple[Step, int], ...] = ()


def business_days(start: date, end: date) -> int:
    """Count the working days after `start` up to and with `end`. Holidays count, so that nothing comes late."""
    days = (start + timedelta(days=n) for n in range(1, max((end - start).days, 0) + 1))
    return sum(day.weekday() < _SATURDAY for day in days)


def after_business_days(start: date, count: int) -> date:
    """Return the day that is so many working days after another."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY
    return day


def give_by(asked: date, visit: date, *, is_on_request: bool) -> date:
    """Return by when a good-faith estimate is due (45 CFR 149.610(b)(1)(vi)).

    Within three working days of asking; after booking within one, or within three where the visit is ten ahead.
    """
    if is_on_request or business_days(asked, visit) >= _FAR_AHEAD:
        return after_business_days(asked, 3)
    return after_business_days(asked, 1)


def worked_out(fee_minor: int, plan: Plan) -> Worked:
    """Return what a plan probably leaves of a fee, only where what the insurer said is enough to tell.

    A fixed co-pay for the visit is all there is to pay. Else the deductible comes first, and of the rest the member's
    share; what is left of the most somebody pays in a year ends it.
    """
    if plan.copay_minor is not None:
        amount = _capped(min(plan.copay_minor, fee_minor), plan)
        return Worked(amount, (("copay", plan.copay_minor), *_cap(min(plan.copay_minor, fee_minor), amount)))
    left = plan.deductible_left_minor
    if left is None:
        return Worked(None)
    own = min(left, fee_minor)
    rest = fee_minor - own
    steps: list[tuple[Step, int]] = [("deductible", own)] if own else []
    if rest:
        if plan.coinsurance_percent is None:
            return Worked(None)
        share = (rest * plan.coinsurance_percent + 50) // 100
        steps.append(("coinsurance", share))
        own += share
    amount = _capped(own, plan)
    return Worked(amount, (*steps, *_cap(own, amount)))


def _capped(amount: int, plan: Plan) -> int:
    most = plan.out_of_pocket_left_minor
    return amount if most is None else min(amount, most)


def _cap(before: int, after: int) -> tuple[tuple[Step, int], ...]:
    return (("cap", after),) if after < before else ()

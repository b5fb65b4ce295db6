"""The 271: what an insurer says of a member, no more certain than it says it.

An amount counts only if it is for an office visit of one person within the plan's network; two that differ are none.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from pyx12.segment import Segment

from portal_app.features.coverage.errors import AnswerUnreadable, PayerAway
from portal_app.features.coverage.ports import Answer
from portal_app.features.coverage.views import Amounts, Outcome
from portal_app.integrations.eligibility import segments
from portal_app.integrations.eligibility.segments import value

_ACTIVE: Final = frozenset("12345")
_INACTIVE: Final = frozenset("678")
_NOT_FOUND: Final = frozenset({"58", "64", "65", "67", "68", "71", "72", "73", "75", "76", "77", "78"})
_AWAY: Final = frozenset({"42", "80"})
_OFFICE_VISIT: Final = "98"
_WHOLE_PLAN: Final = "30"
_REMAINING: Final = "29"
_A_YEAR: Final = frozenset({"22", "23", "25"})
_MOST_MINOR: Final = 100_000_000
_PLAN_MOST: Final = 50


def read_answer(content: str, trace: str) -> Answer:
    """Return what an interchange says in answer to the inquiry with this trace.

    Raises:
        AnswerUnreadable: if it is no 271, or the answer to another inquiry.
        PayerAway: if it says that the insurer cannot answer now.
    """
    found = segments.read(content)
    _require_ours(found, trace)
    rejected = {value(one, 3, 2) for one in found if one.get_seg_id() == "AAA"}
    if rejected & _AWAY:
        raise PayerAway
    if rejected:
        return Answer("not_found" if rejected <= _NOT_FOUND else "refused")
    benefits = [one for one in found if one.get_seg_id() == "EB"]
    outcome = _outcome(benefits)
    if outcome != "active":
        return Answer(outcome)
    return Answer(outcome, _amounts(benefits), _plan(benefits))


def _require_ours(found: Sequence[Segment], trace: str) -> None:
    kinds = [value(one, 1) for one in found if one.get_seg_id() == "ST"]
    asked = [value(one, 3) for one in found if one.get_seg_id() == "BHT"]
    traces = {value(one, 2) for one in found if one.get_seg_id() == "TRN" and value(one, 1) == "2"}
    is_ours = trace in traces if traces else asked == [trace]
    if kinds != ["271"] or not is_ours:
        raise AnswerUnreadable


def _outcome(benefits: Iterable[Segment]) -> Outcome:
    said = {value(one, 1) for one in benefits if _services(one) & {_OFFICE_VISIT, _WHOLE_PLAN, ""}}
    is_active, is_inactive = bool(said & _ACTIVE), bool(said & _INACTIVE)
    if is_active == is_inactive:
        return "unclear"
    return "active" if is_active else "inactive"


def _services(benefit: Segment) -> set[str]:
    return set(value(benefit, 3, 200).split("^"))


def _amounts(benefits: Sequence[Segment]) -> Amounts:
    own = [one for one in benefits if value(one, 12) in ("", "Y", "W") and value(one, 2) in ("", "IND")]
    visit = [one for one in own if _OFFICE_VISIT in _services(one)]
    either = [one for one in own if _services(one) & {_OFFICE_VISIT, _WHOLE_PLAN, ""}]
    yearly = [one for one in either if value(one, 6) in _A_YEAR]
    left = [one for one in either if value(one, 6) == _REMAINING]
    return Amounts(
        copay_minor=_one(_minor(one) for one in visit if value(one, 1) == "B"),
        coinsurance_percent=_one(_percent(one) for one in visit if value(one, 1) == "A"),
        deductible_minor=_one(_minor(one) for one in yearly if value(one, 1) == "C"),
        deductible_left_minor=_one(_minor(one) for one in left if value(one, 1) == "C"),
        out_of_pocket_left_minor=_one(_minor(one) for one in left if value(one, 1) == "G"),
    )


def _plan(benefits: Iterable[Segment]) -> str:
    names = {value(one, 5, _PLAN_MOST) for one in benefits if value(one, 1) in _ACTIVE}
    return next(iter(names)) if len(names) == 1 else ""


def _one(amounts: Iterable[int | None]) -> int | None:
    found = set(amounts)
    return found.pop() if len(found) == 1 else None


def _minor(benefit: Segment) -> int | None:
    return _whole(value(benefit, 7), _MOST_MINOR)


def _percent(benefit: Segment) -> int | None:
    return _whole(value(benefit, 8), 100)


def _whole(said: str, most: int) -> int | None:
    """Return a hundred times a decimal number, if that is whole and within bounds."""
    try:
        hundredfold = Decimal(said) * 100 if len(said) <= 18 else Decimal(-1)
    except InvalidOperation:
        return None
    if not hundredfold.is_finite() or not 0 <= hundredfold <= most or hundredfold != int(hundredfold):
        return None
    return int(hundredfold)

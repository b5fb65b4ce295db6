"""Which rules hold for one person: those of the practice for age and condition, and first of all their own range."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.rows import tuple_row

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.features.vitals import statements
from portal_app.features.vitals.measures import MEASURES, converted, shown
from portal_app.features.vitals.rules import Rule
from portal_app.features.vitals.views import Chart

PROTOCOLS: Final = {"oxygen": "reseat", "glucose": "", "weight": "", "pain": "", "steps": "", "peak_flow": ""}
"""What is done beyond somebody's own range; where nothing is said here, one rests and measures again."""
_EXACT: Final = 3


class Own(NamedTuple):
    """A person's own range; nothing but None where there is none."""

    id: UUID | None
    unit: str
    low: Decimal | None
    high: Decimal | None
    pair_high: Decimal | None
    severity: str


async def rules_for(tx: Transaction, measure: str, chart: Chart) -> list[Rule]:
    """Return the rules of a measure that hold for a chart, the person's own range among them.

    Within their own range nothing is out of range, but for what the practice calls critical at once.
    """
    rows = await fetch(tx, statements.RULES, {"patient_id": chart.patient_id, "measure": measure}, tuple_row)
    return rules_of(rows, measure, chart)


def rules_of(rows: Sequence[Sequence[Any]], measure: str, chart: Chart) -> list[Rule]:
    """Return the same as `rules_for`, from the rows that were looked up."""
    practice = [Rule(*row[: -len(Own._fields)]) for row in rows if row[0] is not None]
    own = Own(*rows[0][-len(Own._fields) :])
    if own.id is None:
        return practice
    return [rule for one in practice for rule in with_range(one, own)] + own_rules(measure, own, practice, chart)


def with_range(rule: Rule, own: Own) -> list[Rule]:
    """Return what is left of a rule of the practice beside a person's own range: what lies outside of it."""
    if rule.severity == "critical" or rule.part not in ("", "pair"):
        return [rule]
    if rule.part == "pair":
        high = own.pair_high
        is_upper = rule.above is not None or rule.at_least is not None
        return _above(rule, high) if high is not None and is_upper else [rule]
    low, high = (_in_unit(rule.measure, bound, own.unit, rule.unit) for bound in (own.low, own.high))
    if low is not None and (rule.below is not None or rule.at_most is not None):
        return _below(rule, low)
    if high is not None and (rule.above is not None or rule.at_least is not None):
        return _above(rule, high)
    return [rule]


def own_rules(measure: str, own: Own, practice: list[Rule], chart: Chart) -> list[Rule]:
    """Return a person's own range as rules, in each unit of the measure, beside whichever set holds for them."""
    age = chart.age_months(clock.now())
    of_age = [one for one in practice if one.age_from <= age < one.age_until]
    conditions = {one.condition for one in of_age if one.condition in chart.conditions} | {""}
    made = []
    for unit in MEASURES[measure].units:
        low, high = (_in_unit(measure, bound, own.unit, unit.code) for bound in (own.low, own.high))
        for condition in conditions:
            base = Rule(
                measure, unit.code, "", "", PROTOCOLS.get(measure, "rest_repeat"), own.severity, own.severity,
                condition=condition, is_reviewed=True, range_id=own.id,
            )  # fmt: skip
            made += [replace(base, finding="low_own", below=low)] if low is not None else []
            made += [replace(base, finding="high_own", above=high)] if high is not None else []
            if own.pair_high is not None:
                made.append(replace(base, part="pair", finding="high_own", above=own.pair_high))
    return made


def _in_unit(measure: str, value: Decimal | None, unit: str, wanted: str) -> Decimal | None:
    if value is None or unit == wanted:
        return value
    known = MEASURES[measure]
    return shown(converted(value, known.unit(unit), known.unit(wanted)), _EXACT)


def _above(rule: Rule, high: Decimal) -> list[Rule]:
    bound = rule.above if rule.above is not None else rule.at_least
    return [rule] if bound is not None and bound > high else [replace(rule, above=high, at_least=None)]


def _below(rule: Rule, low: Decimal) -> list[Rule]:
    bound = rule.below if rule.below is not None else rule.at_most
    return [rule] if bound is not None and bound < low else [replace(rule, below=low, at_most=None)]

"""What many readings say: the average of a week, and how it moved since the week before. For planned measures alone.

What somebody measures of their own accord is theirs to look at; what the care team asked for, the care team is told.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from portal_app.core.db import Transaction
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import NewAlert
from portal_app.features.vitals import looking, rules
from portal_app.features.vitals.jobs import missing_source
from portal_app.features.vitals.looking import Before
from portal_app.features.vitals.measures import MEASURES, shown
from portal_app.features.vitals.plans import local_today
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.rules import Average, Measured, Rule
from portal_app.features.vitals.views import Chart, ReadingView

_MOST: Final = 400


async def follow(tx: Transaction, new: ReadingView, known: Before) -> None:
    """Tell the care team what a new reading makes of the week, and that a planned one has come.

    Part of the transaction that keeps the reading. The same week of a plan is told once.
    """
    if known.plan_id is None or known.begins_on is None:
        return
    chart = known.chart
    week = max((local_today(chart.zone) - known.begins_on).days, 0) // 7
    for number in (week - 1, week):
        await alerts.withdraw(tx, missing_source(known.plan_id, number), "arrived")
    own = [one for one in await rules_for(tx, new.measure, chart) if one.part in rules.COURSE_PARTS]
    whose = rules.Whose(rules.age_months(chart.birth_date, local_today(chart.zone)), chart.conditions)
    held = [one for one in rules.set_for(own, new.measure, whose) if one.unit == new.unit]
    if not held:
        return
    rows = await looking.since(tx, chart.patient_id, new.measure, new.taken_at - timedelta(days=14), _MOST)
    same = [row.measured for row in rows if row.unit == new.unit]
    for rule, value in found(held, same, new.taken_at, chart.zone):
        await _tell(tx, rule, value, chart, known.confidentiality, known.plan_id, week)


def found(held: Sequence[Rule], readings: Sequence[Measured], until: datetime, zone: str) -> list[tuple[Rule, Decimal]]:
    """Return the rules that hold for the week before a moment, each with the number that it holds for."""
    now = _week(readings, until, zone)
    before = _week(readings, until - timedelta(days=rules.AVERAGE_DAYS), zone)
    values: dict[str, Decimal | None] = {"average": now.value, "average_pair": now.pair, "trend": None}
    if now.value is not None and before.value is not None:
        values["trend"] = now.value - before.value
    holding = [(one, value) for one in held if (value := values[one.part]) is not None and one.holds(value)]
    # One average is one finding, whichever of both numbers it is.
    return list({one.finding: (one, value) for one, value in reversed(holding)}.values())


def _week(readings: Sequence[Measured], until: datetime, zone: str) -> Average:
    since = until - timedelta(days=rules.AVERAGE_DAYS)
    lately = [one for one in readings if since < one.taken_at <= until]
    days: set[date] = {one.taken_at.astimezone(ZoneInfo(zone)).date() for one in lately}
    return rules.average(lately, len(days))


async def _tell(
    tx: Transaction, rule: Rule, value: Decimal, chart: Chart, confidentiality: str, plan_id: UUID, week: int
) -> None:
    unit: Any = MEASURES[rule.measure].unit(rule.unit)
    facts = {
        "value": str(shown(Fraction(value), unit.decimals)), "unit": unit.shown, "finding": rule.finding,
        "unreviewed": "" if rule.is_reviewed else "yes",
    }  # fmt: skip
    source = uuid5(NAMESPACE_URL, f"portal:care-plan:{plan_id}:{rule.finding}:{week}")
    severity: alerts.Severity = "urgent" if rule.severity == "urgent" else "routine"
    if rule.severity:
        new = NewAlert(
            chart.patient_id, "vitals", f"vitals.{rule.measure}", severity, source, confidentiality, facts
        )  # fmt: skip
        await alerts.raise_alert(tx, new)

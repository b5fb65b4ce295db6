"""What many readings say: the average of a week, and how it moved since the week before. For planned measures alone.

What somebody measures of their own accord is theirs to look at; what the care team asked for, the care team is told.
A pressure that is not measured by the rule of home averages is told as what it is, a plain mean: better than silence.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import NewAlert
from portal_app.features.vitals import averaging, looking, rules
from portal_app.features.vitals.averaging import Average
from portal_app.features.vitals.jobs import MISSING_DAYS, missing_source
from portal_app.features.vitals.looking import Before
from portal_app.features.vitals.measures import MEASURES, shown
from portal_app.features.vitals.plans import local_today
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.rules import Rule
from portal_app.features.vitals.views import Chart, ReadingView

_MOST: Final = 400


async def follow(tx: Transaction, new: ReadingView, known: Before) -> None:
    """Tell the care team what a new reading makes of the week, and that a planned one has come.

    Part of the transaction that keeps the reading. The same week of a plan is told once. What was taken long ago and
    comes now says nothing of this week, and what is missing is missing still.
    """
    if known.plan_id is None or known.begins_on is None:
        return
    chart = known.chart
    today = local_today(chart.zone)
    week = max((today - known.begins_on).days, 0) // 7
    if (today - new.taken_at.astimezone(ZoneInfo(chart.zone)).date()).days <= MISSING_DAYS:
        for number in (week - 1, week):
            await alerts.withdraw(tx, missing_source(known.plan_id, number), "arrived")
    if new.taken_at <= clock.now() - timedelta(days=averaging.DAYS):
        return
    own = [one for one in await rules_for(tx, new.measure, chart) if one.part in rules.COURSE_PARTS]
    whose = chart.whose(clock.now())
    held = [one for one in rules.set_for(own, new.measure, whose) if one.unit == new.unit]
    if not held:
        return
    rows = await looking.since(tx, chart.patient_id, new.measure, new.taken_at - timedelta(days=14), _MOST)
    same = [row for row in rows if row.unit == new.unit]
    has_rule = averaging.is_ruled(new.measure, whose.age_months)
    for one in found(held, same, new.taken_at, has_rule=has_rule):
        await _tell(tx, one, chart, known.confidentiality, known.plan_id, week)


async def follow_many(tx: Transaction, measure: str, since: datetime) -> None:
    """Do the same once for many that came at once, of which the newest was taken at `since`: for the newest there is.

    What is older than two weeks is in no average and in no trend of this week.
    """
    known, _ = await looking.before(tx, measure, uuid4(), clock.now())
    if known.plan_id is None or since <= clock.now() - timedelta(days=2 * averaging.DAYS):
        return
    newest = await looking.since(tx, known.patient_id, measure, since, most=1)
    if newest:
        await follow(tx, newest[0], known)


class Found(NamedTuple):
    """A rule that holds, the number that it holds for, and how this came about: by "rule", "plain", or "" for neither.

    It is neither where no rule says how to average.
    """

    rule: Rule
    value: Decimal
    basis: str


def found(held: Sequence[Rule], readings: Sequence[ReadingView], until: datetime, *, has_rule: bool) -> list[Found]:
    """Return the rules that hold for the week before a moment, each with the number that it holds for."""
    weeks = [_week(readings, until - timedelta(days=averaging.DAYS * n)) for n in (0, 1)]
    mean = averaging.average(weeks[0], has_rule=has_rule)
    moved, moved_basis = _trend(*weeks, has_rule=has_rule)
    said = {"average": mean.value, "average_pair": mean.pair, "trend": moved}
    bases = {"trend": moved_basis}
    holding = [
        Found(one, value, bases.get(one.part, _basis(mean, has_rule=has_rule)))
        for one in held
        if (value := said[one.part]) is not None and one.holds(value)
    ]
    # One average is one finding, whichever of both numbers it is.
    return list({one.rule.finding: one for one in reversed(holding)}.values())


def _trend(now: Sequence[ReadingView], before: Sequence[ReadingView], *, has_rule: bool) -> tuple[Decimal | None, str]:
    """Hold like against like: two home averages, or else two plain means."""
    for averaged in (averaging.home_average, averaging.plain_mean) if has_rule else (averaging.plain_mean,):
        new, old = averaged(now), averaged(before)
        if new.value is not None and old.value is not None:
            return new.value - old.value, _basis(new, has_rule=has_rule)
    return None, ""


def _basis(mean: Average, *, has_rule: bool) -> str:
    return "" if not has_rule else "rule" if mean.is_by_rule else "plain"


def _week(readings: Sequence[ReadingView], until: datetime) -> list[ReadingView]:
    since = until - timedelta(days=averaging.DAYS)
    return [one for one in readings if since < one.taken_at <= until]


async def _tell(tx: Transaction, one: Found, chart: Chart, confidentiality: str, plan_id: UUID, week: int) -> None:
    rule = one.rule
    unit: Any = MEASURES[rule.measure].unit(rule.unit)
    facts = {
        "value": str(shown(Fraction(one.value), unit.decimals)), "unit": unit.shown, "finding": rule.finding,
        "unreviewed": "" if rule.is_reviewed else "yes", "average": one.basis,
    }  # fmt: skip
    # A plain average comes first where somebody measures by the rule; the home average is told beside it.
    about = f"{rule.finding}:{week}" + (":rule" if one.basis == "rule" else "")
    about += f":{rule.severity}" if rule.severity != "routine" else ""  # told anew where the rule is stricter now
    source = uuid5(NAMESPACE_URL, f"portal:care-plan:{plan_id}:{about}")
    if rule.severity:
        severity, problem = severity_of(rule.severity), f"vitals.{rule.measure}"
        new = NewAlert(chart.patient_id, "vitals", problem, severity, source, confidentiality, facts)
        await alerts.raise_alert(tx, new)


def severity_of(said: str) -> alerts.Severity:
    """Return how urgent an alert is that a rule asks for; at the least it is one to look at."""
    return "critical" if said == "critical" else "urgent" if said == "urgent" else "routine"

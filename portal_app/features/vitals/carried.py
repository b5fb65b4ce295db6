"""Readings that are entered while the server cannot be reached: what a device judges them with, and takes along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.db import Transaction
from portal_app.features.practice import service as practice
from portal_app.features.vitals import judging, policies, rules, statements
from portal_app.features.vitals.measures import (
    DIASTOLIC_LEAST,
    DIASTOLIC_MOST,
    MEASURES,
    PER_MINUTE,
    Measure,
    converted,
    shown,
)
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.rules import Rule, Whose
from portal_app.features.vitals.views import Chart

CARRIED_PARTS: Final = ("", "pair", "gain")
"""The parts of a reading that a device can judge by itself; averages and trends are the server's."""
BOUNDS: Final = {
    "pair": [str(DIASTOLIC_LEAST), str(DIASTOLIC_MOST)], "pulse": [str(PER_MINUTE.least), str(PER_MINUTE.most)],
}  # fmt: skip
"""Between which the second number of a pressure is usual, and a pulse."""
LOOKED_BACK: Final = timedelta(days=8)
CARRIED_MOST: Final = 300
"""So many of the last readings go with the page."""

Outcome = Literal["kept", "doubted", "refused", "later", "counted"]


@dataclass(frozen=True, slots=True)
class Carried:
    """A reading as a device has kept it: what was typed, when, and whether unusual numbers were said to be right."""

    measure: str
    said: dict[str, str]
    key: UUID
    at: datetime
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it; `reason` says why it was not kept."""

    outcome: Outcome
    severity: str = ""
    reason: str = ""


async def sheet(tx: Transaction, chart: Chart, units: Mapping[str, str]) -> dict[str, Any]:
    """Return what `assets/vital_rules.js` judges with: measures, this person's rules, the last readings.

    `zone` is whose clocks typed times go by, and `place` what it is called. Call inside `i18n.use`.

    Args:
        units: the unit in which this person thinks, by measure.
    """
    policy.require(tx.actor, policies.LOG.name)
    us = await practice.practice(tx)
    whose = chart.whose(clock.now())
    params = {"patient_id": chart.patient_id, "since": clock.now() - LOOKED_BACK, "most": CARRIED_MOST}
    recent = await tx.all(statements.RECENT, params)
    await audit.record(tx, "vitals.see", patient_id=chart.patient_id, entity="Observation", entity_id=None)
    return {
        "chart": str(chart.patient_id), "zone": chart.zone, "place": i18n.zone_city(chart.zone),
        "emergency": us.emergency_phone, "phone": us.phone, "bounds": BOUNDS,
        "measures": [
            measure_sheet(one, await rules_for(tx, one.code, chart), whose) | {"usual": units[one.code]}
            for one in MEASURES.values()
        ],
        "recent": [
            {"measure": one.measure, "unit": one.unit, "value": str(one.value), "pair": _text(one.pair),
             "pulse": _text(one.pulse), "severity": one.severity,
             "others": in_other_units(one.measure, one.unit, one.value), "at": round(one.taken_at.timestamp() * 1000)}
            for one in recent
        ],
    }  # fmt: skip


def measure_sheet(measure: Measure, known: Sequence[Rule], whose: Whose) -> dict[str, Any]:
    """Return a measure with the rules that hold for somebody, numbers as texts."""
    held = [one for one in rules.set_for(known, measure.code, whose) if one.part in CARRIED_PARTS]
    return {
        "code": measure.code, "pair": measure.has_pair, "contexts": measure.contexts,
        "most": _text(measure.hard_most), "isJudged": bool(measure.profile),
        "units": [
            {"code": one.code, "shown": one.shown, "least": str(one.least), "most": str(one.most),
             "decimals": one.decimals, "typed": one.typed}
            for one in measure.units
        ],
        "rules": [
            {"unit": one.unit, "part": one.part, "days": one.days, "finding": one.finding, "protocol": one.protocol,
             "severity": one.severity, "again": one.severity_again, "above": _text(one.above),
             "at_least": _text(one.at_least), "below": _text(one.below), "at_most": _text(one.at_most)}
            for one in held
        ],
    }  # fmt: skip


def in_other_units(measure: str, unit: str, value: Decimal) -> dict[str, str]:
    """Return a number in each other unit of its measure, for a device that reckons with none of them."""
    known = MEASURES[measure]
    return {
        one.code: str(shown(converted(value, known.unit(unit), one), judging.DECIMALS))
        for one in known.units
        if one.code != unit
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)

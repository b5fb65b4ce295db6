"""Value × age × condition → what it means, protocol, severity, by the rules that ship (their sources: migration 0043).

The numbers are those of notes on each source: 2025 AHA/ACC and ACOG (pressure), ADA (glucose), NHS (oxygen and fever),
NEWS2 (pulse, breaths, low pressure), AHA (weight in heart failure).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from portal_app.core.db import Database
from portal_app.features.vitals import rules
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.rules import Measured, Rule, Whose
from portal_app.features.vitals.views import Chart

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ADULT, CHILD, BABY = 60 * 12, 9 * 12, 2
F, C, MG, MMOL, LB, KG = "[degF]", "Cel", "mg/dL", "mmol/L", "[lb_av]", "kg"
CASES: dict[str, list[tuple[str, str, int, str, str]]] = {
    "blood_pressure mm[Hg]": [
        ("119/79", "", ADULT, "within", "  "), ("120/79", "", ADULT, "elevated", "  "),
        ("130/79", "", ADULT, "raised", "  "), ("119/80", "", ADULT, "raised", "  "),
        ("140/79", "", ADULT, "high", "rest_repeat  "), ("139/90", "", ADULT, "high", "rest_repeat  "),
        ("180/120", "", ADULT, "high", "rest_repeat  "), ("181/90", "", ADULT, "severe", "rest_repeat urgent "),
        ("150/121", "", ADULT, "severe", "rest_repeat urgent "), ("90/60", "", ADULT, "low", "rest_repeat urgent "),
        ("159/109", "pregnant", 300, "high", "rest_repeat urgent "),
        ("160/80", "pregnant", 300, "severe", "emergency critical "),
        ("130/110", "pregnant", 300, "severe", "emergency critical "), ("181/90", "", CHILD, "", "  "),
    ],
    "glucose mg/dL": [
        ("53", "", ADULT, "very_low", "treat_first critical "), ("54", "", ADULT, "low", "treat_first urgent "),
        ("69", "", ADULT, "low", "treat_first urgent "), ("70", "", ADULT, "within", "  "),
        ("180", "", ADULT, "within", "  "), ("181", "", ADULT, "high", "  "), ("250", "", ADULT, "high", "  "),
        ("251", "", CHILD, "very_high", "ketones urgent "),
    ],
    "glucose mmol/L": [
        ("2.9", "", ADULT, "very_low", "treat_first critical "), ("3.0", "", ADULT, "low", "treat_first urgent "),
        ("3.9", "", ADULT, "within", "  "), ("10.1", "", ADULT, "high", "  "),
        ("14.0", "", ADULT, "very_high", "ketones urgent "),
    ],
    "oxygen %": [
        ("95", "", ADULT, "within", "  "), ("94", "", ADULT, "lowish", "reseat routine "),
        ("93", "", CHILD, "lowish", "reseat routine "),
        ("92", "", ADULT, "low", "reseat urgent "), ("90", "copd", ADULT, "within", "  "),
        ("87", "copd", ADULT, "low", "reseat urgent "),
    ],
    "temperature Cel": [
        ("37.9", "", ADULT, "within", "  "), ("38.0", "", ADULT, "fever", "rest_repeat  "),
        ("38.0", "", BABY, "fever_baby", "rest_repeat critical "),
        ("38.0", "chemotherapy", ADULT, "fever_risk", "rest_repeat urgent "),
        ("34.9", "", ADULT, "cold", "rest_repeat urgent "), ("35.0", "", ADULT, "within", "  "),
    ],
    "temperature [degF]": [
        ("100.3", "", ADULT, "within", "  "), ("100.4", "", BABY, "fever_baby", "rest_repeat critical "),
        ("94.9", "", ADULT, "cold", "rest_repeat urgent "),
    ],
    "pulse /min": [
        ("40", "", ADULT, "slow", "rest_repeat urgent "), ("41", "", ADULT, "within", "  "),
        ("130", "", ADULT, "within", "  "), ("131", "", ADULT, "fast", "rest_repeat urgent "),
        ("131", "", CHILD, "", "  "),
    ],
    "breaths /min": [
        ("8", "", ADULT, "slow", "rest_repeat urgent "), ("9", "", ADULT, "within", "  "),
        ("25", "", ADULT, "fast", "rest_repeat urgent "), ("30", "", CHILD, "", "  "),
    ],
    "weight kg": [("90", "", ADULT, "", "  "), ("90", "heart_failure", ADULT, "within", "  ")],
    "peak_flow L/min": [("300", "", ADULT, "", "  ")],
    "pain {score}": [("9", "", ADULT, "", "  ")],
    "steps /d": [("9000", "", ADULT, "", "  ")],
}  # fmt: skip


@pytest.fixture
async def shipped(database: Database) -> list[Rule]:
    async with database.act_as_system("test") as tx:
        nobody = Chart(uuid4(), "UTC", NOW.date(), frozenset())
        return [one for measure in MEASURES for one in await rules_for(tx, measure, nobody)]


def measured(measure: str, unit: str, said: str, minutes: int = 0) -> Measured:
    value, _, pair = said.partition("/")
    return Measured(measure, unit, Decimal(value), Decimal(pair) if pair else None, NOW + timedelta(minutes=minutes))


def said(found: rules.Meaning) -> str:
    return f"{found.protocol} {found.severity} "


async def test_each_value_means_what_its_source_says(shipped: list[Rule]) -> None:
    wrong = []
    for key, cases in CASES.items():
        measure, unit = key.split(" ")
        for value, condition, age, finding, rest in cases:
            whose = Whose(age, frozenset({condition} - {""}))
            found = rules.meaning(shipped, whose, measured(measure, unit, value))
            if (found.finding, said(found)) != (finding, rest):
                wrong.append((key, value, condition, age, found))
    assert wrong == []
    assert {key.split(" ")[0] for key in CASES} == MEASURES.keys()


@pytest.mark.parametrize(
    ("measure", "unit", "first", "again", "severity"),
    [
        ("blood_pressure", "mm[Hg]", "190/100", "186/98", "critical"),
        ("oxygen", "%", "91", "92", "critical"),
        ("oxygen", "%", "91", "96", ""),
        ("oxygen", "%", "94", "93", "urgent"),
        ("oxygen", "%", "93", "92", "critical"),
        ("oxygen", "%", "94", "95", ""),
        ("glucose", MG, "65", "66", "critical"),
        ("pulse", "/min", "140", "135", "critical"),
    ],
)
async def test_a_second_measurement_soon_after_decides(
    shipped: list[Rule], measure: str, unit: str, first: str, again: str, severity: str
) -> None:
    before: Sequence[tuple[Measured, str]] = [(measured(measure, unit, first), "urgent")]
    soon = rules.meaning(shipped, Whose(ADULT), measured(measure, unit, again, minutes=5), before)
    assert soon.severity == severity
    later = rules.meaning(shipped, Whose(ADULT), measured(measure, unit, again, minutes=90), before)
    assert not later.is_again


@pytest.mark.parametrize(
    ("unit", "then", "now", "days", "finding"),
    [
        (KG, "80.0", "81.0", 1, "gain_day"), (KG, "80.0", "80.9", 1, "within"), (KG, "80.0", "82.3", 6, "gain_week"),
        (KG, "80.0", "81.0", 1.2, "gain_day"), (KG, "80.0", "81.0", 1.5, "within"),  # later the next morning
        (KG, "80.0", "82.2", 6, "within"), (KG, "80.0", "82.3", 8, "within"), (LB, "170", "172.2", 1, "gain_day"),
    ],
)  # fmt: skip
async def test_weight_counts_as_a_gain_in_heart_failure(
    shipped: list[Rule], unit: str, then: str, now: str, days: float, finding: str
) -> None:
    before = [(measured("weight", unit, then, minutes=round(-days * 1440)), "")]
    whose = Whose(ADULT, frozenset({"heart_failure"}))
    assert rules.meaning(shipped, whose, measured("weight", unit, now), before).finding == finding


async def test_every_rule_says_its_source_and_that_nobody_has_reviewed_it(database: Database) -> None:
    async with database.act_as_system("test") as tx:
        rows = await tx.all(
            "select source, version - (replaces is not null)::int as first, reviewed_at, measure, unit from vital_rule"
        )
    assert len(rows) > 40
    assert {(row.source != "", row.first, row.reviewed_at) for row in rows} == {(True, 1, None)}
    assert all(MEASURES[row.measure].unit(row.unit) for row in rows)

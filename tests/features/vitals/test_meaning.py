"""Value × age × condition → what it means, protocol, severity, by the rules that ship (sources: migrations 0043, 0080).

The numbers are those of notes on each source: 2025 AHA/ACC and ACOG (pressure), ADA (glucose), NHS (oxygen and fever),
NEWS2 (pulse, breaths, low pressure), AHA (weight in heart failure); of children AAP 2017 and PALS (pressure), NICE and
Bedside PEWS (pulse, breaths), ISPAD and PES (glucose of infants); in pregnancy ACOG, NICE, and the Maternal Early
Warning Criteria.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from portal_app.core.db import Database
from portal_app.features.vitals import rules
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.plans import CONDITIONS
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.rules import Measured, Rule, Whose
from portal_app.features.vitals.views import Chart

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ADULT, CHILD, BABY = 60 * 12, 9 * 12, 2
TEEN, YOUNG, TODDLER, INFANT, NEWBORN = 15 * 12, 17 * 12, 2 * 12, 7, 0
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
        ("130/110", "pregnant", 300, "severe", "emergency critical "),
        ("90/60", "pregnant", 300, "low", "rest_repeat urgent "), ("91/60", "pregnant", 300, "within", "  "),
        ("139/89", "pregnant", 300, "raised", "  "), ("120/79", "pregnant", 300, "elevated", "  "),
        ("160/80", "pregnant", TEEN, "severe", "emergency critical "),
        ("150/80", "pregnant", TEEN, "high", "rest_repeat urgent "),
        ("90/60", "pregnant", TEEN, "low", "rest_repeat urgent "),
        ("130/110", "pregnant", 121, "severe", "emergency critical "),
        ("119/79", "", TEEN, "within", "  "), ("120/79", "", TEEN, "elevated", "  "),
        ("130/79", "", TEEN, "raised", "  "),
        ("119/80", "", TEEN, "raised", "  "), ("140/79", "", TEEN, "high", "rest_repeat  "),
        ("139/90", "", TEEN, "high", "rest_repeat  "), ("180/120", "", TEEN, "high", "rest_repeat  "),
        ("181/90", "", TEEN, "severe", "rest_repeat urgent "), ("150/121", "", YOUNG, "severe", "rest_repeat urgent "),
        ("90/60", "", TEEN, "low", "rest_repeat urgent "), ("91/60", "", YOUNG, "within", "  "),
        ("181/90", "", CHILD, "severe", "rest_repeat urgent "), ("150/121", "", CHILD, "severe", "rest_repeat urgent "),
        ("140/69", "", CHILD, "high", "rest_repeat urgent "), ("106/90", "", TODDLER, "high", "rest_repeat urgent "),
        ("130/69", "", CHILD, "raised", "rest_repeat routine "),
        ("106/80", "", CHILD, "raised", "rest_repeat routine "),
        ("106/69", "", CHILD, "within", "  "), ("107/69", "", CHILD, "elevated", "rest_repeat  "),
        ("106/70", "", CHILD, "elevated", "rest_repeat  "), ("99/54", "", TODDLER, "within", "  "),
        ("100/54", "", TODDLER, "elevated", "rest_repeat  "), ("97/51", "", 12, "within", "  "),
        ("97/52", "", 12, "elevated", "rest_repeat  "),
        ("112/74", "", 155, "within", "  "), ("113/74", "", 155, "elevated", "rest_repeat  "),
        ("88/50", "", CHILD, "within", "  "), ("87/50", "", CHILD, "low", "rest_repeat urgent "),
        ("74/50", "", TODDLER, "within", "  "), ("73/50", "", TODDLER, "low", "rest_repeat urgent "),
        ("89/50", "", 120, "low", "rest_repeat urgent "), ("90/50", "", 155, "within", "  "),
        ("60/30", "", INFANT, "", "  "), ("140/90", "", NEWBORN, "", "  "),
    ],
    "glucose mg/dL": [
        ("53", "", ADULT, "very_low", "treat_first critical "), ("54", "", ADULT, "low", "treat_first urgent "),
        ("69", "", ADULT, "low", "treat_first urgent "), ("70", "", ADULT, "within", "  "),
        ("180", "", ADULT, "within", "  "), ("181", "", ADULT, "high", "  "), ("250", "", ADULT, "high", "  "),
        ("251", "", CHILD, "very_high", "ketones urgent "), ("69", "", TODDLER, "low", "treat_first urgent "),
        ("69", "", INFANT, "low", " urgent "), ("53", "", INFANT, "very_low", "emergency critical "),
        ("70", "", INFANT, "within", "  "), ("251", "", INFANT, "very_high", " urgent "),
        ("181", "", INFANT, "high", "  "),
        ("60", "", NEWBORN, "within", "  "), ("59", "", NEWBORN, "low", " urgent "),
        ("49", "", NEWBORN, "very_low", "emergency critical "), ("50", "", NEWBORN, "low", " urgent "),
        ("251", "", NEWBORN, "very_high", " urgent "),
    ],
    "glucose mmol/L": [
        ("2.9", "", ADULT, "very_low", "treat_first critical "), ("3.0", "", ADULT, "low", "treat_first urgent "),
        ("3.9", "", ADULT, "within", "  "), ("10.1", "", ADULT, "high", "  "),
        ("14.0", "", ADULT, "very_high", "ketones urgent "),
        ("13.9", "", ADULT, "high", "  "), ("10.0", "", ADULT, "within", "  "),
        ("3.8", "", CHILD, "low", "treat_first urgent "),
        ("2.9", "", INFANT, "very_low", "emergency critical "), ("3.8", "", INFANT, "low", " urgent "),
        ("2.7", "", NEWBORN, "very_low", "emergency critical "), ("3.2", "", NEWBORN, "low", " urgent "),
        ("3.3", "", NEWBORN, "within", "  "), ("14.0", "", INFANT, "very_high", " urgent "),
    ],
    "oxygen %": [
        ("95", "", ADULT, "within", "  "), ("94", "", ADULT, "lowish", "reseat routine "),
        ("93", "", CHILD, "lowish", "reseat routine "),
        ("92", "", ADULT, "low", "reseat urgent "), ("90", "copd", ADULT, "within", "  "),
        ("87", "copd", ADULT, "low", "reseat urgent "), ("88", "copd", ADULT, "within", "  "),
        ("93", "copd", ADULT, "within", "  "), ("90", "copd", CHILD, "low", "reseat urgent "),
        ("92", "", NEWBORN, "low", "reseat urgent "), ("94", "pregnant", 300, "lowish", "reseat routine "),
    ],
    "temperature Cel": [
        ("37.9", "", ADULT, "within", "  "), ("38.0", "", ADULT, "fever", "rest_repeat  "),
        ("38.0", "", BABY, "fever_baby", "rest_repeat critical "),
        ("38.0", "chemotherapy", ADULT, "fever_risk", "rest_repeat urgent "),
        ("34.9", "", ADULT, "cold", "rest_repeat urgent "), ("35.0", "", ADULT, "within", "  "),
        ("37.9", "chemotherapy", ADULT, "within", "  "), ("34.9", "chemotherapy", ADULT, "cold", "rest_repeat urgent "),
        ("38.0", "chemotherapy", CHILD, "fever_risk", "rest_repeat urgent "),
        ("38.0", "chemotherapy", BABY, "fever_baby", "rest_repeat critical "),
        ("38.0", "", 3, "fever", "rest_repeat  "), ("34.9", "", BABY, "cold", "rest_repeat urgent "),
    ],
    "temperature [degF]": [
        ("100.3", "", ADULT, "within", "  "), ("100.4", "", BABY, "fever_baby", "rest_repeat critical "),
        ("94.9", "", ADULT, "cold", "rest_repeat urgent "),
        ("100.4", "", ADULT, "fever", "rest_repeat  "), ("95.0", "", ADULT, "within", "  "),
        ("100.4", "chemotherapy", ADULT, "fever_risk", "rest_repeat urgent "),
        ("100.4", "chemotherapy", BABY, "fever_baby", "rest_repeat critical "),
    ],
    "pulse /min": [
        ("40", "", ADULT, "slow", "rest_repeat urgent "), ("41", "", ADULT, "within", "  "),
        ("130", "", ADULT, "within", "  "), ("131", "", ADULT, "fast", "rest_repeat urgent "),
        ("50", "pregnant", 300, "within", "  "), ("49", "pregnant", 300, "slow", "rest_repeat urgent "),
        ("120", "pregnant", 300, "within", "  "), ("121", "pregnant", 300, "fast", "rest_repeat urgent "),
        ("121", "pregnant", TEEN, "fast", "rest_repeat urgent "), ("114", "", CHILD, "within", "  "),
        ("115", "", CHILD, "fast", "rest_repeat urgent "), ("60", "", CHILD, "within", "  "),
        ("59", "", CHILD, "slow", "rest_repeat urgent "), ("119", "", 72, "within", "  "),
        ("120", "", 95, "fast", "rest_repeat urgent "),
        ("130", "", 60, "fast", "rest_repeat urgent "), ("129", "", 71, "within", "  "),
        ("140", "", 59, "fast", "rest_repeat urgent "),
        ("149", "", TODDLER, "within", "  "), ("150", "", TODDLER, "fast", "rest_repeat urgent "),
        ("159", "", NEWBORN, "within", "  "), ("160", "", INFANT, "fast", "rest_repeat urgent "),
        ("80", "", NEWBORN, "slow", "rest_repeat urgent "), ("81", "", BABY, "within", "  "),
        ("70", "", INFANT, "slow", "rest_repeat urgent "), ("71", "", INFANT, "within", "  "),
        ("130", "", TEEN, "within", "  "), ("131", "", TEEN, "fast", "rest_repeat urgent "),
        ("40", "", TEEN, "slow", "rest_repeat urgent "), ("41", "", TEEN, "within", "  "),
    ],
    "breaths /min": [
        ("8", "", ADULT, "slow", "rest_repeat urgent "), ("9", "", ADULT, "within", "  "),
        ("25", "", ADULT, "fast", "rest_repeat urgent "), ("24", "", ADULT, "within", "  "),
        ("9", "pregnant", 300, "slow", "rest_repeat urgent "), ("10", "pregnant", 300, "within", "  "),
        ("24", "pregnant", 300, "within", "  "), ("25", "pregnant", 300, "fast", "rest_repeat urgent "),
        ("24", "", CHILD, "within", "  "), ("25", "", CHILD, "fast", "rest_repeat urgent "),
        ("10", "", CHILD, "slow", "rest_repeat urgent "), ("27", "", 72, "fast", "rest_repeat urgent "),
        ("28", "", 60, "within", "  "), ("29", "", 60, "fast", "rest_repeat urgent "),
        ("40", "", 36, "fast", "rest_repeat urgent "),
        ("49", "", TODDLER, "within", "  "), ("50", "", TODDLER, "fast", "rest_repeat urgent "),
        ("12", "", TODDLER, "slow", "rest_repeat urgent "), ("59", "", NEWBORN, "within", "  "),
        ("60", "", INFANT, "fast", "rest_repeat urgent "), ("15", "", NEWBORN, "slow", "rest_repeat urgent "),
        ("9", "", TEEN, "slow", "rest_repeat urgent "), ("25", "", TEEN, "fast", "rest_repeat urgent "),
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
    ("condition", "age", "measure", "unit", "first", "again", "severity"),
    [
        ("copd", ADULT, "oxygen", "%", "87", "86", "critical"), ("copd", ADULT, "oxygen", "%", "87", "90", ""),
        ("chemotherapy", ADULT, "temperature", C, "38.2", "38.1", "critical"),
        ("chemotherapy", ADULT, "temperature", F, "101", "100.6", "critical"),
        ("chemotherapy", ADULT, "temperature", C, "38.2", "37.9", ""),
        ("pregnant", 300, "pulse", "/min", "125", "122", "critical"),
        ("pregnant", 300, "pulse", "/min", "125", "118", ""),
        ("pregnant", 300, "breaths", "/min", "26", "25", "critical"),
        ("pregnant", 300, "blood_pressure", "mm[Hg]", "150/80", "145/80", "urgent"),
        ("", CHILD, "pulse", "/min", "120", "118", "critical"),
        ("", CHILD, "blood_pressure", "mm[Hg]", "108/60", "109/60", "routine"),
        ("", CHILD, "blood_pressure", "mm[Hg]", "108/60", "105/60", ""),
        ("", CHILD, "blood_pressure", "mm[Hg]", "86/50", "85/50", "critical"),
        ("", TEEN, "blood_pressure", "mm[Hg]", "185/90", "182/90", "critical"),
        ("", INFANT, "breaths", "/min", "64", "62", "critical"),
        ("", ADULT, "blood_pressure", "mm[Hg]", "190/100", "186/98", "critical"),
        ("", ADULT, "oxygen", "%", "91", "92", "critical"),
        ("", ADULT, "oxygen", "%", "91", "96", ""),
        ("", ADULT, "oxygen", "%", "94", "93", "urgent"),
        ("", ADULT, "oxygen", "%", "93", "92", "critical"),
        ("", ADULT, "oxygen", "%", "94", "95", ""),
        ("", ADULT, "glucose", MG, "65", "66", "critical"),
        ("", ADULT, "pulse", "/min", "140", "135", "critical"),
    ],
)  # fmt: skip
async def test_a_second_measurement_soon_after_decides(
    shipped: list[Rule], condition: str, age: int, measure: str, unit: str, first: str, again: str, severity: str
) -> None:
    whose = Whose(age, frozenset({condition} - {""}))
    was = rules.meaning(shipped, whose, measured(measure, unit, first))
    before: Sequence[tuple[Measured, str]] = [(measured(measure, unit, first), was.severity)]
    soon = rules.meaning(shipped, whose, measured(measure, unit, again, minutes=5), before)
    assert soon.severity == severity
    later = rules.meaning(shipped, whose, measured(measure, unit, again, minutes=31), before)
    assert not later.is_again


@pytest.mark.parametrize(
    ("unit", "then", "now", "days", "finding"),
    [
        (KG, "80.0", "81.0", 1, "gain_day"), (KG, "80.0", "80.9", 1, "within"), (KG, "80.0", "82.3", 6, "gain_week"),
        (KG, "80.0", "81.0", 1.2, "gain_day"), (KG, "80.0", "81.0", 1.5, "within"),  # later the next morning
        (KG, "80.0", "81.1", 0.5, "gain_day"), (KG, "80.0", "82.4", 1, "gain_day"),
        (KG, "80.0", "82.3", 7.2, "gain_week"),
        (LB, "170", "175", 6, "gain_week"), (LB, "170", "174.9", 6, "within"), (LB, "170", "172.1", 1, "within"),
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


async def test_at_every_age_too_high_is_judged_and_so_is_too_low(shipped: list[Rule]) -> None:
    begins = {"blood_pressure": 12}
    for measure in ("blood_pressure", "pulse", "breaths", "glucose", "temperature"):
        for condition in ("", *CONDITIONS):
            for age in [*range(begins.get(measure, 0), 240), 600, 1200]:
                held = rules.set_for(shipped, measure, Whose(age, frozenset({condition} - {""})))
                for unit in MEASURES[measure].units:
                    own = [one for one in held if one.unit == unit.code and one.part == "" and one.severity]
                    sides = {one.below is None and one.at_most is None for one in own}
                    fever = measure == "temperature" and {False}
                    assert sides in ({True, False}, fever), (measure, condition, age, unit.code)

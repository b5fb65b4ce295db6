"""The same reading means the same to the server and to a device without a line: both pass tests/vectors/vitals.json."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from portal_app.core.errors import InputRefused
from portal_app.features.vitals import carried, entering, judging
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.rules import Measured, Rule, Whose
from portal_app.features.vitals.typed import typed_pair
from portal_app.features.vitals.views import NewReading
from portal_app.operations.places import CHECKOUT

VECTORS: dict[str, list[Any]] = json.loads((CHECKOUT / "tests/vectors/vitals.json").read_text())
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
BOUNDS = ("above", "at_least", "below", "at_most")
IN_THE_BROWSER = """
import { doubts, meaning, momentIn, typedNumber, typedPair } from %s;
import { readFileSync } from "node:fs";
const { typed, pairs, cases, doubted, bounds, moments } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({
  typed: typed.map(([words, measure]) => typedNumber(words, measure)),
  pairs: pairs.map(typedPair),
  moments: moments.map(([said, zone]) => momentIn(said, zone)),
  cases: cases.map(({ one, rules, before, beats }) => meaning(one, rules, before, beats)),
  doubts: doubted.map(({ one, measure, last }) => doubts(one, measure, bounds, last)),
}));
"""


def rule(row: dict[str, Any]) -> Rule:
    return Rule(**row | {name: row[name] and Decimal(row[name]) for name in BOUNDS})


RULES = [rule(row) for row in VECTORS["rules"]]


def measured(case: dict[str, Any], taken_at: datetime, measure: str) -> Measured:
    pair, pulse = (Decimal(case[name]) if case.get(name) else None for name in ("pair", "pulse"))
    return Measured(measure, case["unit"], Decimal(case["value"]), pair, taken_at, pulse)


def meant_here(case: dict[str, Any]) -> dict[str, Any]:
    if case["symptom"]:  # a symptom ends every protocol, whatever the number (service.log_reading)
        return {"finding": "symptom", "protocol": "emergency", "severity": "critical", "again": False}
    before = [
        (measured(one, NOW - timedelta(minutes=one["minutes"]), one.get("measure", case["measure"])), one["severity"])
        for one in case["before"]
    ]
    whose = Whose(case["age_months"], frozenset(case["conditions"]))
    found = judging.meaning(RULES, whose, measured(case, NOW, case["measure"]), before)
    return {
        "finding": found.finding, "protocol": found.protocol, "severity": found.severity, "again": found.is_again
    }  # fmt: skip


def typed_here(measure: str, words: str) -> tuple[str | None, str]:
    try:
        value, unit = entering._number(MEASURES[measure], words, "value", MEASURES[measure].units[0])
    except InputRefused:
        return None, ""
    return str(value), unit.code


def doubted_here(case: dict[str, Any]) -> list[str]:
    number = {name: Decimal(case[name]) if case[name] else None for name in ("pair", "pulse")}
    new = NewReading(
        case["measure"], case["unit"], Decimal(case["value"]), uuid4(), number["pair"], number["pulse"], taken_at=NOW
    )
    last = case["last"]
    before = measured(last, NOW - timedelta(days=last["days"]), case["measure"]) if last else None
    return list(entering.doubts(new, before))


def with_other_units(measure: str, one: dict[str, Any]) -> dict[str, Any]:
    return one | {"others": carried.in_other_units(measure, one["unit"], Decimal(one["value"]))}


def rules_carried(case: dict[str, Any], measure: str) -> list[dict[str, Any]]:
    whose = Whose(case["age_months"], frozenset(case["conditions"]))
    rules: list[dict[str, Any]] = carried.measure_sheet(MEASURES[measure], RULES, whose)["rules"]
    return rules


def said_to_the_browser() -> dict[str, Any]:
    now = round(NOW.timestamp() * 1000)
    shapes = {code: carried.measure_sheet(one, [], Whose(700)) for code, one in MEASURES.items()}
    cases = [
        {
            "one": case | {"at": now},
            "rules": rules_carried(case, case["measure"]),
            "beats": rules_carried(case, "pulse"),
            "before": [
                with_other_units(one["measure"], one) | {"at": now - one["minutes"] * 60_000}
                for one in ({"measure": case["measure"]} | one for one in case["before"])
            ],
        }
        for case in VECTORS["cases"]
    ]
    doubted = [
        {
            "one": case | {"at": now}, "measure": shapes[case["measure"]],
            "last": case["last"]
            and with_other_units(case["measure"], case["last"]) | {"at": now - case["last"]["days"] * 86_400_000},
        }
        for case in VECTORS["doubts"]
    ]  # fmt: skip
    typed = [[words, shapes[measure]] for measure, words, *_ in VECTORS["typed"]]
    pairs = [words for words, _ in VECTORS["pairs"]]
    return {
        "typed": typed,
        "pairs": pairs,
        "cases": cases,
        "doubted": doubted,
        "bounds": carried.BOUNDS,
        "moments": VECTORS["moments"],
    }


def test_the_server_decides_as_the_vectors_say() -> None:
    meant = [meant_here(case) for case in VECTORS["cases"]]
    assert meant == [{name: case[name] for name in meant[0]} for case in VECTORS["cases"]]
    assert [doubted_here(case) for case in VECTORS["doubts"]] == [case["doubts"] for case in VECTORS["doubts"]]
    assert [typed_pair(words) for words, _ in VECTORS["pairs"]] == [
        tuple(both) if both else None for _, both in VECTORS["pairs"]
    ]
    for said, zone, moment in VECTORS["moments"]:
        assert (said, entering._moment(said, zone)) == (said, datetime.fromisoformat(moment))
    for measure, words, value, unit in VECTORS["typed"]:
        found, read = typed_here(measure, words)
        assert (words, found) == (words, value)
        assert unit in ("", read)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_device_decides_as_the_vectors_say_wherever_it_is(zone: str) -> None:
    script = IN_THE_BROWSER % json.dumps(str(CHECKOUT / "assets/vital_rules.js"))
    command = ["node", "--no-warnings", "--input-type=module", "-e", script]
    given = json.dumps(said_to_the_browser())
    here = os.environ | {"TZ": zone}
    said = json.loads(subprocess.run(command, input=given, capture_output=True, text=True, check=True, env=here).stdout)
    meant = [one | {"again": one.pop("isAgain")} for one in said["cases"]]
    assert meant == [{name: case[name] for name in meant[0]} for case in VECTORS["cases"]]
    assert said["doubts"] == [case["doubts"] for case in VECTORS["doubts"]]
    moments = [datetime.fromisoformat(moment).timestamp() * 1000 for *_, moment in VECTORS["moments"]]
    assert said["moments"] == moments
    assert said["pairs"] == [both for _, both in VECTORS["pairs"]]
    read = [[one["value"], one["unit"]] if one else [None, ""] for one in said["typed"]]
    assert read == [[value, unit] for _, _, value, unit in VECTORS["typed"]]

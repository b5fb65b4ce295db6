"""The same answers mean the same to the server and to the browser: both pass tests/vectors/forms.json."""

import json
import subprocess
from typing import Any

from portal_app.features.intake.checking import problems_of, totals, urgent
from portal_app.features.intake.enabling import Sheet
from portal_app.features.intake.parsing import read_questionnaire
from portal_app.features.intake.sheets import sheet_of
from portal_app.operations.places import CHECKOUT

VECTORS: list[dict[str, Any]] = json.loads((CHECKOUT / "tests/vectors/forms.json").read_text())
IN_THE_BROWSER = """
import { indexed, places, problemsOf, totals, urgent } from %s;
import { readFileSync } from "node:fs";
const said = JSON.parse(readFileSync(0, "utf8")).map(({ sheet, answers }) => ({
  asked: places(sheet, answers).filter(({ item }) => item.asked).map(({ key }) => key),
  problems: problemsOf(sheet, answers).map(({ at, code }) => [at, code]),
  totals: totals(sheet, answers),
  urgent: urgent(sheet, answers),
}));
console.log(JSON.stringify(said));
"""


def decided_here(vector: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    questionnaire = read_questionnaire(json.dumps(vector["questionnaire"]))
    return {
        "asked": [place.key for place in Sheet(questionnaire, answers).places() if place.item.is_asked()],
        "problems": [[one.at, one.code] for one in problems_of(questionnaire, answers)],
        "totals": dict(totals(questionnaire, answers)),
        "urgent": urgent(questionnaire, answers),
    }


def decided_in_the_browser() -> list[dict[str, Any]]:
    given = [
        {"sheet": sheet_of(read_questionnaire(json.dumps(one["questionnaire"])), "en"), "answers": case["answers"]}
        for one in VECTORS
        for case in one["cases"]
    ]
    script = IN_THE_BROWSER % json.dumps(str(CHECKOUT / "assets/form_rules.js"))
    command = ["node", "--no-warnings", "--input-type=module", "-e", script]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def wrong(decided: list[dict[str, Any]]) -> list[Any]:
    cases = [(one["name"], case) for one in VECTORS for case in one["cases"]]
    return [
        (name, case["answers"], part, case[part], said[part])
        for (name, case), said in zip(cases, decided, strict=True)
        for part in ("asked", "problems", "totals", "urgent")
        if part in case and case[part] != said[part]
    ]


def test_the_server_decides_as_the_vectors_say() -> None:
    assert wrong([decided_here(one, case["answers"]) for one in VECTORS for case in one["cases"]]) == []


def test_the_browser_decides_as_the_vectors_say() -> None:
    assert wrong(decided_in_the_browser()) == []

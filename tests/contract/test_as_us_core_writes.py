"""A form in the way of US Core's six examples, in words of our own: no registry has them to pin (docs/decisions/0111).

No version beside a version algorithm, ordinals and prefixes on the options of a list, a unit on a plain decimal, help
below a question, groups that are required, link ids with slashes.
"""

import json
from typing import Any, Final
from uuid import uuid4

import pytest

from portal_app.features.intake import service as intake
from portal_app.features.intake import statements
from tests.contract.written import LAST, filled_in
from tests.factories import Clinic
from tests.features.intake.conftest import Forms, answer

_BASE: Final = "http://hl7.org/fhir/StructureDefinition"
_CONTROLS: Final = "http://hl7.org/fhir/questionnaire-item-control"
URL: Final = "http://example.org/fhir/Questionnaire/walks"


def _control(code: str, words: str) -> dict[str, Any]:
    coding = {"system": _CONTROLS, "code": code, "display": words}
    return {"url": f"{_BASE}/questionnaire-itemControl", "valueCodeableConcept": {"coding": [coding], "text": words}}


def _unit(code: str) -> dict[str, Any]:
    coding = {"system": "http://unitsofmeasure.org", "code": code, "display": code}
    return {"url": f"{_BASE}/questionnaire-unit", "valueCoding": coding}


def _option(score: int, words: str) -> dict[str, Any]:
    return {
        "valueCoding": {"system": "http://loinc.org", "code": f"LA{score}-0", "display": words},
        "extension": [
            {"url": f"{_BASE}/questionnaire-optionPrefix", "valueString": str(score)},
            {"url": f"{_BASE}/ordinalValue", "valueDecimal": score},
        ],
    }


def _asked(link: str, kind: str, text: str, **more: Any) -> dict[str, Any]:
    code = {"system": "http://loinc.org", "code": link.rsplit("/", 1)[-1], "display": text}
    return {"type": kind, "code": [code], "required": False, "linkId": link, "text": text, **more}


_HELP: Final = {
    "linkId": "/1-8-help", "type": "display", "text": "Count those to work too", "extension": [_control("help", "Help")]
}  # fmt: skip
_OFTEN: Final = [_option(n, words) for n, words in enumerate(("Never", "Sometimes", "Each day"))]
_WHERE: Final = [_option(n, words) for n, words in enumerate(("Park", "Street"))]
FORM: Final[dict[str, Any]] = {
    "resourceType": "Questionnaire", "id": "walks", "url": URL, "name": "Walks", "title": "Walks", "status": "active",
    "meta": {"profile": ["http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire"]},
    "extension": [{"url": f"{_BASE}/artifact-versionAlgorithm",
                   "valueCoding": {"system": "http://hl7.org/fhir/version-algorithm", "code": "semver"}}],
    "experimental": True, "subjectType": ["Patient"], "date": "2023-08-03", "copyright": "CC0",
    "item": [
        _asked("/1-8", "decimal", "How many walks in a week?", extension=[_unit("{#}/wk")], item=[_HELP]),
        _asked("/2-6", "choice", "How often alone?", extension=[_control("drop-down", "Drop down")],
               answerOption=_OFTEN),
        _asked("/3-4", "group", "Around you", required=True, item=[
            _asked("/3-4/4-2", "choice", "Where?", repeats=True, answerOption=_WHERE),
            _asked("/3-4/5-9", "integer", "With how many people?"),
            _asked("/3-4/6-7", "string", "Anything else?")]),
        _asked("/7-5", "decimal", "Score", extension=[_unit("{score}")]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("which", [0, LAST])
async def test_a_form_in_the_way_of_us_core_is_imported_filled_in_and_sent(
    forms: Forms, clinic: Clinic, which: int
) -> None:
    manager = await clinic.staff("manager")
    async with forms.database.act_as(manager.credential, "intake.choose_forms") as tx:
        await intake.import_form(tx, json.dumps(FORM))
        await intake.ask_before_visits(tx, URL, is_asked=True)
    form_id = await forms.open(URL)
    form = (await forms.form(form_id)).questionnaire
    async with forms.database.act_as(forms.maria.credential, "intake.see") as tx:
        given = filled_in(form, which, await intake.offered(tx, form))
    assert given.keys() == {"/1-8", "/2-6", "/3-4/4-2", "/3-4/5-9", "/3-4/6-7", "/7-5"}
    items = {one.link_id: one for one in form.items}
    assert (items["/2-6"].control, [one.key for one in items["/1-8"].units]) == ("drop-down", ["{#}/wk"])

    saved = await forms.save(
        form_id, *(answer(n, key, *values) for n, (key, values) in enumerate(given.items(), 1)), client=uuid4()
    )
    assert list(saved.refused) == []
    await forms.send(form_id, saved.latest)
    assert (await forms.read(form_id)).answers == given
    async with forms.database.act_as_system("test") as tx:
        row: Any = await tx.one(statements.SENT, {"id": form_id})
    assert json.loads(row.content["response"])["questionnaire"] == URL

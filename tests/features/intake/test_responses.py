"""What is sent is a FHIR QuestionnaireResponse, and one from elsewhere is held to the questionnaire and its version."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from portal_app.features.intake.items import Problem, file_of
from portal_app.features.intake.parsing import read_questionnaire
from portal_app.features.intake.responses import read_response, response_of
from portal_app.operations.places import CHECKOUT

VECTORS = {one["name"]: one for one in json.loads((CHECKOUT / "tests/vectors/forms.json").read_text())}


def form(name: str) -> Any:
    return read_questionnaire(json.dumps(VECTORS[name]["questionnaire"]))


def response(questionnaire: Any, answers: Any) -> str:
    return response_of(
        questionnaire, answers, response_id=uuid4(), patient_id=uuid4(), locale="en",
        authored=datetime(2026, 11, 20, 9, 41, tzinfo=UTC),
    )  # fmt: skip


def test_every_type_comes_back_as_it_was_answered() -> None:
    types, answers = form("types"), VECTORS["types"]["cases"][0]["answers"]
    assert read_response(types, response(types, answers)) == (answers, [])


def test_repetitions_come_back_in_their_order() -> None:
    nested = form("groups that repeat inside one another")
    answers = {"o": [2], "o 0 i": [2], "o 0 i 0 y": ["a"], "o 0 i 1 y": ["b"], "o 1 flag": [True], "o 1 i": [1],
               "o 1 i 0 x": ["c"]}  # fmt: skip
    assert read_response(nested, response(nested, answers)) == (answers, [])


def test_a_decimal_keeps_its_digits() -> None:
    assert '"valueDecimal": 1.10' in response(form("types"), {"d": ["1.10"]})


def test_an_attachment_names_the_file_of_this_response_and_of_no_other() -> None:
    asked, key = form("attachments"), "0f6a0b52-0d51-4b43-9d36-0e7bb0f2d201"
    made = [json.loads(response(asked, {"a": [{"file": key, "name": "skin.jpg"}]})) for _ in range(2)]
    for one in made:
        sent = {"url": f"urn:uuid:{file_of(UUID(one['id']), key)}", "title": "skin.jpg"}
        assert one["item"] == [{"linkId": "a", "text": "Text of a", "answer": [{"valueAttachment": sent}]}]
    assert made[0]["item"] != made[1]["item"]


def test_hidden_answers_are_not_sent() -> None:
    hidden = form("what hangs on a hidden question is hidden, and comes back with its answer kept")
    made = json.loads(response(hidden, {"a": [False], "b": [True], "c": ["kept"]}))
    assert [one["linkId"] for one in made["item"]] == ["a"]


def test_a_total_is_sent_only_when_nothing_is_missing() -> None:
    asked = form("a total wants every answer")
    whole = json.loads(response(asked, {"p1": ["1"], "p2": ["2"], "p3": ["0"]}))
    assert {"linkId": "sum", "text": "Text of sum", "answer": [{"valueInteger": 3}]} in whole["item"]
    assert "sum" not in response(asked, {"p1": ["1"], "p2": ["2"]})


def test_what_answers_another_version_or_nothing_of_the_form_is_told() -> None:
    types = form("types")
    made = json.loads(response(types, {"s": ["x"]}))
    other = made | {"questionnaire": "urn:test:form|2"}
    unknown = made | {"item": [{"linkId": "zzz", "answer": [{"valueString": "x"}]}, made["item"][0], made["item"][0]]}
    assert read_response(types, json.dumps(other))[1] == [
        Problem("QuestionnaireResponse.questionnaire", "another_version")
    ]
    assert read_response(types, json.dumps(unknown))[1] == [Problem("zzz", "unknown"), Problem("s", "used_twice")]
    assert read_response(types, "[")[1] == [Problem("QuestionnaireResponse", "no_json")]

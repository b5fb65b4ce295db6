"""What the portal writes, judged by fhir.resources: no unknown name, nothing missing, each value of its type.

It has no models of R4 itself; those of R4B are the same for what is judged here (docs/decisions/0090).
"""

import json
import re

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from pydantic import ValidationError

from portal_app.core.db import Database
from tests.contract.written import ALL_TYPES, FROM_ELSEWHERE, every_observation, every_response
from tests.factories import Clinic
from tests.features.intake.conftest import Forms


async def test_every_response_that_is_kept_is_one(forms: Forms, clinic: Clinic) -> None:
    kept = await every_response(forms, clinic)
    judged = {name: QuestionnaireResponse.model_validate_json(written) for name, written in kept.items()}
    assert {one.status for one in judged.values()} == {"completed"}
    named = {str(judged[f"{url} first"].questionnaire) for url in (ALL_TYPES, FROM_ELSEWHERE)}
    assert named == {f"{ALL_TYPES}|1", FROM_ELSEWHERE}
    assert {re.sub(r"value", "", name) for name in re.findall(r"value[A-Z]\w+", kept[f"{ALL_TYPES} first"])} == {
        "Boolean", "Integer", "Decimal", "Date", "DateTime", "Time", "String", "Uri", "Coding", "Quantity",
        "Reference",
    }  # fmt: skip


async def test_every_reading_is_an_observation(database: Database, clinic: Clinic) -> None:
    written = await every_observation(database, clinic)
    judged = Bundle.model_validate_json(written).entry or []
    assert {type(one.resource).__name__ for one in judged} == {"Observation"}
    assert len(judged) == len(json.loads(written)["entry"]) > 40


@pytest.mark.parametrize(
    "fault", [{"authored": "yesterday"}, {"item": [{"text": "no link"}]}, {"score": 3}, {"status": None}]
)
def test_it_finds_what_is_wrong(fault: dict[str, object]) -> None:
    sound = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    QuestionnaireResponse.model_validate(sound)
    with pytest.raises(ValidationError):
        QuestionnaireResponse.model_validate(sound | fault)

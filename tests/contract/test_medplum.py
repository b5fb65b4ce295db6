"""What the portal writes, judged by @medplum/core: FHIR R4 with its invariants, and the profiles of vital signs."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from portal_app.core.db import Database
from portal_app.features.vitals.fhir import US_CORE
from portal_app.features.vitals.service import MEASURES
from tests.contract.written import every_observation, every_response
from tests.factories import Clinic
from tests.features.intake.conftest import Forms
from tests.npm_tools import TOOLS, npm_package

WEIGHT: dict[str, Any] = {
    "resourceType": "Observation", "meta": {"profile": [f"{US_CORE}us-core-body-weight"]}, "status": "final",
    "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                              "code": "vital-signs"}]}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}, "subject": {"reference": "Patient/1"},
    "effectiveDateTime": "2026-11-20T09:41:00Z",
    "valueQuantity": {"value": 72.1, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
}  # fmt: skip
RESPONSE = {
    "resourceType": "QuestionnaireResponse", "status": "completed", "authored": "2026-11-20T09:41:00Z",
    "item": [{"linkId": "a", "answer": [{"valueBoolean": True}]}],
}  # fmt: skip


async def judged(resources: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is found wrong with each resource."""
    await asyncio.to_thread(npm_package, "@medplum/core")
    pipe = asyncio.subprocess.PIPE
    run = await asyncio.create_subprocess_exec("node", str(TOOLS / "validate.mjs"), stdin=pipe, stdout=pipe)
    said, _ = await run.communicate(json.dumps(resources).encode())
    assert run.returncode == 0
    found: dict[str, list[str]] = json.loads(said)
    return found


async def test_every_response_that_is_kept_is_one(forms: Forms, clinic: Clinic) -> None:
    kept = await every_response(forms, clinic)
    found = await judged({name: json.loads(written) for name, written in kept.items()})
    assert {name: said for name, said in found.items() if said} == {}
    assert found.keys() == kept.keys()


async def test_every_reading_follows_the_profile_that_it_names(database: Database, clinic: Clinic) -> None:
    written = json.loads(await every_observation(database, clinic))["entry"]
    resources = {f"{n} {one['resource']['code']}": one["resource"] for n, one in enumerate(written)}
    found = await judged(resources)
    assert {name: said for name, said in found.items() if said} == {}
    assert found.keys() == resources.keys()
    named = {profile for one in resources.values() for profile in one.get("meta", {}).get("profile", ())}
    assert named == {US_CORE + one.profile for one in MEASURES.values() if one.profile}


@pytest.fixture(scope="module")
def faults() -> dict[str, dict[str, Any]]:
    """Return what is wrong on purpose: as Medplum says it, and the resource."""
    code = {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]}
    pressure = {"code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}]}}
    profile = {"profile": [f"{US_CORE}us-core-blood-pressure"]}
    quantity: dict[str, Any] = WEIGHT["valueQuantity"]
    without_unit = {k: v for k, v in quantity.items() if k != "unit"}
    pulse = {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}
    beats = {"value": 70, "unit": "bpm", "system": quantity["system"], "code": "bpm"}
    of_pulse = {"profile": [f"{US_CORE}us-core-heart-rate"]}
    return {
        "(Observation.value[x].unit)": {**WEIGHT, "valueQuantity": without_unit},
        "(Observation.value[x].code)": {**WEIGHT, "meta": of_pulse, "code": pulse, "valueQuantity": beats},
        "Missing required property (QuestionnaireResponse.item[0].linkId)": {**RESPONSE, "item": [{"text": "a"}]},
        'Invalid additional property "score"': {**RESPONSE, "score": 3},
        "Missing required property (Observation.subject)": {k: v for k, v in WEIGHT.items() if k != "subject"},
        "(Observation.code.coding)": {**WEIGHT, "code": code},
        "slice 'systolic': expected 1..1": {**WEIGHT, "meta": profile, "component": [pressure, pressure]},
        "obs-6": {**WEIGHT, "dataAbsentReason": {"text": "refused"}},
        "nobody here knows": {**WEIGHT, "meta": {"profile": ["urn:other"]}},
    }  # fmt: skip


async def test_it_finds_what_is_wrong(faults: dict[str, dict[str, Any]]) -> None:
    found = await judged({**faults, "a sound weight": WEIGHT, "a sound response": RESPONSE})
    assert (found.pop("a sound weight"), found.pop("a sound response")) == ([], [])
    assert {name: said for name, said in found.items() if name not in str(said)} == {}

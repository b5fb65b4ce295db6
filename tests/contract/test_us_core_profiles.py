"""Every reading that has a US Core profile, held to what that profile asks; and each fault there can be is found."""

import copy
import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from portal_app.core.db import Database
from portal_app.features.vitals.fhir import US_CORE
from portal_app.features.vitals.service import MEASURES
from tests.contract.us_core import PROFILES, faults
from tests.contract.written import every_observation
from tests.factories import Clinic

Change = Callable[[dict[str, Any]], object]
SINGLE: Final = sorted(name for name, wanted in PROFILES.items() if wanted.units)


def sound(name: str) -> dict[str, Any]:
    """Return an Observation with nothing but what its profile asks for."""
    wanted = PROFILES[name]
    one: dict[str, Any] = {
        "resourceType": "Observation", "meta": {"profile": [US_CORE + name]}, "status": "final",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")],
        "code": _concept("http://loinc.org", *sorted(wanted.codes)), "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2026-11-20T09:41:00Z",
    }  # fmt: skip
    if wanted.units:
        return one | {"valueQuantity": _quantity(min(wanted.units))}
    return one | {
        "component": [
            {"code": _concept("http://loinc.org", code), "valueQuantity": _quantity(wanted.part_unit)}
            for code in sorted(wanted.parts)
        ]
    }


def _concept(system: str, *codes: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for code in codes]}


def _quantity(code: str) -> dict[str, Any]:
    return {"value": 70, "unit": code, "system": "http://unitsofmeasure.org", "code": code}


def changed(name: str, change: Change) -> list[str]:
    """Return what is found once something is changed in a sound one."""
    one = copy.deepcopy(sound(name))
    change(one)
    return faults(one)


async def test_every_reading_keeps_to_the_profile_that_it_names(database: Database, clinic: Clinic) -> None:
    written = [one["resource"] for one in json.loads(await every_observation(database, clinic))["entry"]]
    assert [(one["code"], found) for one in written if (found := faults(one))] == []
    named = {url for one in written for url in one.get("meta", {}).get("profile", ())}
    assert named == {US_CORE + name for name in PROFILES}
    units = {one["valueQuantity"]["code"] for one in written if "valueQuantity" in one and "meta" in one}
    assert units == {unit.code for one in MEASURES.values() if one.profile and not one.has_pair for unit in one.units}


def test_each_measure_with_a_profile_is_known_and_a_sound_one_passes() -> None:
    assert {one.profile for one in MEASURES.values() if one.profile} == PROFILES.keys()
    assert {name: faults(sound(name)) for name in PROFILES} == {name: [] for name in PROFILES}


@pytest.mark.parametrize("name", sorted(PROFILES))
@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("status", lambda one: one.pop("status")),
        ("category", lambda one: one.pop("category")),
        ("category", lambda one: one["category"].append(one["category"][0])),
        ("category", lambda one: one["category"][0]["coding"][0].update(system="urn:other")),
        ("code", lambda one: one["code"]["coding"].pop()),
        ("code", lambda one: one["code"]["coding"][0].update(system="urn:other")),
        ("code", lambda one: one["code"]["coding"][0].update(code="8302-2")),
        ("subject", lambda one: one.pop("subject")),
        ("subject", lambda one: one.update(subject={"reference": "Group/1"})),
        ("effective", lambda one: one.pop("effectiveDateTime")),
        ("effective", lambda one: one.update(effectiveDateTime="2026-11")),
        ("value", lambda one: [one.pop(name, None) for name in ("valueQuantity", "component")]),
        ("value", lambda one: one.update(valueQuantity=_quantity("%"), dataAbsentReason={"text": "refused"})),
    ],
)  # fmt: skip
def test_what_no_vital_sign_may_be_is_found(name: str, place: str, change: Change) -> None:
    assert any(found.startswith(place) for found in changed(name, change))


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize(
    "change",
    [
        lambda quantity: quantity.pop("value"), lambda quantity: quantity.update(value="70"),
        lambda quantity: quantity.pop("unit"), lambda quantity: quantity.pop("system"),
        lambda quantity: quantity.pop("code"), lambda quantity: quantity.update(code="bpm"),
        lambda quantity: quantity.update(code="mm[Hg]"),
    ],
)  # fmt: skip
def test_a_value_of_another_unit_or_without_one_is_found(name: str, change: Change) -> None:
    assert changed(name, lambda one: change(one["valueQuantity"])) != []


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one["component"].pop(),
        lambda one: one["component"].append(one["component"][0]),
        lambda one: one["component"][1].update(code=one["component"][0]["code"]),  # both are systolic, or diastolic
        lambda one: one["component"][0].pop("valueQuantity"),
        lambda one: one["component"][0]["valueQuantity"].pop("unit"),
        lambda one: one["component"][0]["valueQuantity"].update(code="kPa"),
    ],
)  # fmt: skip
def test_a_pressure_without_both_of_its_parts_is_found(change: Change) -> None:
    assert changed("us-core-blood-pressure", change) != []

"""A reading as a FHIR R4 Observation; pressure, pulse, oxygen and the like as US Core's vital signs want them. Pure.

A blood pressure is a panel (85354-9) with two components, systolic 8480-6 and diastolic 8462-4; the pulse taken with
it is an Observation of its own. A value has the number and the unit as they were entered.
"""

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from portal_app.features.vitals.measures import DIASTOLIC, MEASURES, MMHG, PER_MINUTE, PULSE, SYSTOLIC, Measure, Unit
from portal_app.features.vitals.views import ReadingView

LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
US_CORE: Final = "http://hl7.org/fhir/us/core/StructureDefinition/"


def observations(one: ReadingView, patient_id: UUID) -> list[dict[str, Any]]:
    """Return a reading as Observations: one, and another for a pulse that was taken with it."""
    measure = MEASURES[one.measure]
    unit = measure.unit(one.unit)
    body = _head(one, measure, str(one.id), patient_id, measure.codes(one.unit))
    if one.pair is not None:
        body["component"] = [
            {"code": _code((SYSTOLIC,)), "valueQuantity": _quantity(one.value, MMHG)},
            {"code": _code((DIASTOLIC,)), "valueQuantity": _quantity(one.pair, MMHG)},
        ]
    else:
        body["valueQuantity"] = _quantity(one.value, unit)
    if one.arm:
        body["bodySite"] = {"text": f"{one.arm} arm"}
    said = [text for text in (one.context.replace("_", " "), one.posture, one.note) if text]
    if said:
        body["note"] = [{"text": text} for text in said]
    if one.pulse is None:
        return [body]
    pulse = _head(one, MEASURES["pulse"], f"{one.id}-pulse", patient_id, (PULSE,))
    return [body, {**pulse, "valueQuantity": _quantity(one.pulse, PER_MINUTE)}]


def bundle(found: list[ReadingView], patient_id: UUID) -> dict[str, Any]:
    """Return readings as a collection."""
    entries = [{"resource": body} for one in found for body in observations(one, patient_id)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _head(
    one: ReadingView, measure: Measure, resource_id: str, patient_id: UUID, codes: tuple[str, ...]
) -> dict[str, Any]:
    head: dict[str, Any] = {
        "resourceType": "Observation", "id": resource_id, "status": one.status,
        "category": [{"coding": [{"system": CATEGORIES, "code": measure.category}]}], "code": _code(codes),
        "subject": {"reference": f"Patient/{patient_id}"}, "effectiveDateTime": one.taken_at.isoformat(),
    }  # fmt: skip
    return head | ({"meta": {"profile": [US_CORE + measure.profile]}} if measure.profile else {})


def _code(codes: tuple[str, ...]) -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": code} for code in codes]}


def _quantity(value: Decimal, unit: Unit) -> dict[str, Any]:
    return {"value": value, "unit": unit.shown or unit.code, "system": UCUM, "code": unit.code}

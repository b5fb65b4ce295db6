"""What US Core asks of the vital signs that patients enter, profile by profile, in words of our own.

Read from the guide's own definitions (HL7/US-Core 85bf4af, CC0) and those of R4 on which they are built; no registry
that we install from has them (docs/decisions/0090). Each fault names the place.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from portal_app.features.vitals.fhir import US_CORE

LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
_VITAL: Final = ("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")
_STATUS: Final = {
    "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown",
}  # fmt: skip
_TO_THE_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?")


@dataclass(frozen=True)
class Profile:
    """The LOINC codes that have to stand there, all of them, the UCUM codes a value may have, and the parts if any."""

    codes: frozenset[str]
    units: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    part_unit: str = ""


def _of(*codes: str, units: str) -> Profile:
    return Profile(frozenset(codes), frozenset(units.split()))


PROFILES: Final[Mapping[str, Profile]] = {
    "us-core-blood-pressure": Profile(
        frozenset({"85354-9"}), parts=frozenset({"8480-6", "8462-4"}), part_unit="mm[Hg]"
    ),
    "us-core-heart-rate": _of("8867-4", units="/min"),
    "us-core-respiratory-rate": _of("9279-1", units="/min"),
    "us-core-pulse-oximetry": _of("59408-5", "2708-6", units="%"),
    "us-core-body-temperature": _of("8310-5", units="Cel [degF]"),
    "us-core-body-weight": _of("29463-7", units="g kg [lb_av]"),
}


def faults(one: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an Observation by each profile of ours that it names."""
    named = [url.removeprefix(US_CORE) for url in one.get("meta", {}).get("profile", ())]
    return [fault for name in named for fault in _faults(one, PROFILES[name])]


def _faults(one: Mapping[str, Any], wanted: Profile) -> Iterator[str]:
    yield from _of_each_vital_sign(one)
    codes = _codes(one.get("code", {}), LOINC)
    if not wanted.codes <= set(codes) or any(codes.count(code) != 1 for code in wanted.codes):
        yield f"code: {codes}, wanted {sorted(wanted.codes)}"
    if wanted.units and "valueQuantity" in one:
        yield from _of_a_quantity("valueQuantity", one["valueQuantity"], wanted.units)
    if wanted.parts:
        yield from _of_parts(one.get("component", ()), wanted)


def _of_each_vital_sign(one: Mapping[str, Any]) -> Iterator[str]:
    if one.get("resourceType") != "Observation" or one.get("status") not in _STATUS:
        yield "status"
    vital = [group for group in one.get("category", ()) if _VITAL[1] in _codes(group, _VITAL[0])]
    if len(vital) != 1:
        yield f"category: {len(vital)} times a vital sign"
    if not str(one.get("subject", {}).get("reference", "")).startswith("Patient/"):
        yield "subject: no patient"
    if not _is_to_the_day(one):
        yield "effective: not known to the day"
    has_value = any(name.startswith("value") for name in one)
    if not (has_value or "dataAbsentReason" in one or one.get("component") or one.get("hasMember")):
        yield "value: neither one nor why there is none"
    if has_value and "dataAbsentReason" in one:
        yield "value: one, and why there is none"


def _is_to_the_day(one: Mapping[str, Any]) -> bool:
    if "effectivePeriod" in one:
        return bool(_TO_THE_DAY.fullmatch(str(one["effectivePeriod"].get("start", ""))))
    return bool(_TO_THE_DAY.fullmatch(str(one.get("effectiveDateTime", ""))))


def _of_parts(parts: Any, wanted: Profile) -> Iterator[str]:
    for code in sorted(wanted.parts):
        found = [part for part in parts if code in _codes(part.get("code", {}), LOINC)]
        if len(found) != 1:
            yield f"component: {len(found)} of {code}"
        for part in found:
            if "valueQuantity" in part:
                yield from _of_a_quantity(f"component {code}", part["valueQuantity"], {wanted.part_unit})
            elif "dataAbsentReason" not in part:
                yield f"component {code}: neither a value nor why there is none"


def _of_a_quantity(where: str, quantity: Mapping[str, Any], units: "frozenset[str] | set[str]") -> Iterator[str]:
    if isinstance(quantity.get("value"), bool) or not isinstance(quantity.get("value"), int | float):
        yield f"{where}: no number"
    if not str(quantity.get("unit", "")):
        yield f"{where}: no unit to read"
    if quantity.get("system") != UCUM or quantity.get("code") not in units:
        yield f"{where}: {quantity.get('code')}, wanted {sorted(units)}"


def _codes(concept: Mapping[str, Any], system: str) -> list[str]:
    return [coding.get("code", "") for coding in concept.get("coding", ()) if coding.get("system") == system]

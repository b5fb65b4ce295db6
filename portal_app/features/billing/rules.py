"""Which codes a visit is charged under, from how it was held. Data, so that a payer's own rule is another table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TelehealthCodes:
    """What a claim line says of where and how: `modifier` is "" in person."""

    modifier: str
    place_of_service: str


BY_ENCOUNTER: Final[Mapping[tuple[str, str], TelehealthCodes]] = {
    ("in_person", "clinic"): TelehealthCodes("", "11"),
    ("video", "home"): TelehealthCodes("95", "10"),
    ("video", "elsewhere"): TelehealthCodes("95", "02"),
    ("audio", "home"): TelehealthCodes("93", "10"),
    ("audio", "elsewhere"): TelehealthCodes("93", "02"),
}
"""By how a visit was held and where the patient was.

Places of service 02 (telehealth, not in the patient's home), 10 (telehealth, in the patient's home) and 11 (office):
CMS Place of Service Code Set. Modifiers 95 (live video) and 93 (live, audio only): AMA CPT Appendix A, named here by
number only. A payer may want it otherwise: then billing corrects the charge, and the history says so.
"""


def telehealth_codes(modality: str, patient_place: str) -> TelehealthCodes:
    """Return what a claim says of how a visit was held. Raises ValueError for what cannot be."""
    try:
        return BY_ENCOUNTER[modality, patient_place]
    except KeyError:
        raise ValueError(f"no such visit: {modality}, {patient_place}") from None

"""The example questionnaires of HL7's Structured Data Capture guide, as npm has them (docs/decisions/0111)."""

from typing import Final

from tests.npm_tools import npm_package

TAKEN: Final = (
    "anc-quick-check", "questionnaire-sdc-profile-example-PHQ9",
    "questionnaire-sdc-profile-example-framingham-hchd-lhc",
    "questionnaire-sdc-profile-example-hunger-vital-signs", "questionnaire-sdc-profile-example-multi-subject",
    "questionnaire-sdc-profile-example-weight-height-tracking-panel",
    "questionnaire-sdc-test-fhirpath-prepop-candexpr", "questionnaire-sdc-test-fhirpath-prepop-initialexpression",
    "SDOHCC-QuestionnaireHungerVitalSign", "sdc-modular-contact",
)  # fmt: skip
"""Those that are imported; the others, and why not, are in tests/contract/test_sdc_examples.py."""


def sdc_examples() -> dict[str, str]:
    """Return each example by its name, as it is written."""
    found = (npm_package("hl7.fhir.uv.sdc") / "example").glob("Questionnaire-*.json")
    return {path.stem.removeprefix("Questionnaire-"): path.read_text() for path in sorted(found)}

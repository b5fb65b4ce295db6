"""How readings are said, on screens and on paper: codes and numbers in the current language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.views import ReadingView

NAMES: Final[Mapping[str, str]] = {
    "blood_pressure": N_("Blood pressure"), "glucose": N_("Blood sugar"), "weight": N_("Weight"),
    "temperature": N_("Temperature"), "oxygen": N_("Oxygen"), "pulse": N_("Pulse"),
    "breaths": N_("Breaths in a minute"), "peak_flow": N_("Peak flow"), "pain": N_("Pain"),
    "steps": N_("Steps in a day"),
}  # fmt: skip
"""What each measure is called, in the order in which they are offered."""
CONTEXTS: Final[Mapping[str, str]] = {
    "fasting": N_("Fasting, before eating anything"), "before_meal": N_("Before a meal"),
    "after_meal": N_("After a meal"), "bedtime": N_("At bedtime"),
}  # fmt: skip
ARMS: Final[Mapping[str, str]] = {"left": N_("Left arm"), "right": N_("Right arm")}
POSTURES: Final[Mapping[str, str]] = {
    "sitting": N_("Sitting"), "standing": N_("Standing"), "lying": N_("Lying down"),
}  # fmt: skip
FINDINGS: Final[Mapping[str, tuple[str, str]]] = {
    "": (N_("Saved"), "plain"), "within": (N_("In the usual range"), "good"),
    "elevated": (N_("A little above the usual range"), "info"), "raised": (N_("Above the range at home"), "caution"),
    "high": (N_("High"), "caution"), "severe": (N_("Very high"), "critical"), "low": (N_("Low"), "caution"),
    "lowish": (N_("A little low"), "caution"), "very_low": (N_("Very low"), "critical"),
    "very_high": (N_("Very high"), "critical"), "fever": (N_("Fever"), "caution"),
    "fever_baby": (N_("Fever in a young baby"), "critical"), "fever_risk": (N_("Fever during treatment"), "critical"),
    "cold": (N_("Low body temperature"), "caution"), "slow": (N_("Slow"), "caution"), "fast": (N_("Fast"), "caution"),
    "gain_day": (N_("More weight in a day"), "caution"), "gain_week": (N_("More weight in a week"), "caution"),
    "low_own": (N_("Below your own range"), "caution"), "high_own": (N_("Above your own range"), "caution"),
    "average_high": (N_("Average above the range at home"), "caution"),
    "trend_up": (N_("Higher than the week before"), "caution"), "missing": (N_("No readings lately"), "caution"),
    "symptom": (N_("With a warning sign"), "critical"),
}  # fmt: skip
"""What a finding is called, and the tone of it."""


def number_words(value: Decimal) -> str:
    """Write a number as it was entered, with the decimal mark of the language."""
    mark = i18n.format_number(1.5)[1:-1] or "."
    return f"{value:f}".replace(".", mark)


def value_words(one: ReadingView) -> str:
    """Say the numbers of a reading, without the unit: "128/79", "5.4"."""
    first = number_words(one.value)
    return first if one.pair is None else f"{first}/{number_words(one.pair)}"


def unit_words(measure: str, unit: str) -> str:
    """Return a unit as it stands beside a number."""
    return MEASURES[measure].unit(unit).shown


def numbers_words(measure: str, unit: str, value: Decimal, pair: Decimal | None) -> str:
    """Say one number, or both of a pressure, with their unit."""
    number = "/".join(number_words(part) for part in (value, pair) if part is not None)
    return " ".join(filter(None, (number, unit_words(measure, unit))))


def reading_words(one: ReadingView) -> str:
    """Say a reading with its unit."""
    return numbers_words(one.measure, one.unit, one.value, one.pair)


def detail_words(one: ReadingView) -> str:
    """Say what was entered beside the number: pulse, context, arm, posture."""
    parts = [
        _("Pulse {count}").format(count=number_words(one.pulse)) if one.pulse is not None else "",
        _(CONTEXTS[one.context]) if one.context else "",
        _(ARMS[one.arm]) if one.arm else "",
        _(POSTURES[one.posture]) if one.posture else "",
    ]
    return " · ".join(filter(None, parts))


def finding_words(finding: str) -> tuple[str, str]:
    """Say what a reading means, and the tone of it."""
    said, tone = FINDINGS.get(finding, FINDINGS[""])
    return _(said), tone

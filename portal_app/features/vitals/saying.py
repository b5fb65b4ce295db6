"""How readings are said, on screens and on paper: codes and numbers in the current language."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.vitals.averaging import NEEDED, Average
from portal_app.features.vitals.judging import OF_PULSE
from portal_app.features.vitals.measures import MEASURES, shown
from portal_app.features.vitals.one_unit import shown_in
from portal_app.features.vitals.views import ReadingView, Surplus

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
PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "": (N_("All"), ""),
    "morning": (N_("Morning"), N_("Readings of the morning, from 4 am until noon.")),
    "evening": (N_("Evening"), N_("Readings of the evening, from 4 pm until 4 am.")),
    "fasting": (N_("Fasting"), N_("Readings while fasting.")),
    "before_meal": (N_("Before a meal"), N_("Readings before a meal.")),
    "after_meal": (N_("After a meal"), N_("Readings after a meal.")),
    "bedtime": (N_("At bedtime"), N_("Readings at bedtime.")),
}  # fmt: skip
"""What can be looked at by itself: how it is called, and a sentence that says it."""
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


_BEYOND: Final = 15
"""A mean of converted numbers may be off by the last of its digits: so many decimals of it are right."""


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


def converted_words(one: ReadingView, unit: str) -> str:
    """Say a reading that was entered in another unit in this one, to stand beside it; "" where it was entered in it."""
    return "" if one.unit == unit else f"({reading_words(shown_in(one, unit))})"


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
    """Say what a reading means, or the pulse that was typed with it, and the tone of it."""
    said, tone = FINDINGS.get(finding.removeprefix(OF_PULSE), FINDINGS[""])
    if finding.startswith(OF_PULSE):
        return _("Pulse: {finding}").format(finding=_(said)), tone
    return _(said), tone


def surplus_words(one: Surplus, zone: str) -> str:
    """Say how many readings were counted and not kept one by one, and between which times."""
    said = ngettext(
        "{count} more reading between {first} and {last}, not kept by itself",
        "{count} more readings between {first} and {last}, not kept one by one",
        one.times,
    )
    first, last = (i18n.format_clock(moment, zone) for moment in (one.first_at, one.last_at))
    return said.format(count=i18n.format_number(one.times), first=first, last=last)


def surplus_range(one: Surplus) -> str:
    """Say the lowest and the highest of them, of a pressure for each number by itself."""
    if one.pair_least is not None and one.pair_most is not None:
        said = _("Upper number from {least} to {most}, lower number from {pair_least} to {pair_most} {unit}")
        return said.format(
            least=number_words(one.least), most=number_words(one.most), pair_least=number_words(one.pair_least),
            pair_most=number_words(one.pair_most), unit=unit_words(one.measure, one.unit),
        )  # fmt: skip
    least, most = (numbers_words(one.measure, one.unit, value, None) for value in (one.least, one.most))
    return _("Lowest {least}, highest {most}").format(least=least, most=most)


def average_title(mean: Average) -> str:
    """Say what an average is: by its rule, or a plain mean of whatever was measured."""
    if mean.is_by_rule:
        return _("Home average of the last 7 days")
    return _("Average of the last 7 days") if mean.so_far is None else _("Plain average of the last 7 days")


def average_basis(mean: Average, part: str = "") -> str:
    """Say which readings an average is made of and by which rule, or what is missing for one."""
    if part and mean.value is not None:
        counted = _("Only these readings of the last 7 days count in it: {count}.")
        return counted.format(count=i18n.format_number(mean.count))
    if mean.is_by_rule:
        counted = _(
            "Made by the rule for home blood pressure (2025 AHA/ACC), of days with two readings in the morning and two"
            " in the evening. Readings counted: {count} of {all}."
        )
        return counted.format(count=i18n.format_number(mean.count), all=i18n.format_number(mean.of))
    said = [
        _("Every reading of the last 7 days counts in it: {count}.").format(count=i18n.format_number(mean.count))
        if mean.value is not None
        else _("An average needs readings on three days of the last seven.")
    ]
    if mean.so_far is not None:
        rule = _(
            "A home average by the rule (2025 AHA/ACC) takes two readings in the morning, before noon, and two in the"
            " evening, from 4 pm on, a minute apart, on three days: {count} of {needed} so far."
        )
        said.append(rule.format(count=i18n.format_number(mean.so_far), needed=i18n.format_number(NEEDED)))
    return " ".join(said)


def halves_words(halves: Sequence[Average], measure: str, unit: str) -> str:
    """Say what the mornings and the evenings of the last days come to, beside each other; "" where there is neither."""
    if not halves:
        return ""
    numbers = [average_number(one, measure, unit) or _("too few") for one in halves]
    said = _("On average in the morning: {morning}, in the evening: {evening}.")
    return said.format(morning=numbers[0], evening=numbers[1])


def average_number(mean: Average, measure: str, unit: str) -> str:
    """Say the number of an average, both of a pressure, without the unit; "" where there is none."""
    decimals = MEASURES[measure].unit(unit).decimals
    both = [one for one in (mean.value, mean.pair) if one is not None]
    return "/".join(number_words(shown(Fraction(round(one, _BEYOND)), decimals)) for one in both)


def average_words(mean: Average, measure: str, unit: str) -> str:
    """Say an average in a line: what it is, its number, and what it is made of; or what is missing for one."""
    number = " ".join(filter(None, (average_number(mean, measure, unit), unit_words(measure, unit))))
    said = _("{title}: {number}.").format(title=average_title(mean), number=number) if mean.value is not None else ""
    return " ".join(filter(None, (said, average_basis(mean))))

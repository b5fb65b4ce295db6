"""How plans for measuring are said. Call inside `i18n.use`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.vitals.service import MEASURES, OLDEST, REMINDERS_MOST, Band, OwnRange, PlanView, RuleRow
from portal_app.state import vital_words as words

REMINDERS: Final = REMINDERS_MOST
TIMES: Final[Mapping[str, str]] = {
    "1": N_("Once a day"), "2": N_("Twice a day"), "3": N_("3 times a day"), "4": N_("4 times a day"),
}  # fmt: skip
CONDITIONS: Final[Mapping[str, str]] = {
    "pregnant": N_("Pregnant, or gave birth within 6 weeks"), "copd": N_("COPD"),
    "heart_failure": N_("Heart failure"), "chemotherapy": N_("On chemotherapy"),
}  # fmt: skip
"""What chooses other ranges."""


def plan_row(one: PlanView) -> dict[str, str]:
    """Say a plan: what, how often, until when, and how it goes, without blame."""
    today = one.days[-1][1]
    return {
        "measure": one.measure,
        "title": _(words.NAMES[one.measure]),
        "detail": _("{times}, until {day}").format(
            times=_(TIMES[str(one.times_a_day)]), day=i18n.format_brief_date(one.until_on)
        ),
        "by": _("Set by {name}").format(name=one.set_by_name),
        "today": _("Today: {done} of {planned}").format(
            done=i18n.format_number(min(today, one.times_a_day)), planned=i18n.format_number(one.times_a_day)
        ),
        "week": _("{done} of {planned} in 7 days").format(
            done=i18n.format_number(one.done), planned=i18n.format_number(one.planned)
        )
        if one.planned
        else "",
        "href": i18n.localized_path(i18n.current(), f"/vitals/plan?what={one.measure}"),
        "is_done": "yes" if today >= one.times_a_day else "",
    }


def day_rows(one: PlanView) -> list[dict[str, str]]:
    """Say each of the last days, the newest first: how often it was measured, and nothing about what was not."""
    rows = []
    for day, number in reversed(one.days):
        is_done = number >= one.times_a_day
        said = _("Done") if is_done else _("Not measured") if not number else ""
        rows.append({
            "day": i18n.format_day(day),
            "done": _("{done} of {planned}").format(
                done=i18n.format_number(number), planned=i18n.format_number(one.times_a_day)
            ),
            "said": said,
            "tone": "good" if is_done else "plain",
        })  # fmt: skip
    return rows


PARTS: Final[Mapping[str, str]] = {
    "": N_("Number {bound}"), "pair": N_("Lower number {bound}"), "gain": N_("Gain {bound}"),
    "average": N_("Average of a week {bound}"), "average_pair": N_("Average of a week, lower number {bound}"),
    "trend": N_("Change since the week before {bound}"),
}  # fmt: skip
BOUNDS: Final[Mapping[str, str]] = {
    "above": N_("above {number}"), "at_least": N_("{number} or more"), "below": N_("below {number}"),
    "at_most": N_("{number} or less"),
}  # fmt: skip
SEVERITIES: Final[Mapping[str, str]] = {
    "none": N_("Nobody is told"), "routine": N_("Look soon"), "urgent": N_("Today"), "critical": N_("Call now"),
}  # fmt: skip
"""How soon the care team is told."""
PROTOCOLS: Final[Mapping[str, str]] = {
    "none": N_("Nothing more"), "rest_repeat": N_("Rest, then measure again"),
    "reseat": N_("Put the device on anew, then measure again"),
    "treat_first": N_("Take sugar first, then measure again"), "ketones": N_("Check ketones and call us"),
    "emergency": N_("Call the emergency number"),
}  # fmt: skip
"""What the person is told to do."""
REPEATED: Final[Mapping[str, str]] = {
    "temperature": N_("Wait after food or a bath, then measure again"), "breaths": N_("Rest, then count again"),
    "glucose": N_("Measure again"), "weight": N_("Measure again"), "oxygen": N_("Measure again"),
    "peak_flow": N_("Measure again"), "pain": N_("Measure again"), "steps": N_("Measure again"),
}  # fmt: skip
"""What "rest_repeat" is for a measure of which it does not say to rest and measure."""
AGES: Final[Mapping[str, str]] = {"years": N_("Years"), "months": N_("Months")}
_YEAR: Final = 12


def protocol_words(protocol: str, measure: str) -> str:
    """Say what whoever measures this is told to do."""
    own = REPEATED.get(measure) if protocol == "rest_repeat" else None
    return _(own or PROTOCOLS[protocol])


def bound_words(one: RuleRow, number: str) -> str:
    """Say for which numbers a rule holds."""
    bound = _(BOUNDS[one.bound])
    return _(PARTS[one.part]).format(bound=bound.format(number=number))


def whose_words(one: RuleRow | Band) -> str:
    """Say for whom a rule or a set holds: ages in years, or in months for the youngest, and a condition."""
    name = CONDITIONS.get(one.condition, "")
    return " · ".join(filter(None, (_(name) if name else "", _ages(one.age_from, one.age_until))))


def severity_words(first: str, again: str) -> str:
    """Say how soon the care team is told, at first and when a second measurement finds it again."""
    said, then = (SEVERITIES[one or "none"] for one in (first, again))
    return _(said) if first == again else _("{first}; found again: {then}").format(first=_(said), then=_(then))


def _ages(since: int, until: int) -> str:
    if since == 0 and until >= OLDEST:
        return _("All ages")
    if until >= OLDEST:
        return _("From {age} on").format(age=_age(since))
    return _("From {age} until {end}").format(age=_age(since), end=_age(until))


def _age(months: int) -> str:
    if months % 12 or not months:
        return ngettext("{count} month", "{count} months", months).format(count=i18n.format_number(months))
    years = months // 12
    return ngettext("{count} year", "{count} years", years).format(count=i18n.format_number(years))


def set_row(one: Band) -> dict[str, str]:
    """Say for whom a set of rules holds and how many numbers it has; `id` is what it holds, by their ids."""
    unit = MEASURES[one.rules[0].measure].units[0].code
    count = sum(rule.unit == unit for rule in one.rules)
    return {
        "id": "-".join(str(number) for number in sorted(one.ids)),
        "whose": whose_words(one),
        "count": ngettext("{count} number", "{count} numbers", count).format(count=i18n.format_number(count)),
        "after": _("The general numbers hold for them again.")
        if one.condition
        else _("Readings of these ages are then not judged: the page says that there is no range for them."),
    }


def set_form(band: Band | None) -> dict[str, str]:
    """Return what stands in the form of a set that is copied from another one: its ages, until they are changed."""
    since, until = (band.age_from, band.age_until) if band else (0, OLDEST)
    ends = [one for one in (since, until) if one != OLDEST]
    ages = "months" if any(one % _YEAR for one in ends) else "years"
    size = _YEAR if ages == "years" else 1
    return {
        "since": i18n.format_number(since // size) if since else "",
        "until": i18n.format_number(until // size) if until < OLDEST else "",
        "ages": ages,
        "condition": (band.condition if band else "") or "none",
        "whose": whose_words(band) if band else "",
    }


def line_row(one: RuleRow) -> dict[str, str]:
    """Return a line of that form: the field, what its number says, and the number it has now, "" for a new line."""
    mark = {"above": N_("Above"), "at_least": N_("This or more"), "below": N_("Below"), "at_most": N_("This or less")}
    part = _(PARTS[one.part]).format(bound=_(mark[one.bound]))
    said, _tone = words.finding_words(one.finding)
    unit = words.unit_words(one.measure, one.unit)
    return {
        "field": f"number-{one.id}",
        "label": f"{said}: {part}" + (f" ({unit})" if unit else ""),
        "value": words.number_words(one.value) if one.id > 0 else "",
    }


def range_row(one: OwnRange) -> dict[str, str]:
    """Say a range of one person's own: the bounds, how soon somebody is told beyond them, who set it and why."""
    unit = words.unit_words(one.measure, one.unit)

    def said(value: Decimal | None, bound: str, part: str = "") -> str:
        number = "" if value is None else f"{words.number_words(value)} {unit}".strip()
        return _(PARTS[part]).format(bound=_(BOUNDS[bound]).format(number=number)) if number else ""

    bounds = (said(one.low, "below"), said(one.high, "above"), said(one.pair_high, "above", "pair"))
    soon = SEVERITIES[one.severity or "none"]
    return {
        "measure": one.measure,
        "title": _(words.NAMES[one.measure]),
        "detail": " · ".join(filter(None, (*bounds, _(soon)))),
        "by": _("Set by {name}").format(name=one.set_by_name),
        "why": one.reason,
    }


RANGE_FIELDS: Final[Mapping[str, str]] = {"measure": "what", "severity": "soon", "reason": "why"}
"""What the fields of a range are called on the page, where other forms have fields too."""


def range_said(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed of a range, with the measure and the unit that were chosen as one."""
    measure, _mark, unit = typed.get("what", "").partition("|")
    return {
        **typed, "measure": measure, "unit": unit, "severity": typed.get("soon", ""), "reason": typed.get("why", ""),
    }  # fmt: skip


def range_choices() -> list[dict[str, str]]:
    """Return each measure in each of its units, as one choice."""
    return [
        {"value": f"{code}|{unit.code}", "label": " · ".join(filter(None, (_(words.NAMES[code]), unit.shown)))}
        for code, measure in MEASURES.items()
        for unit in measure.units
    ]

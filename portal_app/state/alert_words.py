"""How alerts are said: codes and facts in the words of the page's language. Call inside `i18n.use`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Final

from portal_app.core import clock, i18n
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.alerts.views import AlertView, Reading
from portal_app.state import booking_words, vital_words

PROBLEMS: Final[Mapping[str, str]] = {
    **{f"vitals.{measure}": name for measure, name in vital_words.NAMES.items()},
    "vitals.missing": N_("Planned readings have not come"),
    "forms.self_harm": N_("Answered that they had thoughts of death or of hurting themselves"),
}
"""What an alert is about, by its problem; a feature that raises one adds its line."""
OUTCOMES: Final[Mapping[str, str]] = {
    "called": N_("We spoke with the patient"),
    "no_change": N_("We looked at it, and nothing has to change"),
    "plan_changed": N_("We changed the plan or the medicine"),
    "come_in": N_("We asked the patient to come in"),
    "emergency": N_("Emergency help was called"),
    "not_reached": N_("We could not reach the patient"),
    "mistake": N_("It was a mistake in measuring or typing"),
}
CLOSED: Final[Mapping[str, str]] = {
    **OUTCOMES,
    "taken_back": N_("The reading was taken back"),
    "arrived": N_("The readings have come"),
}
"""How an alert can have ended; of these, a person chooses among the outcomes."""
SEVERITIES: Final[Mapping[str, tuple[str, str]]] = {
    "critical": (N_("Call now"), "critical"),
    "urgent": (N_("Today"), "caution"),
    "routine": (N_("Look soon"), "info"),
}
"""What an alert asks for, and the tone of its tag."""
AVERAGES: Final[Mapping[str, str]] = {
    "rule": N_("home average by the rule (2025 AHA/ACC)"),
    "plain": N_("plain average, not measured as the rule for home averages wants it"),
}
"""How an average came about that the care team is told of."""

WAYS: Final[Mapping[str, str]] = {
    "text": N_("by text message"),
    "push": N_("by notification"),
    "mail": N_("by e-mail"),
}
"""How somebody on call was told."""


def problem_words(problem: str) -> str:
    """Say what an alert is about."""
    return _(PROBLEMS.get(problem, N_("Something to look at")))


def facts_words(facts: Mapping[str, str]) -> str:
    """Say what was measured: the number as it was entered, what it means, and whether it was so twice."""
    number = " ".join(filter(None, (facts.get("value", ""), facts.get("unit", ""))))
    finding = vital_words.finding_words(facts["finding"])[0] if facts.get("finding") else ""
    name = vital_words.NAMES.get(facts.get("measure", ""), "")
    measure = _(name) if name else ""
    again = _("measured twice") if facts.get("again") else ""
    average = AVERAGES.get(facts.get("average", ""), "")
    basis = _(average) if average else ""
    pulse = _("Pulse {count}").format(count=facts["pulse"]) if facts.get("pulse") else ""
    beside = vital_words.NAMES["blood_pressure"]
    pressure = " ".join((_(beside), facts["pressure"])) if facts.get("pressure") else ""
    unreviewed = _("range not reviewed by your practice") if facts.get("unreviewed") else ""
    return " · ".join(filter(None, (measure, number, finding, basis, again, pulse, pressure, unreviewed)))


def age_words(since: datetime) -> str:
    """Say how long ago a moment was, to the minute, the hour or the day."""
    minutes = max(int((clock.now() - since).total_seconds() // 60), 0)
    if minutes < 60:
        return ngettext("{count} min", "{count} min", minutes).format(count=i18n.format_number(minutes))
    hours = minutes // 60
    if hours < 48:
        return ngettext("{count} h", "{count} h", hours).format(count=i18n.format_number(hours))
    return ngettext("{count} day", "{count} days", hours // 24).format(count=i18n.format_number(hours // 24))


def holder_words(one: AlertView, *, is_mine: bool) -> tuple[str, str]:
    """Say who has an alert, and the tone of it."""
    if one.status == "closed" and not one.owner_name:
        return _("Closed by itself"), "plain"
    if one.status == "closed":
        return _("Closed by {name}").format(name=one.owner_name), "plain"
    if one.status == "open":
        return _("Nobody has it yet"), "critical" if one.level else "caution"
    return (_("You have it"), "good") if is_mine else (_("{name} has it").format(name=one.owner_name), "plain")


def called_words(one: AlertView, zone: str) -> str:
    """Say who on call was told last, how and when, or that nobody was on call; nothing where it came to neither."""
    if one.called_at is None:
        return ""
    when = booking_words.moment_words(one.called_at, zone)
    if not all(each.name for each in one.called):
        return _("Nobody was on call: {when}").format(when=when)
    told = [
        _("{name} ({ways})").format(name=each.name, ways=listed([_(WAYS[way]) for way in each.ways]))
        for each in one.called
    ]
    return _("On call, told: {people}. {when}").format(people=listed(told), when=when)


def listed(words: Sequence[str]) -> str:
    """Put words in a row, with the comma of the language."""
    return reduce(booking_words.together, words, "")


def on_now_words(names: Sequence[str]) -> str:
    """Say who is on call at this moment, the first one first."""
    if not names:
        return _("Nobody is on call now.")
    return _("On call now: {people}").format(people=listed(names))


def reading_words(reading: Reading) -> str:
    """Say to the care team that it is off hours; nothing while the practice is open."""
    if reading.is_open:
        return ""
    if reading.opens_at is None:
        return _("The practice is closed now. Patients are told that nobody may be reading.")
    when = booking_words.moment_words(reading.opens_at, reading.zone)
    return _("The practice is closed now and opens: {when}. Patients are told that nobody may be reading.").format(
        when=when
    )

"""How hours, lines and checks of the practice are said. Call with the language of the page in use (`i18n.use`)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from portal_app.core import clock, i18n
from portal_app.core.i18n import _
from portal_app.features.practice import rules
from portal_app.features.practice.rules import CheckState
from portal_app.features.practice.views import Check, PhoneLine, PlaceFacts
from portal_app.state import booking_words as words

MONDAY = date(2024, 1, 1)
"""A Monday, from which weekdays are counted to be named."""

Row = dict[str, str]


def purpose_words(purpose: str) -> str:
    """Say what a line is for."""
    names = {"bookings": _("Appointments"), "billing": _("Bills and payments"), "nurse": _("A nurse's advice")}
    return names.get(purpose, purpose)


def clock_words(wall: time) -> str:
    """Say a wall time without a day."""
    return i18n.format_clock(datetime.combine(MONDAY, wall, UTC), "UTC")


def weekday_words(weekday: int) -> str:
    """Name an ISO weekday as a line begins."""
    return words.opening(i18n.format_weekday(date(2024, 1, weekday)))


def times_words(times: Sequence[tuple[time, time]]) -> str:
    """Say from when to when, or that it is closed."""
    said = [
        _("{opens} to {closes}").format(opens=clock_words(opens), closes=clock_words(closes)) for opens, closes in times
    ]
    return ", ".join(said) or _("Closed")


def week_rows(facts: PlaceFacts) -> list[Row]:
    """Return one row for each weekday, or none where no hours are known."""
    if not facts.hours:
        return []
    return [{"term": weekday_words(day), "fact": times_words(facts.hours.get(day, ()))} for day in range(1, 8)]


def open_words(facts: PlaceFacts, closed: frozenset[date]) -> tuple[str, str]:
    """Say whether a place is open now, and the tone to say it in; nothing where no hours are known."""
    if not facts.hours:
        return "", "plain"
    until = rules.open_until(facts.hours, closed, facts.place.zone, clock.now())
    if until is None:
        return _("Closed now"), "plain"
    return _("Open now, until {time}").format(time=clock_words(until)), "good"


def checked_words(check: Check, zone: str) -> str:
    """Say when a fact was checked, and by whom if that may be known; nothing if never."""
    if check.at is None:
        return ""
    day = i18n.format_brief_date(words.local_day(check.at, zone))
    if check.by:
        return _("Checked {day} by {who}").format(day=day, who=check.by)
    return _("Checked {day}").format(day=day)


def line_row(line: PhoneLine, zone: str) -> Row:
    """Return a line as people read it."""
    return {
        "label": purpose_words(line.purpose),
        "number": line.number,
        "checked": checked_words(line.check, zone) if line.is_answered else "",
    }


def state_words(state: CheckState) -> tuple[str, str]:
    """Say what is known of a number or of hours, and the tone to say it in."""
    return {
        CheckState.good: (_("Checked"), "good"),
        CheckState.never: (_("Never checked"), "caution"),
        CheckState.old: (_("Check again"), "caution"),
        CheckState.unanswered: (_("Nobody answered"), "caution"),
    }[state]

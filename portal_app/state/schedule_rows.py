"""The rows of the schedule page: hours, days, time away and the effects of a change, in words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from portal_app.core import clock, i18n
from portal_app.core.i18n import _, ngettext
from portal_app.features.practice.views import LocationView
from portal_app.features.schedules import service as schedules
from portal_app.state import booking_words as words

Row = dict[str, str]
Places = Mapping[UUID, LocationView]
MONDAY = date(2024, 1, 1)
HITS_SHOWN = 50


def weekday_words(weekday: int) -> str:
    """Name an ISO weekday as a line begins."""
    return words.opening(i18n.format_weekday(MONDAY + timedelta(days=weekday - 1)))


def wall_words(wall: time) -> str:
    """Say a wall time as the language writes it."""
    return i18n.format_clock(datetime.combine(MONDAY, wall, UTC), "UTC")


def span_words(opens: time, closes: time) -> str:
    """Say from when to when."""
    return _("{from} to {until}").format(**{"from": wall_words(opens), "until": wall_words(closes)})


def how_words(modalities: Sequence[str]) -> str:
    """Say how visits take place in these hours."""
    return _("In person or by video") if len(modalities) > 1 else words.modality_words(modalities[0])


def rule_row(rule: schedules.RuleView, places: Places) -> Row:
    """Return a weekly rule as a line of the table."""
    one = rule.hours
    return {
        "id": str(rule.id),
        "weekday": weekday_words(one.weekday),
        "hours": span_words(one.opens, one.closes),
        "place": places[one.location_id].name if one.location_id in places else "",
        "how": how_words(one.modalities),
        "every": _every(one.grid_min),
        "valid": _validity(one.valid_from, one.valid_until),
        "release": release_words(one.release_days, one.release_at),
        "name": words.together(weekday_words(one.weekday), span_words(one.opens, one.closes)),
    }


def day_row(one: schedules.DayView, places: Places) -> Row:
    """Return a day with hours of its own as a line of the table."""
    day = words.opening(i18n.format_day(one.day))
    return {
        "id": f"{one.location_id}|{one.day.isoformat()}",
        "day": day,
        "hours": " · ".join(span_words(*span) for span in one.spans) or _("No hours"),
        "place": places[one.location_id].name if one.location_id in places else "",
        "how": how_words(one.modalities) if one.spans else "",
    }


def leave_row(one: schedules.LeaveView) -> Row:
    """Return a time away as a line of the list."""
    return {"id": str(one.id), "when": leave_words(one.starts_at, one.ends_at)}


def leave_words(starts_at: datetime, ends_at: datetime | None) -> str:
    """Say a time away: whole days by their names, parts of days with their times."""
    first = _moment(starts_at)
    if ends_at is None:
        return _("From {first} on, for good").format(first=first)
    if ends_at.time() == time():
        last = words.opening(i18n.format_day((ends_at - timedelta(days=1)).date()))
        if starts_at.time() == time() and ends_at - starts_at == timedelta(days=1):
            return last
        return _("{first} to {last}").format(first=first, last=last)
    return _("{first} to {last}").format(first=first, last=_moment(ends_at))


def release_words(days: int | None, at: time | None) -> str:
    """Say when times that are kept back open; nothing where they are not."""
    if days is None or at is None:
        return ""
    if days == 0:
        return _("Open on the same day at {time}").format(time=wall_words(at))
    before = ngettext("{count} day before", "{count} days before", days).format(count=i18n.format_number(days))
    return _("Open {before} at {time}").format(before=before, time=wall_words(at))


def hit_rows(hits: Sequence[schedules.VisitHit]) -> list[Row]:
    """Return the appointments a change hits; a patient has a name for whoever may see the chart."""
    return [
        {
            "when": words.moment_words(one.starts_at, one.zone),
            "who": one.patient or _("A patient"),
            "where": f"{one.practitioner_name} · {one.location_name}",
        }
        for one in hits[:HITS_SHOWN]
    ]


class ShowsImpact(Protocol):
    """A page on which a change is looked at before it is saved."""

    facts: list[dict[str, str]]
    hits: list[dict[str, str]]
    more_hits: str
    note: str
    save: str


def show_impact(page: ShowsImpact, impact: schedules.Impact) -> None:
    """Put on a page what a change does: in numbers, which visits it hits, and what saving it is called."""
    page.facts, page.hits = impact_facts(impact), hit_rows(impact.lost)
    hidden = len(impact.lost) - len(page.hits)
    page.more_hits = _("and {count} more").format(count=i18n.format_number(hidden)) if hidden else ""
    page.note, page.save = impact_note(impact), save_words(impact)


def impact_facts(impact: schedules.Impact) -> list[Row]:
    """Return in numbers what a change does."""
    fewer, more = _("Free times fewer"), _("Free times more")
    if impact.counted_days:
        fewer, more = _("Free times fewer in two weeks"), _("Free times more in two weeks")
    facts = [
        (_("Visits that cannot be kept"), len(impact.lost)), (fewer, impact.times_lost), (more, impact.times_gained),
    ]  # fmt: skip
    if impact.regained:
        facts.append((_("Visits that fit again"), len(impact.regained)))
    if impact.choosing:
        facts.append((_("People confirming a time that would go"), impact.choosing))
    return [{"term": term, "fact": i18n.format_number(number)} for term, number in facts]


def impact_note(impact: schedules.Impact) -> str:
    """Say what happens to the people a change hits."""
    notes = []
    if impact.lost:
        notes.append(_("Each of these visits goes into the inbox, to be moved, offered another time, or called about."))
    if impact.choosing:
        notes.append(_("Whoever is confirming a time keeps it until they are done or it lapses."))
    return " ".join(notes) or _("Nobody who has a visit is affected.")


def save_words(impact: schedules.Impact) -> str:
    """Say what the button that saves will do."""
    count = len(impact.lost)
    if not count:
        return _("Save this change")
    return ngettext("Save, and list {count} visit", "Save, and list {count} visits", count).format(
        count=i18n.format_number(count)
    )


def _moment(at: datetime) -> str:
    day = words.opening(i18n.format_day(at.date()))
    return day if at.time() == time() else _("{day} at {time}").format(day=day, time=wall_words(at.time()))


def _every(minutes: int) -> str:
    return ngettext("every {count} minute", "every {count} minutes", minutes).format(count=i18n.format_number(minutes))


def _validity(first: date, last: date | None) -> str:
    today = clock.now().date()
    begins = _("from {day}").format(day=i18n.format_day(first)) if first > today else ""
    ends = _("until {day}").format(day=i18n.format_day(last)) if last else ""
    return " ".join(filter(None, (begins, ends))) or _("always")

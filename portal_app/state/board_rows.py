"""The rows of the week: visits and blocked times as the grid draws them, in the words of the current language."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import clock, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.booking.views import BlockedTime, DayAppointment, DayView
from portal_app.state import booking_words as words

Item = dict[str, str | int | bool]
FIRST_HOUR, LAST_HOUR = 8 * 60, 18 * 60
DAY_MIN: Final = 24 * 60

STAFF_WORDS: Final[Mapping[str, str]] = {
    "patient_elsewhere": N_("The patient has another appointment then. It stays where it was."),
    "slot_already_taken": N_("Somebody has just taken that time. It stays where it was."),
    "time_not_offered": N_("That time is not offered. It stays where it was."),
}
"""What is said to staff where the error itself speaks to a patient."""


def monday_of(day: str, zone: str) -> date:
    """Return the Monday of a day's week; of this week where the day cannot be read."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        wanted = words.local_day(clock.now(), zone)
    return wanted - timedelta(days=wanted.weekday())


def day_of(day: str) -> str:
    """Return a day of an address, or "" where it cannot be read."""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return ""


def day_row(day: date, zone: str) -> dict[str, str]:
    """Return a day as the head of its column."""
    return {
        "value": day.isoformat(),
        "weekday": words.opening(i18n.format_weekday(day, "abbreviated")),
        "date": i18n.format_number(day.day),
        "name": words.opening(i18n.format_day(day)),
        "today": "yes" if day == words.local_day(clock.now(), zone) else "",
    }


def visit_item(one: DayAppointment) -> Item:
    """Return a visit at its wall time."""
    local = one.starts_at.astimezone(ZoneInfo(one.zone))
    names = one.visit_type_names
    visit = names.get(i18n.current()) or names["en"]
    when, status = i18n.format_clock(one.starts_at, one.zone), words.status_words(one.status)
    patient = f"{one.given_name} {one.family_name}"
    mark = _("Overbooked") if one.is_overbooked else ""
    return {
        "id": str(one.id), "kind": "visit", "day": local.date().isoformat(),
        "start": local.hour * 60 + local.minute, "length": _minutes(one.starts_at, one.ends_at),
        "label": when, "title": patient, "detail": " · ".join(filter(None, (one.room_name, visit))), "mark": mark,
        "tone": "plain" if one.status == "cancelled" else words.status_tone(one.status),
        "name": _("{time}, {who}, {visit}, {status}").format(
            time=when, who=patient, visit=visit, status=words.together(status, mark) if mark else status
        ),
        "fixed": one.status != "booked", "can_move": one.status == "booked" and one.starts_at > clock.now(),
        "href": i18n.localized_path(i18n.current(), f"/staff/patients/{one.patient_id}"),
        "visit": visit, "how": words.modality_words(one.modality), "who": one.practitioner_name, "status": status,
        "when": words.moment_words(one.starts_at, one.zone), "room": str(one.room_id or ""),
        "sequence": one.sequence, "reason": one.reason,
    }  # fmt: skip


def block_items(week: DayView) -> list[Item]:
    """Return the blocked times, and those that are kept for whoever waits."""
    return [
        {
            "id": str(one.id), "kind": "kept" if one.kept_until else "block",
            "day": one.starts_at.astimezone(ZoneInfo(one.zone)).date().isoformat(),
            "start": _wall_minutes(one.starts_at, one.zone), "length": _minutes(one.starts_at, one.ends_at),
            "label": i18n.format_clock(one.starts_at, one.zone), "title": _block_title(one),
            "detail": _block_reason(one), "mark": "",
            "tone": "blocked", "fixed": True, "can_move": False, "href": "", "room": "", "sequence": 0,
            "name": (_("{time}, kept: {reason}") if one.kept_until else _("{time}, blocked: {reason}")).format(
                time=i18n.format_clock(one.starts_at, one.zone), reason=_block_reason(one) or _("no reason given")
            ),
            "when": _("{start} to {end}").format(
                start=words.moment_words(one.starts_at, one.zone), end=i18n.format_clock(one.ends_at, one.zone)
            ),
            "visit": "", "how": "", "who": one.practitioner_name, "status": "", "reason": _block_reason(one),
        }
        for one in week.blocked
    ]  # fmt: skip


def _block_title(one: BlockedTime) -> str:
    return _("Kept") if one.kept_until else _("Blocked")


def _block_reason(one: BlockedTime) -> str:
    if one.kept_until is None:
        return one.reason
    until = i18n.format_clock(one.kept_until, one.zone)
    return _("For the waiting list until {time}").format(time=until)


def facts(item: Item) -> list[dict[str, str]]:
    """Return what is said of a visit or a blocked time that is open."""
    rows = [
        (_("When"), item["when"]), (_("With"), item["who"]), (_("Visit"), item["visit"]), (_("How"), item["how"]),
        (_("Where it stands"), item["status"]), (item["mark"], _("Beside another visit, or outside what is offered")),
        (_("Why"), item["reason"]),
    ]  # fmt: skip
    return [{"term": str(term), "fact": str(fact)} for term, fact in rows if term and fact]


def hours_of(items: Sequence[Item]) -> tuple[int, int]:
    """Return from when to when the grid goes, in minutes of the day: office hours, and all there is."""
    starts = [int(one["start"]) for one in items]
    ends = [int(one["start"]) + int(one["length"]) for one in items]
    opens, closes = min([FIRST_HOUR, *starts]), max([LAST_HOUR, *ends])
    return opens // 60 * 60, min(-(-closes // 60) * 60, DAY_MIN)


def moment_of(day: str, minutes: int, zone: str) -> datetime:
    """Return the moment of a place in the grid; a wall time that is missing or doubled is the later of its two.

    Raises:
        InputRefused: if there is no such day or minute.
    """
    try:
        wall = datetime.combine(date.fromisoformat(day), time(*divmod(minutes, 60)), ZoneInfo(zone))
    except (ValueError, TypeError) as error:
        raise InputRefused("time", N_("Choose one of the times in the list.")) from error
    return max(wall.replace(fold=fold).astimezone(ZoneInfo("UTC")) for fold in (0, 1))


def block_of(form: Mapping[str, str], zone: str) -> tuple[datetime, datetime]:
    """Return from when to when a form blocks.

    Raises:
        InputRefused: if a time is missing or the end is not after the beginning.
    """
    try:
        first, last = (time.fromisoformat(str(form.get(name, ""))) for name in ("from", "until"))
    except ValueError as error:
        raise InputRefused("from", N_("Write both times, such as 13:00 and 14:30.")) from error
    day = str(form.get("day", ""))
    starts_at = moment_of(day, first.hour * 60 + first.minute, zone)
    ends_at = moment_of(day, last.hour * 60 + last.minute, zone)
    if ends_at <= starts_at:
        raise InputRefused("until", N_("The end must come after the beginning."))
    return starts_at, ends_at


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at - starts_at).total_seconds() // 60)


def _wall_minutes(moment: datetime, zone: str) -> int:
    local = moment.astimezone(ZoneInfo(zone))
    return local.hour * 60 + local.minute

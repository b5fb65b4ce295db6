"""Read the forms of the schedule page: from what was typed to a change, or to the fields that need another look."""

from collections.abc import Mapping
from datetime import date, time
from uuid import UUID

from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.schedules import service as schedules
from portal_app.features.schedules.rules import GRIDS, leave_of
from portal_app.state.ids import picked_id

Form = Mapping[str, str]
WEEKDAYS = range(1, 8)
EVERY_DEFAULT = "20"


def hours_change(form: Form, rule_id: str) -> schedules.Change:
    """Return the weekly hours of a form; for a rule that is changed, on its own weekday.

    Raises:
        InputRefused: with the field and what to write there.
    """
    hours = [
        schedules.WeeklyHours(
            location_id=_id(form, "place"),
            weekday=weekday,
            opens=_time(form, "opens"),
            closes=_time(form, "closes"),
            grid_min=_grid(form),
            modalities=_modalities(form),
            valid_from=_day(form, "from"),
            valid_until=_maybe_day(form, "until"),
            release_days=_maybe_number(form, "release"),
            release_at=_maybe_time(form, "release-at"),
        )
        for weekday in WEEKDAYS
        if form.get(f"weekday-{weekday}")
    ]
    if not hours:
        raise InputRefused("weekday-1", N_("Choose at least one weekday."))
    if rule_id:
        return schedules.SetHours(hours[0], UUID(rule_id))
    return schedules.Several(tuple(schedules.SetHours(one) for one in hours))


def end_change(form: Form, rule_id: str) -> schedules.Change:
    """Return the end of a weekly rule. Raises InputRefused."""
    return schedules.EndHours(UUID(rule_id), _day(form, "until"))


def day_change(form: Form) -> schedules.Change:
    """Return the hours of one day, or that it has none. Raises InputRefused."""
    if form.get("kind") not in ("hours", "none"):
        raise InputRefused("kind", N_("Choose one from the list."))
    is_closed = form.get("kind") == "none"
    spans = [] if is_closed else [(_time(form, "opens"), _time(form, "closes"))]
    if not is_closed and (form.get("opens-2") or form.get("closes-2")):
        spans.append((_time(form, "opens-2"), _time(form, "closes-2")))
    modalities = ("in_person", "video") if is_closed else _modalities(form)
    grid_min = int(EVERY_DEFAULT) if is_closed else _grid(form)
    return schedules.SetDay(_id(form, "place"), _day(form, "day"), tuple(spans), grid_min, modalities)


def leave_change(form: Form) -> schedules.Change:
    """Return a time away: whole days, part of a day, or for good. Raises InputRefused."""
    first = _day(form, "first")
    last = None if form.get("for-good") else _day(form, "last")
    begins, ends = _maybe_time(form, "begins"), None if last is None else _maybe_time(form, "ends")
    return schedules.AddLeave(*leave_of(first, last, begins, ends))


def day_of(form: Form, field: str) -> date:
    """Return the day that was written in a field. Raises InputRefused."""
    return _day(form, field)


def time_of(form: Form, field: str) -> time:
    """Return the time of day that was written in a field. Raises InputRefused."""
    return _time(form, field)


def _id(form: Form, field: str) -> UUID:
    return picked_id(form.get(field, ""), field)


def _day(form: Form, field: str) -> date:
    try:
        return date.fromisoformat(form.get(field, ""))
    except ValueError:
        raise InputRefused(field, N_("Write the day, month and year.")) from None


def _maybe_day(form: Form, field: str) -> date | None:
    return _day(form, field) if form.get(field) else None


def _time(form: Form, field: str) -> time:
    try:
        return time.fromisoformat(form.get(field, "")[:5])
    except ValueError:
        raise InputRefused(field, N_("Write a time, such as 9:00.")) from None


def _maybe_time(form: Form, field: str) -> time | None:
    return _time(form, field) if form.get(field) else None


def _maybe_number(form: Form, field: str) -> int | None:
    typed = form.get(field, "").strip()
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > 3:
        raise InputRefused(field, N_("Write a whole number."))
    return int(typed)


def _grid(form: Form) -> int:
    minutes = _maybe_number(form, "grid")
    if minutes not in GRIDS:
        raise InputRefused("grid", N_("Write 5, 10, 15, 20, 30, 40, 45 or 60."))
    return minutes


def _modalities(form: Form) -> tuple[str, ...]:
    found = tuple(one for one in ("in_person", "video") if form.get(one))
    if not found:
        raise InputRefused("in_person", N_("Choose in person, by video, or both."))
    return found

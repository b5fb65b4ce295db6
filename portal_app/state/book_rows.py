"""The rows of the booking page: people, kinds of visit, dates and times in the words of the current language."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import _, ngettext
from portal_app.features.booking.views import FreeDay, FreeTime
from portal_app.features.practice.service import Reason
from portal_app.features.practice.views import PractitionerView, VisitTypeView
from portal_app.state import booking_words as words

ANYONE = "anyone"
DAYS_A_PAGE = 10
NOON, EVENING = 12, 17
TYPED_ENOUGH = 3

Row = dict[str, str]


@lru_cache(maxsize=4096)
def _only(*parts: tuple[str, str]) -> Row:
    return dict(parts)


def shared(row: Row) -> Row:
    """Return the one copy of a row that is the same in many tabs; rows are made anew, never changed."""
    return _only(*row.items())


def pages_of(days: Sequence[FreeDay]) -> list[list[FreeDay]]:
    """Cut the days into pages of ten, beginning with the first free one and the full one before it.

    Ten to a page: going from five to ten dates spared most people "later dates" (NHS book-a-vaccination, 2025).
    """
    first = next((at for at, one in enumerate(days) if one.free_count), len(days))
    kept = list(days[max(0, first - 1) :])
    return [kept[at : at + DAYS_A_PAGE] for at in range(0, len(kept), DAYS_A_PAGE)]


def chosen_of(days: Sequence[FreeDay], wanted: str) -> FreeDay | None:
    """Return the wanted day if it still has a free time, else the first that has one."""
    free = [one for one in days if one.free_count]
    return next((one for one in free if one.day.isoformat() == wanted), free[0] if free else None)


def day_rows(days: Sequence[FreeDay]) -> list[dict[str, str | bool]]:
    """Return the dates of a page; each first day of a month names it."""
    before: list[date | None] = [None, *(one.day for one in days)]
    return [_day_row(one, previous) for one, previous in zip(days, before, strict=False)]


def _day_row(one: FreeDay, previous: date | None) -> dict[str, str | bool]:
    free = (
        ngettext("{count} free", "{count} free", one.free_count).format(count=i18n.format_number(one.free_count))
        if one.free_count
        else _("Full")
    )
    begins_month = previous is None or previous.month != one.day.month
    return {
        "value": one.day.isoformat(),
        "month": words.opening(i18n.format_month(one.day)) if begins_month else "",
        "weekday": words.opening(i18n.format_weekday(one.day, "abbreviated")),
        "date": i18n.format_number(one.day.day),
        "count": free,
        "name": words.together(words.opening(i18n.format_day(one.day)), free),
        "is_full": not one.free_count,
    }


def type_row(one: VisitTypeView) -> Row:
    """Return a kind of visit as a choice."""
    minutes = int(one.duration.total_seconds() // 60)
    length = ngettext("{count} minute", "{count} minutes", minutes).format(count=i18n.format_number(minutes))
    return {"value": str(one.id), "label": one.name_in(i18n.current()), "detail": length}


def people_rows(
    people: Sequence[PractitionerView], own: UUID | None, free: Mapping[UUID, FreeTime] | None, zone: str
) -> list[Row]:
    """Return everybody as choices, whoever is free first before them.

    `free` says when each is free next, if that was looked up; it is said in `zone`, or each place's own without one.
    """
    said = {} if free is None else {one.id: _next_words(free.get(one.id), zone) for one in people}
    return [person_row(None, own), *(person_row(one, own, said.get(one.id, "")) for one in people)]


def _next_words(free: FreeTime | None, zone: str) -> str:
    if free is None:
        return _("No free time in the next two weeks")
    return _("Next free: {when}").format(when=words.moment_words(free.starts_at, zone or free.zone))


def person_row(one: PractitionerView | None, own: UUID | None, next_free: str = "") -> Row:
    """Return somebody to see as a choice; nobody in particular is whoever is free first."""
    if one is None:
        detail = _("The soonest time with anyone")
        return {"value": ANYONE, "label": _("Whoever is free first"), "detail": detail, "initials": "…", "own": "",
                "photo": "", "about": "", "href": ""}  # fmt: skip
    row = {
        "value": str(one.id),
        "label": one.called,
        "detail": " · ".join(
            filter(None, (one.specialty_in(i18n.current()), i18n.language_list(one.languages), next_free))
        ),
        "initials": one.initials,
        "own": _("Your clinician") if one.id == own else "",
        "photo": f"/photos/{one.photo_id}" if one.photo_id else "",
        "about": _("About them"),
        "href": i18n.localized_path(i18n.current(), f"/clinicians/{one.id}"),
    }
    return shared(row)


def reason_row(one: Reason) -> Row:
    """Return something people come for as a choice."""
    return {"code": one.code, "label": one.names.get(i18n.current()) or one.names["en"]}


def suggestions_words(typed: str, count: int) -> str:
    """Say how many reasons fit what is typed; nothing while too little is."""
    if count:
        return ngettext("{count} suggestion", "{count} suggestions", count).format(count=i18n.format_number(count))
    return _("No suggestion. Choose below, or call us.") if len(typed.strip()) >= TYPED_ENOUGH else ""


def fitting(people: Sequence[PractitionerView], reason: Reason | None) -> list[PractitionerView]:
    """Return who sees people for a reason; everybody without one, or if nobody says so."""
    fits = [one for one in people if reason is None or set(one.specialty_codes) & set(reason.specialties)]
    return fits or list(people)


def part_rows(
    times: Sequence[FreeTime],
    zone_of: Mapping[FreeTime, str],
    people: Mapping[UUID, PractitionerView],
    places: Mapping[UUID, str],
) -> list[dict[str, str | list[Row]]]:
    """Return the times by part of the day; with several places, by place first. `places` is empty for video."""
    has_places = bool(places) and len({time.location_id for time in times}) > 1
    groups: dict[str, list[Row]] = {}
    for time in _one_for_each_start(times, by_place=has_places):
        part = _part_of_day(time.starts_at, zone_of[time])
        label = f"{places[time.location_id]} · {part}" if has_places else part
        groups.setdefault(label, []).append(_time_row(time, zone_of[time], people.get(time.practitioner_id)))
    return [{"label": label, "times": rows} for label, rows in groups.items()]


def time_rows(times: Sequence[FreeTime], people: Mapping[UUID, PractitionerView]) -> list[Row]:
    """Return the times of a day in order, as the location's clock says them; one for each moment."""
    return [
        _time_row(one, one.zone, people.get(one.practitioner_id)) for one in _one_for_each_start(times, by_place=False)
    ]


def _one_for_each_start(times: Sequence[FreeTime], *, by_place: bool) -> Iterator[FreeTime]:
    """Leave out somebody else's time at the same moment: whoever stands first (one's own clinician) has it."""
    seen: set[tuple[datetime, UUID | None]] = set()
    for time in times:
        key = (time.starts_at, time.location_id if by_place else None)
        if key not in seen:
            seen.add(key)
            yield time


def _time_row(time: FreeTime, zone: str, person: PractitionerView | None) -> Row:
    who = f"{person.title} {person.name}".strip() if person else ""
    name = _("{when} with {who}, kept for the waiting list") if time.is_kept else _("{when} with {who}")
    label = i18n.format_clock(time.starts_at, zone)
    row = {
        "value": f"{time.practitioner_id}|{time.location_id}|{time.starts_at.isoformat()}",
        "label": _("{time} (kept)").format(time=label) if time.is_kept else label,
        "name": name.format(when=words.opening(words.brief_moment(time.starts_at, zone)), who=who),
    }
    return shared(row)


def _part_of_day(moment: datetime, zone: str) -> str:
    hour = moment.astimezone(ZoneInfo(zone)).hour
    return _("Morning") if hour < NOON else _("Afternoon") if hour < EVENING else _("Evening")

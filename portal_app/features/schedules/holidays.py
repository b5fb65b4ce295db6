"""Days on which a location is closed: the public holidays it observes, and those the practice writes down itself."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

import holidays as library

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.schedules import policies, rules
from portal_app.features.schedules.impact import Concern, carry_out, look_at
from portal_app.features.schedules.views import CalendarView, ClosedDayView, Impact

Change = Callable[[], Awaitable[None]]

NAME_MAX: Final = 80
_MOVED: Final = " (observed)"
_KEPT_ON: Final = re.compile(r" \([^()]*\)$")
_CALENDARS: Final = """
select l.id as location_id, l.name as location_name, coalesce(c.country, '') as country,
  coalesce(c.subdivision, '') as subdivision, coalesce(c.observed, '{}') as observed
from location l left join holiday_calendar c on c.location_id = l.id order by l.name, l.id
"""
_CLOSED: Final = """
select c.location_id, l.name, c.day, c.name, c.is_holiday, coalesce(h.country, ''), coalesce(h.subdivision, '')
from closed_day c join location l on l.id = c.location_id left join holiday_calendar h on h.location_id = l.id
where c.day >= :from_day order by c.day, l.name
"""
_KEEP_CALENDAR: Final = """
insert into holiday_calendar (location_id, country, subdivision, observed)
values (:location_id, :country, :subdivision, :observed)
on conflict (location_id) do update
  set country = excluded.country, subdivision = excluded.subdivision, observed = excluded.observed
"""
# A day the practice closed itself stays closed, whatever the calendar says of it.
_FORGET: Final = """
delete from closed_day where location_id = :location_id and is_holiday and day >= :from_day and day <> all (:days)
"""
_WRITE: Final = """
insert into closed_day (location_id, day, name, is_holiday)
select :location_id, d.day, d.name, true from unnest(cast(:days as date[]), cast(:names as text[])) d (day, name)
on conflict (location_id, day) do update set name = excluded.name where closed_day.is_holiday
"""


def countries() -> Sequence[str]:
    """Return the ISO 3166 codes (two letters) of the countries whose public holidays are known."""
    return sorted(code for code in library.list_supported_countries(include_aliases=False) if len(code) == 2)


def subdivisions(country: str) -> Sequence[str]:
    """Return the ISO 3166-2 codes, without the country, of a country's parts that have holidays of their own."""
    return sorted(library.list_supported_countries(include_aliases=False).get(country, []))


def public_holidays(country: str, subdivision: str, years: Sequence[int]) -> Mapping[date, tuple[str, ...]]:
    """Return the public holidays of some years by day, in order; a day may be several.

    A holiday that falls on a weekend and is kept on another day carries its own name there.
    """
    if country not in countries() or (subdivision and subdivision not in subdivisions(country)):
        raise InputRefused("country", N_("Choose one from the list."))
    found = library.country_holidays(country, subdiv=subdivision or None, years=years, language="en_US")
    return {day: tuple(name.removesuffix(_MOVED) for name in names.split("; ")) for day, names in sorted(found.items())}


def holiday_words(country: str, subdivision: str, locale: str) -> Mapping[str, str]:
    """Return how a language calls a country's holidays, by their names in English; empty where none are known."""
    return _words(country, subdivision, locale, clock.now().year)


@cache
def _words(country: str, subdivision: str, locale: str, year: int) -> Mapping[str, str]:
    spoken = library.country_holidays(country).supported_languages if country in countries() else ()
    language = next((one for one in spoken if one.partition("_")[0] == locale), None)
    if language is None or (subdivision and subdivision not in subdivisions(country)):
        return {}
    years = range(year - 1, year + rules.HOLIDAY_YEARS)
    found = library.country_holidays(country, subdiv=subdivision or None, years=years, language=language)
    names = public_holidays(country, subdivision, years)
    # A day that is several holidays has its names in the order of each language's letters: the other years tell them.
    alone = {day: known[0] for day, known in names.items() if len(known) == 1 and "; " not in found.get(day, "; ")}
    return {name: _KEPT_ON.sub("", found[day]) for day, name in sorted(alone.items(), reverse=True)}


def in_words(one: ClosedDayView, locale: str) -> str:
    """Say why a place is closed, in a language where its calendar knows it; else as it was written."""
    if not one.is_holiday:
        return one.name
    known = holiday_words(one.country, one.subdivision, locale)
    return known.get(one.name) or ", ".join(known.get(name, name) for name in one.name.split(", "))


async def calendars(tx: Transaction) -> Sequence[CalendarView]:
    """Return which holidays each location observes."""
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)
    rows: Sequence[Any] = await tx.all(_CALENDARS)
    return [CalendarView(**row._asdict() | {"observed": frozenset(row.observed)}) for row in rows]


async def closed_days(tx: Transaction, location_id: UUID | None = None) -> Sequence[ClosedDayView]:
    """Return the closed days from today on, of one location or of all. Everybody may ask."""
    rows: Sequence[Any] = await tx.all(_CLOSED, {"from_day": clock.now().date() - timedelta(days=1)})
    return [ClosedDayView(*row) for row in rows if location_id in (None, row.location_id)]


async def preview_holidays(
    tx: Transaction, location_id: UUID, country: str, subdivision: str, observed: Sequence[str]
) -> Impact:
    """Return what observing these holidays would do. Errors as `observe_holidays`."""
    impact = await look_at(tx, *await _observing(tx, location_id, country, subdivision, observed))
    await _record(tx, "schedules.preview", location_id, kind="ObserveHolidays", visits=str(len(impact.lost)))
    return impact


async def observe_holidays(
    tx: Transaction, location_id: UUID, country: str, subdivision: str, observed: Sequence[str]
) -> Impact:
    """Choose the public holidays a location observes; appointments on them go onto the work list.

    Raises:
        InputRefused: if the country or its part is not known.
    """
    impact = await carry_out(tx, *await _observing(tx, location_id, country, subdivision, observed))
    chosen = {"country": country, "subdivision": subdivision, "count": str(len(observed))}
    await _record(tx, "schedules.observe_holidays", location_id, **chosen)
    return impact


async def preview_closing(tx: Transaction, location_id: UUID, day: date, name: str) -> Impact:
    """Return what closing a location for a day would do. Errors as `close_day`."""
    impact = await look_at(tx, *await _closing(tx, location_id, day, name))
    await _record(tx, "schedules.preview", location_id, kind="CloseDay", visits=str(len(impact.lost)))
    return impact


async def close_day(tx: Transaction, location_id: UUID, day: date, name: str) -> Impact:
    """Close a location for a day of its own; appointments on it go onto the work list.

    Raises:
        InputRefused: if the day is past or the name is missing.
    """
    impact = await carry_out(tx, *await _closing(tx, location_id, day, name))
    await _record(tx, "schedules.close_day", location_id, day=day.isoformat())
    return impact


async def open_day(tx: Transaction, location_id: UUID, day: date) -> Impact:
    """Open a location again on a day the practice had closed itself. Raises NotFound if there is none."""
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)
    params = {"id": location_id, "day": day}

    async def reopen() -> None:
        gone = "delete from closed_day where location_id = :id and day = :day and not is_holiday"
        if not await tx.execute(gone, params):
            raise NotFound

    impact = await carry_out(tx, await _concern(tx, location_id, [day]), reopen)
    await _record(tx, "schedules.open_day", location_id, day=day.isoformat())
    return impact


async def fill(tx: Transaction) -> None:
    """Write down the holidays of this year and the next ones for each location that observes some."""
    for row in await tx.all("select location_id, country, subdivision, observed from holiday_calendar order by 1"):
        kept = (row.location_id, row.country, row.subdivision, row.observed)
        concern = await _concern(tx, row.location_id, await _touched(tx, *kept))
        await carry_out(tx, concern, partial(write_down, tx, *kept))


async def _observing(
    tx: Transaction, location_id: UUID, country: str, subdivision: str, observed: Sequence[str]
) -> tuple[Concern, Change]:
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)

    async def choose() -> None:
        values = {"location_id": location_id, "country": country, "subdivision": subdivision}
        await tx.execute(_KEEP_CALENDAR, values | {"observed": sorted(observed)})
        await write_down(tx, location_id, country, subdivision, observed)

    days = await _touched(tx, location_id, country, subdivision, observed)
    return await _concern(tx, location_id, days), choose


async def _closing(tx: Transaction, location_id: UUID, day: date, name: str) -> tuple[Concern, Change]:
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)
    if day < _yesterday():
        raise InputRefused("day", N_("Choose a day that is still to come."))
    if not 0 < len(name.strip()) <= NAME_MAX:
        raise InputRefused("name", N_("Say why you are closed, in 80 characters or fewer."))

    async def close() -> None:
        await tx.execute(
            "insert into closed_day (location_id, day, name, is_holiday) values (:id, :day, :name, false)"
            " on conflict (location_id, day) do update set name = excluded.name, is_holiday = false",
            {"id": location_id, "day": day, "name": name.strip()},
        )

    return await _concern(tx, location_id, [day]), close


async def write_down(
    tx: Transaction, location_id: UUID, country: str, subdivision: str, observed: Sequence[str]
) -> None:
    """Write down the days of the holidays a location observes; what that does to whom is the caller's business."""
    kept = _kept(country, subdivision, observed)
    params = {"location_id": location_id, "from_day": _yesterday(), "days": list(kept)}
    await tx.execute(_FORGET, params)
    await tx.execute(_WRITE, params | {"names": list(kept.values())})


async def _touched(
    tx: Transaction, location_id: UUID, country: str, subdivision: str, observed: Sequence[str]
) -> Sequence[date]:
    """Return the days that observing these holidays may close, or open again."""
    given_up = "select day from closed_day where location_id = :id and is_holiday and day >= :from_day"
    rows = await tx.all(given_up, {"id": location_id, "from_day": _yesterday()})
    return sorted({row.day for row in rows} | _kept(country, subdivision, observed).keys())


def _kept(country: str, subdivision: str, observed: Sequence[str]) -> dict[date, str]:
    today = clock.now().date()
    known = public_holidays(country, subdivision, range(today.year, today.year + rules.HOLIDAY_YEARS))
    return {
        day: ", ".join(dict.fromkeys(name for name in names if name in observed))
        for day, names in known.items()
        if day >= _yesterday() and set(names) & set(observed)
    }


def _yesterday() -> date:
    """Return a day that is over nowhere, or yesterday somewhere."""
    return clock.now().date() - timedelta(days=1)


async def _concern(tx: Transaction, location_id: UUID, days: Sequence[date]) -> Concern:
    """Everybody who works at a location, on these days."""
    at_place = "select practitioner_id from practitioner_location where location_id = :id order by 1"
    return Concern([row.practitioner_id for row in await tx.all(at_place, {"id": location_id})], location_id, days)


async def _record(tx: Transaction, action: str, location_id: UUID, **detail: str) -> None:
    await audit.record(tx, action, patient_id=None, entity="Location", entity_id=location_id, detail=detail)

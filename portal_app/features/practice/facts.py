"""Numbers to call, hours, and the way: read by everyone, kept by the manager, each with who checked it and when."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any, Final
from uuid import UUID, uuid4

import phonenumbers
from sqlalchemy import insert

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import LOCALES, N_
from portal_app.features.practice import policies, rules
from portal_app.features.practice.errors import HoursUnreadable, NumberChanged
from portal_app.features.practice.rules import CheckState, LinePurpose
from portal_app.features.practice.tables import OpeningHours
from portal_app.features.practice.views import Check, LocationView, PhoneLine, PlaceFacts, words_in
from portal_app.features.tasks import service as tasks

STALE_LINE: Final = "stale_line"
WORDS_MAX: Final = 1000

# A place's own phone is its line for bookings; for another purpose a line of the practice's goes before it.
_LINE: Final = """
select l.number, l.location_id, l.id from phone_line l
where l.purpose = :purpose and (l.location_id = :location_id
  or (l.location_id is null and (cast(:location_id as uuid) is null or :purpose <> 'bookings')))
order by l.location_id nulls last limit 1
"""
_LINES: Final = """
select l.purpose, l.number, l.location_id, l.id, l.checked_at, l.is_answered, coalesce(p.display_name, '') as checked_by
from phone_line l left join person p on p.id = l.checked_by
"""
_CHECKS: Final = """
select f.location_id, f.subject, f.checked_at, coalesce(p.display_name, '') as checked_by
from fact_check f left join person p on p.id = f.checked_by
"""
_SET_NUMBER: Final = """
insert into phone_line (id, location_id, purpose, number) values (:id, :location_id, :purpose, :number)
on conflict on constraint phone_line_once do update
  set number = excluded.number, checked_at = null, checked_by = null, is_answered = null
  where phone_line.number <> excluded.number
returning id
"""
_CHECK_LINE: Final = """
insert into phone_line (id, location_id, purpose, number, checked_at, checked_by, is_answered)
values (:id, :location_id, :purpose, :number, :now, :person_id, :is_answered)
on conflict on constraint phone_line_once do update set checked_at = excluded.checked_at,
  checked_by = excluded.checked_by, is_answered = excluded.is_answered
  where phone_line.number = excluded.number
returning id
"""
_CHECK_FACT: Final = """
insert into fact_check (location_id, subject, checked_at, checked_by) values (:location_id, :subject, :now, :person_id)
on conflict (location_id, subject) do update set checked_at = excluded.checked_at, checked_by = excluded.checked_by
"""


async def phone_line(tx: Transaction, purpose: str, location_id: UUID | None = None) -> PhoneLine:
    """Return the number to call for a purpose: the place's, else the practice's, else the place's own. Visitors too.

    Raises:
        NotFound: before the practice is set up.
    """
    found = await tx.first(_LINE, {"purpose": purpose, "location_id": location_id})
    if found is not None:
        return PhoneLine(purpose, found.number, found.location_id, found.id)
    number: str | None = await tx.scalar(
        "select coalesce((select l.phone from location l where l.id = :id), (select p.phone from practice p))",
        {"id": location_id},
    )
    if number is None:
        raise NotFound
    return PhoneLine(purpose, number, location_id)


async def practice_lines(tx: Transaction) -> tuple[PhoneLine, ...]:
    """Return the lines of the whole practice, one for each purpose that has one, bookings first. Visitors too."""
    lines = await _lines(tx)
    main: str | None = await tx.scalar("select phone from practice")
    return _complete(lines[None], None, main or "")


async def place_facts(tx: Transaction, places: Sequence[LocationView]) -> list[PlaceFacts]:
    """Return what is to be known of places, in their order. Visitors too; who checked is told to the manager only."""
    lines = await _lines(tx)
    rows: Sequence[Any] = await tx.all("select location_id, weekday, opens, closes from opening_hours")
    found: Sequence[Any] = await tx.all(_CHECKS)
    checks = {(row.location_id, row.subject): Check(row.checked_at, row.checked_by) for row in found}
    hours: dict[UUID, list[tuple[int, time, time]]] = defaultdict(list)
    for row in rows:
        hours[row.location_id].append((row.weekday, row.opens, row.closes))
    return [
        PlaceFacts(
            place,
            rules.merged_hours(hours[place.id]),
            _complete(lines[place.id], place.id, place.phone),
            checks.get((place.id, "hours"), Check()),
            checks.get((place.id, "way"), Check()),
        )
        for place in places
    ]


async def _lines(tx: Transaction) -> dict[UUID | None, dict[str, PhoneLine]]:
    lines: dict[UUID | None, dict[str, PhoneLine]] = defaultdict(dict)
    rows: Sequence[Any] = await tx.all(_LINES)
    for row in rows:
        check = Check(row.checked_at, row.checked_by)
        line = PhoneLine(row.purpose, row.number, row.location_id, row.id, check, row.is_answered)
        lines[row.location_id][row.purpose] = line
    return lines


def _complete(known: Mapping[str, PhoneLine], location_id: UUID | None, own: str) -> tuple[PhoneLine, ...]:
    bookings = known.get(LinePurpose.bookings) or PhoneLine(LinePurpose.bookings, own, location_id)
    return (bookings, *(known[one] for one in LinePurpose if one in known and one != LinePurpose.bookings))


def readable_number(typed: str, country: str) -> str:
    """Return a phone number as people of the country write it, with its country code unless it is their own.

    Raises:
        InputRefused: if nobody could be called under it.
    """
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise InputRefused("number", N_("Type a phone number with its area code, like (718) 555-0120."))
    is_own = number.country_code == phonenumbers.country_code_for_region(country)
    kind = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, kind.NATIONAL if is_own else kind.INTERNATIONAL)


async def set_number(tx: Transaction, purpose: str, location_id: UUID | None, typed: str) -> str:
    """Write the number of a line and return it; a new number has to be checked anew. A manager's.

    Raises:
        InputRefused: if it is no phone number, or there is no such line.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    _require_purpose(purpose)
    number = readable_number(typed, await tx.scalar("select country from practice") or "US")
    params = {"id": uuid4(), "location_id": location_id, "purpose": purpose, "number": number}
    changed: UUID | None = await tx.scalar(_SET_NUMBER, params)
    if changed is not None:
        await audit.record(tx, "practice.set_number", patient_id=None, entity="Location", entity_id=location_id)
    return number


async def check_line(
    tx: Transaction, purpose: str, location_id: UUID | None, number: str, *, is_answered: bool
) -> None:
    """Note that the actor has called a line just now, and whether a person answered. A manager's.

    Raises:
        NumberChanged: if the number called is not the line's any more.
        InputRefused: if there is no such line.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    _require_purpose(purpose)
    params = {"id": uuid4(), "location_id": location_id, "purpose": purpose, "number": number}
    line_id: UUID | None = await tx.scalar(_CHECK_LINE, params | {"is_answered": is_answered, **_now(tx)})
    if line_id is None:
        raise NumberChanged
    await audit.record(tx, "practice.check_line", patient_id=None, entity="Location", entity_id=location_id)
    if is_answered:
        await tasks.close_task(tx, STALE_LINE, line_id, "checked")


def _require_purpose(purpose: str) -> None:
    if purpose not in set(LinePurpose):
        raise InputRefused("purpose", N_("Choose one from the list."))


async def check_fact(tx: Transaction, location_id: UUID, subject: str) -> None:
    """Note that the actor has checked a place's hours ("hours"), or its directions and parking ("way").

    Raises:
        NotFound: if there is no such place.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    await _require_place(tx, location_id)
    await tx.execute(_CHECK_FACT, {"location_id": location_id, "subject": subject, **_now(tx)})
    await audit.record(tx, "practice.check_fact", patient_id=None, entity="Location", entity_id=location_id)


async def _require_place(tx: Transaction, location_id: UUID) -> None:
    if await tx.scalar("select id from location where id = :id", {"id": location_id}) is None:
        raise NotFound


def _now(tx: Transaction) -> dict[str, Any]:
    return {"now": clock.now(), "person_id": tx.actor.person_id}


async def set_way(tx: Transaction, location_id: UUID, ways: Mapping[str, str], parking: Mapping[str, str]) -> None:
    """Write how to get to a place and where to park, by language; whoever writes it has checked it. A manager's."""
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    way, words = _by_language(ways), _by_language(parking)
    if any(len(text) > WORDS_MAX for text in (*way.values(), *words.values())):
        raise InputRefused("directions", N_("That is too long. Say it in 1,000 characters or fewer."))
    await tx.execute(
        "update location set directions = :first, ways = cast(:ways as jsonb), parking = cast(:parking as jsonb)"
        " where id = :id",
        {"id": location_id, "first": words_in(way, "en")[0], "ways": json.dumps(way), "parking": json.dumps(words)},
    )
    await check_fact(tx, location_id, "way")


def _by_language(typed: Mapping[str, str]) -> dict[str, str]:
    return {locale: text.strip() for locale, text in typed.items() if locale in LOCALES and text.strip()}


async def set_hours(tx: Transaction, location_id: UUID, typed: Mapping[int, str]) -> None:
    """Write when a place's desk is open, as typed for each weekday; whoever writes it has checked it. A manager's.

    Raises:
        NotFound: if there is no such place.
        HoursUnreadable: for the first day that cannot be read.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    await _require_place(tx, location_id)
    rows: list[dict[str, Any]] = []
    for weekday, text in typed.items():
        times = rules.read_hours(text)
        if times is None:
            raise HoursUnreadable(weekday)
        rows += [{"id": uuid4(), "location_id": location_id, "weekday": weekday, "opens": opens, "closes": closes}
                 for opens, closes in times]  # fmt: skip
    await tx.execute("delete from opening_hours where location_id = :id", {"id": location_id})
    if rows:
        await tx.execute(insert(OpeningHours).values(rows))
    await check_fact(tx, location_id, "hours")


async def flag_stale_lines(tx: Transaction) -> int:
    """Give the manager a task for each line that nobody can rely on; return how many there are. The system's."""
    policy.require(tx.actor, policies.FLAG_STALE.name)
    now = clock.now()
    stale = [
        line
        for lines in (await _lines(tx)).values()
        for line in lines.values()
        if rules.check_state(line.check.at, now, is_answered=line.is_answered) is not CheckState.good
    ]
    for line in stale:
        if line.id is not None:
            await tasks.open_task(tx, STALE_LINE, line.id, location_id=line.location_id)
    return len(stale)

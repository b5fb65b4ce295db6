"""Work out what a change to schedules does, by looking before it and after it with the functions that offer times."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import scalar_row, tuple_row

from portal_app.core import audit, clock
from portal_app.core.actor import Role
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.features.booking import service as booking
from portal_app.features.schedules import rules
from portal_app.features.schedules.views import Impact, VisitHit

# What staff put outside the hours on purpose is hit by a leave and a closed day, and not by other hours.
# Slots name no patient, so that a manager, who sees no appointment, sees how many a change concerns, and when.
_OUTSIDE = """
select s.id, s.status from slot s join location l on l.id = s.location_id
where s.practitioner_id = any (%(ids)s) and s.starts_at > %(now)s
  and (%(at)s::uuid is null or s.location_id = %(at)s)
  and (%(only)s::date[] is null or (s.starts_at at time zone l.zone)::date = any (%(only)s)
    or (s.starts_at at time zone l.zone)::date - 1 = any (%(only)s))
  and (s.status = 'busy' or (s.status = 'busy-tentative' and s.held_until > %(now)s))
  and case when s.is_overbooked then
    exists (select from closed_day c where c.location_id = s.location_id
      and c.day = (s.starts_at at time zone l.zone)::date)
    or exists (select from practitioner_leave v where v.practitioner_id = s.practitioner_id
      and v.starts_at at time zone l.zone < s.ends_at
      and (v.ends_at is null or v.ends_at at time zone l.zone > s.starts_at))
  else
    not exists (select from open_at(s.practitioner_id, s.location_id, s.modality, l.zone, s.starts_at, s.ends_at))
  end
"""

_FREE = """
select distinct t.practitioner_id, t.location_id, t.starts_at
from unnest(%(firsts)s::date[], %(lengths)s::int[]) d (first, length)
cross join lateral free_time(d.first, d.length, %(ids)s, %(places)s, null,
  (select coalesce(min(v.duration_min), 20) from visit_type v
   where v.is_active and (%(kind)s::uuid is null or v.id = %(kind)s))::int, %(now)s, %(now)s, '{}', %(kind)s::uuid) t
"""

_HITS = """
select s.id, s.starts_at, l.zone, l.name, p.name,
  coalesce(said_name(c.given_name, c.called) || ' ' || c.family_name, ''), c.id
from slot s join location l on l.id = s.location_id join practitioner p on p.id = s.practitioner_id
  left join appointment a on a.slot_id = s.id left join patient c on c.id = a.patient_id
where s.id = any (%(slots)s) order by s.starts_at, s.id
"""

_LOCK = """
select pg_advisory_xact_lock(k.key) from (
  select distinct uuid_hash_extended(party, 0) as key from unnest(%(ids)s::uuid[]) party order by 1) k
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days for which free times are counted: so many from the first."""

    first: date
    days: int = 1


@dataclass(frozen=True, slots=True)
class Concern:
    """What a change can touch: whose visits, at one place or all, on certain days or all; and where times are counted.

    Half a year of one person's free times is a few thousand, of a large practice's a million: whatever touches many
    people names the days or a stretch that stands for the rest.
    """

    practitioner_ids: Sequence[UUID]
    location_id: UUID | None = None
    days: Sequence[date] | None = None
    visit_type_id: UUID | None = None
    counted: Stretch | None = None


async def look_at(tx: Transaction, concern: Concern, change: Callable[[], Awaitable[None]]) -> Impact:
    """Return what a change would do, and leave nothing of it; bookings go on meanwhile."""
    outside, free = await _outside(tx, concern), await _free(tx, concern)
    trial = await tx.connection.begin_nested()
    try:
        await change()
        await tx.flush()  # what it would write at the commit is taken back with the rest
        impact = await _between(tx, outside, await _outside(tx, concern))
        free_then = await _free(tx, concern)
    finally:
        await trial.rollback()
    return replace(
        impact,
        times_lost=len(free - free_then),
        times_gained=len(free_then - free),
        counted_days=concern.counted.days if concern.counted else None,
    )


async def carry_out(tx: Transaction, concern: Concern, change: Callable[[], Awaitable[None]]) -> Impact:
    """Make a change and put each appointment that falls outside onto the work list; no free times are counted.

    Whoever is booking with these practitioners finishes first, and the next ones wait until this transaction ends, so
    that every appointment is either seen by the change, or has seen it. In the order in which `take_time` waits.
    """
    await fetch(tx, _LOCK, {"ids": list(concern.practitioner_ids)}, tuple_row)
    outside = await _outside(tx, concern)
    await change()
    impact = await _between(tx, outside, await _outside(tx, concern))
    for hit in impact.lost:
        await booking.list_if_outside(tx, hit.slot_id)
    return impact


async def _between(tx: Transaction, before: dict[UUID, str], after: dict[UUID, str]) -> Impact:
    gone = {slot: status for slot, status in after.items() if slot not in before}
    back = [slot for slot, status in before.items() if slot not in after and status == "busy"]
    return Impact(
        lost=await _hits(tx, [slot for slot, status in gone.items() if status == "busy"]),
        regained=await _hits(tx, back),
        choosing=sum(status == "busy-tentative" for status in gone.values()),
    )


async def _outside(tx: Transaction, concern: Concern) -> dict[UUID, str]:
    """Return the taken times that lie outside what is offered, with their status."""
    params: dict[str, Any] = {
        "ids": list(concern.practitioner_ids), "now": clock.now(), "at": concern.location_id,
        "only": list(concern.days) if concern.days is not None else None,
    }  # fmt: skip
    return dict(await fetch(tx, _OUTSIDE, params, tuple_row))


async def _free(tx: Transaction, concern: Concern) -> frozenset[tuple[UUID, UUID, datetime]]:
    now = clock.now()
    yesterday = now.date() - timedelta(days=1)  # Somewhere it is still yesterday.
    horizon = yesterday + timedelta(days=rules.HORIZON_DAYS)
    stretches = [concern.counted or Stretch(yesterday, rules.HORIZON_DAYS)]
    if concern.days is not None:
        stretches = [Stretch(day) for day in concern.days]
    near = [one for one in stretches if yesterday <= one.first < horizon]
    params: dict[str, Any] = {
        "ids": list(concern.practitioner_ids), "now": now, "kind": concern.visit_type_id,
        "places": [concern.location_id] if concern.location_id else None,
        "firsts": [one.first for one in near], "lengths": [one.days for one in near],
    }  # fmt: skip
    return frozenset(await fetch(tx, _FREE, params, tuple_row))


async def _hits(tx: Transaction, slots: Sequence[UUID]) -> tuple[VisitHit, ...]:
    if not slots:
        return ()
    rows = await fetch(tx, _HITS, {"slots": list(slots)}, tuple_row)
    if Role.system not in tx.actor.roles:
        seen = dict.fromkeys(row[-1] for row in rows if row[-1] is not None)
        await audit.record_each(tx, "schedules.view_hits", seen, entity="Schedule")
    return tuple(VisitHit(*row[:-1]) for row in rows)


async def is_outside(tx: Transaction, slot_id: UUID) -> bool:
    """Tell whether a taken time lies outside what its practitioner offers now."""
    statement = f"select true from ({_OUTSIDE}) o where o.id = %(slot)s"  # noqa: S608 - a constant of this module
    who: Any = await tx.scalar("select practitioner_id from slot where id = :id", {"id": slot_id})
    params = {"ids": [who], "now": clock.now(), "slot": slot_id, "at": None, "only": None}
    return bool(who and await fetch(tx, statement, params, scalar_row))

"""Find free times: one statement each, worked out by the database from weekly hours and what is taken."""

# ruff: noqa: S608 - the parts put together are constants of this module; values are parameters
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from psycopg.rows import args_row

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.core.errors import NotAllowed
from portal_app.features.booking import policies, rules
from portal_app.features.booking.views import BookingRequest, FreeDay, FreeTime, TimeQuery

Found = TypeVar("Found", FreeTime, FreeDay)

# `takers` see this patient: not somebody new to whoever takes nobody new, and within the ages they see at that time.
# `day_zone` is where days are counted for video: the patient's. In person each location counts its own.
_WANTED = """
wanted as materialized (
  select v.duration_min, cast(%(now)s as timestamptz) + make_interval(mins => v.lead_min) as earliest,
    c.general_practitioner_id as own_practitioner_id,
    case when cast(%(modality)s as text) = 'video' then c.zone end as day_zone,
    array(select h.slot_id from appointment h
          where h.patient_id = %(patient_id)s and h.status = 'pending' and h.slot_id is not null) as own_holds
  from visit_type v left join patient c on c.id = %(patient_id)s
  where v.id = %(visit_type_id)s and v.is_active and cast(%(modality)s as text) = any (v.modalities)
), bounds as materialized (
  select w.*,
    case when w.day_zone is null then '-infinity' else cast(%(from_day)s as date)::timestamp at time zone w.day_zone end
      as from_at,
    case when w.day_zone is null then 'infinity'
      else (cast(%(from_day)s as date) + cast(%(days)s as int))::timestamp at time zone w.day_zone end as until_at,
    cast(%(from_day)s as date) - case when w.day_zone is null then 0 else 1 end as first_day,
    cast(%(days)s as int) + case when w.day_zone is null then 0 else 2 end as all_days
  from wanted w
), takers as materialized (
  select p.id, coalesce(c.birth_date + make_interval(years => p.age_from), '-infinity') as from_at,
    coalesce(c.birth_date + make_interval(years => p.age_until + 1), 'infinity') as until_at
  from practitioner p left join patient c on c.id = %(patient_id)s
  where p.is_active and p.id = any (coalesce(cast(%(practitioner_ids)s as uuid[]), array[p.id]))
    and (p.accepts_new or c.id is null or public.is_known_to(p.id, c.id))
), free as (
  select t.*, b.own_practitioner_id, b.day_zone
  from bounds b cross join lateral free_time(
    b.first_day, b.all_days, array(select k.id from takers k), cast(%(location_ids)s as uuid[]),
    cast(%(modality)s as text), b.duration_min, b.earliest, cast(%(now)s as timestamptz), b.own_holds,
    cast(%(visit_type_id)s as uuid)) t
  join takers k on k.id = t.practitioner_id and t.starts_at >= k.from_at and t.starts_at < k.until_at
  where t.starts_at >= b.from_at and t.starts_at < b.until_at and t.starts_at <= %(horizon)s
)
"""

FREE_TIMES = f"""
with {_WANTED}
select practitioner_id, location_id, zone, starts_at, ends_at from free
order by starts_at, practitioner_id is distinct from own_practitioner_id, practitioner_id
"""

# For staff: what is kept for whoever waits is among them, and says so.
FREE_TIMES_FOR = FREE_TIMES.replace(
    "h.slot_id is not null) as own_holds",
    "h.slot_id is not null union all select k.id from slot k where k.is_kept) as own_holds",
).replace(
    "starts_at, ends_at from free",
    """starts_at, ends_at, exists (select from slot k where k.is_kept
    and k.practitioner_id = free.practitioner_id and k.starts_at < free.ends_at and k.ends_at > free.starts_at
    and k.held_until > %(now)s) as is_kept from free""",
)

# With anybody, a month of a hundred clinicians would be ninety thousand rows to show a few hundred of.
FIRST_TIMES_FOR = FREE_TIMES_FOR.replace(
    "as is_kept from free",
    """as is_kept from (select distinct on (starts_at) * from free
    order by starts_at, practitioner_id is distinct from own_practitioner_id, practitioner_id) free""",
)

FREE_DAYS = f"""
with {_WANTED}, counted as (
  select (starts_at at time zone coalesce(day_zone, zone))::date as day, count(*) as free_count,
         min(starts_at) as first_at
  from free group by 1
), opened as (
  select distinct (greatest(h.opens_at, b.from_at) at time zone coalesce(b.day_zone, h.zone))::date as day
  from bounds b cross join lateral open_hours(
    b.first_day, b.all_days, array(select k.id from takers k), cast(%(location_ids)s as uuid[]),
    cast(%(modality)s as text)) h
  where h.closes_at > b.earliest and h.closes_at > b.from_at and h.opens_at < least(b.until_at, %(horizon)s)
    and (h.released_at is null or h.released_at <= %(now)s)
)
select day, coalesce(free_count, 0) as free_count, first_at from opened full join counted using (day) order by day
"""

SOONEST = f"""
with {_WANTED}, soonest as (
  select distinct on (practitioner_id) practitioner_id, location_id, zone, starts_at, ends_at, own_practitioner_id
  from free order by practitioner_id, starts_at
)
select practitioner_id, location_id, zone, starts_at, ends_at from soonest
order by practitioner_id is distinct from own_practitioner_id, starts_at, practitioner_id
"""

NEAREST = f"""
with {_WANTED}
select practitioner_id, location_id, zone, starts_at, ends_at from free
order by abs(extract(epoch from starts_at - %(wanted_at)s)), starts_at
limit %(limit)s
"""


async def find_times(tx: Transaction, query: TimeQuery) -> Sequence[FreeTime]:
    """Return free times, the soonest first, at the same time the patient's own clinician first.

    A time the patient holds counts as free for them.
    """
    policy.require(tx.actor, policies.FIND.name)
    return await rows(tx, FREE_TIMES, query, FreeTime)


async def find_days(tx: Transaction, query: TimeQuery) -> Sequence[FreeDay]:
    """Return the days on which there are hours, in order, with how many times are free; none means full."""
    policy.require(tx.actor, policies.FIND.name)
    return await rows(tx, FREE_DAYS, query, FreeDay)


async def find_soonest(tx: Transaction, query: TimeQuery) -> Sequence[FreeTime]:
    """Return each practitioner's soonest free time: the patient's own clinician first, then the soonest."""
    policy.require(tx.actor, policies.FIND.name)
    return await rows(tx, SOONEST, query, FreeTime)


async def nearest_times(tx: Transaction, request: BookingRequest) -> tuple[FreeTime, ...]:
    """Return up to three free times near an appointment's, for staff who look for another one."""
    policy.require(tx.actor, policies.CHANGE_DAY.name)
    return await find_nearest(tx, request)


async def find_nearest(tx: Transaction, request: BookingRequest) -> tuple[FreeTime, ...]:
    """Return up to three free times near a wanted one: the practitioner's of those days, else the location's."""
    now = clock.now()
    wanted_at = min(max(request.starts_at, now), now + rules.BOOKING_HORIZON)  # the year 1 has no day before it
    first_day = max(wanted_at - timedelta(days=rules.ALTERNATIVE_DAYS_BEFORE), now - timedelta(days=1)).date()
    near = TimeQuery(
        request.visit_type_id, request.modality, first_day, rules.ALTERNATIVE_DAYS, patient_id=request.patient_id
    )
    widening = (
        replace(near, practitioner_ids=(request.practitioner_id,)),
        replace(near, location_ids=(request.location_id,)),
        replace(near, location_ids=(request.location_id,), days=rules.ALTERNATIVE_DAYS_FAR),
    )
    found: list[FreeTime] = []
    for query in widening:
        found += [time for time in await _nearest(tx, query, wanted_at) if time not in found]
        if len(found) >= rules.ALTERNATIVES:
            break
    return tuple(found[: rules.ALTERNATIVES])


async def _nearest(tx: Transaction, query: TimeQuery, wanted_at: datetime) -> list[FreeTime]:
    return await rows(tx, NEAREST, query, FreeTime, wanted_at=wanted_at, limit=rules.ALTERNATIVES)


async def rows(
    tx: Transaction, statement: str, query: TimeQuery, kind: type[Found], **more: datetime | int
) -> list[Found]:
    """Return what one of the statements above finds for the patient acted for, or the one staff name."""
    whom = query.patient_id if tx.actor.is_staff() else tx.actor.patient_id
    return await fetch(tx, statement, parameters(whom, query) | more, args_row(kind))


def whose(tx: Transaction, patient_id: UUID | None) -> UUID:
    """Return for which chart the actor books: the one acted for; staff say which.

    Raises:
        NotAllowed: if there is none.
    """
    found = patient_id if tx.actor.is_staff() else tx.actor.patient_id
    if found is None:
        raise NotAllowed
    return found


def parameters(patient_id: UUID | None, query: TimeQuery) -> dict[str, Any]:
    """Return what the statements of a search take."""
    now = clock.now()
    days = rules.search_days(query.days)
    # Without a day the search begins a day early: somewhere it is still yesterday. The lead time cuts the past off.
    first_day, extra = (query.from_day, 0) if query.from_day else (_utc_day(now) - timedelta(days=1), 1)
    return {
        "patient_id": patient_id,
        "visit_type_id": query.visit_type_id,
        "modality": query.modality,
        "from_day": first_day,
        "days": days + extra,
        "practitioner_ids": list(query.practitioner_ids) or None,
        "location_ids": list(query.location_ids) or None,
        "now": now,
        "horizon": now + rules.BOOKING_HORIZON,
    }


def _utc_day(moment: datetime) -> date:
    return moment.date()

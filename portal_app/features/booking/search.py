"""Find free times: one statement each, worked out by the database from weekly hours and what is taken."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.features.booking import policies, rules, statements
from portal_app.features.booking.views import BookingRequest, FreeDay, FreeTime, TimeQuery


async def find_times(tx: Transaction, query: TimeQuery) -> Sequence[FreeTime]:
    """Return free times, the soonest first, at the same time the patient's own clinician first.

    A time the patient holds counts as free for them.
    """
    return [FreeTime(*row) for row in await _rows(tx, statements.FREE_TIMES, query)]


async def find_days(tx: Transaction, query: TimeQuery) -> Sequence[FreeDay]:
    """Return the days on which there are hours, in order, with how many times are free; none means full."""
    return [FreeDay(*row) for row in await _rows(tx, statements.FREE_DAYS, query)]


async def find_soonest(tx: Transaction, query: TimeQuery) -> Sequence[FreeTime]:
    """Return each practitioner's soonest free time: the patient's own clinician first, then the soonest."""
    return [FreeTime(*row) for row in await _rows(tx, statements.SOONEST, query)]


async def find_nearest(tx: Transaction, request: BookingRequest) -> tuple[FreeTime, ...]:
    """Return up to three free times near a wanted one: the practitioner's of those days, else the location's."""
    now = clock.now()
    wanted_at = min(max(request.starts_at, now), now + rules.BOOKING_HORIZON)  # the year 1 has no day before it
    first_day = max(wanted_at - timedelta(days=rules.ALTERNATIVE_DAYS_BEFORE), now - timedelta(days=1)).date()
    near = TimeQuery(request.visit_type_id, request.modality, first_day, rules.ALTERNATIVE_DAYS)
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
    more = {"wanted_at": wanted_at, "limit": rules.ALTERNATIVES}
    return [FreeTime(*row) for row in await _rows(tx, statements.NEAREST, query, more)]


async def _rows(
    tx: Transaction, statement: TextClause, query: TimeQuery, more: dict[str, Any] | None = None
) -> Sequence[Any]:
    policy.require(tx.actor, policies.FIND.name)
    return await tx.all(statement, parameters(tx.actor.patient_id, query) | (more or {}))


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

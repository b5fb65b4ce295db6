"""See and change when people are there; what a change does to whom is shown before, and seen to after."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.actor import Role
from portal_app.core.db import Transaction
from portal_app.core.errors import NotAllowed
from portal_app.core.jobs import enqueue
from portal_app.core.realtime import announce
from portal_app.features.schedules import changes, jobs, policies
from portal_app.features.schedules.changes import (
    AddLeave,
    Change,
    DropLeave,
    EndHours,
    ForgetDay,
    SetDay,
    SetHours,
    Several,
)
from portal_app.features.schedules.errors import ScheduleChanged
from portal_app.features.schedules.holidays import (
    calendars,
    close_day,
    closed_days,
    countries,
    holiday_words,
    in_words,
    observe_holidays,
    open_day,
    preview_closing,
    preview_holidays,
    public_holidays,
    subdivisions,
)
from portal_app.features.schedules.impact import Concern, carry_out, look_at
from portal_app.features.schedules.limits import visit_limits
from portal_app.features.schedules.practice_changes import (
    ClosePlace,
    PracticeChange,
    SetLimits,
    SetZone,
    preview_practice,
    save_practice,
)
from portal_app.features.schedules.rehoming import displaced_visit, mark_called, offer_other_times
from portal_app.features.schedules.views import (
    CalendarView,
    ClosedDayView,
    DayView,
    DisplacedVisit,
    Impact,
    LeaveView,
    RuleView,
    ScheduleView,
    VisitHit,
    VisitLimits,
    WeeklyHours,
)

__all__ = [
    "AddLeave", "CalendarView", "Change", "ClosePlace", "ClosedDayView",
    "DayView", "DisplacedVisit", "DropLeave", "EndHours",
    "ForgetDay", "Impact", "LeaveView", "PracticeChange", "RuleView", "ScheduleChanged", "ScheduleView", "SetDay",
    "SetHours", "SetLimits", "SetZone", "Several",
    "VisitHit", "VisitLimits", "WeeklyHours", "calendars", "close_day", "closed_days", "countries", "displaced_visit",
    "holiday_words", "in_words",
    "mark_called", "observe_holidays", "offer_other_times", "open_day", "preview_change", "preview_closing",
    "preview_holidays", "preview_practice", "public_holidays", "save_change", "save_practice", "schedule",
    "subdivisions", "visit_limits",
]  # fmt: skip

_RULES: Final = """
select id, location_id, weekday, opens, closes, grid_min, modalities, valid_from, valid_until, release_days, release_at
from schedule where practitioner_id = :id and (valid_until is null or valid_until >= :today)
order by weekday, opens, valid_from, id
"""
_DAYS: Final = """
select location_id, day, opens, closes, grid_min, modalities from schedule_exception
where practitioner_id = :id and day >= :today order by day, location_id, opens
"""
_LEAVES: Final = """
select id, starts_at, ends_at from practitioner_leave
where practitioner_id = :id and (ends_at is null or ends_at >= :today) order by starts_at, id
"""
_TURN: Final = """
insert into schedule_edition (practitioner_id, number, changed_by, changed_at) values (:id, 1, :person_id, :now)
on conflict (practitioner_id) do update
  set number = schedule_edition.number + 1, changed_by = excluded.changed_by, changed_at = excluded.changed_at
  where schedule_edition.number = :edition
returning number
"""
_WHO_TURNED: Final = """
select coalesce(p.display_name, '') as name, e.changed_at
from schedule_edition e left join person p on p.id = e.changed_by where e.practitioner_id = :id
"""


async def schedule(tx: Transaction, practitioner_id: UUID) -> ScheduleView:
    """Return somebody's schedule as it stands: a manager sees everybody's, a clinician their own.

    Raises:
        NotAllowed: if it is somebody else's.
    """
    await _require_own(tx, practitioner_id)
    # A day early: somewhere it is still yesterday.
    params = {"id": practitioner_id, "today": clock.now().date() - timedelta(days=1)}
    edition = await tx.scalar("select number from schedule_edition where practitioner_id = :id", params)
    return ScheduleView(
        practitioner_id,
        edition or 0,
        tuple(_rule(row) for row in await tx.all(_RULES, params)),
        _days(await tx.all(_DAYS, params)),
        tuple(LeaveView(row.id, row.starts_at, row.ends_at) for row in await tx.all(_LEAVES, params)),
    )


async def preview_change(tx: Transaction, practitioner_id: UUID, change: Change) -> Impact:
    """Return what a change would do, without making it. Names are there for whoever may see the charts.

    Raises:
        NotAllowed: if the change is not the actor's to make.
        InputRefused: if it makes no sense.
        NotFound: if what it changes is gone.
    """
    await _require_change(tx, practitioner_id, change)
    impact = await look_at(tx, Concern([practitioner_id]), lambda: change.apply(tx, practitioner_id))
    await audit.record(
        tx, "schedules.preview", patient_id=None, entity="Schedule", entity_id=practitioner_id,
        detail={"kind": type(change).__name__, "visits": str(len(impact.lost))},
    )  # fmt: skip
    return impact


async def save_change(tx: Transaction, practitioner_id: UUID, change: Change, edition: int) -> Impact:
    """Change a schedule that was read at this edition; each appointment that falls outside goes onto the work list.

    Held times stay promised until they lapse. Errors as `preview_change`, and:

    Raises:
        ScheduleChanged: if it was changed since, by whom and when.
    """
    await _require_change(tx, practitioner_id, change)
    params = {"id": practitioner_id, "edition": edition, "person_id": tx.actor.person_id, "now": clock.now()}
    number = await tx.scalar(_TURN, params)
    if number is None:
        who = await tx.first(_WHO_TURNED, params)
        raise ScheduleChanged(who.name if who else "", who.changed_at if who else None)
    impact = await carry_out(tx, Concern([practitioner_id]), lambda: change.apply(tx, practitioner_id))
    await audit.record(
        tx, "schedules.change", patient_id=None, entity="Schedule", entity_id=practitioner_id,
        detail={"kind": type(change).__name__, "edition": str(number), "visits": str(len(impact.lost))},
    )  # fmt: skip
    if impact.regained:
        await enqueue(tx, jobs.settle_leaves_of, practitioner_id=practitioner_id)
    await announce(tx, f"practitioner:{practitioner_id}")
    return impact


async def _require_change(tx: Transaction, practitioner_id: UUID, change: Change) -> None:
    await _require_own(tx, practitioner_id)
    if Role.manager not in tx.actor.roles and not isinstance(change, changes.OWN_CHANGES):
        raise NotAllowed


async def _require_own(tx: Transaction, practitioner_id: UUID) -> None:
    policy.require(tx.actor, policies.EDIT.name)
    if Role.manager in tx.actor.roles:
        return
    own = await tx.scalar("select id from practitioner where person_id = :id", {"id": tx.actor.person_id})
    if own != practitioner_id:
        raise NotAllowed


def _rule(row: Any) -> RuleView:
    columns = row._asdict()
    id_ = columns.pop("id")
    return RuleView(id_, WeeklyHours(**columns | {"modalities": tuple(row.modalities)}))


def _days(rows: Sequence[Any]) -> tuple[DayView, ...]:
    def same(row: Any) -> tuple[date, UUID]:
        return row.day, row.location_id

    found = []
    for (day, location_id), spans in groupby(rows, same):
        first, *more = spans
        both = tuple((one.opens, one.closes) for one in (first, *more) if one.opens is not None)
        found.append(DayView(location_id, day, both, first.grid_min, tuple(first.modalities)))
    return tuple(found)

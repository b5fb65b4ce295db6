"""The demo's exceptions: public holidays, a leave that hits a few visits, limits, and times that open on the day."""

from datetime import datetime, time, timedelta
from typing import Final

from portal_app.core.db import Transaction
from portal_app.features.booking import service as booking
from portal_app.features.schedules.holidays import write_down
from portal_app.operations.demo_practice import PRACTITIONERS, demo_id, location_id

STATES: Final = ("NY", "NY", "IL")
"""The state of each location, by its number."""
OBSERVED: Final = (
    "New Year's Day", "Memorial Day", "Independence Day", "Labor Day", "Thanksgiving Day", "Christmas Day",
)  # fmt: skip
AWAY: Final = next(who for who in PRACTITIONERS if who.name == "Peter Novak")
"""Who is on leave soon; nobody whom one tap signs in as."""
LEAVE_IN_DAYS, LEAVE_DAYS = 6, 2
KEPT_BACK: Final = next(who for who in PRACTITIONERS if who.name == "Daniel Rosen")
"""Whose Friday afternoons open at seven on the same day."""


async def make_schedules(tx: Transaction, now: datetime) -> None:
    """Write it once; what the leave hits goes onto the work list as if somebody had just written it down."""
    if await tx.scalar("select exists (select from holiday_calendar)"):
        return
    for place, state in enumerate(STATES):
        values = {"id": location_id(place), "state": state, "observed": list(OBSERVED)}
        await tx.execute("insert into holiday_calendar values (:id, 'US', :state, :observed)", values)
        await write_down(tx, location_id(place), "US", state, OBSERVED)
    await tx.execute("update visit_type set buffer_after_min = 10 where code = 'check_up'")
    await tx.execute("update visit_type set daily_max = 16 where code = 'vaccination'")
    await tx.execute(
        "update schedule set release_days = 0, release_at = :at"
        " where practitioner_id = :who and weekday = 5 and opens >= :noon",
        {"who": KEPT_BACK.id, "at": time(7), "noon": time(12)},
    )
    await _leave(tx, now)


async def _leave(tx: Transaction, now: datetime) -> None:
    first = datetime.combine(now.date() + timedelta(days=LEAVE_IN_DAYS), time())
    values = {"id": demo_id("leave"), "who": AWAY.id, "first": first, "last": first + timedelta(days=LEAVE_DAYS)}
    await tx.execute("insert into practitioner_leave values (:id, :who, :first, :last)", values)
    hit = await tx.all(
        "select s.id from slot s join location l on l.id = s.location_id where s.practitioner_id = :who"
        " and s.status = 'busy' and s.starts_at at time zone l.zone >= :first"
        " and s.starts_at at time zone l.zone < :last order by s.starts_at",
        values,
    )
    for row in hit:
        await booking.list_if_outside(tx, row.id)

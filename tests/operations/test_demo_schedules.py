"""The demo has holidays, a leave with visits to see to, and limits; a second start adds nothing."""

from datetime import UTC, datetime

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.operations import demo_clinic
from portal_app.settings import Settings

NOON = datetime(2027, 1, 13, 17, tzinfo=UTC)


async def test_holidays_and_a_leave_with_visits_to_see_to_are_there_once(
    settings: Settings, database: Database
) -> None:
    counts = []
    for _start in range(2):
        with clock.frozen_at(NOON):
            await demo_clinic.fill(settings)
        async with database.act_as_system("test") as tx:
            row = await tx.one(
                "select (select count(*) from closed_day) as days, (select count(*) from practitioner_leave) as leaves,"
                " (select count(*) from procrastinate_jobs where task_name = 'booking.list_if_outside') as jobs"
            )
        counts.append((row.days, row.leaves, row.jobs))
    assert counts[0] == counts[1]
    days, leaves, jobs = counts[0]
    assert days >= 3 * 3 * 6
    assert leaves == 1
    assert jobs >= 1

"""Read who looked at the chart acted for, and who changed it.

Reading this is recorded as anything else, and shown as the reader's own. Which lines there are, the database decides
(migration 0019): a proxy never sees a line about what they may not see.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import audit, policy
from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.core.errors import NotFound
from portal_app.features.privacy import policies, rules
from portal_app.features.privacy.rules import Line, Side
from portal_app.features.privacy.sentences import VIEWS
from portal_app.features.privacy.views import DayOfLines, Looker, LookPage, LookQuery

_END: Final = datetime(9999, 1, 1, tzinfo=UTC)
_DAYS: Final = "select first_at, has_more from chart_days(:before, :zone, :who, cast(:person_id as uuid), :most)"
_LINES: Final = """
select id, newest, oldest, times, person_id, person_name, roles, action, side, emergency
from chart_lines(:from_at, :before, :zone, :who, cast(:person_id as uuid), cast(:views as text[]))
"""


async def who_looked(tx: Transaction, query: LookQuery, *, is_repeated: bool = False) -> LookPage:
    """Return some days of the trail of the chart acted for; recorded, unless an open page looks again.

    Raises:
        NotFound: if the actor acts for no chart that they may see.
    """
    policy.require(tx.actor, policies.LOOK.name)
    zone = await tx.scalar("select zone from patient where id = :id", {"id": tx.actor.patient_id})
    if zone is None:
        raise NotFound
    given = {"before": query.before or _END, "zone": zone, "who": query.who, "person_id": query.person_id}
    window = await tx.one(_DAYS, given | {"most": rules.EVENTS_OF_PAGE})
    found: Sequence[Any] = ()
    if window.first_at is not None:
        found = await tx.all(_LINES, given | {"from_at": window.first_at, "views": list(VIEWS)})
    if not is_repeated:
        await _record(tx)
    return LookPage(_by_day(found, zone), zone, window.first_at if window.has_more else None)


async def lookers(tx: Transaction) -> Sequence[Looker]:
    """Return the others in the trail of the chart acted for, by name; nobody to a proxy who may not see all of it."""
    policy.require(tx.actor, policies.LOOK.name)
    rows: Sequence[Any] = await tx.all("select person_id, person_name, roles from chart_people()")
    aside: set[UUID] = {tx.actor.person_id, SYSTEM_PERSON_ID}
    found = [Looker(row.person_id, row.person_name, tuple(row.roles)) for row in rows if row.person_id not in aside]
    return sorted(found, key=lambda one: one.name.casefold())


async def _record(tx: Transaction) -> None:
    chart = tx.actor.patient_id
    await audit.record(tx, "privacy.who_looked", patient_id=chart, entity="Patient", entity_id=chart)


def _by_day(found: Sequence[Any], zone: str) -> list[DayOfLines]:
    place = ZoneInfo(zone)
    lines = [Line(**row._asdict() | {"roles": tuple(row.roles), "side": Side(row.side)}) for row in found]
    days = groupby(lines, key=lambda line: line.newest.astimezone(place).date())
    return [DayOfLines(day, rules.together(of_day, VIEWS)) for day, of_day in days]

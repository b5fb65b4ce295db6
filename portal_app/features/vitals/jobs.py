"""What the clock does for plans: it reminds at the times that people picked, and misses readings that do not come."""

from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import NewAlert
from portal_app.features.notify import service as notify
from portal_app.features.vitals.messages import PAGE, REMINDER

MISSING_DAYS: Final = 2
"""So many whole days without a planned reading are told to the care team, in the morning and as a routine matter."""
# By the wall clock of wherever the chart says that somebody lives, asked anew each minute: a time that the clocks skip
# comes at the next minute there is, one that comes twice was kept for that day, and whoever travels takes it along.
DUE: Final = """
select r.patient_id, r.person_id, r.measure, r.at, d.day, c.id as plan_id
from care_plan_reminder r
  join patient p on p.id = r.patient_id
  cross join lateral (select (cast(:now as timestamptz) at time zone p.zone) as here,
    (cast(:now as timestamptz) at time zone p.zone)::date as day) d
  join care_plan c on c.patient_id = r.patient_id and c.measure = r.measure and c.ended_at is null
where d.day between c.begins_on and c.until_on and (r.last_on is null or r.last_on < d.day)
  and d.here >= d.day + r.at and d.here < d.day + r.at + interval '1 hour'
  and exists (
    select from access_grant g
    where g.grantee = r.person_id and g.patient_id = r.patient_id and 'vitals' = any (g.sections)
      and 'act' = any (g.verbs) and (g.valid_until is null or g.valid_until > :now))
order by r.patient_id, r.person_id, r.at
for update of r skip locked
"""
DONE: Final = """
select (select count(*) from reading x where x.patient_id = p.id and x.measure = :measure
    and x.status <> 'entered-in-error' and x.taken_at > cast(:now as timestamptz) - interval '2 days'
    and (x.taken_at at time zone p.zone)::date = :day)
  >= (select count(*) from care_plan_reminder o where o.patient_id = p.id and o.person_id = :person_id
    and o.measure = :measure and o.at <= :at) as is_done
from patient p where p.id = :patient_id
"""
KEEP: Final = """
update care_plan_reminder set last_on = :day
where patient_id = :patient_id and person_id = :person_id and measure = :measure and at = :at
"""
MISSING: Final = """
select c.id, c.patient_id, c.confidentiality, c.measure, d.day - greatest(c.begins_on, coalesce(l.day + 1, c.begins_on))
  as days, (d.day - c.begins_on) / 7 as week
from care_plan c
  join patient p on p.id = c.patient_id
  cross join lateral (select (cast(:now as timestamptz) at time zone p.zone)::date as day,
    extract(hour from cast(:now as timestamptz) at time zone p.zone) as hour) d
  left join lateral (
    select (r.taken_at at time zone p.zone)::date as day from reading r
    where r.patient_id = c.patient_id and r.measure = c.measure and r.status <> 'entered-in-error'
    order by r.taken_at desc limit 1) l on true
where c.ended_at is null and d.day between c.begins_on and c.until_on and d.hour between 9 and 17
  and d.day - greatest(c.begins_on, coalesce(l.day + 1, c.begins_on)) >= :least
  and not exists (select from alert a where a.patient_id = c.patient_id and a.problem = 'vitals.missing'
    and a.closed_at is null)
order by c.patient_id, c.measure
"""


@job("vitals.remind", policy="vitals.follow", every="* * * * *")
async def remind(tx: Transaction) -> None:
    """Remind whoever asked for it now."""
    await remind_due(tx)


async def remind_due(tx: Transaction) -> None:
    """Leave each reminder that is due, once a day, and none where as much was measured as was asked for by then."""
    now = clock.now()
    for row in await tx.all(DUE, {"now": now}):
        whose = {"patient_id": row.patient_id, "person_id": row.person_id, "measure": row.measure, "at": row.at}
        is_done = await tx.scalar(DONE, {**whose, "now": now, "day": row.day})
        await tx.execute(KEEP, {**whose, "day": row.day})
        if not is_done:
            # Two measures at one time are one message.
            key = f"vitals:{row.patient_id}:{row.person_id}:{row.day}:{row.at:%H%M}"
            await notify.enqueue_message(tx, row.person_id, REMINDER.name, key, {"link": f"{PAGE}?about={row.plan_id}"})


@job("vitals.miss", policy="vitals.follow", every="23 * * * *")
async def miss(tx: Transaction) -> None:
    """Tell the care team of plans that nothing has come for."""
    await miss_readings(tx)


async def miss_readings(tx: Transaction) -> None:
    """Alert the care team, once a week and by day, of a plan of which whole days are missing."""
    for row in await tx.all(MISSING, {"now": clock.now(), "least": MISSING_DAYS}):
        await _missed(tx, row)


async def _missed(tx: Transaction, row: Any) -> None:
    source = missing_source(row.id, row.week)
    facts = {"finding": "missing", "measure": row.measure}
    new = NewAlert(row.patient_id, "vitals", "vitals.missing", "routine", source, row.confidentiality, facts)
    await alerts.raise_alert(tx, new)


def missing_source(plan_id: object, week: int) -> Any:
    """Return what a week's missing readings of a plan are known by, so that they are told once."""
    return uuid5(NAMESPACE_URL, f"portal:care-plan:{plan_id}:missing:{week}")

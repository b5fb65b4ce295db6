"""Running late: said once by the practice, heard by everybody who waits, live and by one mail each."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue, job
from portal_app.core.realtime import announce
from portal_app.features.booking import calendar, jobs, policies, rules
from portal_app.features.booking.errors import NotWithinADay
from portal_app.features.booking.reading import appointment
from portal_app.features.booking.views import AppointmentView
from portal_app.features.notify import service as notify
from portal_app.features.notify.service import Kind, Template, register_template
from portal_app.features.practice import service as practice

MINUTES_MAX: Final = 240

_PARAMETERS: Final = {
    "practice": Kind.words, "place": Kind.words, "phone": Kind.words, "starts": Kind.moment, "late": Kind.minutes,
    "link": Kind.path,
}  # fmt: skip
RUNNING_LATE: Final = register_template(
    Template(
        "appointment_running_late",
        N_("Your appointment at {practice} will begin later"),
        (
            N_("We are running about {late} late. We are sorry."),
            N_("Your appointment was planned for: {starts}"),
            N_("Where: {place}"),
            N_("Questions? Call {phone}."),
        ),
        _PARAMETERS,
        N_("See your appointment"),
    )
)
ON_TIME: Final = register_template(
    Template(
        "appointment_on_time",
        N_("Your appointment at {practice} begins on time"),
        (
            N_("We have caught up: your appointment begins as planned."),
            N_("When: {starts}"),
            N_("Where: {place}"),
            N_("Questions? Call {phone}."),
        ),
        _PARAMETERS,
        N_("See your appointment"),
    )
)

_WAITING: Final = text("""
select a.id, a.patient_id, a.location_id from appointment a join location l on l.id = a.location_id
where a.practitioner_id = :practitioner_id and a.status = any (cast(:statuses as text[]))
  and a.starts_at > cast(:now as timestamptz) - make_interval(mins => :minutes)
  and a.starts_at < cast(:now as timestamptz) + interval '1 day'
  and (a.starts_at at time zone l.zone)::date = :day
order by a.starts_at
""")

# The day of a practitioner is counted by the clock of the first place they work at.
_TODAY: Final = text("""
select (cast(:now as timestamptz) at time zone l.zone)::date as day, d.minutes, coalesce(d.step, 0) as step
from (select pg_advisory_xact_lock(hashtextextended('delay ' || cast(:id as text), 0))) lock
cross join practitioner_location w join location l on l.id = w.location_id
left join lateral (
  select x.minutes, x.step from delay x
  where x.practitioner_id = w.practitioner_id and x.day = (cast(:now as timestamptz) at time zone l.zone)::date
  order by x.step desc limit 1
) d on true
where w.practitioner_id = :id order by w.location_id limit 1
""")

_CURRENT: Final = text("""
select distinct on (d.practitioner_id) d.practitioner_id, d.minutes
from delay d join practitioner_location w on w.practitioner_id = d.practitioner_id
join location l on l.id = w.location_id
where d.day = (cast(:now as timestamptz) at time zone l.zone)::date
order by d.practitioner_id, d.step desc
""")


async def say_delay(tx: Transaction, practitioner_id: UUID, minutes: int) -> None:
    """Say how late a practitioner runs today; 0 is on time again. Saying the same again changes nothing.

    Whoever waits sees it at once; those not here yet get one mail each.

    Raises:
        NotWithinADay: if it is not between 0 and 240 minutes.
        NotFound: if there is no such practitioner.
    """
    policy.require(tx.actor, policies.SAY_DELAY.name)
    if not 0 <= minutes <= MINUTES_MAX:
        raise NotWithinADay
    now = clock.now()
    today = await tx.first(_TODAY, {"id": practitioner_id, "now": now})
    if today is None:
        raise NotFound
    if (today.minutes or 0) == minutes:
        return
    delay_id = uuid4()
    await tx.execute(
        "insert into delay (id, practitioner_id, day, minutes, step, created_by, created_at)"
        " values (:id, :practitioner_id, :day, :minutes, :step, :person_id, :now)",
        {"id": delay_id, "practitioner_id": practitioner_id, "day": today.day, "minutes": minutes,
         "step": today.step + 1, "person_id": tx.actor.person_id, "now": now},
    )  # fmt: skip
    await _announce(tx, practitioner_id, today.day, max(minutes, today.minutes or 0))
    await audit.record(
        tx, "booking.say_delay", patient_id=None, entity="Practitioner", entity_id=practitioner_id,
        detail={"minutes": str(minutes)},
    )  # fmt: skip
    await enqueue(tx, tell_delay, delay_id=delay_id)


async def _announce(tx: Transaction, practitioner_id: UUID, day: object, minutes: int) -> None:
    waiting = await tx.all(
        _WAITING,
        {"practitioner_id": practitioner_id, "day": day, "minutes": minutes + 60, "now": clock.now(),
         "statuses": ["booked", "arrived"]},
    )  # fmt: skip
    topics = {f"practitioner:{practitioner_id}"}
    topics |= {f"patient:{one.patient_id}" for one in waiting} | {f"location:{one.location_id}" for one in waiting}
    await announce(tx, *sorted(topics))


@job("booking.tell_delay", policy="booking.send_message")
async def tell_delay(tx: Transaction, delay_id: str) -> None:
    """Mail those who are still to come how late it is; nothing if something else was said since."""
    await tell(tx, delay_id)


async def tell(tx: Transaction, delay_id: str) -> None:
    """Do it; each person hears of each step once."""
    said = await tx.first(
        "select d.practitioner_id, d.day, d.minutes, d.step from delay d where d.id = :id and not exists"
        " (select from delay x where x.practitioner_id = d.practitioner_id and x.day = d.day and x.step > d.step)",
        {"id": UUID(delay_id)},
    )
    if said is None:
        return
    waiting = await tx.all(
        _WAITING,
        {"practitioner_id": said.practitioner_id, "day": said.day, "minutes": said.minutes, "now": clock.now(),
         "statuses": ["booked"]},
    )  # fmt: skip
    for one in waiting:
        await _tell(tx, await appointment(tx, one.id), said.minutes, delay_id)


async def _tell(tx: Transaction, found: AppointmentView, minutes: int, delay_id: str) -> None:
    us = await practice.practice(tx)
    template = RUNNING_LATE if minutes else ON_TIME
    for person in await jobs.recipients(tx, found):
        with i18n.use(person.locale):
            place = calendar.place(found)
        await notify.enqueue_message(
            tx, person_id=person.id, template=template.name, dedupe_key=f"delay:{delay_id}:{found.id}:{person.id}",
            params={
                "practice": us.name, "place": place, "phone": found.phone, "late": str(minutes),
                "starts": notify.moment_parameter(found.starts_at, found.display_zone),
                "link": f"/appointments/{found.id}",
            },
            locale=person.locale,
        )  # fmt: skip


async def current_delays(tx: Transaction) -> Mapping[UUID, int]:
    """Return who runs late today, and by how many minutes."""
    rows: Any = await tx.all(_CURRENT, {"now": clock.now()})
    return {row.practitioner_id: row.minutes for row in rows if row.minutes}


async def minutes_late(tx: Transaction, found: AppointmentView) -> int:
    """Return how much later than planned an appointment of today will begin, as far as the practice has said."""
    is_waiting = found.status in ("booked", "arrived")
    if not is_waiting or not rules.is_same_day(found.starts_at, clock.now(), found.zone):
        return 0
    return (await current_delays(tx)).get(found.practitioner_id, 0)

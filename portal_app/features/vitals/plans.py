"""Plans for measuring: set by the care team, followed by the patient, with reminders at the times they pick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.vitals import policies
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.views import Chart
from portal_app.features.vitals.watching import watched_chart

TIMES_MOST: Final = 4
REMINDERS_MOST: Final = 4
LONGEST: Final = timedelta(days=366)
DAYS_SHOWN: Final = 7
CONDITIONS: Final = ("pregnant", "copd", "heart_failure", "chemotherapy")

_ADD: Final = """
insert into care_plan (id, patient_id, confidentiality, measure, times_a_day, begins_on, until_on, set_by,
  set_by_name, set_at, request_key)
values (:id, :patient_id, :confidentiality, :measure, :times, :begins_on, :until_on, :person_id, :name, :now, :key)
on conflict (request_key) do nothing
"""
_END: Final = """
update care_plan set ended_at = :now, ended_by = :person_id
where patient_id = :patient_id and measure = :measure and ended_at is null
"""
_IN_FORCE: Final = """
select c.id, c.measure, c.times_a_day, c.begins_on, c.until_on, c.set_by_name from care_plan c
where c.patient_id = :patient_id and c.ended_at is null and c.until_on >= :today order by c.set_at, c.id
"""
_DAYS: Final = """
select r.measure, (r.taken_at at time zone :zone)::date as day, count(*) as number from reading r
where r.patient_id = :patient_id and r.status <> 'entered-in-error' and r.measure = any (:measures)
  and r.taken_at > :since
group by 1, 2
"""
_REMINDERS: Final = """
select at from care_plan_reminder
where patient_id = :patient_id and person_id = :person_id and measure = :measure order by at
"""
_FORGET: Final = """
delete from care_plan_reminder
where patient_id = :patient_id and person_id = :person_id and measure = :measure and at <> all (:times)
"""
_REMIND: Final = """
insert into care_plan_reminder (patient_id, confidentiality, person_id, measure, at)
select c.patient_id, c.confidentiality, :person_id, :measure, unnest(cast(:times as time[])) from vitals_chart() c
on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What the care team asks for: how often a day, from today until a day (included)."""

    patient_id: UUID
    measure: str
    times_a_day: int
    until_on: date
    request_key: UUID


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan in force: who set it, and how often something was measured on each of the last days, oldest first."""

    id: UUID
    measure: str
    times_a_day: int
    begins_on: date
    until_on: date
    set_by_name: str
    days: tuple[tuple[date, int], ...]

    @property
    def done(self) -> int:
        """Return how many of the planned measurements were taken; more than planned in a day count as planned."""
        return sum(min(number, self.times_a_day) for _day, number in self.days)

    @property
    def planned(self) -> int:
        """Return how many were planned by now: of today, only those that were already taken."""
        return self.times_a_day * (len(self.days) - 1) + min(self.days[-1][1], self.times_a_day)


async def set_plan(tx: Transaction, new: NewPlan) -> None:
    """Ask somebody to measure something; the plan before it ends. The same key again changes nothing.

    Raises:
        NotFound: if the chart is not one of the actor's.
        InputRefused: at what was not chosen.
    """
    policy.require(tx.actor, policies.PLAN.name)
    whose = await watched_chart(tx, new.patient_id)
    today = local_today(whose.chart.zone)
    if new.measure not in MEASURES:
        raise InputRefused("measure", N_("Choose what to measure."))
    if not 1 <= new.times_a_day <= TIMES_MOST:
        raise InputRefused("times", N_("Choose how often a day."))
    if not today <= new.until_on <= today + LONGEST:
        raise InputRefused("until", N_("Choose a day from today on, within a year."))
    # Two at once wait for each other here, so that the later plan replaces the earlier and neither fails,
    # and so that the same key twice is seen.
    await tx.execute("select pg_advisory_xact_lock(hashtext('care_plan'), hashtext(:id))", {"id": str(new.patient_id)})
    if await tx.scalar("select count(*) from care_plan where request_key = :key", {"key": new.request_key}):
        return
    params = {
        "id": uuid4(), "patient_id": new.patient_id, "confidentiality": whose.confidentiality, "measure": new.measure,
        "times": new.times_a_day, "begins_on": today, "until_on": new.until_on, "person_id": tx.actor.person_id,
        "name": tx.actor.display_name, "now": clock.now(), "key": new.request_key,
    }  # fmt: skip
    await tx.execute(_END, params)
    await tx.execute(_ADD, params)
    await audit.record(tx, "vitals.set_plan", patient_id=new.patient_id, entity="CarePlan", entity_id=params["id"])  # type: ignore[arg-type]


async def end_plan(tx: Transaction, patient_id: UUID, measure: str) -> None:
    """End a plan; ending none changes nothing. Raises NotFound."""
    policy.require(tx.actor, policies.PLAN.name)
    await watched_chart(tx, patient_id)
    params = {"patient_id": patient_id, "measure": measure, "person_id": tx.actor.person_id, "now": clock.now()}
    if await tx.execute(_END, params):
        await audit.record(tx, "vitals.end_plan", patient_id=patient_id, entity="CarePlan", entity_id=None)


async def plans_of(tx: Transaction, chart: Chart) -> Sequence[PlanView]:
    """Return the plans in force of a chart, in another use case's transaction and under its policy."""
    today = local_today(chart.zone)
    rows = await tx.all(_IN_FORCE, {"patient_id": chart.patient_id, "today": today})
    if not rows:
        return []
    params = {
        "patient_id": chart.patient_id, "zone": chart.zone, "measures": [row.measure for row in rows],
        "since": clock.now() - timedelta(days=DAYS_SHOWN + 1),
    }  # fmt: skip
    counted = {(one.measure, one.day): one.number for one in await tx.all(_DAYS, params)}
    return [_plan(row, counted, today) for row in rows]


async def has_plan(tx: Transaction) -> bool:
    """Tell whether somebody who sees the readings of the chart acted for is asked for some by a plan."""
    found = await tx.scalar(
        "select exists (select from care_plan where patient_id = :id and ended_at is null and until_on >= :since)",
        {"id": tx.actor.patient_id, "since": clock.now().date() - timedelta(days=1)},  # wherever they are
    )
    return bool(found)


async def note_conditions(tx: Transaction, patient_id: UUID, wanted: frozenset[str]) -> None:
    """Note which conditions choose other ranges for somebody; what is not named is taken off. Raises NotFound."""
    policy.require(tx.actor, policies.PLAN.name)
    whose = await watched_chart(tx, patient_id)
    known = frozenset(CONDITIONS)
    if wanted & known == whose.chart.conditions:
        return
    params = {"patient_id": patient_id, "person_id": tx.actor.person_id, "level": whose.confidentiality}
    gone, come = list(whose.chart.conditions - wanted), list((wanted & known) - whose.chart.conditions)
    await tx.execute(
        "delete from vital_condition where patient_id = :patient_id and condition = any (:gone)",
        {**params, "gone": gone},
    )
    await tx.execute(
        "insert into vital_condition (patient_id, confidentiality, condition, noted_by)"
        " select :patient_id, :level, unnest(cast(:come as text[])), :person_id on conflict do nothing",
        {**params, "come": come},
    )
    await audit.record(tx, "vitals.note_conditions", patient_id=patient_id, entity="Condition", entity_id=None)


async def reminders(tx: Transaction, measure: str) -> Sequence[time]:
    """Return when the actor is reminded of a measure of the chart they act for."""
    policy.require(tx.actor, policies.LOG.name)
    return [row.at for row in await tx.all(_REMINDERS, _of_actor(tx, measure))]


async def remind_at(tx: Transaction, measure: str, times: Sequence[time]) -> None:
    """Be reminded of a measure at these times of the day, by the clock of where the chart says that they live.

    Raises NotFound for what is no measure; InputRefused for more times than anybody needs.
    """
    policy.require(tx.actor, policies.LOG.name)
    if measure not in MEASURES:
        raise NotFound
    if len(set(times)) > REMINDERS_MOST:
        raise InputRefused("at-0", N_("Four reminders a day are the most."))
    params = {**_of_actor(tx, measure), "times": sorted(set(times))}
    await tx.execute(_FORGET, params)
    await tx.execute(_REMIND, params)
    await audit.record(tx, "vitals.set_reminders", patient_id=tx.actor.patient_id, entity="CarePlan", entity_id=None)


def local_today(zone: str) -> date:
    """Return which day it is where somebody lives."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def _plan(row: Any, counted: Mapping[tuple[str, date], int], today: date) -> PlanView:
    first = max(row.begins_on, today - timedelta(days=DAYS_SHOWN - 1))
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    return PlanView(
        row.id, row.measure, row.times_a_day, row.begins_on, row.until_on, row.set_by_name,
        tuple((day, counted.get((row.measure, day), 0)) for day in days),
    )  # fmt: skip


def _of_actor(tx: Transaction, measure: str) -> dict[str, object]:
    return {"patient_id": tx.actor.patient_id, "person_id": tx.actor.person_id, "measure": measure}


def clock_time(said: str) -> time | None:
    """Return a time of the day as a browser sends it ("08:30"), None for none. Raises InputRefused."""
    try:
        return datetime.strptime(said.strip()[:5], "%H:%M").time() if said.strip() else None  # noqa: DTZ007 - a time alone
    except ValueError:
        raise InputRefused("at-0", N_("Choose a time, such as 8:00.")) from None

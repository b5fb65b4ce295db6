"""The care team's side: who is on the panel in which order, one patient's chart, plans, and what is nobody else's."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.vitals import service
from portal_app.features.vitals.service import NewPlan, PlanView, Watched
from tests.factories import Clinic, Someone
from tests.features.vitals.conftest import AtHome, at_home, known

EVENING = datetime(2026, 3, 20, 18, tzinfo=UTC)


async def watched(home: AtHome) -> AtHome:
    """Let the nurse of a home treat its patient, as somebody of the care team."""
    async with home.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)"
            " values (:who, :id, '{vitals,booking}', '{view,act}', 'R', 1, 'care_team')",
            {"who": home.nurse.person_id, "id": home.patient.patient_id},
        )
    return home


async def plan(home: AtHome, measure: str = "blood_pressure", times: int = 2, days: int = 14, **more: object) -> None:
    until = (clock.now() + timedelta(days=days)).date()
    new = NewPlan(known(home.patient), measure, times, until, **{"request_key": uuid4(), **more})  # type: ignore[arg-type]
    async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
        await service.set_plan(tx, new)


async def panel(home: AtHome, nurse: Someone | None = None) -> list[Watched]:
    async with home.database.act_as((nurse or home.nurse).credential, "vitals.watch") as tx:
        return list(await service.panel(tx))


async def plans(home: AtHome) -> list[PlanView]:
    async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
        return list(await service.plans_of(tx, await service.chart_of(tx)))


async def test_whoever_has_a_plan_or_an_open_alert_is_on_the_panel_and_the_worst_come_first(
    database: Database, clinic: Clinic
) -> None:
    calm, bad, other = [await watched(await at_home(database, clinic)) for _ in range(3)]
    for home in (bad, other):
        await watched(AtHome(database, clinic, home.patient, calm.nurse))
    await other.log("pulse", "70")  # neither plan nor alert
    await plan(calm)
    await calm.log("blood_pressure", "121", "78")
    await bad.log("blood_pressure", "190", "100")
    rows = await panel(calm)
    assert [one.patient_id for one in rows] == [bad.patient.patient_id, calm.patient.patient_id]
    assert [(one.worst, one.finding, one.planned, one.done) for one in rows] == [
        ("urgent", "severe", 0, 0), ("", "elevated", 1, 1),
    ]  # fmt: skip


async def test_done_of_planned_counts_days_and_no_day_twice(home: AtHome) -> None:
    await watched(home)
    with clock.frozen_at(EVENING - timedelta(days=3)):
        await plan(home)
    for day, number in ((3, 1), (2, 5)):
        for _ in range(number):
            with clock.frozen_at(EVENING):
                await home.log("blood_pressure", "121", "78", minutes=-day * 1440)
    with clock.frozen_at(EVENING):
        (one,), (row,) = await plans(home), await panel(home)
    assert [number for _, number in one.days] == [1, 5, 0, 0]
    assert ((one.done, one.planned), (row.done, row.planned)) == ((3, 6), (3, 6))


async def test_pages_of_the_panel_follow_each_other_and_lose_nobody(database: Database, clinic: Clinic) -> None:
    first = await watched(await at_home(database, clinic))
    homes = [first] + [await watched(AtHome(database, clinic, await clinic.patient(), first.nurse)) for _ in range(4)]
    for home in homes:
        await plan(home)
    found: list[UUID] = []
    async with database.act_as(first.nurse.credential, "vitals.watch") as tx:
        last = None
        while rows := await service.panel(tx, after=last, most=2):
            found, last = found + [one.patient_id for one in rows], rows[-1]
    assert sorted(found) == sorted(known(home.patient) for home in homes)
    assert len(found) == 5


async def test_a_chart_is_nobody_s_who_does_not_treat_the_patient(home: AtHome) -> None:
    await home.log("blood_pressure", "190", "100")
    assert await panel(home) == []
    async with home.database.act_as(home.nurse.credential, "vitals.watch") as tx:
        with pytest.raises(NotFound):
            await service.watched_chart(tx, known(home.patient))
        assert await service.watched_readings(tx, known(home.patient)) == []
    with pytest.raises(NotFound):
        await plan(home)
    with pytest.raises(NotAllowed):
        async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
            await service.panel(tx)


async def test_the_next_plan_replaces_the_one_before_and_the_same_tap_counts_once(home: AtHome) -> None:
    await watched(home)
    key = uuid4()
    await plan(home, request_key=key)
    await plan(home, times=1)
    await plan(home, request_key=key)  # a tap that comes late brings nothing back
    (one,) = await plans(home)
    assert (one.times_a_day, one.set_by_name) == (1, "Noor Haddad")
    async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
        await service.end_plan(tx, known(home.patient), "blood_pressure")
    assert await plans(home) == []
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from care_plan where ended_by is not null") == 2


async def until_one_waits(database: Database) -> None:
    """Return when one transaction waits for the lock of another."""
    for _ in range(200):
        async with database.act_as_system("test") as tx:
            if await tx.scalar("select count(*) from pg_locks where locktype = 'advisory' and not granted"):
                return
        await asyncio.sleep(0.02)
    raise AssertionError


async def test_two_taps_at_once_set_one_plan_and_end_none(home: AtHome) -> None:
    await watched(home)
    key = uuid4()
    until = (clock.now() + timedelta(days=14)).date()
    async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
        await service.set_plan(tx, NewPlan(known(home.patient), "pulse", 2, until, key))
        second = asyncio.create_task(plan(home, "pulse", 2, 14, request_key=key))
        await until_one_waits(home.database)
    await second
    assert [one.measure for one in await plans(home)] == ["pulse"]


@pytest.mark.parametrize(
    ("measure", "times", "days", "field"),
    [("blood_type", 2, 14, "measure"), ("pulse", 0, 14, "times"), ("pulse", 7, 14, "times"), ("pulse", 1, -2, "until"),
     ("pulse", 1, 500, "until")],
)  # fmt: skip
async def test_a_plan_that_cannot_be_is_refused_where_it_is_wrong(
    home: AtHome, measure: str, times: int, days: int, field: str
) -> None:
    await watched(home)
    with pytest.raises(InputRefused) as caught:
        await plan(home, measure, times, days)
    assert caught.value.field == field


async def test_what_the_care_team_ticks_chooses_the_range_of_what_comes_and_not_of_what_was(home: AtHome) -> None:
    await watched(home)
    before = await home.log("oxygen", "91")
    async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
        await service.note_conditions(tx, known(home.patient), frozenset({"copd", "nonsense"}))
    assert (await home.log("oxygen", "91", minutes=60)).finding == "within"
    assert [one.finding for one in await home.kept("oxygen") if one.id == before.id] == ["low"]
    async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
        await service.note_conditions(tx, known(home.patient), frozenset())
    assert (await home.log("oxygen", "91", minutes=120)).finding == "low"


@pytest.mark.parametrize(("value", "status"), [("91", "closed"), ("85", "closed")])
async def test_taking_a_reading_back_closes_its_alert_if_nobody_has_it(home: AtHome, value: str, status: str) -> None:
    one = await home.log("oxygen", value)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await service.take_back(tx, one.id)
        await service.take_back(tx, one.id)
    async with home.database.act_as_system("test") as tx:
        row = await tx.one("select status, outcome from alert")
    assert (row.status, row.outcome) == (status, "taken_back")


async def test_what_is_critical_is_marked_and_stays_until_a_person_has_looked(home: AtHome) -> None:
    one = await home.log("oxygen", "97", has_symptom=True)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await service.take_back(tx, one.id)
    async with home.database.act_as_system("test") as tx:
        assert (await tx.one("select status from alert")).status == "open"
        assert await tx.scalar("select count(*) from alert_event where kind = 'withdrawn'") == 1


async def test_one_of_two_readings_taken_back_leaves_the_alert_open(home: AtHome) -> None:
    first = await home.log("oxygen", "91", minutes=-120)
    await home.log("oxygen", "91")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await service.take_back(tx, first.id)
    assert await home.alerts() == [("vitals.oxygen", "urgent", 2)]


def test_a_plan_counts_no_more_than_was_planned() -> None:
    days = ((date(2026, 3, 1), 4), (date(2026, 3, 2), 1))
    one = PlanView(uuid4(), "pulse", 2, days[0][0], days[1][0], "", days)
    assert (one.done, one.planned) == (3, 3)


async def test_the_small_picture_has_what_was_entered_in_another_unit_too(home: AtHome) -> None:
    await plan(await watched(home), "weight")
    for day, (value, unit) in zip((2, 1, 0), (("160.2", "[lb_av]"), ("72.50", "kg"), ("72.1", "kg")), strict=True):
        await home.log("weight", value, unit=unit, minutes=-day * 1440)
    (row,) = await panel(home)
    assert (row.unit, [str(one) for one in row.points]) == ("kg", ["72.7", "72.50", "72.1"])


async def asked_on_home(home: AtHome, someone: Someone) -> bool:
    async with home.database.act_as(someone.credential, "booking.view") as tx:
        return await service.has_plan(tx)


async def test_home_knows_of_a_plan_while_it_runs_and_only_for_whoever_sees_readings(home: AtHome) -> None:
    await watched(home)
    assert not await asked_on_home(home, home.patient)
    await plan(home, "pulse", 2, 14)
    by_code = await home.clinic.code_alone(home.patient)
    assert [await asked_on_home(home, one) for one in (home.patient, by_code)] == [True, False]
    assert not await asked_on_home(home, await home.clinic.patient("Sam"))
    with clock.frozen_at(clock.now() + timedelta(days=16)):
        assert not await asked_on_home(home, await home.clinic.sign_in_again(home.patient, assurance=2))
    async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
        await service.end_plan(tx, known(home.patient), "pulse")
    assert not await asked_on_home(home, home.patient)

"""Alerts: one problem one alert, taken by one, escalated by the clock, closed with what came of it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.alerts import jobs, service
from portal_app.features.alerts.service import AlertGrew, AlertMovedOn, AlertView, NewAlert, RaisedAlert, Severity
from portal_app.features.patients import service as patients
from tests.factories import Clinic, Someone

PROBLEM = "forms.self_harm"
JOBS = "select count(*) from procrastinate_jobs where task_name = 'alerts.escalate' and args ->> 'alert_id' = :id"


async def raised(
    database: Database, by: Someone, severity: Severity = "urgent", source: UUID | None = None, value: str = ""
) -> RaisedAlert:
    assert by.patient_id
    facts = {"value": value} if value else {}
    new = NewAlert(by.patient_id, "forms", PROBLEM, severity, source or uuid4(), facts=facts)
    async with database.act_as(by.credential, "booking.view") as tx:
        return await service.raise_alert(tx, new)


async def listed(database: Database, who: Someone) -> Sequence[AlertView]:
    async with database.act_as(who.credential, "alerts.view") as tx:
        return await service.list_alerts(tx)


async def take(database: Database, who: Someone, alert_id: UUID, owner: UUID | None = None) -> None:
    async with database.act_as(who.credential, "alerts.handle") as tx:
        await service.take_alert(tx, alert_id, owner)


async def close(
    database: Database, who: Someone, alert_id: UUID, outcome: str = "called", times: int | None = None
) -> None:
    """Close it, as it stands or as it was when it had been raised so often."""
    async with database.act_as(who.credential, "alerts.handle") as tx:
        seen = await tx.scalar("select times from alert where id = :id", {"id": alert_id})
        await service.close_alert(tx, alert_id, outcome, (seen or 0) if times is None else times)


@pytest.fixture
async def nurse(clinic: Clinic) -> Someone:
    return await clinic.staff("nurse", name="Noor Haddad")


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


async def test_one_problem_is_one_alert_and_the_same_source_counts_once(
    database: Database, maria: Someone, nurse: Someone
) -> None:
    source = uuid4()
    first = await raised(database, maria, source=source, value="1")
    again = [await raised(database, maria, source=source), await raised(database, maria, value="2")]
    (found,) = await listed(database, nurse)
    assert first.is_new
    assert [(one.alert_id, one.is_new) for one in again] == [(first.alert_id, False)] * 2
    assert (found.times, found.facts, found.name) == (2, {"value": "2"}, "Maria Alvarez")


async def test_a_closed_problem_that_comes_again_is_a_new_alert(
    database: Database, maria: Someone, nurse: Someone
) -> None:
    first = await raised(database, maria)
    await close(database, nurse, first.alert_id)
    assert (await raised(database, maria)).is_new
    assert [one.status for one in await listed(database, nurse)] == ["open", "closed"]


async def test_what_is_worse_has_to_be_taken_anew_and_what_is_not_stays_with_whoever_has_it(
    database: Database, maria: Someone, nurse: Someone
) -> None:
    first = await raised(database, maria, "urgent")
    await take(database, nurse, first.alert_id)
    await raised(database, maria, "routine")
    assert [(one.status, one.severity) for one in await listed(database, nurse)] == [("acknowledged", "urgent")]
    await raised(database, maria, "critical")
    assert [(one.status, one.severity) for one in await listed(database, nurse)] == [("open", "critical")]


async def test_the_alert_and_its_clock_stand_only_if_what_raised_them_does(
    database: Database, maria: Someone, nurse: Someone
) -> None:
    assert maria.patient_id
    async with database.act_as(maria.credential, "booking.view") as tx:
        await service.raise_alert(tx, NewAlert(maria.patient_id, "forms", PROBLEM, "critical", uuid4()))
        await tx.flush()
        await tx.driver.rollback()  # as when the process dies
    assert list(await listed(database, nurse)) == []
    kept = await raised(database, maria)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar(JOBS, {"id": str(kept.alert_id)}) == 1


async def test_two_who_take_it_at_once_have_one_owner_and_taking_over_is_knowing(
    database: Database, clinic: Clinic, maria: Someone, nurse: Someone
) -> None:
    alert_id, ben = (await raised(database, maria)).alert_id, await clinic.staff("clinician", name="Ben Ito")
    await take(database, nurse, alert_id)
    await take(database, nurse, alert_id)
    for act in (take, close):
        with pytest.raises(AlertMovedOn):
            await act(database, ben, alert_id)
    await take(database, ben, alert_id, nurse.person_id)
    assert [one.owner_name for one in await listed(database, nurse)] == ["Ben Ito"]
    async with database.act_as(ben.credential, "alerts.handle") as tx:
        await service.give_back(tx, alert_id)
    assert [one.status for one in await listed(database, nurse)] == ["open"]


async def further(database: Database, alert_id: UUID, level: int, minutes: int) -> None:
    with clock.frozen_at(clock.now() + timedelta(minutes=minutes)):
        async with database.act_as_system("alerts.escalate") as tx:
            await jobs.take_further(tx, alert_id, level)


async def written_to(database: Database) -> int:
    async with database.act_as_system("test") as tx:
        return int(await tx.scalar("select count(*) from outbox_message where template = 'alerts_waiting'"))


async def test_the_clock_takes_it_to_more_people_until_somebody_has_it(
    database: Database, clinic: Clinic, maria: Someone, nurse: Someone
) -> None:
    await clinic.staff("clinician")
    alert_id = (await raised(database, maria, "critical")).alert_id
    for level, minutes in ((0, 9), (0, 11), (0, 12)):  # too early, in time, and the same once more
        await further(database, alert_id, level, minutes)
    async with database.act_as_system("test") as tx:
        await jobs.write_to_pool(tx, alert_id, 0)
        await jobs.write_to_pool(tx, alert_id, 1)
    assert [one.level for one in await listed(database, nurse)] == [1]
    assert await written_to(database) == 2
    await take(database, nurse, alert_id)
    await further(database, alert_id, 0, 50)
    assert [one.level for one in await listed(database, nurse)] == [0]
    await further(database, alert_id, 0, 61)  # taken, and not closed in time
    assert [one.level for one in await listed(database, nurse)] == [1]


@pytest.mark.parametrize(("severity", "written"), [("critical", (1, 3)), ("urgent", (0, 2)), ("routine", (0, 0))])
async def test_only_what_is_harmless_keeps_quiet_whatever_hours_somebody_asked_for(
    database: Database, clinic: Clinic, maria: Someone, severity: Severity, written: tuple[int, int]
) -> None:
    await clinic.staff("nurse")
    await clinic.staff("clinician")
    async with database.act_as_system("test") as tx:
        await tx.execute("update person set quiet_from = 0, quiet_until = 23")
    alert_id = (await raised(database, maria, severity)).alert_id
    found = []
    for level in (0, 1):
        if level:
            await further(database, alert_id, 0, 60 * 24 * 7)
        async with database.act_as_system("test") as tx:
            told = "select (args ->> 'level')::int from procrastinate_jobs where task_name = 'alerts.tell'"
            for row in await tx.all(f"{told} and args ->> 'alert_id' = :id", {"id": str(alert_id)}):
                await jobs.write_to_pool(tx, alert_id, row[0])
        found.append(await written_to(database))
    assert tuple(found) == written


async def test_an_alert_whose_job_was_lost_is_found(database: Database, maria: Someone) -> None:
    alert_id = str((await raised(database, maria, "critical")).alert_id)
    async with database.act_as_system("test") as tx:
        await tx.execute("delete from procrastinate_jobs where task_name = 'alerts.escalate'")
    with clock.frozen_at(clock.now() + timedelta(minutes=13)):
        async with database.act_as_system("test") as tx:
            await jobs.find_lost(tx)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar(JOBS, {"id": alert_id}) == 1


async def test_an_outcome_is_one_of_the_list_and_the_patient_reads_it(
    database: Database, maria: Someone, nurse: Someone
) -> None:
    alert_id = (await raised(database, maria)).alert_id
    with pytest.raises(InputRefused):
        await close(database, nurse, alert_id, "because")
    await close(database, nurse, alert_id)
    await close(database, nurse, alert_id, "no_change")
    assert maria.patient_id
    async with database.act_as(maria.credential, "booking.view") as tx:
        (told,) = await service.standing(tx, maria.patient_id, PROBLEM)
    assert (told.status, told.outcome, told.owner_name) == ("closed", "called", "Noor Haddad")


async def test_a_patient_reads_no_list_and_raises_nothing_about_others(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    sam, alert_id = await clinic.patient("Sam"), (await raised(database, maria)).alert_id
    with pytest.raises(NotAllowed):
        await listed(database, maria)
    assert sam.patient_id
    assert maria.patient_id
    with pytest.raises(DBAPIError) as caught:
        async with database.act_as(sam.credential, "booking.view") as tx:
            await service.raise_alert(tx, NewAlert(maria.patient_id, "forms", PROBLEM, "critical", uuid4()))
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege)
    async with database.act_as(sam.credential, "booking.view") as tx:
        assert list(await service.standing(tx, maria.patient_id, PROBLEM)) == []
        assert await tx.scalar("select count(*) from alert_event") == 0
        assert await tx.execute("update alert set outcome = 'called' where id = :id", {"id": alert_id}) == 0


async def test_an_alert_that_is_not_there_cannot_be_taken(database: Database, nurse: Someone) -> None:
    with pytest.raises(NotFound):
        await take(database, nurse, uuid4())


async def test_what_was_measured_is_unreadable_in_the_database(database: Database, maria: Someone) -> None:
    await raised(database, maria, value="190/124")
    async with database.act_as_system("test") as tx:
        assert "190" not in await tx.scalar("select facts from alert_event")


async def test_the_number_to_call_is_written_as_people_write_it(
    database: Database, maria: Someone, nurse: Someone
) -> None:
    assert maria.patient_id
    async with database.act_as_system("test") as tx:
        await patients.write_number(tx, maria.patient_id, "+17185550142")
    await raised(database, maria)
    assert [one.phone for one in await listed(database, nurse)] == ["(718) 555-0142"]


@pytest.mark.parametrize("severity", ["urgent", "critical"])
async def test_what_was_added_since_somebody_looked_is_not_closed_with_the_rest(
    database: Database, maria: Someone, nurse: Someone, severity: Severity
) -> None:
    alert_id = (await raised(database, maria)).alert_id
    await take(database, nurse, alert_id)
    await raised(database, maria, severity)
    with pytest.raises(AlertGrew):
        await close(database, nurse, alert_id, "no_change", times=1)
    assert [(one.status == "closed", one.times) for one in await listed(database, nurse)] == [(False, 2)]
    await close(database, nurse, alert_id)
    assert [one.status for one in await listed(database, nurse)] == ["closed"]

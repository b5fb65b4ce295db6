"""Putting a reading right: one outcome whoever taps, judged anew, with what it was before, and nobody else's."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import clock
from portal_app.core.errors import NotAllowed, NotFound, OutOfScope, PortalError
from portal_app.features.alerts import service as alerts
from portal_app.features.vitals import service
from portal_app.features.vitals.service import ReadingDoubted, ReadingMovedOn, ReadingView, Story
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.vitals.conftest import AtHome, at_home, known
from tests.features.vitals.test_watching import watched

__all__ = ["share"]


async def correct(
    home: AtHome, wrong: ReadingView, who: Someone | None = None, key: UUID | None = None, *, is_sure: bool = False,
    **said: str,
) -> ReadingView:  # fmt: skip
    new = service.corrected(service.as_typed(wrong) | said, key or uuid4(), wrong)
    async with home.database.act_as((who or home.patient).credential, "vitals.log") as tx:
        return await service.log_reading(tx, service.confirmed(new) if is_sure else new)


async def called(home: AtHome, who: Someone) -> str:
    async with home.database.act_as_system("test") as tx:
        return str(await tx.scalar("select display_name from person where id = :id", {"id": who.person_id}))


async def told(home: AtHome, reading_id: UUID, who: Someone | None = None) -> Story:
    async with home.database.act_as((who or home.patient).credential, "vitals.see") as tx:
        return await service.story(tx, reading_id)


async def test_what_is_left_alone_stays_as_it_was_entered(home: AtHome) -> None:
    wrong = await home.log("glucose", "180", unit="mg/dL", context="fasting", note="before breakfast", minutes=-90)
    right = await correct(home, wrong, value="108")
    assert right._replace(id=wrong.id, value=wrong.value, finding=wrong.finding, protocol=wrong.protocol) == wrong
    assert [str(one.value) for one in await home.kept("glucose")] == ["108"]
    later = await correct(home, right, at="2026-03-01T07:10", note="")
    assert (later.taken_at.minute, later.note, later.zone) == (10, "", wrong.zone)


async def test_its_history_says_what_it_was_when_and_by_whom(home: AtHome, share: Share) -> None:
    first = await home.log("weight", "172.5", unit="kg")
    caregiver = await home.clinic.sign_in_again(await share(home.patient, "vitals_act"), assurance=2)
    second = await correct(home, first, caregiver, is_sure=True, value="72.5")
    third = await correct(home, second, note="after lunch")
    found = await told(home, third.id)
    assert [str(one.reading.value) for one in (found.now, *found.before)] == ["72.5", "72.5", "172.5"]
    assert [(one.is_mine, bool(one.ended_at), one.successor) for one in (found.now, *found.before)] == [
        (True, False, None), (False, True, third.id), (True, True, second.id)
    ]  # fmt: skip
    assert found.before[0].entered_name == found.before[1].ended_name == await called(home, caregiver)
    assert found.may_change


async def test_a_caregiver_learns_no_other_caregiver_s_name(home: AtHome, share: Share) -> None:
    one = await home.clinic.sign_in_again(await share(home.patient, "vitals_act"), assurance=2)
    other = await home.clinic.sign_in_again(await share(home.patient, "vitals_view"), assurance=2)
    right = await correct(home, await home.log("pulse", "77"), one, value="71")
    found = await told(home, right.id, other)
    assert (found.now.entered_name, found.now.is_mine, found.may_change) == ("", False, False)
    assert found.before[0].entered_name == await called(home, home.patient)


async def test_it_is_doubted_and_judged_as_a_new_one_and_the_alert_follows(home: AtHome) -> None:
    wrong = await home.log("oxygen", "90")
    assert await home.alerts() == [("vitals.oxygen", "urgent", 1)]
    with pytest.raises(ReadingDoubted):
        await correct(home, wrong, value="9")
    assert [str(one.value) for one in await home.kept("oxygen")] == ["90"]
    right = await correct(home, wrong, value="98")
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select outcome from alert") == "taken_back"
    await correct(home, right, value="89")
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from alert where status = 'open'") == 1


async def test_two_tabs_and_two_taps_have_one_outcome(home: AtHome) -> None:
    wrong, key = await home.log("pulse", "77"), uuid4()
    tries = [correct(home, wrong, key=key, value="71") for _ in range(2)] + [correct(home, wrong, value="72")]
    found = await asyncio.gather(*tries, return_exceptions=True)
    stands = await home.kept("pulse")
    assert len(stands) == 1
    assert {one.id for one in found if isinstance(one, ReadingView)} == {stands[0].id}
    assert {type(one) for one in found if not isinstance(one, ReadingView)} == {ReadingMovedOn}


async def test_what_was_taken_back_is_corrected_no_more_and_a_second_time_changes_nothing(home: AtHome) -> None:
    wrong = await home.log("pulse", "77")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        assert [await service.take_back(tx, wrong.id), await service.take_back(tx, wrong.id)] == [True, False]
    with pytest.raises(ReadingMovedOn):
        await correct(home, wrong, value="71")
    found = await told(home, wrong.id)
    assert (found.now.is_ended_by_me, found.now.successor) == (True, None)


async def test_of_a_broken_device_a_reading_can_be_put_right_all_the_same(home: AtHome) -> None:
    sent = [await home.log("oxygen", "97") for _ in range(service.HOURLY_MOST)]
    assert str((await correct(home, sent[-1], value="98")).value) == "98"


async def test_readings_of_another_chart_are_not_there(home: AtHome, share: Share) -> None:
    wrong = await home.log("pulse", "77")
    other = await at_home(home.database, home.clinic)
    for attempt in (correct(home, wrong, other.patient, value="71"), told(home, wrong.id, other.patient)):
        with pytest.raises(NotFound):
            await attempt
    viewer = await home.clinic.sign_in_again(await share(home.patient, "vitals_view"), assurance=2)
    with pytest.raises((PortalError, DBAPIError)) as refused:
        await correct(home, wrong, viewer, value="71")
    assert isinstance(refused.value, (NotAllowed, OutOfScope, NotFound, ReadingMovedOn))
    assert [str(one.value) for one in await home.kept("pulse")] == ["77"]


async def test_no_statement_puts_a_reading_in_the_place_of_another_chart_s(home: AtHome) -> None:
    theirs = await home.log("pulse", "77")
    other = await at_home(home.database, home.clinic)
    mine = await other.log("pulse", "60")
    with pytest.raises(DBAPIError) as caught:
        async with home.database.act_as(other.patient.credential, "vitals.log") as tx:
            await tx.execute(
                "insert into reading (id, patient_id, measure, unit, value, taken_at, zone, entered_by, entered_at,"
                " request_key, finding, protocol, severity, instead_of) select :id, patient_id, measure, unit, value,"
                " taken_at, zone, entered_by, entered_at, :id, '', '', '', :theirs from reading where id = :mine",
                {"id": uuid4(), "mine": mine.id, "theirs": theirs.id},
            )
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege)
    async with home.database.act_as(other.patient.credential, "vitals.see") as tx:
        asked = {"whose": home.patient.patient_id, "ids": [theirs.id]}
        assert await tx.scalar("select count(*) from reading_people(:whose, :ids)", asked) == 0


async def test_the_care_team_sees_what_was_deleted_or_changed_and_by_whom(home: AtHome, clinic: Clinic) -> None:
    wrong, gone = await home.log("pulse", "77", minutes=-9), await home.log("blood_pressure", "250", "140")
    right = await correct(home, wrong, value="71")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await service.take_back(tx, gone.id)
    whose, since = known((await watched(home)).patient), clock.now() - timedelta(days=7)
    async with home.database.act_as(home.nurse.credential, "vitals.watch") as tx:
        found = await service.watched_ended(tx, whose, since=since)
    name = await called(home, home.patient)
    assert [(one.reading.measure, one.successor, one.ended_name, one.is_ended_by_me) for one in found] == [
        ("blood_pressure", None, name, False), ("pulse", right.id, name, False)
    ]  # fmt: skip
    assert found[0].reading.severity == "urgent"
    desk = await clinic.staff("front_desk")
    for who, wanted in ((home.patient, 1), (await clinic.sign_in_again(await clinic.patient("Sam"), assurance=2), 0)):
        async with home.database.act_as(who.credential, "vitals.see") as tx:
            assert len(await service.ended_readings(tx, "pulse", since=since)) == wanted
    with pytest.raises(NotAllowed):
        async with home.database.act_as(desk.credential, "vitals.watch") as tx:
            await service.watched_ended(tx, whose, since=since)


async def test_a_corrected_time_is_held_to_the_same_bounds(home: AtHome) -> None:
    wrong = await home.log("pulse", "77")
    ahead = f"{wrong.taken_at + timedelta(days=2):%Y-%m-%dT%H:%M}"
    with pytest.raises(PortalError):
        await correct(home, wrong, at=ahead)


async def test_a_correction_that_is_dangerous_too_joins_the_alert_whose_clock_goes_on(home: AtHome) -> None:
    wrong = await home.log("oxygen", "91", is_confirmed=True)
    async with home.database.act_as_system("test") as tx:
        await tx.execute("update alert set level = 1")
        alert_id = await tx.scalar("select id from alert")
    await home.log("oxygen", "90", is_confirmed=True, instead=wrong.id)
    async with home.database.act_as(home.nurse.credential, "alerts.view") as tx:
        (one,) = await alerts.list_alerts(tx)
    assert (one.id, one.status, one.level, one.facts["value"], one.is_taken_back) == (alert_id, "open", 1, "90", False)


async def test_a_correction_that_is_harmless_ends_what_was_told(home: AtHome) -> None:
    wrong = await home.log("oxygen", "91", is_confirmed=True)
    await home.log("oxygen", "97", is_confirmed=True, instead=wrong.id)
    async with home.database.act_as(home.nurse.credential, "alerts.view") as tx:
        assert [one.status for one in await alerts.list_alerts(tx)] == ["closed"]

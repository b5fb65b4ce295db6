"""Who is on call is called: by rank and level, by text, notification and mail, once, and never somebody off duty."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed
from portal_app.features.alerts import jobs, on_call, service
from portal_app.features.alerts.errors import TurnMovedOn
from portal_app.features.alerts.service import AlertView, NewAlert, Severity
from portal_app.features.alerts.views import NewTurn, Roster
from portal_app.features.notify.templates import is_still_true
from tests.factories import Clinic, Someone

NIGHT = datetime(2027, 1, 12, 3, tzinfo=UTC)
TEN_H = timedelta(hours=10)


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager", name="Rita Sole")


@pytest.fixture
async def nurse(clinic: Clinic) -> Someone:
    return await clinic.staff("nurse", name="Noor Haddad")


@pytest.fixture
async def ben(clinic: Clinic) -> Someone:
    return await clinic.staff("clinician", name="Ben Ito")


def turn(who: Someone, rank: int = 1, since: datetime = NIGHT - TEN_H, until: datetime = NIGHT + TEN_H) -> NewTurn:
    return NewTurn(uuid4(), who.person_id, rank, since, until, "")


async def add(database: Database, manager: Someone, new: NewTurn, phone: str = "") -> UUID:
    new = NewTurn(new.id, new.person_id, new.rank, new.starts_at, new.ends_at, phone)
    with clock.frozen_at(NIGHT):
        async with database.act_as(manager.credential, "alerts.keep_roster") as tx:
            await on_call.add_turn(tx, new)
    return new.id


async def seen(database: Database, who: Someone, at: datetime = NIGHT) -> Roster:
    with clock.frozen_at(at):
        async with database.act_as(who.credential, "alerts.view_roster") as tx:
            return await on_call.roster(tx)


async def alert(clinic: Clinic, severity: Severity) -> UUID:
    maria = await clinic.patient()
    assert maria.patient_id
    with clock.frozen_at(NIGHT):
        async with clinic.database.act_as_system("test") as tx:
            new = NewAlert(maria.patient_id, "forms", "forms.self_harm", severity, uuid4())
            return (await service.raise_alert(tx, new)).alert_id


async def tell(database: Database, alert_id: UUID, level: int, minutes: int = 0) -> None:
    """Do what the clock has the worker do, at the level to which it takes the alert."""
    with clock.frozen_at(NIGHT + timedelta(minutes=minutes)):
        async with database.act_as_system("alerts.escalate") as tx:
            if level:
                await jobs.take_further(tx, alert_id, level - 1)
        async with database.act_as_system("alerts.tell") as tx:
            await jobs.write_to_pool(tx, alert_id, level)


async def called(database: Database, *, template: str = "alerts_on_call_") -> list[tuple[UUID, str]]:
    async with database.act_as_system("test") as tx:
        found = await tx.all(
            "select person_id, channel from outbox_message where starts_with(template, :template)"
            " order by created_at, channel desc", {"template": template}
        )  # fmt: skip
        return [(row.person_id, row.channel) for row in found]


async def listed(database: Database, who: Someone) -> AlertView:
    async with database.act_as(who.credential, "alerts.view") as tx:
        (found,) = await service.list_alerts(tx)
        return found


async def test_a_critical_alert_calls_the_first_at_once_then_the_second_then_both(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben, 1))
    await add(database, manager, turn(nurse, 2))
    alert_id = await alert(clinic, "critical")
    found = []
    for level in range(3):
        before = len(await called(database))
        await tell(database, alert_id, level, level * 11)
        found.append({who for who, _way in (await called(database))[before:]})
    assert found == [{ben.person_id}, {nurse.person_id}, {ben.person_id, nurse.person_id}]
    last = await listed(database, nurse)
    assert [one.name for one in last.called] == ["Ben Ito", "Noor Haddad"]
    assert last.called_at == NIGHT + timedelta(minutes=22)


async def test_an_urgent_alert_calls_when_it_is_first_escalated_and_a_routine_one_nobody(
    database: Database, clinic: Clinic, manager: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben))
    routine = await alert(clinic, "routine")
    await tell(database, routine, 0)
    await tell(database, routine, 1, 60 * 9)
    urgent = await alert(clinic, "urgent")
    await tell(database, urgent, 0)
    assert await called(database) == []
    await tell(database, urgent, 1, 61)
    assert await called(database) == [(ben.person_id, "mail")]


async def test_the_call_goes_by_text_to_the_number_of_the_turn_or_ones_own_and_says_nothing_of_health(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone, ben: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal_app.features.notify.service.can_text", lambda: True)
    await clinic.prove_number(nurse, "+17185550188")
    await add(database, manager, turn(ben, 1), "(718) 555-0199")
    await add(database, manager, turn(nurse, 2))
    alert_id = await alert(clinic, "critical")
    await tell(database, alert_id, 0)
    await tell(database, alert_id, 1, 11)
    assert await called(database) == [(ben.person_id, "text"), (ben.person_id, "mail"),
                                      (nurse.person_id, "text"), (nurse.person_id, "mail")]  # fmt: skip
    assert [tuple(one.ways) for one in (await listed(database, nurse)).called] == [("text", "mail")]
    async with database.act_as_system("test") as tx:
        for row in await tx.all("select phone from on_call_turn where phone is not null"):
            assert "555" not in row.phone


async def test_each_level_is_called_once_however_often_its_work_is_done(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben))
    alert_id = await alert(clinic, "critical")
    await tell(database, alert_id, 0)
    await tell(database, alert_id, 0)  # as when a worker died before it had noted that it was done
    assert await called(database) == [(ben.person_id, "mail")]
    with clock.frozen_at(NIGHT):
        await asyncio.gather(*(_write(database, alert_id) for _ in range(3)))
    assert await called(database) == [(ben.person_id, "mail")]
    assert await called(database, template="alerts_waiting") == [(nurse.person_id, "mail")]


async def _write(database: Database, alert_id: UUID) -> None:
    async with database.act_as_system("alerts.tell") as tx:
        await jobs.write_to_pool(tx, alert_id, 0)


async def _write_and_die(database: Database, alert_id: UUID) -> None:
    async with database.act_as_system("alerts.tell") as tx:
        await jobs.write_to_pool(tx, alert_id, 0)
        raise BrokenPipeError


async def test_a_worker_that_dies_in_the_middle_has_called_nobody_and_the_next_one_does(
    database: Database, clinic: Clinic, manager: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben))
    alert_id = await alert(clinic, "critical")
    with pytest.raises(BrokenPipeError):
        await _write_and_die(database, alert_id)
    assert await called(database) == []
    await tell(database, alert_id, 0)
    assert await called(database) == [(ben.person_id, "mail")]


async def test_an_alert_that_was_taken_and_lapsed_calls_again_at_the_same_level(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben))
    alert_id = await alert(clinic, "critical")
    await tell(database, alert_id, 0)
    await tell(database, alert_id, 1, 11)
    with clock.frozen_at(NIGHT + timedelta(minutes=12)):
        async with database.act_as(nurse.credential, "alerts.handle") as tx:
            await service.take_alert(tx, alert_id, None)
    assert len(await called(database)) == 2
    await tell(database, alert_id, 1, 80)
    assert len(await called(database)) == 3
    # … and the roles hear of it again too
    assert len(await called(database, template="alerts_waiting")) == 3


async def test_nobody_on_call_is_said_and_the_roles_are_written_to_as_ever(
    database: Database, clinic: Clinic, nurse: Someone
) -> None:
    alert_id = await alert(clinic, "critical")
    await tell(database, alert_id, 0)
    found = await listed(database, nurse)
    assert ([one.name for one in found.called], found.called_at) == ([""], NIGHT)
    assert await called(database) == []
    assert await called(database, template="alerts_waiting") == [(nurse.person_id, "mail")]


async def _disable(database: Database, who: Someone) -> None:
    async with database.act_as_system("test") as tx:
        await tx.execute("update person set disabled_at = now() where id = :id", {"id": who.person_id})


async def _loses_the_role(database: Database, who: Someone) -> None:
    async with database.act_as_system("test") as tx:
        await tx.execute("delete from person_role where person_id = :id", {"id": who.person_id})


@pytest.mark.parametrize("gone", [_disable, _loses_the_role])
async def test_whoever_is_off_duty_or_gone_is_never_called_and_leaves_a_gap(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone, ben: Someone, gone: Any
) -> None:
    ann = await clinic.staff("nurse", name="Ann Over")
    await add(database, manager, turn(ben, 1))
    await add(database, manager, turn(ann, 2, NIGHT + TEN_H, NIGHT + 2 * TEN_H))
    await gone(database, ben)
    alert_id = await alert(clinic, "critical")
    await tell(database, alert_id, 0)
    assert await called(database) == []
    assert [one.name for one in (await listed(database, nurse)).called] == [""]
    found = await seen(database, nurse)
    assert found.on_now() == []
    assert found.gaps[0] == (NIGHT, NIGHT + TEN_H)


async def test_who_alone_is_on_call_as_second_is_called_first(
    database: Database, clinic: Clinic, manager: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben, 2))
    alert_id = await alert(clinic, "critical")
    await tell(database, alert_id, 0)
    assert await called(database) == [(ben.person_id, "mail")]


async def test_a_call_that_nobody_needs_any_more_does_not_go_out(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben))
    alert_id = await alert(clinic, "critical")
    await tell(database, alert_id, 0)
    assert await _goes_out(database) == [True]
    async with database.act_as(nurse.credential, "alerts.handle") as tx:
        await service.take_alert(tx, alert_id, None)
    assert await _goes_out(database) == [False]
    await tell(database, alert_id, 0)  # and the roles are not told late either
    assert await called(database, template="alerts_waiting") == [(nurse.person_id, "mail")]


async def _goes_out(database: Database) -> list[bool]:
    async with database.act_as_system("notify.deliver") as tx:
        rows = await tx.all("select template, dedupe_key from outbox_message where template like 'alerts_on%'")
        return [await is_still_true(tx, row.template, row.dedupe_key) for row in rows]


async def test_the_roster_says_who_is_on_call_now_and_where_the_next_days_have_a_gap(
    database: Database, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben, 1))
    await add(database, manager, turn(nurse, 2))
    await add(database, manager, turn(nurse, 1, NIGHT + 2 * TEN_H, NIGHT + timedelta(days=8)))
    found = await seen(database, nurse)
    assert [(one.name, one.rank) for one in found.on_now()] == [("Ben Ito", 1), ("Noor Haddad", 2)]
    assert found.gaps == [(NIGHT + TEN_H, NIGHT + 2 * TEN_H)]
    assert [one.name for one in (await seen(database, nurse, NIGHT + 2 * TEN_H)).on_now()] == ["Noor Haddad"]


@pytest.mark.parametrize(
    ("field", "since", "until"),
    [
        ("until-day", NIGHT, NIGHT), ("until-day", NIGHT, NIGHT - TEN_H), ("until-day", NIGHT - TEN_H, NIGHT),
        ("until-day", NIGHT, NIGHT + timedelta(days=32)),
        ("until-day", NIGHT + timedelta(days=399), NIGHT + timedelta(days=401)),
    ],
)  # fmt: skip
async def test_a_turn_that_cannot_be_is_refused_where_it_stands(
    database: Database, manager: Someone, ben: Someone, field: str, since: datetime, until: datetime
) -> None:
    with pytest.raises(InputRefused) as caught:
        await add(database, manager, turn(ben, 1, since, until))
    assert caught.value.field == field


async def test_who_reads_no_alerts_is_never_on_call_and_a_number_that_cannot_be_is_refused(
    database: Database, clinic: Clinic, manager: Someone, ben: Someone
) -> None:
    for who in (await clinic.staff("front_desk"), await clinic.patient()):
        with pytest.raises(InputRefused, match="person"):
            await add(database, manager, turn(who))
    with pytest.raises(InputRefused, match="phone"):
        await add(database, manager, turn(ben), "12")
    with pytest.raises(InputRefused, match="rank"):
        await add(database, manager, turn(ben, 3))


async def test_turns_of_a_rank_do_not_overlap_and_nobody_is_first_and_second_at_once(
    database: Database, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben, 1))
    for new in (turn(nurse, 1, NIGHT, NIGHT + 2 * TEN_H), turn(ben, 2, NIGHT, NIGHT + 2 * TEN_H)):
        with pytest.raises(InputRefused, match="from-day"):
            await add(database, manager, new)
    await add(database, manager, turn(nurse, 1, NIGHT + TEN_H, NIGHT + 2 * TEN_H))  # one after the other
    assert len((await seen(database, nurse)).turns) == 2


async def test_of_two_who_fill_the_same_time_at_once_one_does_and_the_same_tap_twice_is_one_turn(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    other = await clinic.staff("manager")
    ended = await asyncio.gather(
        add(database, manager, turn(ben)), add(database, other, turn(nurse)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in ended) == ["InputRefused", "UUID"]
    again = turn(ben, 2, NIGHT + 3 * TEN_H, NIGHT + 4 * TEN_H)
    await asyncio.gather(add(database, manager, again), add(database, manager, again))
    assert len((await seen(database, nurse)).turns) == 2


async def test_the_database_itself_keeps_one_first_at_a_time(
    database: Database, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    await add(database, manager, turn(ben))
    with pytest.raises(DBAPIError) as caught:
        async with database.act_as(manager.credential, "alerts.keep_roster") as tx:
            await tx.execute(
                "insert into on_call_turn (id, person_id, rank, starts_at, ends_at, added_by, added_at)"
                " values (gen_random_uuid(), :who, 1, :at, :until, :me, now())",
                {"who": nurse.person_id, "at": NIGHT, "until": NIGHT + TEN_H, "me": manager.person_id},
            )
    assert isinstance(caught.value.orig, psycopg.errors.ExclusionViolation)


async def remove(database: Database, who: Someone, turn_id: UUID) -> None:
    with clock.frozen_at(NIGHT):
        async with database.act_as(who.credential, "alerts.keep_roster") as tx:
            await on_call.remove_turn(tx, turn_id)


async def test_a_turn_to_come_is_removed_and_one_that_runs_ends_now_and_an_old_list_is_told(
    database: Database, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    runs = await add(database, manager, turn(ben))
    comes = await add(database, manager, turn(nurse, 1, NIGHT + TEN_H, NIGHT + 2 * TEN_H))
    for one in (runs, comes):
        await remove(database, manager, one)
        with pytest.raises(TurnMovedOn):
            await remove(database, manager, one)
    assert (await seen(database, nurse)).turns == []
    async with database.act_as_system("test") as tx:
        kept = [(row.id, row.ends_at) for row in await tx.all("select id, ends_at from on_call_turn")]
    assert kept == [(runs, NIGHT)]


async def _refused(database: Database, who: Someone, new: NewTurn, kept: UUID) -> Sequence[bool]:
    answers = []
    for act in (add(database, who, new), remove(database, who, kept)):
        try:
            await act
        except NotAllowed:
            answers.append(True)
        else:
            answers.append(False)
    return answers


async def test_the_trail_says_whose_turn_was_added_removed_or_ended_and_when_it_was_planned(
    database: Database, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    runs, comes = turn(ben), turn(nurse, 2, NIGHT + TEN_H, NIGHT + 2 * TEN_H)
    for one in (runs, comes):
        await add(database, manager, one, "(718) 555-0199")
    for one in (runs, comes):
        await remove(database, manager, one.id)
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        lines = await tx.all(
            "select entity_id, action, detail from audit_event where action like 'alerts.%' order by id"
        )
    said = {
        one.id: {"person": str(one.person_id), "rank": str(one.rank), "from": one.starts_at.isoformat(),
                 "until": one.ends_at.isoformat()}
        for one in (runs, comes)
    }  # fmt: skip
    wanted = [("alerts.add_turn", runs), ("alerts.add_turn", comes), ("alerts.remove_turn", runs),
              ("alerts.remove_turn", comes)]  # fmt: skip
    assert [tuple(line) for line in lines] == [(one.id, action, said[one.id]) for action, one in wanted]


async def test_only_a_manager_keeps_the_roster_and_only_the_care_team_and_managers_see_it(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone, ben: Someone
) -> None:
    kept = await add(database, manager, turn(ben), "(718) 555-0199")
    for who in (nurse, ben, await clinic.staff("front_desk"), await clinic.patient()):
        assert await _refused(database, who, turn(nurse, 2), kept) == [True, True]
    for who in (await clinic.staff("front_desk", "billing"), await clinic.patient()):
        with pytest.raises(NotAllowed):
            await seen(database, who)
        async with database.act_as(who.credential, "access.who_am_i") as tx:
            assert await tx.scalar("select count(*) from on_call_turn") == 0
            assert await tx.scalar("select count(*) from on_call_roster(:at)", {"at": NIGHT}) == 0
            assert await tx.scalar("select count(*) from alert_call") == 0
    async with database.act_as(nurse.credential, "alerts.view_roster") as tx:
        assert await tx.execute("delete from on_call_turn") == 0
        assert await tx.execute("update on_call_turn set ends_at = now()") == 0
    assert [one.phone for one in (await seen(database, nurse)).turns] == [""]
    assert [one.phone for one in (await seen(database, manager)).turns] == ["(718) 555-0199"]
    assert [one.has_phone for one in (await seen(database, nurse)).turns] == [True]

"""Staff stay signed in as long as somebody is at the screen, and are locked out after that."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from portal_app.core import clock
from portal_app.core.actor import Credential, Role
from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, SecondFactorNeeded
from portal_app.features.access import factors, recovery_codes, staying
from portal_app.features.access.views import NewSession
from portal_app.features.practice.tables import Practice
from tests.factories import Clinic, Someone

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def nurse(clinic: Clinic) -> Someone:
    return await clinic.staff("nurse", name="Ruth")


async def leave_idle(database: Database, who: Someone, since: timedelta = MINUTE) -> None:
    async with database.act_as_system("test") as tx:
        given = {"until": clock.now() - since, "id": who.person_id}
        await tx.execute("update session set idle_until = :until where person_id = :id", given)


async def ask(database: Database, who: Someone, *, here: bool = False) -> staying.StillHere:
    async with database.act_as(who.credential, "access.stay_in") as tx:
        return await staying.still_here(tx, is_somebody_here=here)


async def opens(database: Database, credential: Credential) -> frozenset[Role]:
    async with database.act_as(credential, "practice.view") as tx:
        return tx.actor.roles


async def locked(database: Database) -> int:
    async with database.act_as_system("test") as tx:
        return int(await tx.scalar("select count(*) from session where locked_at is not null"))


async def recovery_code(database: Database, who: Someone) -> str:
    return (await recovery_codes.make_recovery_codes(database, who.credential))[0]


async def prove(database: Database, who: Someone, code: str) -> Someone:
    async with database.act_as(who.credential, "access.prove_factor") as tx:
        session = await factors.prove(tx, code, "")
    assert isinstance(session, NewSession)
    return replace(who, credential=Credential(session.secret))


async def test_a_shift_begins_with_the_time_the_practice_gives(database: Database, nurse: Someone) -> None:
    own = {"name": "Clinic", "initial": "C", "accent": "#000", "phone": "1", "emergency_phone": "112"}
    async with database.act_as_system("test") as tx:
        await tx.execute(insert(Practice).values(**own, staff_idle_min=30))
    again = await prove(database, nurse, await recovery_code(database, nurse))
    assert 29 * 60 < ((await ask(database, again)).left_s or 0) <= 30 * 60


async def test_a_person_at_the_screen_moves_the_end_on_and_a_page_that_asks_does_not(
    database: Database, nurse: Someone
) -> None:
    await leave_idle(database, nurse, -MINUTE)
    assert ((await ask(database, nurse)).left_s or 0) <= 60
    assert ((await ask(database, nurse, here=True)).left_s or 0) > 14 * 60
    await opens(database, nurse.credential)


async def test_using_the_portal_by_itself_does_not_move_the_end_on(database: Database, nurse: Someone) -> None:
    await leave_idle(database, nurse, -MINUTE)
    await opens(database, nurse.credential)
    assert ((await ask(database, nurse)).left_s or 0) <= 60


async def test_after_the_end_the_hats_of_the_staff_are_off_whatever_is_asked(
    database: Database, nurse: Someone
) -> None:
    await leave_idle(database, nurse)
    with pytest.raises(SecondFactorNeeded):
        await opens(database, nurse.credential)
    async with database.act_as(nurse.credential, "access.prove_factor") as tx:
        assert (await factors.factors(tx)).is_locked
        assert tx.actor.roles == {Role.unproven}
        assert tx.actor.assurance == 1
        assert await tx.scalar("select count(*) from patient") == 0


async def test_nobody_brings_a_locked_session_back_to_life(database: Database, nurse: Someone) -> None:
    await leave_idle(database, nurse)
    assert (await ask(database, nurse, here=True)).left_s == 0
    assert (await ask(database, nurse, here=True)).key == ""
    with pytest.raises(SecondFactorNeeded):
        await opens(database, nurse.credential)
    assert await locked(database) == 1


async def test_a_second_factor_opens_the_work_again_in_a_new_session(database: Database, nurse: Someone) -> None:
    code = await recovery_code(database, nurse)
    await leave_idle(database, nurse)
    again = await prove(database, nurse, code)
    assert again.credential != nurse.credential
    assert Role.nurse in await opens(database, again.credential)


async def test_sessions_left_alone_are_told_so_once(database: Database, nurse: Someone, clinic: Clinic) -> None:
    away, patient = await clinic.staff("nurse", name="Away"), await clinic.patient()
    await leave_idle(database, away)
    await leave_idle(database, patient)
    async with database.act_as_system("access.lock_idle") as tx:
        assert await staying.lock_idle(tx) == 1
    assert await locked(database) == 1
    await opens(database, nurse.credential)
    await opens(database, patient.credential)


async def test_a_patient_has_no_such_limit_and_no_such_question(database: Database, clinic: Clinic) -> None:
    patient = await clinic.patient()
    with pytest.raises(NotAllowed):
        await ask(database, patient)


async def test_what_is_typed_has_a_key_of_each_person_s_own(database: Database, nurse: Someone, clinic: Clinic) -> None:
    mine, again = await ask(database, nurse), await ask(database, await clinic.sign_in_again(nurse))
    other = await ask(database, await clinic.staff("nurse", name="Other"))
    assert (mine.name, mine.key) == (again.name, again.key)
    assert other.key != mine.key != mine.name != other.name

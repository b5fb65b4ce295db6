"""Where somebody is signed in, and ending it."""

from uuid import UUID

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn
from portal_app.features.access import sessions
from tests.factories import Clinic, Someone

wiring.load_features("policies")


async def own(database: Database, who: Someone) -> list[tuple[str, bool]]:
    async with database.act_as(who.credential, "access.keep_passkeys") as tx:
        return [(str(one.id), one.is_this) for one in await sessions.list_sessions(tx)]


async def is_signed_in(database: Database, who: Someone) -> bool:
    try:
        async with database.act_as(who.credential, "access.who_am_i"):
            return True
    except NotSignedIn:
        return False


async def test_a_person_sees_their_own_sessions_this_one_first(database: Database, clinic: Clinic) -> None:
    await clinic.patient("Mallory", "Moore")
    maria = await clinic.patient()
    tablet = await clinic.sign_in_again(maria)
    assert [is_this for _, is_this in await own(database, tablet)] == [True, False]
    assert {one for one, _ in await own(database, maria)} == {one for one, _ in await own(database, tablet)}


async def test_ending_one_ends_that_one_and_is_recorded(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    lost, kept = await clinic.sign_in_again(maria), await clinic.sign_in_again(maria)
    ((session_id, _), *_) = await own(database, lost)
    for _ in range(2):
        async with database.act_as(maria.credential, "access.end_sessions") as tx:
            await sessions.end_session(tx, tx.actor.session_id or tx.actor.person_id)
            await sessions.end_session(tx, UUID(session_id))
    assert [await is_signed_in(database, one) for one in (maria, lost, kept)] == [True, False, True]
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from audit_event where action = 'access.end_session'") == 1


async def test_ending_all_others_leaves_this_one_and_other_people_alone(database: Database, clinic: Clinic) -> None:
    maria, mallory = await clinic.patient(), await clinic.patient("Mallory", "Moore")
    others = [await clinic.sign_in_again(maria) for _ in range(3)]
    async with database.act_as(maria.credential, "access.end_sessions") as tx:
        assert await sessions.end_other_sessions(tx) == 3
    assert not any([await is_signed_in(database, one) for one in others])
    assert await is_signed_in(database, maria)
    assert await is_signed_in(database, mallory)


async def test_nobody_ends_another_person_s_session(database: Database, clinic: Clinic) -> None:
    maria, mallory = await clinic.patient(), await clinic.patient("Mallory", "Moore")
    ((session_id, _),) = await own(database, maria)
    async with database.act_as(mallory.credential, "access.end_sessions") as tx:
        await sessions.end_session(tx, UUID(session_id))
    assert await is_signed_in(database, maria)

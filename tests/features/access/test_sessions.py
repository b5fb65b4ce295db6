"""Where somebody is signed in, and ending it."""

from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import func, insert

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn
from portal_app.features.access import passkeys, sessions
from portal_app.features.access import service as access
from portal_app.features.access.tables import Passkey
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


async def test_the_last_use_is_noted_once_in_five_minutes_and_the_network_is_shortened(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    seen = []
    for back in ("0 seconds", "4 minutes", "6 minutes"):
        async with database.act_as_system("test") as tx:
            await tx.execute(f"update session set seen_at = seen_at - interval '{back}'")
            seen.append(await tx.scalar("select seen_at from session"))
        async with database.act_as(maria.credential, "access.keep_passkeys") as tx:
            sessions.note_use(tx)
        async with database.act_as_system("test") as tx:
            seen.append(await tx.scalar("select seen_at from session"))
    assert seen[0] is None
    assert seen[3] == seen[2]
    assert seen[5] > seen[4]
    async with database.act_as(maria.credential, "access.keep_passkeys") as tx:
        (one,) = await sessions.list_sessions(tx)
    assert one.seen_at == seen[5]


async def test_removing_a_passkey_signs_out_what_it_opened_and_nothing_else(database: Database, clinic: Clinic) -> None:
    maria, passkey_id = await clinic.patient(), uuid4()
    key = {"id": passkey_id, "person_id": maria.person_id, "external_id": "a", "public_key": b"", "name": "Phone",
           "vouched_at": clock.now()}  # fmt: skip
    stronger = await clinic.sign_in_again(maria, assurance=2)
    async with database.act_as(stronger.credential, "access.keep_passkeys") as tx:
        await tx.execute(insert(Passkey).values(**key, last_used_at=func.now()))
        here, there = [
            await access.open_session(tx, maria.person_id, assurance=2, user_agent="", passkey_id=passkey_id)
            for _ in range(2)
        ]
    mine, lost = Credential(here.secret), Credential(there.secret)
    async with database.act_as(mine, "access.keep_passkeys") as tx:
        await passkeys.remove_passkey(tx, passkey_id)
    signed_in = [await is_signed_in(database, replace(maria, credential=one)) for one in (mine, lost)]
    assert [*signed_in, await is_signed_in(database, maria)] == [True, False, True]


async def test_a_session_says_where_the_clock_of_its_device_stood_last(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    found = []
    with clock.frozen_at(clock.now()):
        for zone in ("", "America/New_York", "", "Europe/Madrid"):
            async with database.act_as(maria.credential, "access.keep_passkeys") as tx:
                await tx.execute("update session set seen_at = now() - interval '6 minutes'")
                sessions.note_use(tx, zone)
            async with database.act_as(maria.credential, "access.keep_passkeys") as tx:
                found += [one.zone for one in await sessions.list_sessions(tx)]
    assert found == ["", "America/New_York", "America/New_York", "Europe/Madrid"]

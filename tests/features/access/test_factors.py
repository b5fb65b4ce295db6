"""Staff before and after their second factor: what opens, what proves, what is counted, what is kept."""

import asyncio
import re
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
import reflex as rx
from sqlalchemy import insert
from sqlalchemy.exc import ProgrammingError

from portal_app import wiring
from portal_app.core import clock, db, limits, policy
from portal_app.core.actor import Credential, Role
from portal_app.core.crypto import blind_index
from portal_app.core.db import Database, secret_hash
from portal_app.core.errors import NotAllowed, NotSignedIn, SecondFactorNeeded, StepUpNeeded, TooManyTries
from portal_app.features.access import factors, jobs, kept_codes, recovery_codes, resetting, rules
from portal_app.features.access.errors import CodeNotOnList, FactorRefused, FactorWornOut, SetUpCodeRefused
from portal_app.features.access.tables import AuthenticatorApp, Session
from portal_app.features.access.views import Browser, NewSession, Site
from portal_app.state.base import PortalState
from portal_app.state.second_factor import SecondFactor
from tests.authenticator import Authenticator
from tests.connections import free_connections
from tests.factories import Clinic, Someone

wiring.load_features("policies")
SITE = Site("localhost", "Clinic", ("http://localhost:4100",))
OPEN_UNPROVEN = {
    "access.prove_factor", "access.set_up_factor", "access.sign_out", "access.choose_language", "web.connect",
    "privacy.look_over",  # shows nothing of anybody's
    "access.join_accounts",  # docs/decisions/0052-single-sign-on.md
    "access.stay_in",  # is told that it is locked
    "access.make_recovery_codes", "access.keep_recovery_codes",  # for whoever must have them first, else refused
}  # fmt: skip


@pytest.fixture
async def nurse(clinic: Clinic) -> Someone:
    return await clinic.unproven("nurse", "manager", name="Ruth")


async def invited(database: Database, who: Someone) -> str:
    async with database.act_as_system("test") as tx:
        return await factors.invite(tx, who.person_id, rules.FIRST_SET_UP_LIFE)


async def type_set_up_code(database: Database, who: Someone, code: str) -> Any:
    async with database.act_as(who.credential, "access.prove_factor") as tx:
        return await factors.open_set_up(tx, code)


async def set_up_app(database: Database, credential: Credential) -> tuple[pyotp.TOTP, Any]:
    async with database.act_as(credential, "access.set_up_factor") as tx:
        app = pyotp.TOTP((await factors.begin_app(tx, SITE)).key)
    async with database.act_as(credential, "access.set_up_factor") as tx:
        return app, await factors.confirm_app(tx, app.at(clock.now()), "")


async def prove(database: Database, credential: Credential, typed: str) -> Any:
    async with database.act_as(credential, "access.prove_factor") as tx:
        return await factors.prove(tx, typed, "")


async def actor_of(database: Database, session: NewSession) -> Any:
    async with database.act_as(Credential(session.secret), "access.prove_factor") as tx:
        return tx.actor


@pytest.fixture
async def app(database: Database, nurse: Someone) -> pyotp.TOTP:
    assert await type_set_up_code(database, nurse, await invited(database, nurse)) is None
    app, _ = await set_up_app(database, nurse.credential)
    return app


async def make_codes(database: Database, session: NewSession | Credential) -> list[str]:
    credential = Credential(session.secret) if isinstance(session, NewSession) else session
    return list(await recovery_codes.make_recovery_codes(database, credential))


async def keep(database: Database, session: NewSession | Credential, typed: str) -> None:
    credential = Credential(session.secret) if isinstance(session, NewSession) else session
    async with database.act_as(credential, "access.keep_recovery_codes") as tx:
        await factors.keep_recovery_codes(tx, typed)


@pytest.fixture
async def again(database: Database, clinic: Clinic, nurse: Someone, app: pyotp.TOTP) -> Credential:
    """Sign the nurse in by a code alone, once the app is set up."""
    return (await clinic.code_alone(nurse)).credential


def later(app: pyotp.TOTP) -> Any:
    """Hold the clock two steps on, where the app shows a number not used yet."""
    return clock.frozen_at(clock.now() + timedelta(seconds=60))


async def test_a_code_alone_opens_nothing_of_the_staff_s_whatever_is_asked(database: Database, nurse: Someone) -> None:
    for one in policy.all_policies():
        if one.name.startswith("test.") or one.public:
            continue
        try:
            async with database.act_as(nurse.credential, one.name) as tx:
                assert (one.name, tx.actor.roles) in {(name, frozenset({Role.unproven})) for name in OPEN_UNPROVEN}
        except SecondFactorNeeded:
            assert one.name not in OPEN_UNPROVEN


async def test_without_a_second_factor_the_database_shows_nothing_of_anybody_else_s(
    database: Database, clinic: Clinic, nurse: Someone
) -> None:
    await clinic.patient()
    async with database.act_as(nurse.credential, "access.sign_out") as tx:
        for table in ("patient", "access_grant", "appointment", "task", "outbox_message", "stored_file"):
            assert (table, await tx.scalar(f"select count(*) from {table}")) == (table, 0)
        assert await tx.scalar("select count(*) from person where id <> actor_person()") == 0
        assert await tx.scalar("select count(*) from session where person_id <> actor_person()") == 0
        assert not await tx.scalar("select actor_has('nurse') or actor_has('manager')")


async def test_a_set_up_code_an_app_and_the_nurse_is_in_with_a_new_session(database: Database, nurse: Someone) -> None:
    await type_set_up_code(database, nurse, await invited(database, nurse))
    _, session = await set_up_app(database, nurse.credential)
    assert isinstance(session, NewSession)
    await keep(database, session, (await make_codes(database, session))[0])
    actor = await actor_of(database, session)
    assert (actor.assurance, actor.roles, session.is_staff) == (2, {Role.nurse, Role.manager}, True)
    with pytest.raises(NotSignedIn):
        async with database.act_as(nurse.credential, "access.sign_out"):
            pass


async def test_the_mailbox_alone_sets_nothing_up(database: Database, nurse: Someone) -> None:
    await invited(database, nurse)
    async with database.act_as(nurse.credential, "access.set_up_factor") as tx:
        with pytest.raises(SetUpCodeRefused):
            await factors.begin_app(tx, SITE)
        with pytest.raises(SetUpCodeRefused):
            await factors.begin_passkey(tx, nurse.credential.session_secret, SITE)
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(nurse.credential, "access.set_up_factor") as tx:
            await tx.execute(insert(AuthenticatorApp).values(person_id=nurse.person_id, secret="A" * 32))


async def test_a_set_up_code_counts_for_its_person_in_its_session_once_and_for_a_time(
    database: Database, clinic: Clinic, nurse: Someone
) -> None:
    code, other = await invited(database, nurse), await clinic.unproven("nurse")
    assert await type_set_up_code(database, other, code) is SetUpCodeRefused
    with clock.frozen_at(clock.now() + rules.FIRST_SET_UP_LIFE + timedelta(minutes=1)):
        assert await type_set_up_code(database, nurse, code) is SetUpCodeRefused
    assert await type_set_up_code(database, nurse, code.upper().replace("-", " ")) is None
    second = await clinic.code_alone(nurse)
    async with database.act_as(second.credential, "access.set_up_factor") as tx:
        with pytest.raises(SetUpCodeRefused):
            await factors.begin_app(tx, SITE)
    await set_up_app(database, nurse.credential)
    assert await type_set_up_code(database, second, code) is SetUpCodeRefused


async def test_a_first_passkey_proves_at_once(database: Database, nurse: Someone) -> None:
    await type_set_up_code(database, nurse, await invited(database, nurse))
    secret = nurse.credential.session_secret
    async with database.act_as(nurse.credential, "access.set_up_factor") as tx:
        asked = await factors.begin_passkey(tx, secret, SITE)
    async with database.act_as(nurse.credential, "access.set_up_factor") as tx:
        session = await factors.finish_passkey(tx, Authenticator().make(asked), Browser(secret, "", ""), SITE)
    assert isinstance(session, NewSession)
    await keep(database, session, (await make_codes(database, session))[0])
    assert (await actor_of(database, session)).assurance == 2


async def test_the_digits_of_the_app_prove_and_each_number_once(
    database: Database, clinic: Clinic, nurse: Someone, app: pyotp.TOTP, again: Credential
) -> None:
    async with database.act_as_system("test") as tx:
        used = await tx.scalar("select last_step from authenticator_app")
    assert await prove(database, again, app.generate_otp(used)) is FactorRefused
    with later(app):
        digits = app.at(clock.now())
        assert isinstance(await prove(database, again, f"{digits[:3]} {digits[3:]}"), NewSession)
        third = (await clinic.code_alone(nurse)).credential
        assert await prove(database, third, digits) is FactorRefused


async def test_one_number_that_comes_twice_at_one_instant_proves_once(
    database: Database, clinic: Clinic, nurse: Someone, app: pyotp.TOTP, again: Credential
) -> None:
    third = (await clinic.code_alone(nurse)).credential
    with later(app):
        digits = app.at(clock.now())
        came = await asyncio.gather(prove(database, again, digits), prove(database, third, digits))
    assert sorted(isinstance(one, NewSession) for one in came) == [False, True]


@pytest.mark.parametrize(("off_s", "fits"), [(-30, True), (30, True), (-90, False), (90, False)])
async def test_the_clock_of_a_phone_may_be_half_a_minute_off(
    database: Database, app: pyotp.TOTP, again: Credential, off_s: int, fits: bool
) -> None:
    with clock.frozen_at(clock.now() + timedelta(minutes=5)):
        came = await prove(database, again, app.at(clock.now() + timedelta(seconds=off_s)))
    assert isinstance(came, NewSession) is fits


async def test_guessing_ends_after_five_in_all_sessions_together_and_begins_anew_later(
    database: Database, clinic: Clinic, nurse: Someone, app: pyotp.TOTP, again: Credential
) -> None:
    for _ in range(5):
        assert await prove(database, again, "000000") is FactorRefused
    third = (await clinic.code_alone(nurse)).credential
    with later(app):
        assert await prove(database, third, app.at(clock.now())) is FactorWornOut
    with clock.frozen_at(clock.now() + timedelta(minutes=16)):
        assert isinstance(await prove(database, third, app.at(clock.now())), NewSession)


async def test_ten_recovery_codes_open_once_each_and_are_kept_as_hashes(
    database: Database, clinic: Clinic, nurse: Someone, app: pyotp.TOTP, again: Credential
) -> None:
    with later(app):
        session = await prove(database, again, app.at(clock.now()))
    codes = await make_codes(database, session)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[2-9a-z]{5}-[2-9a-z]{5}", one) for one in codes)
    async with database.act_as_system("test") as tx:
        kept = {row.code_hash for row in await tx.all("select code_hash from recovery_code")}
    assert not any(code.replace("-", "") in one for code in codes for one in kept)
    assert all(re.fullmatch(r"argon2id\$19456\$2\$1\$[0-9a-f]{32}\$[0-9a-f]{64}", one) for one in kept)
    assert len({one.split("$")[4] for one in kept}) == 1
    await keep(database, session, codes[0])
    third = (await clinic.code_alone(nurse)).credential
    assert isinstance(await prove(database, third, f" {codes[3].upper()} "), NewSession)
    fourth = (await clinic.code_alone(nurse)).credential
    assert await prove(database, fourth, codes[3]) is FactorRefused


async def test_two_lists_have_two_salts_and_a_code_of_the_old_one_counts_no_more(
    database: Database, clinic: Clinic
) -> None:
    nurse = await clinic.staff("nurse")
    old, new = [await make_codes(database, nurse.credential) for _ in range(2)]
    third = (await clinic.code_alone(nurse)).credential
    assert await prove(database, third, old[1]) is FactorRefused
    assert isinstance(await prove(database, third, new[1]), NewSession)


async def test_codes_from_before_the_slow_hash_stay_good_until_there_is_a_new_list(
    database: Database, clinic: Clinic
) -> None:
    nurse, old = await clinic.staff("nurse"), "23456-789ab"
    async with database.act_as_system("test") as tx:
        hashed = blind_index(f"{nurse.person_id}:{old.replace('-', '')}", purpose="recovery code")
        row = {"who": nurse.person_id, "hash": hashed}
        await tx.execute("select set_config('portal.person_id', :who, true)", {"who": str(nurse.person_id)})
        await tx.execute(
            "insert into recovery_code (id, person_id, code_hash) values (gen_random_uuid(), :who, :hash)", row
        )
    third, fourth = [(await clinic.code_alone(nurse)).credential for _ in range(2)]
    assert isinstance(await prove(database, third, old), NewSession)
    assert await prove(database, fourth, old) is FactorRefused


async def test_each_try_costs_one_slow_hash_with_and_without_a_list(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    slow = kept_codes._kept

    def counted(person_id: UUID, typed: str, salt: bytes) -> str:
        made.append(typed)
        return slow(person_id, typed, salt)

    monkeypatch.setattr(kept_codes, "_kept", counted)
    listed, bare = await clinic.staff("nurse"), await clinic.staff("nurse")
    codes = await make_codes(database, listed.credential)
    for who, typed in ((listed, codes[0]), (listed, "22222-22222"), (bare, "22222-22222"), (bare, "")):
        made.clear()
        await prove(database, (await clinic.code_alone(who)).credential, typed)
        assert made == [typed]


async def test_lists_are_made_so_often_in_an_hour_and_what_is_too_much_costs_no_hash(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def counted(person_id: UUID, typed: str, salt: bytes) -> str:
        made.append(typed)
        return f"{person_id} {salt.hex()} {typed}"

    monkeypatch.setattr(kept_codes, "_kept", counted)
    nurse, other = await clinic.staff("nurse"), await clinic.staff("nurse")
    for _ in range(10):
        await make_codes(database, nurse.credential)
    assert len(made) == 100
    with pytest.raises(TooManyTries):
        await make_codes(database, nurse.credential)
    assert len(made) == 100
    await make_codes(database, other.credential)


async def test_the_page_says_that_too_many_lists_were_made(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_opened", database)
    nurse = await clinic.staff("nurse")
    monkeypatch.setattr(PortalState, "_credential", lambda _: nurse.credential)
    for _ in range(10):
        await limits.count(recovery_codes.LIMIT, "recovery codes", str(nurse.person_id))
    root: Any = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    page = root.get_substate(SecondFactor.get_full_name().split("."))
    await SecondFactor.on_codes.fn(page)
    assert (page.problem, page.codes) == (TooManyTries.message, [])


async def test_the_key_of_an_app_is_encrypted_and_who_did_what_is_told_and_recorded(
    database: Database, nurse: Someone, app: pyotp.TOTP
) -> None:
    async with database.act_as_system("test") as tx:
        assert app.secret not in str(await tx.scalar("select secret from authenticator_app"))
        told = [row.template for row in await tx.all("select template from outbox_message")]
        done = {row.action for row in await tx.all("select action from audit_event")}
    assert told == ["access_app_added"]
    assert {"access.open_set_up", "access.add_app", "sign_in"} <= done


async def test_a_session_grows_no_stronger_and_a_strong_one_needs_a_proof(database: Database, nurse: Someone) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.act_as(nurse.credential, "access.sign_out") as tx:
            await tx.execute("update session set assurance = 2")
    row = {"person_id": nurse.person_id, "assurance": 2, "expires_at": clock.now() + timedelta(hours=1)}
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(nurse.credential, "access.sign_out") as tx:
            await tx.execute(insert(Session).values(secret_hash=secret_hash("made up"), **row))


async def test_new_recovery_codes_need_a_fresh_sign_in(database: Database, clinic: Clinic) -> None:
    nurse = await clinic.staff("nurse")
    with clock.frozen_at(clock.now() + timedelta(minutes=11)), pytest.raises(StepUpNeeded):
        await make_codes(database, nurse.credential)


async def test_while_codes_are_hashed_no_connection_is_held_and_others_go_on(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, bool]] = []

    loop = asyncio.get_running_loop()

    def slow(person_id: UUID, typed: str, salt: bytes) -> str:
        free = asyncio.run_coroutine_threadsafe(free_connections(database), loop).result(timeout=30)
        seen.append((free, threading.current_thread() is threading.main_thread()))
        return f"{person_id}:{typed}:{salt.hex()}"

    monkeypatch.setattr(kept_codes, "_kept", slow)
    await make_codes(database, (await clinic.staff("nurse")).credential)
    assert seen == [(database.connections.size, False)] * 10


async def test_patients_go_on_by_a_code_alone(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    async with database.act_as(maria.credential, "booking.view") as tx:
        assert tx.actor.roles == {Role.patient}
    with pytest.raises(NotAllowed):
        async with database.act_as(maria.credential, "access.prove_factor"):
            pass


async def test_what_is_over_is_swept(database: Database, nurse: Someone) -> None:
    await invited(database, nurse)
    await prove(database, nurse.credential, "000000")
    with clock.frozen_at(clock.now() + timedelta(days=4)):
        async with database.act_as_system("access.sweep") as tx:
            await jobs.remove_old(tx)
            assert await tx.scalar("select (select count(*) from factor_try) + count(*) from factor_invitation") == 0


async def test_the_command_line_gives_a_code_to_whoever_has_nothing_yet(
    database: Database, nurse: Someone, app: pyotp.TOTP, clinic: Clinic
) -> None:
    new = await clinic.unproven("billing")
    async with database.act_as_system("user create") as tx:
        assert await resetting.first_set_up_code(tx, new.person_id)
        assert await resetting.first_set_up_code(tx, nurse.person_id) is None


async def test_nothing_of_the_staff_s_opens_before_recovery_codes_are_kept(
    database: Database, clinic: Clinic, nurse: Someone, app: pyotp.TOTP, again: Credential
) -> None:
    with later(app):
        session = await prove(database, again, app.at(clock.now()))
    credential = Credential(session.secret)
    codes = await make_codes(database, session)
    with pytest.raises(SecondFactorNeeded):
        async with database.act_as(credential, "tasks.view"):
            pass
    with pytest.raises(CodeNotOnList):
        await keep(database, session, "aaaaa-aaaaa")
    await keep(database, session, codes[4].upper())
    async with database.act_as(credential, "tasks.view") as tx:
        assert Role.nurse in tx.actor.roles
    third = (await clinic.code_alone(nurse)).credential
    assert await actor_of(database, await prove(database, third, codes[4])) != nurse  # what was typed stays good


async def test_codes_that_were_never_kept_are_asked_for_at_the_next_sign_in(
    database: Database, clinic: Clinic, nurse: Someone, app: pyotp.TOTP, again: Credential
) -> None:
    with later(app):
        first = await prove(database, again, app.at(clock.now()))
    codes = await make_codes(database, first)
    second = await prove(database, (await clinic.code_alone(nurse)).credential, codes[0])
    assert (await actor_of(database, second)).roles == {Role.unproven}
    await keep(database, second, codes[1])
    assert Role.nurse in (await actor_of(database, first)).roles


async def test_a_mailbox_alone_makes_no_codes_and_learns_of_none(
    database: Database, nurse: Someone, app: pyotp.TOTP, again: Credential
) -> None:
    with pytest.raises(SecondFactorNeeded):
        await make_codes(database, again)
    with pytest.raises(SecondFactorNeeded):
        await keep(database, again, "aaaaa-aaaaa")
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(again, "access.prove_factor") as tx:
            await tx.execute(
                "insert into recovery_code (id, person_id, code_hash) values (gen_random_uuid(), actor_person(), 'x')"
            )
    async with database.act_as(again, "access.prove_factor") as tx:
        assert not await tx.scalar("select keep_recovery_codes('x')")

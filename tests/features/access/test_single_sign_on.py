"""Single sign-on: what a provider's word opens here, what it does not, and what is kept of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import ProgrammingError
from sqlmodel import col

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.actor import Credential, Role
from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn, SecondFactorNeeded, StepUpNeeded
from portal_app.features.access import jobs, joining, proved, rules, single_sign_on
from portal_app.features.access.errors import (
    AccountClosed,
    AlreadyJoined,
    JoinTooLate,
    NoRoleHere,
    NotForStaff,
    OwnFactors,
    SignOnRefused,
)
from portal_app.features.access.passkeys import require_fresh
from portal_app.features.access.ports import Answered, Asked, EndedThere, Identity
from portal_app.features.access.tables import Person
from portal_app.features.access.views import NewSession
from tests.factories import Clinic, Someone

wiring.load_features("policies")

ISSUER = "https://provider.test"
ADA = Identity(ISSUER, "ada", "ada@provider.test", frozenset({"nurse"}), 2, None, "s-1", "a.token.of-ada")
BROWSER = "anon-desk"
FACTORS = {
    "passkey": "insert into passkey (id, person_id, external_id, public_key, name)"
    " values (gen_random_uuid(), :id, 'x', 'x', 'Phone')",
    "authenticator_app": "insert into authenticator_app (id, person_id, secret, confirmed_at)"
    " values (gen_random_uuid(), :id, 'x', now())",
}
Outcome = NewSession | proved.Refusal | None


class Governing:
    """A provider that decides about nurses and the front desk."""

    name, governed_roles = "Practice account", frozenset({"nurse", "front_desk"})

    async def address(self, asked: Asked, back_to: str, *, anew: bool) -> str:
        return f"{ISSUER}/authorize"

    async def identify(self, answered: Answered, asked: Asked, back_to: str) -> Identity:
        return ADA

    async def leaving_address(self, token: str, back_to: str, locale: str) -> str | None:
        return f"{ISSUER}/leave"

    async def ended(self, notice: str) -> EndedThere:
        raise SignOnRefused


@pytest.fixture(autouse=True)
def provider() -> Iterator[None]:
    single_sign_on.use_provider(Governing())
    yield
    single_sign_on.use_provider(None)


@pytest.fixture
async def ada(clinic: Clinic) -> Someone:
    return await clinic.staff("nurse")


async def come_back(database: Database, identity: Identity = ADA) -> Outcome:
    async with database.act_as_visitor(BROWSER, "access.single_sign_on") as tx:
        return await single_sign_on.sign_in(tx, identity, "Firefox/140.0 Windows")


async def offered(database: Database, identity: Identity = ADA) -> str:
    async with database.act_as_visitor(BROWSER, "access.single_sign_on") as tx:
        return await joining.offer(tx, identity)


async def join(database: Database, who: Someone, secret: str) -> Outcome:
    async with database.act_as(who.credential, "access.join_accounts") as tx:
        return await joining.join(tx, secret, "Firefox/140.0 Windows")


async def joined(database: Database, who: Someone, identity: Identity = ADA) -> NewSession:
    outcome = await join(database, who, await offered(database, identity))
    assert isinstance(outcome, NewSession)
    return outcome


async def told(database: Database, statement: str, **given: Any) -> list[Any]:
    async with database.act_as_system("test") as tx:
        return [row[0] for row in await tx.all(statement, given)]


async def roles_of(database: Database, who: Someone) -> list[str]:
    return await told(database, "select role from person_role where person_id = :id order by role", id=who.person_id)


# Asking


async def test_what_was_asked_is_taken_up_once_by_the_browser_that_asked(database: Database) -> None:
    async with database.act_as_visitor(BROWSER, "access.single_sign_on") as tx:
        asked = await single_sign_on.begin(tx, BROWSER, "/staff/inbox", "es")
    assert single_sign_on.locale_of_state(asked.state) == "es"
    taken = []
    for browser in ("anon-other", BROWSER, BROWSER):
        async with database.act_as_visitor(browser, "access.single_sign_on") as tx:
            taken.append(await single_sign_on.take(tx, browser, asked.state))
    assert taken == [SignOnRefused, single_sign_on.Taken(asked, "/staff/inbox"), SignOnRefused]


@pytest.mark.parametrize("state", ["", "en.made-up", "fr"])
async def test_a_state_that_nobody_asked_with_is_refused(database: Database, state: str) -> None:
    async with database.act_as_visitor(BROWSER, "access.single_sign_on") as tx:
        assert await single_sign_on.take(tx, BROWSER, state) is SignOnRefused


async def test_what_was_asked_lapses_in_five_minutes(database: Database) -> None:
    async with database.act_as_visitor(BROWSER, "access.single_sign_on") as tx:
        asked = await single_sign_on.begin(tx, BROWSER, "/", "en")
    with clock.frozen_at(clock.now() + rules.SIGN_ON_LIFE + timedelta(seconds=1)):
        async with database.act_as_visitor(BROWSER, "access.single_sign_on") as tx:
            assert await single_sign_on.take(tx, BROWSER, asked.state) is SignOnRefused


async def test_a_browser_without_a_secret_asks_nothing(database: Database) -> None:
    with pytest.raises(NotAllowed):
        async with database.act_as_visitor("", "access.single_sign_on") as tx:
            await single_sign_on.begin(tx, "", "/", "en")


async def test_what_was_asked_and_proved_is_not_there_to_be_read(database: Database) -> None:
    async with database.act_as_visitor(BROWSER, "access.single_sign_on") as tx:
        asked = await single_sign_on.begin(tx, BROWSER, "/", "en")
    secret = await offered(database)
    kept = await told(database, "select r::text from sign_on_request r union all select l::text from sign_on_link l")
    assert len(kept) == 2
    secrets = (asked.state, asked.nonce, asked.verifier, secret, ADA.label, ADA.token)
    assert [word for word in secrets if any(word in row for row in kept)] == []


# The first time


async def test_an_account_nobody_joined_opens_nothing(database: Database, ada: Someone) -> None:
    assert await come_back(database, replace(ADA, label=ada.email)) is None


async def test_after_proof_of_both_the_two_are_one_and_it_is_told(database: Database, ada: Someone) -> None:
    session = await joined(database, ada)
    assert (session.person_id, session.is_staff) == (ada.person_id, True)
    async with database.act_as(Credential(session.secret), "access.who_am_i") as tx:
        assert (tx.actor.assurance, set(tx.actor.roles)) == (2, {Role.nurse})
    again = await come_back(database)
    assert isinstance(again, NewSession)
    assert again.person_id == ada.person_id
    assert await told(database, "select template from outbox_message") == ["access_accounts_joined"]
    assert "access.join_accounts" in await told(database, "select action from audit_event")


async def test_which_accounts_would_be_joined_is_shown(database: Database, ada: Someone) -> None:
    secret = await offered(database)
    async with database.act_as(ada.credential, "access.join_accounts") as tx:
        offer = await joining.view_offer(tx, secret)
    assert offer is not JoinTooLate
    assert (offer.theirs, offer.ours) == ("ada@provider.test", "Ada Okafor")  # type: ignore[union-attr]


async def test_an_offer_is_good_once_and_for_a_quarter_of_an_hour(database: Database, ada: Someone) -> None:
    used, old = await offered(database), await offered(database, replace(ADA, subject="old"))
    assert isinstance(await join(database, ada, used), NewSession)
    assert await join(database, ada, used) is JoinTooLate
    with clock.frozen_at(clock.now() + rules.JOIN_LIFE + timedelta(seconds=1)):
        async with database.act_as(ada.credential, "access.join_accounts") as tx:
            assert await joining.view_offer(tx, old) is JoinTooLate


async def test_who_signed_in_long_ago_signs_in_once_more_before_joining(database: Database, ada: Someone) -> None:
    secret = await offered(database)
    later = clock.now() + rules.FRESH_LIFE + timedelta(minutes=1)
    with clock.frozen_at(later), pytest.raises(StepUpNeeded):
        await join(database, ada, secret)
    assert isinstance(await join(database, ada, secret), NewSession)  # nothing was used up


async def test_an_e_mail_code_is_proof_enough_for_staff_without_a_second_factor_here(
    database: Database, clinic: Clinic
) -> None:
    new = await clinic.unproven("nurse")
    session = await joined(database, new)
    async with database.act_as(Credential(session.secret), "access.who_am_i") as tx:
        assert set(tx.actor.roles) == {Role.nurse}


@pytest.mark.parametrize("kind", ["passkey", "authenticator_app"])
async def test_who_has_a_second_factor_here_shows_it_before_joining(
    database: Database, clinic: Clinic, kind: str
) -> None:
    ada = await clinic.unproven("nurse")
    async with database.act_as(ada.credential, "access.join_accounts") as tx:
        await tx.execute("select set_config('portal.roles', '{}', true)")
        await tx.execute(FACTORS[kind], {"id": ada.person_id})
    secret = await offered(database)
    with pytest.raises(SecondFactorNeeded):
        await join(database, ada, secret)
    with pytest.raises(SecondFactorNeeded):
        async with database.act_as(ada.credential, "access.join_accounts") as tx:
            await joining.view_offer(tx, secret)
    assert await come_back(database) is None


async def test_patients_join_nothing(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    assert await join(database, maria, await offered(database)) is NotForStaff
    assert await roles_of(database, maria) == ["patient"]
    assert await come_back(database) is None


async def test_neither_account_is_joined_to_a_second_one(database: Database, clinic: Clinic, ada: Someone) -> None:
    await joined(database, ada)
    other = await clinic.staff("nurse", name="Other Oz")
    assert await join(database, other, await offered(database)) is AlreadyJoined
    assert await join(database, ada, await offered(database, replace(ADA, subject="second"))) is AlreadyJoined
    assert isinstance(await join(database, ada, await offered(database)), NewSession)  # the same once more is fine


async def test_accounts_that_differ_in_case_or_issuer_alone_are_different(database: Database, ada: Someone) -> None:
    await joined(database, ada)
    assert await come_back(database, replace(ADA, subject="ADA")) is None
    assert await come_back(database, replace(ADA, issuer="https://other.test")) is None


# Roles


async def test_roles_follow_the_provider_at_the_next_sign_in_and_it_is_recorded(
    database: Database, ada: Someone
) -> None:
    await joined(database, ada)
    outcome = await come_back(database, replace(ADA, roles=frozenset({"front_desk"})))
    assert isinstance(outcome, NewSession)
    assert await roles_of(database, ada) == ["front_desk"]
    (detail,) = await told(database, "select detail from audit_event where action = 'access.change_roles'")
    assert detail == {"added": "front_desk", "removed": "nurse"}


async def test_roles_the_provider_does_not_decide_about_stay(database: Database, clinic: Clinic) -> None:
    manager = await clinic.staff("manager", "nurse")
    await joined(database, manager, replace(ADA, roles=frozenset()))
    assert await roles_of(database, manager) == ["manager"]


async def test_without_a_mapping_roles_stay_as_the_practice_gave_them(database: Database, ada: Someone) -> None:
    await joined(database, ada, replace(ADA, roles=None))
    assert await roles_of(database, ada) == ["nurse"]


async def test_who_has_lost_every_role_stays_out_and_holds_none(database: Database, ada: Someone) -> None:
    session = await joined(database, ada)
    assert await come_back(database, replace(ADA, roles=frozenset())) is NoRoleHere
    assert await roles_of(database, ada) == []
    with pytest.raises(NotAllowed):
        async with database.act_as(Credential(session.secret), "booking.view_day"):
            pass
    assert isinstance(await come_back(database), NewSession)  # and comes in again once the provider says so


async def test_joining_to_nothing_takes_no_role_away(database: Database, ada: Someone) -> None:
    assert await join(database, ada, await offered(database, replace(ADA, roles=frozenset()))) is NoRoleHere
    assert await roles_of(database, ada) == ["nurse"]


async def test_the_database_gives_no_role_without_a_proof_of_this_moment(database: Database, ada: Someone) -> None:
    await joined(database, ada)
    statement = "insert into person_role (id, person_id, role) values (gen_random_uuid(), :id, 'manager')"
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(ada.credential, "access.who_am_i") as tx:
            await tx.execute(statement, {"id": ada.person_id})


async def test_a_sign_in_without_a_second_factor_there_is_a_weak_one_here(database: Database, ada: Someone) -> None:
    session = await joined(database, ada, replace(ADA, assurance=1))
    (assurance,) = await told(database, "select assurance from session where id = :id", id=session.session_id)
    assert assurance == 1


@pytest.mark.parametrize(("minutes_ago", "is_fresh"), [(1, True), (60, False), (None, False)])
async def test_coming_in_without_being_asked_there_proves_nothing_anew(
    database: Database, ada: Someone, minutes_ago: int | None, is_fresh: bool
) -> None:
    proved_at = None if minutes_ago is None else clock.now() - timedelta(minutes=minutes_ago)
    session = await joined(database, ada, replace(ADA, proved_at=proved_at))
    async with database.act_as(Credential(session.secret), "access.keep_passkeys") as tx:
        if is_fresh:
            await require_fresh(tx)
        else:
            with pytest.raises(StepUpNeeded):
                await require_fresh(tx)


async def test_disabled_people_stay_out(database: Database, ada: Someone) -> None:
    await joined(database, ada)
    async with database.act_as_system("test") as tx:
        await tx.execute(update(Person).where(col(Person.id) == ada.person_id).values(disabled_at=clock.now()))
    assert await come_back(database) is AccountClosed


# The end


async def test_the_session_knows_which_one_at_the_provider_ends_with_it(database: Database, ada: Someone) -> None:
    session = await joined(database, ada)
    tokens = []
    for secret in (session.secret, ada.credential.session_secret):
        async with database.act_as(Credential(secret), "access.sign_out") as tx:
            tokens.append(await single_sign_on.token_of(tx))
    assert tokens == [ADA.token, None]


async def is_in(database: Database, session: NewSession) -> bool:
    try:
        async with database.act_as(Credential(session.secret), "access.sign_out"):
            return True
    except NotSignedIn:
        return False


@pytest.mark.parametrize(
    ("ended", "left"),
    [
        (EndedThere(ISSUER, "ada", "s-1"), [False, True]),
        (EndedThere(ISSUER, "", "s-1"), [False, True]),
        (EndedThere(ISSUER, "ada", ""), [False, False]),
        (EndedThere(ISSUER, "ada", "s-9"), [True, True]),
        (EndedThere("https://other.test", "ada", ""), [True, True]),
        (EndedThere(ISSUER, "sam", ""), [True, True]),
    ],
    ids=str,
)
async def test_what_ends_at_the_provider_ends_here(
    database: Database, ada: Someone, ended: EndedThere, left: list[bool]
) -> None:
    first = await joined(database, ada)
    second = await come_back(database, replace(ADA, session="s-2"))
    assert isinstance(second, NewSession)
    async with database.act_as_visitor("", "access.single_sign_on") as tx:
        await single_sign_on.end_here(tx, ended)
    async with database.act_as_system("test") as tx:
        for job in await tx.all("select args from procrastinate_jobs where task_name = 'access.end_sessions_there'"):
            await jobs.end_there(tx, *(UUID(job.args[name]) for name in ("provider_session", "identity_id")))
    assert [await is_in(database, one) for one in (first, second)] == left


async def test_parted_accounts_open_nothing_any_more_and_it_is_told(database: Database, ada: Someone) -> None:
    await joined(database, ada)
    async with database.act_as(ada.credential, "access.keep_passkeys") as tx:
        assert await joining.is_joined(tx)
        await joining.part(tx)
    assert await come_back(database) is None
    assert "access_accounts_parted" in await told(database, "select template from outbox_message")
    with pytest.raises(NotFound):
        async with database.act_as(ada.credential, "access.keep_passkeys") as tx:
            await joining.part(tx)


async def test_old_questions_and_offers_are_swept(database: Database) -> None:
    async with database.act_as_visitor(BROWSER, "access.single_sign_on") as tx:
        await single_sign_on.begin(tx, BROWSER, "/", "en")
    await offered(database)
    with clock.frozen_at(clock.now() + timedelta(days=1)):
        async with database.act_as_system("test") as tx:
            await jobs.remove_old(tx)
    assert await told(database, "select 1 from sign_on_request union all select 1 from sign_on_link") == []


async def test_nobody_sees_another_persons_identity_or_offer(database: Database, clinic: Clinic, ada: Someone) -> None:
    await joined(database, ada)
    await offered(database, replace(ADA, subject="new"))
    mallory = await clinic.staff("manager", "front_desk", name="Mallory Moore")
    async with database.act_as(mallory.credential, "access.who_am_i") as tx:
        for table in ("sign_on_identity", "sign_on_session", "sign_on_link", "sign_on_request"):
            assert await tx.all(f"select 1 from {table}") == []


# Parting a colleague's


async def part(database: Database, by: Someone, whose: Someone) -> None:
    async with database.act_as(by.credential, "access.reset_factors") as tx:
        await joining.part_colleague(tx, whose.person_id)


async def test_a_manager_parts_a_colleague_s_account_and_what_it_opened_ends(
    database: Database, clinic: Clinic, ada: Someone
) -> None:
    session = await joined(database, ada)
    await part(database, await clinic.staff("manager", name="Grace"), ada)
    with pytest.raises(NotSignedIn):
        async with database.act_as(Credential(session.secret), "access.sign_out"):
            pass
    assert await come_back(database) is None
    assert await told(database, "select template from outbox_message where template like '%parted'") == [
        "access_accounts_parted"
    ]
    assert await told(database, "select entity_id from audit_event where action = 'access.part_colleague'") == [
        ada.person_id
    ]


async def test_nobody_else_parts_it_nor_a_manager_their_own_nor_twice(
    database: Database, clinic: Clinic, ada: Someone
) -> None:
    await joined(database, ada)
    manager = await clinic.staff("manager", name="Grace")
    for who in (await clinic.staff("nurse", "front_desk"), await clinic.patient()):
        with pytest.raises(NotAllowed):
            await part(database, who, ada)
    with pytest.raises(OwnFactors):
        await part(database, manager, manager)
    with clock.frozen_at(clock.now() + timedelta(minutes=11)), pytest.raises(StepUpNeeded):
        await part(database, manager, ada)
    await part(database, manager, ada)
    with pytest.raises(NotFound):
        await part(database, manager, ada)

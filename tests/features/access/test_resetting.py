"""A lost device: who may reset whose sign-in, what it takes away, and what it opens."""

from datetime import timedelta
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy.exc import ProgrammingError

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, NotSignedIn, StepUpNeeded
from portal_app.features.access import factors, resetting
from portal_app.features.access.errors import OwnFactors
from portal_app.features.access.views import NewSession, Site
from tests.factories import Clinic, Someone

wiring.load_features("policies")
SITE = Site("localhost", "Clinic", ("http://localhost:4100",))


async def with_app(database: Database, someone: Someone) -> None:
    """Give somebody signed in with a second factor an authenticator app, and keep the session they have."""
    async with database.act_as(someone.credential, "access.set_up_factor") as tx:
        await factors.begin_app(tx, SITE)
        await tx.execute("update authenticator_app set confirmed_at = now()")


async def reset(database: Database, manager: Someone, whom: Someone, reason: str = "lost") -> str:
    async with database.act_as(manager.credential, "access.reset_factors") as tx:
        return await resetting.reset_factors(tx, whom.person_id, reason)


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager", name="Grace")


@pytest.fixture
async def nurse(database: Database, clinic: Clinic) -> Someone:
    nurse = await clinic.staff("nurse", name="Ruth")
    await with_app(database, nurse)
    return nurse


async def test_a_manager_resets_a_colleague_who_sets_up_anew_with_the_code(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone
) -> None:
    code = await reset(database, manager, nurse)
    with pytest.raises(NotSignedIn):
        async with database.act_as(nurse.credential, "access.prove_factor"):
            pass
    again = (await clinic.code_alone(nurse)).credential
    async with database.act_as(again, "access.prove_factor") as tx:
        assert not (await factors.factors(tx)).has_any
        assert await factors.open_set_up(tx, code) is None
        app = pyotp.TOTP((await factors.begin_app(tx, SITE)).key)
        assert isinstance(await factors.confirm_app(tx, app.at(clock.now()), ""), NewSession)


async def test_the_colleague_is_told_and_the_trail_says_who_did_it_and_why(
    database: Database, manager: Someone, nurse: Someone
) -> None:
    await reset(database, manager, nurse, "misused")
    async with database.act_as_system("test") as tx:
        told = await tx.all("select person_id from outbox_message where template = 'access_factors_reset'")
        done = await tx.one(
            "select person_id, entity_id, detail from audit_event where action = 'access.reset_factors'"
        )
    assert [row.person_id for row in told] == [nurse.person_id]
    assert tuple(done) == (manager.person_id, nurse.person_id, {"reason": "misused"})


async def test_nobody_resets_themself_not_even_past_the_service(database: Database, manager: Someone) -> None:
    with pytest.raises(OwnFactors):
        await reset(database, manager, manager)
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(manager.credential, "access.reset_factors") as tx:
            await factors.invite(tx, manager.person_id, timedelta(days=1))


async def test_it_takes_a_manager_a_fresh_sign_in_a_reason_and_somebody_of_the_staff(
    database: Database, clinic: Clinic, manager: Someone, nurse: Someone
) -> None:
    maria = await clinic.patient()
    with pytest.raises(NotAllowed):
        await reset(database, await clinic.staff("clinician", "front_desk"), nurse)
    with pytest.raises(InputRefused):
        await reset(database, manager, nurse, "because")
    for whom in (maria, Someone(uuid4(), None, maria.credential, "")):
        with pytest.raises(NotFound):
            await reset(database, manager, whom)
    with clock.frozen_at(clock.now() + timedelta(minutes=11)), pytest.raises(StepUpNeeded):
        await reset(database, manager, nurse)


async def test_the_list_says_who_has_what_and_which_one_is_oneself(
    database: Database, manager: Someone, nurse: Someone
) -> None:
    async with database.act_as(manager.credential, "access.reset_factors") as tx:
        found = {one.name: one for one in await resetting.list_staff(tx)}
    assert (found["Ruth"].roles, found["Ruth"].has_app, found["Ruth"].is_self) == (("nurse",), True, False)
    assert found["Grace"].is_self


async def test_the_operator_resets_anybody_and_only_staff_get_a_set_up_code(
    database: Database, clinic: Clinic, nurse: Someone
) -> None:
    maria = await clinic.patient()
    async with database.act_as_system("user reset") as tx:
        assert await resetting.reset_for_operator(tx, nurse.email.upper())
        assert await resetting.reset_for_operator(tx, maria.email) is None
        with pytest.raises(NotFound):
            await resetting.reset_for_operator(tx, "nobody@example.test")
        told = [row.template for row in await tx.all("select template from outbox_message order by template")]
    assert told == ["access_factors_reset", "access_passkeys_reset"]
    for someone in (nurse, maria):
        with pytest.raises(NotSignedIn):
            async with database.act_as(someone.credential, "access.sign_out"):
                pass

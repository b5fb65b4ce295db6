"""Proving oneself once more: what makes a session fresh again, whose proof counts, and for how long."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn, StepUpNeeded
from portal_app.features.access import factors, passkeys, step_up
from portal_app.features.access.errors import FactorRefused, PasskeyRefused
from portal_app.features.access.views import Browser, NewSession, Site
from tests.authenticator import Authenticator
from tests.factories import Clinic, Someone

wiring.load_features("policies")
SITE = Site("localhost", "Clinic", ("http://localhost:4100",))
LATER = timedelta(minutes=11)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def device(database: Database, maria: Someone) -> Authenticator:
    return await with_passkey(database, maria)


async def with_passkey(database: Database, someone: Someone) -> Authenticator:
    someone = await Clinic(database).sign_in_again(someone, assurance=2)
    device, secret = Authenticator(), someone.credential.session_secret
    async with database.act_as(someone.credential, "access.add_passkey") as tx:
        asked = await passkeys.begin_adding(tx, secret, SITE)
        assert isinstance(await passkeys.finish_adding(tx, device.make(asked), Browser(secret, "", ""), SITE), UUID)
    return device


async def signed_in(database: Database, device: Authenticator) -> Credential:
    browser = Browser("anon-phone", "", "")
    async with database.act_as_visitor(browser.secret, "access.use_passkey") as tx:
        asked = await passkeys.begin_sign_in(tx, browser.secret, SITE)
        session = await passkeys.finish_sign_in(tx, device.use(asked), browser, SITE)
    assert isinstance(session, NewSession)
    return Credential(session.secret)


async def prove(database: Database, credential: Credential, device: Authenticator) -> Any:
    secret = credential.session_secret
    async with database.act_as(credential, "access.step_up") as tx:
        asked = await step_up.ask(tx, secret, SITE)
    async with database.act_as(credential, "access.step_up") as tx:
        return await step_up.prove(tx, device.use(asked), Browser(secret, "", ""), SITE)


async def is_fresh(database: Database, credential: Credential) -> bool:
    async with database.act_as(credential, "access.step_up") as tx:
        try:
            await passkeys.require_fresh(tx)
        except StepUpNeeded:
            return False
        return True


async def test_a_stale_session_is_fresh_for_ten_minutes_after_a_touch(
    database: Database, device: Authenticator
) -> None:
    credential = await signed_in(database, device)
    with clock.frozen_at(clock.now() + LATER):
        assert not await is_fresh(database, credential)
        assert await prove(database, credential, device) is None
        assert await is_fresh(database, credential)
    with clock.frozen_at(clock.now() + 2 * LATER):
        assert not await is_fresh(database, credential)


async def test_a_session_by_a_code_is_replaced_not_strengthened(
    database: Database, maria: Someone, device: Authenticator
) -> None:
    session = await prove(database, maria.credential, device)
    assert isinstance(session, NewSession)
    async with database.act_as(Credential(session.secret), "booking.view") as tx:
        assert (tx.actor.assurance, tx.actor.patient_id) == (2, maria.patient_id)
    with pytest.raises(NotSignedIn):
        async with database.act_as(maria.credential, "booking.view"):
            pass


async def test_nobody_else_s_passkey_will_do(database: Database, clinic: Clinic, device: Authenticator) -> None:
    others = await with_passkey(database, await clinic.patient("Mallory"))
    credential = await signed_in(database, device)
    assert await prove(database, credential, others) is PasskeyRefused


async def test_an_answer_proves_once_and_only_in_the_session_that_asked(
    database: Database, device: Authenticator
) -> None:
    first, second = await signed_in(database, device), await signed_in(database, device)
    async with database.act_as(first, "access.step_up") as tx:
        said = device.use(await step_up.ask(tx, first.session_secret, SITE))
    for credential, outcome in ((second, PasskeyRefused), (first, None), (first, PasskeyRefused)):
        async with database.act_as(credential, "access.step_up") as tx:
            assert await step_up.prove(tx, said, Browser(credential.session_secret, "", ""), SITE) is outcome


async def test_staff_may_type_the_digits_of_their_app(database: Database, clinic: Clinic) -> None:
    nurse = (await clinic.staff("nurse")).credential
    async with database.act_as(nurse, "access.set_up_factor") as tx:
        app = pyotp.TOTP((await factors.begin_app(tx, SITE)).key)
        await tx.execute("update authenticator_app set confirmed_at = now()")
    with clock.frozen_at(clock.now() + LATER):
        for typed, outcome in (("000000", FactorRefused), (app.at(clock.now()), None)):
            async with database.act_as(nurse, "access.step_up") as tx:
                assert await step_up.prove_by_app(tx, typed) is outcome
        assert await is_fresh(database, nurse)

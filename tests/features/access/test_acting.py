"""Acting for several charts: one session, one chart."""

from dataclasses import replace

import pytest

from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotFound, NotSignedIn
from portal_app.features.access import acting, caregivers, service
from tests.factories import Clinic
from tests.features.access.conftest import Share, accept, acting_for, invited


async def test_one_person_acts_for_themself_and_two_others(database: Database, clinic: Clinic, share: Share) -> None:
    maria, leo, ana = await clinic.patient(), await clinic.patient("Leo", "Alvarez"), await clinic.patient("Ana")
    at_maria = await share(maria, who=ana)
    at_leo = await share(leo, "booking_view", who=at_maria)
    async with database.act_as(at_leo.credential, "access.act_for") as tx:
        charts = await acting.charts_acted_for(tx)
        assert [(one.patient_id, one.relationship, one.is_current) for one in charts] == [
            (ana.patient_id, "self", False), (leo.patient_id, "child", True), (maria.patient_id, "child", False),
        ]  # fmt: skip
        found = await acting.acting_for(tx)
    assert found
    assert (found.name, found.act_sections) == ("Leo Alvarez", frozenset())
    at_home = await acting_for(database, at_leo, ana)
    async with database.act_as(at_home.credential, "booking.view") as tx:
        assert await acting.acting_for(tx) is None
        assert tx.actor.patient_id == ana.patient_id


async def test_the_list_of_caregivers_is_told_that_a_chart_was_opened(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria = await clinic.patient()
    ana = await share(maria)
    async with database.act_as_visitor("anon-x", "access.check_code") as tx:
        await service.open_session(tx, ana.person_id, assurance=1, user_agent="", stays_at=maria.patient_id)
        told = await tx.scalar("select current_setting('portal.changed', true)")
    assert told == "yes"


async def test_the_session_before_ends_so_that_no_open_page_writes_into_the_next_chart(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria, leo = await clinic.patient(), await clinic.patient("Leo")
    at_maria = await share(maria)
    at_leo = await share(leo, who=at_maria)
    with pytest.raises(NotSignedIn):
        async with database.act_as(at_maria.credential, "booking.book"):
            pass
    async with database.act_as_visitor("anon-x", "access.leave") as tx:
        assert await acting.why_ended(tx, at_maria.credential.session_secret) == "switched"
        assert await acting.why_ended(tx, at_leo.credential.session_secret) == ""
        assert await acting.why_ended(tx, "made up") == ""


async def test_nobody_goes_to_a_chart_that_is_not_shared_with_them(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria, leo = await clinic.patient(), await clinic.patient("Leo")
    ana = await share(maria)
    for target in (leo.patient_id, None):
        with pytest.raises(NotFound):
            async with database.act_as(ana.credential, "access.act_for") as tx:
                await acting.act_for(tx, target)
    async with database.act_as(ana.credential, "booking.view") as tx:
        assert tx.actor.patient_id == maria.patient_id


async def test_the_new_session_is_as_strong_and_as_fresh_as_the_one_before(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria, ana = await clinic.patient(), await clinic.patient("Ana")
    await share(maria, who=ana)
    again = await clinic.sign_in_again(ana)
    async with database.act_as_system("test") as tx:
        before = await tx.one(
            "select created_at, expires_at, assurance, user_agent from session where ended_at is null"
            " and person_id = :me order by created_at desc limit 1",
            {"me": ana.person_id},
        )
    at_maria = await acting_for(database, again, maria)
    async with database.act_as(at_maria.credential, "access.act_for") as tx:
        after = await tx.one(
            "select created_at, expires_at, assurance, user_agent from session where id = :id",
            {"id": tx.actor.session_id},
        )
    assert tuple(after) == tuple(before)


async def test_staff_who_care_for_somebody_take_their_work_off_and_on(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria, ruth = await clinic.patient(), await clinic.staff("front_desk", name="Ruth Baker")
    at_maria = await share(maria, who=ruth)
    async with database.act_as(at_maria.credential, "booking.view") as tx:
        assert not tx.actor.is_staff()
        assert await acting.may_work(tx)
        session = await acting.act_for(tx, None)
    async with database.act_as(Credential(session.secret), "booking.view_day") as tx:
        assert tx.actor.is_staff()


async def test_a_caregiver_without_a_chart_signs_in_to_the_one_they_care_for_and_the_patient_sees_when(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria, ana = await clinic.patient(), await clinic.staff("caregiver", name="Ana Moreno")
    key = await invited(database, maria, ana.email)
    async with database.act_as_visitor("anon-x", "access.check_code") as tx:
        session = await service.open_session(tx, ana.person_id, assurance=1, user_agent="")
    carer = replace(ana, credential=Credential(session.secret))
    await accept(database, carer, key)
    async with database.act_as(maria.credential, "access.share_chart") as tx:
        assert [one.used_at for one in await caregivers.list_caregivers(tx)] == [None]
    async with database.act_as_visitor("anon-x", "access.check_code") as tx:
        session = await service.open_session(tx, ana.person_id, assurance=1, user_agent="")
    async with database.act_as(Credential(session.secret), "booking.view") as tx:
        assert tx.actor.patient_id == maria.patient_id
    async with database.act_as(maria.credential, "access.share_chart") as tx:
        assert all(one.used_at for one in await caregivers.list_caregivers(tx))

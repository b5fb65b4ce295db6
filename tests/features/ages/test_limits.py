"""Limits of a court and of suspected abuse: before every rule, at once, and without a word to whom they touch."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy.exc

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, NotSignedIn, StepUpNeeded
from portal_app.features.access import caregivers
from portal_app.features.access.errors import InvitationOver
from portal_app.features.access.rules import FRESH_LIFE
from portal_app.features.ages import jobs
from portal_app.features.ages import service as ages
from portal_app.pages import staff_limits
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.access.test_set_caregivers import kept
from tests.features.ages.conftest import Family, opened

_RAW = (
    "insert into relation_limit (id, relation_id, patient_id, kind, sections, reason, set_by, set_at)"
    " values (gen_random_uuid(), :relation, :patient, 'abuse', '{}', 'x', actor_person(), now())"
)
WHY = "The school's nurse told us of bruises"


@pytest.fixture
async def desk(clinic: Clinic) -> Someone:
    return await clinic.staff("front_desk", name="Tom Ortiz")


async def relation_of(database: Database, child: Someone) -> UUID:
    async with database.act_as_system("test") as tx:
        found: UUID = await tx.scalar("select id from related_person where patient_id = :id", {"id": child.patient_id})
    return found


async def close(database: Database, desk: Someone, child: Someone) -> UUID:
    limit_id, relation_id = uuid4(), await relation_of(database, child)
    for _tap in range(2):
        async with database.act_as(desk.credential, "ages.limit") as tx:
            await ages.suspect_abuse(tx, relation_id, WHY, limit_id)
    return limit_id


async def test_a_court_s_limit_closes_what_it_names_whatever_age_and_sharing_say(
    database: Database, settings: Settings, family: Family, desk: Someone
) -> None:
    child, parent = await family(8, "booking_view", "results_view", "notes_view", "bills_view")
    paper, relation_id = await kept(database, settings, desk, child), await relation_of(database, child)
    async with database.act_as(desk.credential, "ages.limit") as tx:
        await ages.set_court_limit(tx, relation_id, ["results", "notes"], "Order 12 of the court", paper, uuid4())
    assert await opened(database, parent, child) == {"booking", "bills"}
    proved = await Clinic(database).sign_in_again(child, assurance=2)
    async with database.act_as(proved.credential, "access.share_chart") as tx:
        await tx.execute("update related_person set view_sections = '{results,bills}', act_sections = '{}'")
    assert await opened(database, parent, child) == {"bills"}


async def test_suspected_abuse_closes_open_pages_at_once_and_lifting_it_opens_them_again(
    database: Database, family: Family, desk: Someone
) -> None:
    child, parent = await family(8)
    there = await acting_for(database, parent, child)
    limit_id = await close(database, desk, child)
    with pytest.raises(NotSignedIn):
        async with database.act_as(there.credential, "booking.view"):
            pass
    assert await opened(database, parent, child) == {"NotFound"}
    async with database.act_as(desk.credential, "ages.limit") as tx:
        assert child.patient_id
        (one,) = await ages.limits_of(tx, child.patient_id)
        assert (one.kind, one.reason, one.set_by) == ("abuse", WHY, "Tom Ortiz")
        with pytest.raises(InputRefused):
            await ages.lift_limit(tx, limit_id, " ")
    for _tap in range(2):
        async with database.act_as(desk.credential, "ages.limit") as tx:
            await ages.lift_limit(tx, limit_id, "Looked into and settled")
    assert len(await opened(database, parent, child)) == 8


async def test_a_limit_follows_whoever_is_invited_anew(database: Database, family: Family, desk: Someone) -> None:
    child, parent = await family(14, "booking_view")
    limit_id = await close(database, desk, child)
    key = await invited(database, child, "another@example.test", "booking_view", relationship="friend")
    with pytest.raises(InvitationOver):
        await accept(database, parent, key)
    async with database.act_as(child.credential, "access.share_chart") as tx:
        for one in await caregivers.list_caregivers(tx):
            await caregivers.end_caregiver(tx, one.id)
    await accept(database, parent, await invited(database, child, "new@example.test", "booking_view"))
    assert await opened(database, parent, child) == {"NotFound"}
    async with database.act_as(desk.credential, "ages.limit") as tx:
        await ages.lift_limit(tx, limit_id, "Looked into and settled")
    assert await opened(database, parent, child) == {"booking"}


async def test_whom_it_touches_and_whoever_acts_for_the_chart_finds_no_word_of_it(
    database: Database, family: Family, desk: Someone
) -> None:
    child, parent = await family(11, days=355)
    await close(database, desk, child)
    async with database.act_as_system("test") as tx:
        await jobs.tell_of_closings(tx)
        assert not await tx.scalar("select count(*) from outbox_message where template like 'ages_%'")
        lines = await tx.all("select action, detail from audit_event where entity = 'RelationLimit'")
    assert [(row.action, row.detail) for row in lines] == [("access.change_caregiver", {})]
    for someone in (child, parent):
        async with database.act_as(someone.credential, "access.act_for") as tx:
            assert not await tx.scalar("select count(*) from relation_limit")
            assert not await ages.closed_by_age(tx)
            assert all(
                row.patient_id != child.patient_id for row in await tx.all("select * from charts_acted_for(null)")
            )


async def test_a_limit_needs_its_reason_its_paper_its_sections_and_a_relation_of_that_chart(
    database: Database, settings: Settings, clinic: Clinic, family: Family, desk: Someone
) -> None:
    child, _parent = await family(8)
    relation_id, stranger = await relation_of(database, child), await clinic.patient("Leo")
    paper, other = await kept(database, settings, desk, child), await kept(database, settings, desk, stranger)
    for field, sections, reason, document in (
        ("sections", ["profile"], WHY, paper), ("reason", ["bills"], "short", paper),
        ("document", ["bills"], WHY, other),
    ):  # fmt: skip
        with pytest.raises(InputRefused) as refused:
            async with database.act_as(desk.credential, "ages.limit") as tx:
                await ages.set_court_limit(tx, relation_id, sections, reason, document, uuid4())
        assert refused.value.field == field
    with pytest.raises(NotFound):
        async with database.act_as(desk.credential, "ages.limit") as tx:
            await ages.suspect_abuse(tx, uuid4(), WHY, uuid4())


async def test_nobody_but_the_front_desk_sets_or_reads_limits_not_by_a_raw_event_either(
    database: Database, clinic: Clinic, family: Family, desk: Someone
) -> None:
    child, parent = await family(8)
    await close(database, desk, child)
    row = {"relation": await relation_of(database, child), "patient": child.patient_id}
    for someone in (child, parent, await clinic.staff("manager"), await clinic.staff("billing")):
        with pytest.raises(NotAllowed):
            async with database.act_as(someone.credential, "ages.limit"):
                pass
        async with database.act_as(someone.credential, "access.who_am_i") as tx:
            assert not await tx.execute("update relation_limit set lifted_at = now(), lift_reason = 'x'")
        with pytest.raises(sqlalchemy.exc.ProgrammingError, match="row-level security"):
            async with database.act_as(someone.credential, "access.who_am_i") as tx:
                await tx.execute(_RAW, row)


async def test_lifting_one_wants_a_fresh_sign_in_and_setting_one_does_not(
    database: Database, family: Family, desk: Someone
) -> None:
    child, parent = await family(8)
    with clock.frozen_at(clock.now() + FRESH_LIFE + timedelta(minutes=1)):
        limit_id = await close(database, desk, child)
        with pytest.raises(StepUpNeeded):
            async with database.act_as(desk.credential, "ages.limit") as tx:
                await ages.lift_limit(tx, limit_id, "Looked into and settled")
    assert await opened(database, parent, child) == {"NotFound"}
    assert staff_limits.PAGE.steps_up

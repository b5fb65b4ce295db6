"""What happens by itself at a birthday: told ahead, closed at midnight, ended at majority."""

import pytest

from portal_app.core.db import Database
from portal_app.core.errors import AccessEnded, NotSignedIn
from portal_app.features.access import acting, caregivers
from portal_app.features.ages import jobs
from portal_app.settings import Settings
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.ages.conftest import Family, grow, let_run_out, opened


async def turn(database: Database) -> bool:
    """Run the job, and return whether open pages are told."""
    async with database.act_as_system("test") as tx:
        await jobs.turn_ages(tx)
        return bool(await tx.scalar("select current_setting('portal.changed', true)") == "yes")


async def told(database: Database) -> list[tuple[object, str]]:
    async with database.act_as_system("test") as tx:
        await jobs.tell_of_closings(tx)
        rows = await tx.all("select person_id, template from outbox_message where template like 'ages_%' order by 2")
    return [(row.person_id, row.template) for row in rows]


async def test_from_midnight_on_a_part_is_closed_before_any_job_has_run_and_open_pages_are_told_by_it(
    database: Database, settings: Settings, family: Family
) -> None:
    child, parent = await family(11, "booking_act", "forms_act", "messages_act")
    grow(settings, child, 17)
    await let_run_out(database, child, "messages")
    assert await opened(database, parent, child) == {"booking", "forms"}
    assert await turn(database)
    assert not await turn(database)
    async with database.act_as_system("test") as tx:
        left = await tx.all("select sections from access_grant where basis = 'caregiver'")
    assert [row.sections for row in left] == [["booking", "forms"]]


async def test_with_nothing_left_the_session_ends_and_it_is_not_said_why_beyond_that(
    database: Database, settings: Settings, family: Family
) -> None:
    child, parent = await family(11, "messages_act", "bills_act")
    there = await acting_for(database, parent, child)
    grow(settings, child, 18, days=-30)
    await let_run_out(database, child, "messages", "bills")
    with pytest.raises(AccessEnded):
        async with database.act_as(there.credential, "booking.view"):
            pass
    grow(settings, child, 18)
    await turn(database)
    with pytest.raises(NotSignedIn):
        async with database.act_as(there.credential, "access.act_for"):
            pass
    async with database.act_as_visitor("anon-x", "access.leave") as tx:
        assert await acting.why_ended(tx, there.credential.session_secret) == "revoked"


async def test_majority_ends_the_relation_and_whoever_is_of_age_invites_anew_what_no_rule_touches(
    database: Database, settings: Settings, family: Family
) -> None:
    child, parent = await family(17, days=200)
    grow(settings, child, 18)
    await turn(database)
    async with database.act_as(child.credential, "access.share_chart") as tx:
        assert [one.status for one in await caregivers.list_caregivers(tx)] == ["ended"]
    await accept(
        database,
        parent,
        await invited(database, child, parent.email, "results_view", "notes_view", relationship="parent"),
    )
    await turn(database)
    assert await opened(database, parent, child) == {"results", "notes"}


async def test_both_sides_are_told_four_weeks_ahead_and_once(database: Database, family: Family) -> None:
    child, parent = await family(11, "results_view", "notes_view", days=350)
    await family(11, "results_view", "notes_view", days=300)
    wanted = [(parent.person_id, "ages_less_soon"), (child.person_id, "ages_yours_soon")]
    assert await told(database) == await told(database) == wanted


async def test_an_adult_s_caregivers_are_told_nothing_and_lose_nothing(database: Database, family: Family) -> None:
    adult, carer = await family(40, relationship="guardian")
    await turn(database)
    assert await told(database) == []
    assert len(await opened(database, carer, adult)) == 8


async def test_a_version_that_opens_more_does_so_on_its_day(database: Database, family: Family) -> None:
    teen, parent = await family(14, "results_view", "notes_view")
    assert await opened(database, parent, teen) == {"NotFound"}
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into age_rule (id, state, effective_from, full_until, limited_until, majority, own_from, sections,"
            " source, made_by, made_at) values (gen_random_uuid(), '', practice_day(now()), 16, 18, 18, 13, '{}',"
            " 'law', actor_person(), now())"
        )
        await tx.execute("delete from access_grant where basis = 'caregiver'")
    await turn(database)
    assert await opened(database, parent, teen) == {"results", "notes"}

"""What a parent's relation grants at an age: all, some, nothing, and from which midnight on."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.access import acting
from portal_app.features.ages import rules
from portal_app.features.ages import service as ages
from tests.features.access.conftest import acting_for
from tests.features.ages.conftest import Family, born, opened

EVERYTHING = {"booking", "visits", "forms", "messages", "results", "notes", "vitals", "bills"}
LIMITED = {"booking", "bills", "forms", "visits"}


@pytest.mark.parametrize(
    ("age", "relationship", "seen"),
    [
        (8, "parent", EVERYTHING), (14, "parent", LIMITED), (14, "guardian", LIMITED), (14, "sibling", EVERYTHING),
        (18, "parent", EVERYTHING), (62, "guardian", EVERYTHING),
    ],
)  # fmt: skip
async def test_age_narrows_what_parents_and_guardians_of_minors_see_and_nobody_else(
    database: Database, family: Family, age: int, relationship: str, seen: set[str]
) -> None:
    child, parent = await family(age, relationship=relationship)
    assert await opened(database, parent, child) == seen


async def test_what_closes_is_granted_until_midnight_where_the_practice_is(database: Database, family: Family) -> None:
    _child, parent = await family(11, "booking_view", "results_view", "notes_view", until="year")
    async with database.act_as_system("test") as tx:
        zone = await tx.scalar("select zone from location order by name, id limit 1") or "UTC"
        grants = await tx.all(
            "select unnest(sections) as section, valid_until from access_grant where grantee = :id"
            " and basis = 'caregiver'", {"id": parent.person_id}
        )  # fmt: skip
    birth = born(11)
    until = {row.section: row.valid_until.astimezone(ZoneInfo(zone)) for row in grants}
    twelve, grown = rules.birthday(birth, 12), rules.birthday(birth, 18)
    assert until["results"] == until["notes"] == datetime(twelve.year, twelve.month, twelve.day, tzinfo=ZoneInfo(zone))
    assert until["booking"].date() < grown  # the year for which it was shared ends before


async def test_the_database_and_the_pure_rules_agree(database: Database) -> None:
    today = clock.now().date()
    async with database.act_as_system("test") as tx:
        rows = await tx.all("select * from age_rule")
        known = [
            rules.Ages(row.state, row.effective_from, row.full_until, row.limited_until, row.majority, row.own_from,
                       frozenset(row.sections)) for row in rows
        ]  # fmt: skip
        for state in {one.state for one in known} | {"OR"}:
            for age in (3, 11, 12, 13, 14, 17, 18, 19, 40):
                turns = await tx.all(
                    "select * from turns_by_age(:born, :state, :today, null::age_rule)",
                    {"born": born(age), "state": state, "today": today},
                )
                for section in rules.SECTIONS:
                    closed = [row.on_day for row in turns if row.open is not None and section not in row.open]
                    wanted = rules.closes_on(known, state, section, born(age), today)
                    assert (min(closed) if closed else None) == wanted, (state, age, section)


@pytest.mark.parametrize(("age", "closed"), [(14, {"results", "notes"}), (11, set())])
async def test_a_parent_hears_from_which_age_on_a_part_is_closed_or_will_be(
    database: Database, family: Family, age: int, closed: set[str]
) -> None:
    child, parent = await family(age, "booking_view", "results_view", "notes_view", days=340, until="year")
    async with database.act_as((await acting_for(database, parent, child)).credential, "access.act_for") as tx:
        told = await ages.closed_by_age(tx)
    # Seeing visits is shared for a year, which ends before age would end it.
    assert {(one.section, one.from_age, one.given_name) for one in told} == {
        ("results", 12, "Maya"), ("notes", 12, "Maya")
    }  # fmt: skip
    assert {one.section for one in told if one.is_closed} == closed


async def test_a_closed_part_refuses_the_page_and_the_others_stay_open(database: Database, family: Family) -> None:
    teen, parent = await family(14, "booking_act", "vitals_act")
    there = await acting_for(database, parent, teen)
    async with database.act_as(there.credential, "booking.book"):
        pass
    async with database.act_as(there.credential, "access.act_for") as tx:
        (chart,) = [one for one in await acting.charts_acted_for(tx) if one.is_current]
    assert (chart.view_sections, chart.act_sections) == (frozenset({"booking"}), frozenset({"booking"}))

"""Whose rules by age count in the practice: looked at for everybody, then changed by managers alone."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from portal_app.core import clock
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import InputRefused, NotAllowed, StepUpNeeded
from portal_app.features.access.rules import FRESH_LIFE
from portal_app.features.ages import service as ages
from portal_app.features.ages.errors import PreviewStale
from portal_app.features.ages.views import CountingPreview
from portal_app.pages import age_rules
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.ages.conftest import Family, opened
from tests.features.ages.test_changing import _MANY

LIMITED = {"booking", "bills"}
"""What the example for California leaves open from 12 on."""
_PRACTICE = (
    "insert into practice (id, name, initial, accent, phone, emergency_phone, state)"
    " values (gen_random_uuid(), 'Sala', 'S', '#000', '1', '2', %(state)s)"
)


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager", name="Grace Lin")


@pytest.fixture(autouse=True)
def practice(settings: Settings, database: Database) -> None:
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url), autocommit=True) as owner:
        owner.execute("set portal.maintenance = 'test'")
        owner.execute(_PRACTICE, {"state": ""})


async def look(database: Database, who: Someone, state: str) -> CountingPreview:
    async with database.act_as(who.credential, "ages.change_rules") as tx:
        return await ages.preview_counting(tx, state)


async def choose(database: Database, who: Someone, seen: CountingPreview) -> None:
    async with database.act_as(who.credential, "ages.change_rules") as tx:
        await ages.choose_state(tx, seen)


async def test_looked_at_it_changes_nothing_and_then_does_what_was_seen(
    database: Database, clinic: Clinic, family: Family, manager: Someone
) -> None:
    child, parent = await family(13)
    elsewhere, _ = await family(13)
    async with database.act_as_system("test") as tx:
        await tx.execute("update patient set state = 'TX' where id = :id", {"id": elsewhere.patient_id})
    before = await opened(database, parent, child)
    seen = await look(database, manager, "CA")
    (one,) = seen.changes
    assert (set(one.loses), one.gains, one.name) == (before - LIMITED, (), "")
    assert (seen.losing, seen.gaining) == (1, 0)
    assert await opened(database, parent, child) == before

    await choose(database, manager, seen)
    await choose(database, manager, seen)
    assert await opened(database, parent, child) == LIMITED
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from audit_event where action = 'ages.choose_state'") == 1
    back = await look(database, await clinic.staff("manager", "front_desk"), "")
    assert [(set(one.gains), one.loses) for one in back.changes] == [(before - LIMITED, ())]
    assert "Maya" in back.changes[0].name


async def test_what_would_do_something_else_than_was_seen_does_nothing(
    database: Database, clinic: Clinic, family: Family, manager: Someone
) -> None:
    child, parent = await family(13)
    seen, theirs = await look(database, manager, "CA"), await look(database, await clinic.staff("manager"), "NY")
    await family(12)
    before = await opened(database, parent, child)
    with pytest.raises(PreviewStale):
        await choose(database, manager, seen)
    with pytest.raises(PreviewStale):
        await choose(database, manager, replace(seen, state="NY"))
    await choose(database, manager, await look(database, manager, "CA"))
    with pytest.raises(PreviewStale):
        await choose(database, manager, theirs)
    assert await opened(database, parent, child) == LIMITED != before


async def test_nobody_but_a_manager_looks_or_chooses(database: Database, clinic: Clinic, family: Family) -> None:
    child, parent = await family(13)
    for who in (child, parent, await clinic.staff("front_desk"), await clinic.staff("clinician")):
        with pytest.raises(NotAllowed):
            await look(database, who, "CA")
        async with database.act_as(who.credential, "access.who_am_i") as tx:
            assert not await tx.all("select * from preview_practice_state('CA')")


async def test_what_is_no_state_is_refused(database: Database, manager: Someone) -> None:
    for wrong in ("XX", "C", "CAL"):
        with pytest.raises(InputRefused) as refused:
            await look(database, manager, wrong)
        assert refused.value.field == "counting"


_CLOSINGS = """
select r.id, n.section, n.closes_on from related_person r cross join lateral closings(r, null) n
where r.status in ('invited', 'active') and (r.valid_until is null or r.valid_until > now())
"""
_GRANTS = (
    ("age_rule", "age_rule_grants"),
    ("patient", "patient_age_grants"),
    ("practice", "practice_age_grants"),
)
_LATER = """
insert into age_rule (id, state, effective_from, full_until, limited_until, majority, own_from, sections, source,
  made_by, made_at)
select gen_random_uuid(), s, current_date + 90, 9, 16, 20, 12, '{booking,notes}', 'x', p.id, now()
from (values (''), ('CA')) v (s) cross join (select id from person limit 1) p
"""


@pytest.mark.parametrize(("was", "would_be"), [("", "CA"), ("CA", ""), ("TX", "AL"), ("AL", "NY"), ("NY", "OR")])
async def test_for_all_at_once_the_preview_says_what_the_change_itself_does(
    database: Database, settings: Settings, manager: Someone, was: str, would_be: str
) -> None:
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url)) as owner:
        owner.execute("set portal.maintenance = 'test'")
        owner.execute("set portal.roles = '{system}'")
        for table, trigger in _GRANTS:  # they are nobody's, who can be granted nothing
            owner.execute(f"alter table {table} disable trigger {trigger}")
        owner.execute(_MANY)
        owner.execute("update patient set state = null where state in ('NY', 'CA', 'AL')")
        owner.execute(_LATER)
        owner.execute("update practice set state = %(was)s", {"was": was})
        owner.commit()
        before = {row[:2]: row[2] for row in owner.execute(_CLOSINGS)}
        owner.execute("update practice set state = %(would_be)s", {"would_be": would_be})
        after = {row[:2]: row[2] for row in owner.execute(_CLOSINGS)}
        owner.rollback()
        for table, trigger in _GRANTS:
            owner.execute(f"alter table {table} enable trigger {trigger}")
    async with database.act_as(manager.credential, "ages.change_rules") as tx:
        rows = await tx.all(
            "select relation_id, section, before, after from preview_practice_state(:state)", {"state": would_be}
        )
    changed = {(*key, closes, after[key]) for key, closes in before.items() if closes != after[key]}
    assert {tuple(row) for row in rows} == changed
    assert len(rows) == len(changed)
    assert changed


async def test_choosing_wants_a_fresh_sign_in_and_looking_does_not(database: Database, manager: Someone) -> None:
    with clock.frozen_at(clock.now() + FRESH_LIFE + timedelta(minutes=1)):
        seen = await look(database, manager, "CA")
        with pytest.raises(StepUpNeeded):
            await choose(database, manager, seen)
    assert age_rules.PAGE.steps_up

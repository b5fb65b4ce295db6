"""A new version of a rule: looked at before it counts, dated once, and taken back until it takes effect."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy.exc

from portal_app.core import clock
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import InputRefused, NotAllowed, StepUpNeeded
from portal_app.features.access.rules import FRESH_LIFE
from portal_app.features.ages import service as ages
from portal_app.features.ages.errors import PreviewStale, RuleChanged, RuleInEffect
from portal_app.features.ages.views import Preview, RuleForm
from portal_app.settings import Settings
from tests.factories import Clinic, Someone, open_practice
from tests.features.ages.conftest import Family, opened

STRICT: dict[str, int | None] = {"full_until": 8, "limited_until": 18, "majority": 18, "own_from": 13}


def ahead(days: int = 30) -> date:
    return clock.now().date() + timedelta(days=days)


_RAW = (
    "insert into age_rule (id, state, effective_from, full_until, limited_until, majority, own_from, sections,"
    " source, made_by, made_at) values (gen_random_uuid(), 'OR', current_date - 9, 18, 18, 18, 18, '{}', 'x',"
    " actor_person(), now())"
)
FORM = RuleForm("", None, dict(STRICT), ("booking",), "A new law of our state")


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager", name="Grace Lin")


async def looked(database: Database, who: Someone, form: RuleForm) -> Preview:
    async with database.act_as(who.credential, "ages.change_rules") as tx:
        return await ages.preview_version(tx, form)


async def dated(database: Database, who: Someone, form: RuleForm, seen: Preview) -> UUID:
    rule_id = uuid4()
    for _tap in range(2):
        async with database.act_as(who.credential, "ages.change_rules") as tx:
            await ages.date_version(tx, form, seen, rule_id)
    return rule_id


async def test_the_preview_says_who_loses_what_from_when_and_names_only_to_whoever_may_see_them(
    database: Database, clinic: Clinic, family: Family, manager: Someone
) -> None:
    child, _parent = await family(9, "booking_view", "results_view", "notes_view")
    await family(40, "booking_view")
    form = replace(FORM, effective_from=ahead())
    seen = await looked(database, manager, form)
    (change,) = seen.changes
    assert (change.loses, change.gains, change.first_on) == (("notes", "results"), (), ahead())
    assert (change.name, change.patient_id, seen.losing, seen.gaining) == ("", None, 1, 0)
    desk = await clinic.staff("manager", "front_desk")
    (named,) = (await looked(database, desk, form)).changes
    assert (named.name, named.patient_id) == ("Maya Alvarez", child.patient_id)
    async with database.act_as_system("test") as tx:
        told = await tx.all("select person_id, patient_id from audit_event where action = 'ages.preview'")
    assert [tuple(one) for one in told] == [(desk.person_id, child.patient_id)]


async def test_once_dated_it_is_in_the_grants_and_until_it_counts_it_can_be_taken_back(
    database: Database, family: Family, manager: Someone
) -> None:
    child, parent = await family(9, "booking_view", "results_view", "notes_view")
    form = replace(FORM, effective_from=ahead())
    rule_id = await dated(database, manager, form, await looked(database, manager, form))
    ends = "select valid_until from access_grant where basis = 'caregiver' and 'results' = any (sections)"
    async with database.act_as_system("test") as tx:
        assert (await tx.scalar(ends)).date() == ahead()
    for _tap in range(2):
        async with database.act_as(manager.credential, "ages.change_rules") as tx:
            await ages.withdraw_version(tx, rule_id)
    async with database.act_as_system("test") as tx:
        assert (await tx.scalar(ends)).date() > ahead(365)
    assert await opened(database, parent, child) == {"booking", "results", "notes"}


async def test_of_two_managers_the_second_is_told_and_changes_nothing(
    database: Database, clinic: Clinic, manager: Someone
) -> None:
    other, form = await clinic.staff("manager"), replace(FORM, effective_from=ahead())
    mine, theirs = await looked(database, manager, form), await looked(database, other, form)
    await dated(database, manager, form, mine)
    with pytest.raises(RuleChanged):
        await dated(database, other, replace(form, effective_from=ahead(40)), theirs)
    async with database.act_as(manager.credential, "ages.change_rules") as tx:
        assert [one.standing for one in await ages.rule_versions(tx) if one.state == ""] == ["to come", "now"]


async def test_what_would_do_more_than_was_seen_is_not_done(
    database: Database, family: Family, manager: Someone
) -> None:
    form = replace(FORM, effective_from=ahead())
    seen = await looked(database, manager, form)
    await family(9, "results_view", "notes_view")
    with pytest.raises(PreviewStale):
        await dated(database, manager, form, seen)


async def test_what_counts_already_is_not_taken_back_not_by_a_raw_statement_either(
    database: Database, manager: Someone
) -> None:
    async with database.act_as(manager.credential, "ages.change_rules") as tx:
        shipped = next(one for one in await ages.rule_versions(tx) if one.state == "")
        assert shipped.is_example
        await ages.approve_version(tx, shipped.id)
        assert not next(one for one in await ages.rule_versions(tx) if one.state == "").is_example
        with pytest.raises(RuleInEffect):
            await ages.withdraw_version(tx, shipped.id)
    for statement in ("update age_rule set withdrawn_at = now()", _RAW):
        with pytest.raises(sqlalchemy.exc.ProgrammingError, match="a rule"):
            async with database.act_as(manager.credential, "ages.change_rules") as tx:
                await tx.execute(statement)


async def test_a_version_stands_after_those_that_are_dated(database: Database, manager: Someone) -> None:
    form = replace(FORM, effective_from=ahead())
    await dated(database, manager, form, await looked(database, manager, form))
    for field, wrong in (
        ("effective_from", replace(form, effective_from=ahead(20))), ("state", replace(form, state="XX")),
        ("majority", replace(form, ages=STRICT | {"majority": 30})), ("effective_from", FORM),
    ):  # fmt: skip
        with pytest.raises(InputRefused) as refused:
            await looked(database, manager, wrong)
        assert refused.value.field == field


async def test_the_state_that_counts_is_the_practice_s_unless_the_patient_has_another(
    database: Database, family: Family, manager: Someone
) -> None:
    teen, parent = await family(12, "booking_view", "forms_view", "forms_act")
    assert await opened(database, parent, teen) == {"booking", "forms"}
    await open_practice(database)
    async with database.act_as(manager.credential, "ages.change_rules") as tx:
        await ages.choose_state(tx, await ages.preview_counting(tx, "CA"))
        assert await ages.counting_state(tx) == "CA"
    assert await opened(database, parent, teen) == {"booking"}
    async with database.act_as_system("test") as tx:
        await tx.execute("update patient set state = 'TX' where id = :id", {"id": teen.patient_id})
    assert await opened(database, parent, teen) == {"booking", "forms"}


async def test_nobody_else_changes_rules(database: Database, clinic: Clinic) -> None:
    for someone in (await clinic.patient(), await clinic.staff("front_desk"), await clinic.staff("clinician")):
        with pytest.raises(NotAllowed):
            await looked(database, someone, FORM)
        async with database.act_as(someone.credential, "access.who_am_i") as tx:
            assert not await tx.all(
                "select * from preview_age_rule('', current_date + 1, 1, 1, 18, cast('{}' as text[]))"
            )


_MANY = """
insert into patient (id, given_name, family_name, birth_date, zone, state)
select gen_random_uuid(), 'Maya', 'No ' || n, current_date - n * 137, 'UTC',
  (array[null, 'NY', 'CA', 'AL', 'TX'])[1 + n % 5]
from generate_series(1, 60) n;
insert into related_person (id, patient_id, name, email, email_index, relationship, view_sections, act_sections,
  answer_by, invited_by, invited_at, status, valid_until)
select gen_random_uuid(), c.id, 'x', 'x', c.id::text, (array['parent', 'guardian', 'friend'])[1 + n % 3],
  case n % 2 when 0 then '{booking,visits,notes}' else '{bills,forms,profile}' end::text[], '{}', now(), p.id,
  now() - n * interval '97 days', (array['active', 'invited', 'ended'])[1 + n % 7 % 3],
  case n % 11 when 0 then now() - interval '1 day' end
from (select c.*, row_number() over (order by c.family_name) as n from patient c where c.family_name like 'No %') c
  cross join (select id from person limit 1) p;
"""
_ONE_BY_ONE = """
select r.id as relation_id, n.section, n.closes_on as before, t.closes_on as after
from related_person r cross join lateral closings(r, null) n
  join lateral closings(r, row({more})::age_rule) t on t.section = n.section
where r.status in ('invited', 'active') and (r.valid_until is null or r.valid_until > now())
  and (r.relationship in ('parent', 'guardian') or r.document_kind is not null)
  and n.closes_on is distinct from t.closes_on
"""


@pytest.mark.parametrize("state", ["", "NY", "CA", "OR"])
async def test_for_all_at_once_the_preview_says_what_is_said_of_each(
    database: Database, settings: Settings, manager: Someone, state: str
) -> None:
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url), autocommit=True) as owner:
        owner.execute("set portal.maintenance = 'test'")
        owner.execute(_MANY)
        columns = [
            one[0]
            for one in owner.execute(
                "select attname from pg_attribute where attrelid = 'age_rule'::regclass and attnum > 0 order by attnum"
            )
        ]
        given = {
            "id": uuid4(),
            "state": state,
            "effective_from": ahead(40),
            "full_until": 9,
            "limited_until": 16,
            "majority": 19,
            "sections": ["booking", "notes"],
        }
        more = _ONE_BY_ONE.format(more=", ".join(f"%({one})s" for one in columns))
        one_by_one = owner.execute(more, dict.fromkeys(columns) | given).fetchall()
    async with database.act_as(manager.credential, "ages.change_rules") as tx:
        rows = await tx.all(
            "select relation_id, section, before, after from preview_age_rule(:state, :day, 9, 16, 19,"
            " '{booking,notes}')",
            {"state": state, "day": ahead(40)},
        )
    assert sorted(map(tuple, rows)) == sorted(one_by_one)
    assert one_by_one or state == "OR"


async def test_dating_a_rule_wants_a_fresh_sign_in(database: Database, manager: Someone) -> None:
    form = replace(FORM, effective_from=ahead())
    with clock.frozen_at(clock.now() + FRESH_LIFE + timedelta(minutes=1)):
        seen = await looked(database, manager, form)
        with pytest.raises(StepUpNeeded):
            await dated(database, manager, form, seen)

"""Ranges for another age or condition: whole sets, without overlaps, unreviewed until a clinician approves them."""

import asyncio
from datetime import date
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from portal_app.core import clock
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.vitals import service
from portal_app.features.vitals.errors import RuleMovedOn
from portal_app.features.vitals.service import Band, RuleRow
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.vitals.conftest import AtHome, at_home
from tests.features.vitals.test_watching import until_one_waits

SOURCE, REASON = "Our paediatrician, 2026", "Children of our practice"
POLICY = "vitals.review"


@pytest.fixture(autouse=True)
def no_children(settings: Settings) -> None:
    """Begin without the numbers that ship for children and for pulse and breaths in pregnancy."""
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url), autocommit=True) as connection:
        connection.execute("select set_config('portal.maintenance', 'test', false)")
        connection.execute(
            "delete from vital_rule where measure in ('pulse', 'breaths', 'blood_pressure', 'glucose')"
            " and (age_until <= 192 or age_until = 216 and finding = 'low' or age_from = 120)"
        )


@pytest.fixture
async def clinician(home: AtHome, clinic: Clinic) -> Someone:
    return await clinic.staff("clinician", name="Ana Ruiz")


def _born(years: int) -> date:
    today = clock.now().date()
    return today.replace(year=today.year - years, day=min(today.day, 28))


async def _sets(database: Database, who: Someone, measure: str) -> list[Band]:
    async with database.act_as(who.credential, POLICY) as tx:
        return service.bands([one for one in await service.rules_in_force(tx) if one.measure == measure])


async def _ages(home: AtHome, who: Someone, measure: str, condition: str = "") -> list[tuple[int, int]]:
    return [
        (one.age_from, one.age_until) for one in await _sets(home.database, who, measure) if one.condition == condition
    ]


async def _the_set(home: AtHome, who: Someone, measure: str, since: int, condition: str = "") -> Band:
    found = await _sets(home.database, who, measure)
    return next(one for one in found if (one.age_from, one.condition) == (since, condition))


def _numbers(measure: str, band: Band | None, typed: dict[str, str]) -> dict[str, str]:
    """Return each number of a set as it stands, some typed anew: by finding, with "pair" for the lower one."""
    said = {}
    for line in service.lines_of(measure, band):
        name = f"{line.finding} {line.part}".strip()
        said[f"number-{line.id}"] = typed.get(name, f"{line.value:f}" if line.id > 0 else "")
    return said


async def put(home: AtHome, who: Someone, measure: str, band: Band | None, typed: dict[str, str], **said: str) -> None:
    wanted = {
        "condition": "none", "ages": "years", "since": "5", "until": "12", "source": SOURCE, "reason": REASON,
        **_numbers(measure, band, typed), **said,
    }  # fmt: skip
    async with home.database.act_as(who.credential, POLICY) as tx:
        await service.put_band(tx, measure, band.ids if band else frozenset(), wanted)


async def _child(home: AtHome, clinic: Clinic, years: int) -> AtHome:
    return await at_home(home.database, clinic, birth_date=_born(years))


async def test_a_child_is_judged_by_the_set_of_its_age_and_grown_ups_as_before(
    home: AtHome, clinic: Clinic, clinician: Someone
) -> None:
    child = await _child(home, clinic, 8)
    assert (await child.log("pulse", "135", minutes=-600)).finding == ""
    await put(home, clinician, "pulse", await _the_set(home, clinician, "pulse", 192), {"fast": "140", "slow": "60"})
    assert (await child.log("pulse", "135", minutes=-300)).finding == "within"
    assert (await child.log("pulse", "141")).severity == "urgent"
    assert (await child.log("pulse", "59", minutes=300)).finding == "slow"
    assert (await home.log("pulse", "135")).finding == "fast"
    assert await _ages(home, clinician, "pulse") == [(60, 144), (192, 2400)]


async def test_a_new_set_is_not_reviewed_until_a_clinician_approves_all_of_it(home: AtHome, clinician: Someone) -> None:
    adult = await _the_set(home, clinician, "pulse", 192)
    async with home.database.act_as(clinician.credential, POLICY) as tx:
        await service.approve_rules(tx, "pulse", adult.ids)
    await put(home, clinician, "pulse", await _the_set(home, clinician, "pulse", 192), {})
    child = await _the_set(home, clinician, "pulse", 60)
    assert [(one.is_reviewed, one.source, one.reason) for one in child.rules] == [(False, SOURCE, REASON)] * 2
    assert all(one.is_reviewed for one in (await _the_set(home, clinician, "pulse", 192)).rules)
    async with home.database.act_as(clinician.credential, POLICY) as tx:
        with pytest.raises(RuleMovedOn):  # approves what was on the page, and nothing that came after it
            await service.approve_rules(tx, "pulse", adult.ids)
    async with home.database.act_as(clinician.credential, POLICY) as tx:
        assert await service.approve_rules(tx, "pulse", child.ids) == 2
    child = await _the_set(home, clinician, "pulse", 60)
    assert {(one.is_reviewed, one.reviewed_by_name) for one in child.rules} == {(True, "Ana Ruiz")}


async def test_ages_in_the_middle_are_taken_out_and_nothing_overlaps_or_is_left_out(
    home: AtHome, clinician: Someone
) -> None:
    grown = await _the_set(home, clinician, "blood_pressure", 216)
    await put(home, clinician, "blood_pressure", grown, {"high": "150", "high pair": "90"}, since="70", until="80")
    assert await _ages(home, clinician, "blood_pressure") == [(156, 216), (216, 840), (840, 960), (960, 2400)]
    sets = await _sets(home.database, clinician, "blood_pressure")
    numbers = {
        one.age_from: sorted(str(rule.value) for rule in one.rules if rule.finding == "high")
        for one in sets if not one.condition
    }  # fmt: skip
    assert numbers == {156: ["140", "90"], 216: ["140", "90"], 840: ["150", "90"], 960: ["140", "90"]}
    assert [len(one.rules) for one in sets if not one.condition and one.age_from > 200] == [len(grown.rules)] * 3


async def test_a_set_over_several_others_stands_in_their_place(home: AtHome, clinician: Someone) -> None:
    baby = await _the_set(home, clinician, "temperature", 0)
    assert await _ages(home, clinician, "temperature") == [(0, 3), (3, 2400)]
    await put(home, clinician, "temperature", baby, {"fever_baby": "37.8"}, ages="months", since="", until="6")
    assert await _ages(home, clinician, "temperature") == [(0, 6), (6, 2400)]


async def test_the_other_unit_follows_and_stays_as_it_was_where_nothing_changed(
    home: AtHome, clinician: Someone
) -> None:
    await put(home, clinician, "glucose", await _the_set(home, clinician, "glucose", 12), {"high": "200"}, until="18")
    child = await _the_set(home, clinician, "glucose", 60)

    def both(finding: str) -> dict[str, Decimal]:
        return {one.unit: one.value for one in child.rules if one.finding == finding}

    assert both("high") == {"mg/dL": Decimal(200), "mmol/L": Decimal("11.1")}
    assert both("low") == {"mg/dL": Decimal(70), "mmol/L": Decimal("3.9")}


async def test_a_set_for_a_condition_begins_as_a_copy_and_ends_in_the_general_one(
    home: AtHome, clinician: Someone
) -> None:
    grown = await _the_set(home, clinician, "blood_pressure", 216)
    await put(
        home, clinician, "blood_pressure", grown, {"raised": "125"}, condition="heart_failure", since="", until=""
    )
    await home.note("heart_failure")
    assert (await home.log("blood_pressure", "126", "70", minutes=-300)).finding == "raised"
    assert (await home.log("blood_pressure", "185", "70", minutes=-200)).finding == "severe"
    own = await _the_set(home, clinician, "blood_pressure", 0, "heart_failure")
    async with home.database.act_as(clinician.credential, POLICY) as tx:
        await service.remove_band(tx, "blood_pressure", own.ids, {"reason": REASON})
    assert (await home.log("blood_pressure", "126", "70")).finding == "elevated"


async def test_a_measure_without_any_number_gets_its_first_and_keeps_its_last(home: AtHome, clinician: Someone) -> None:
    await put(home, clinician, "pain", None, {"high": "8"}, since="", until="")
    assert (await home.log("pain", "8")).severity == "urgent"
    (only,) = await _sets(home.database, clinician, "pain")
    async with home.database.act_as(clinician.credential, POLICY) as tx:
        with pytest.raises(InputRefused) as caught:
            await service.remove_band(tx, "pain", only.ids, {"reason": REASON})
    assert "never be judged" in caught.value.reason


async def test_what_was_judged_keeps_its_rule_and_versions_follow_each_other(home: AtHome, clinician: Someone) -> None:
    before = await home.log("pulse", "135", minutes=-300)
    grown = await _the_set(home, clinician, "pulse", 192)
    await put(home, clinician, "pulse", grown, {"fast": "140"}, since="16", until="")
    after = await home.log("pulse", "135")
    async with home.database.act_as_system("test") as tx:
        row = await tx.one(
            "select r.rule_id, v.version, v.retired_at is not null as is_old, n.version as next, n.replaces"
            " from reading r join vital_rule v on v.id = r.rule_id join vital_rule n on n.replaces = v.id"
            " where r.id = :id",
            {"id": before.id},
        )
    assert (before.finding, after.finding) == ("fast", "within")
    assert (row.version, row.is_old, row.next, row.replaces) == (1, True, 2, row.rule_id)


@pytest.mark.parametrize(("field", "said"), [
    ("condition", {"condition": ""}), ("condition", {"condition": "tired"}), ("ages", {"ages": ""}),
    ("since", {"since": "x"}), ("since", {"since": "-1"}), ("since", {"since": "1.5"}), ("until", {"until": "²"}),
    ("until", {"until": "201"}), ("until", {"since": "12", "until": "12"}), ("until", {"since": "13", "until": "12"}),
    ("source", {"source": " "}), ("source", {"source": "x" * 201}), ("reason", {"reason": ""}),
])  # fmt: skip
async def test_ages_and_words_that_cannot_be_are_refused_where_they_stand(
    home: AtHome, clinician: Someone, field: str, said: dict[str, str]
) -> None:
    band = await _the_set(home, clinician, "pulse", 192)
    with pytest.raises(InputRefused) as caught:
        await put(home, clinician, "pulse", band, {}, **said)
    assert caught.value.field == field
    assert await _ages(home, clinician, "pulse") == [(192, 2400)]


@pytest.mark.parametrize(("at", "typed"), [
    ("slow", {"slow": "a"}), ("slow", {"slow": "-4"}), ("fast", {"fast": "500"}), ("slow", {"slow": "", "fast": ""}),
    ("fast", {"slow": "120", "fast": "110"}), ("fast", {"slow": "110", "fast": "110"}),
])  # fmt: skip
async def test_numbers_that_cannot_be_are_refused_where_they_stand(
    home: AtHome, clinician: Someone, at: str, typed: dict[str, str]
) -> None:
    band = await _the_set(home, clinician, "pulse", 192)
    with pytest.raises(InputRefused) as caught:
        await put(home, clinician, "pulse", band, typed)
    assert caught.value.field == f"number-{_line('pulse', band, at).id}"


async def test_what_is_worse_has_to_be_further_out(home: AtHome, clinician: Someone) -> None:
    band = await _the_set(home, clinician, "blood_pressure", 216)
    with pytest.raises(InputRefused) as caught:
        await put(home, clinician, "blood_pressure", band, {"severe": "130"})
    assert caught.value.field == f"number-{_line('blood_pressure', band, 'severe').id}"


def _line(measure: str, band: Band, finding: str) -> RuleRow:
    return next(one for one in service.lines_of(measure, band) if (one.finding, one.part) == (finding, ""))


async def test_a_line_without_a_number_is_left_out(home: AtHome, clinician: Someone) -> None:
    await put(home, clinician, "pulse", await _the_set(home, clinician, "pulse", 192), {"slow": ""})
    assert [one.finding for one in (await _the_set(home, clinician, "pulse", 60)).rules] == ["fast"]


async def test_whoever_writes_on_a_set_that_was_changed_meanwhile_is_told(home: AtHome, clinician: Someone) -> None:
    seen = await _the_set(home, clinician, "pulse", 192)
    await put(home, clinician, "pulse", seen, {"fast": "140"}, since="16", until="")
    with pytest.raises(RuleMovedOn):
        await put(home, clinician, "pulse", seen, {})
    async with home.database.act_as(clinician.credential, POLICY) as tx:
        with pytest.raises(RuleMovedOn):
            await service.remove_band(tx, "pulse", seen.ids, {"reason": REASON})
        with pytest.raises(NotFound):
            await service.put_band(tx, "mood", frozenset(), {})


async def test_two_sets_for_the_same_ages_at_once_do_not_overlap(home: AtHome, clinician: Someone) -> None:
    band = await _the_set(home, clinician, "pulse", 192)
    said = {"condition": "none", "ages": "years", "since": "5", "until": "12", "source": SOURCE, "reason": REASON,
            **_numbers("pulse", band, {})}  # fmt: skip
    async with home.database.act_as(clinician.credential, POLICY) as tx:
        await service.put_band(tx, "pulse", band.ids, said)
        second = asyncio.create_task(put(home, clinician, "pulse", band, {}, since="8", until="14"))
        await until_one_waits(home.database)
    await second
    assert await _ages(home, clinician, "pulse") == [(60, 96), (96, 168), (192, 2400)]


async def test_a_nurse_changes_no_range_and_a_rule_is_nobody_s_but_the_reviewer_s(
    home: AtHome, clinic: Clinic, clinician: Someone
) -> None:
    with pytest.raises(NotAllowed):
        await put(home, home.nurse, "pulse", await _the_set(home, clinician, "pulse", 192), {})
    other: UUID = (await clinic.staff("clinician")).person_id
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with home.database.act_as(clinician.credential, POLICY) as tx:
            await tx.execute(
                "insert into vital_rule (measure, unit, part, above, finding, protocol, severity, severity_again,"
                " age_from, source, reviewed_by, reviewed_at) values ('pulse', '/min', '', 1, 'fast', '', '', '', 0,"
                " 'x', :other, now())",
                {"other": other},
            )


@pytest.mark.parametrize(("measure", "since", "until", "typed", "at"), [
    ("temperature", "", "3", {"fever_baby": ""}, "fever_baby"),
    ("blood_pressure", "216", "", {"severe": "", "high": ""}, "severe"),
    ("blood_pressure", "216", "", {f"{one} pair": "" for one in ("severe", "high", "raised")}, "severe pair"),
    ("blood_pressure", "216", "", {"low": ""}, "low"),
])  # fmt: skip
async def test_a_set_leaves_no_side_untold_that_is_told_at_its_ages(
    home: AtHome, clinician: Someone, measure: str, since: str, until: str, typed: dict[str, str], at: str
) -> None:
    before = await _sets(home.database, clinician, measure)
    band = await _the_set(home, clinician, measure, int(since or 0))
    with pytest.raises(InputRefused) as caught:
        await put(home, clinician, measure, band, typed, ages="months", since=since, until=until)
    named = {f"number-{one.id}": f"{one.finding} {one.part}".strip() for one in service.lines_of(measure, band)}
    assert named[caught.value.field] == at
    assert await _sets(home.database, clinician, measure) == before


async def test_a_set_for_a_condition_leaves_no_side_untold_that_the_general_one_tells(
    home: AtHome, clinician: Someone
) -> None:
    with pytest.raises(InputRefused) as caught:
        await put(home, clinician, "pulse", None, {"low": "50"}, condition="copd", since="", until="")
    assert caught.value.field == "number--2"
    with pytest.raises(InputRefused) as caught:  # the lower number of a pressure cannot be typed here
        await put(
            home, clinician, "blood_pressure", None, {"low": "90", "high": "140"}, condition="copd", since="", until=""
        )
    assert caught.value.field == "since"
    await home.note("copd")
    assert (await home.log("pulse", "140")).finding == "fast"


async def test_a_number_in_another_unit_is_not_taken_for_one_in_that_of_the_form(
    home: AtHome, clinician: Someone
) -> None:
    band = await _the_set(home, clinician, "weight", 216, "heart_failure")
    with pytest.raises(InputRefused) as caught:
        await put(home, clinician, "weight", band, {"gain_day gain": "2.2 lb"}, condition="heart_failure")
    assert (
        caught.value.field
        == f"number-{next(one.id for one in service.lines_of('weight', band) if one.finding == 'gain_day')}"
    )

"""Ranges: reviewed by a clinician, changed in versions, and a person's own before the practice's."""

import asyncio
from uuid import uuid4

import pytest

from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.vitals import service
from portal_app.features.vitals.errors import RuleMovedOn
from portal_app.features.vitals.service import RuleRow
from tests.factories import Clinic, Someone
from tests.features.vitals.conftest import AtHome, known
from tests.features.vitals.test_watching import until_one_waits, watched

REASON = "Her usual pressure since the operation"


@pytest.fixture
async def clinician(home: AtHome, clinic: Clinic) -> Someone:
    someone = await clinic.staff("clinician", name="Ana Ruiz")
    await watched(AtHome(home.database, clinic, home.patient, someone))
    return someone


async def own(home: AtHome, clinician: Someone, measure: str, **said: str) -> None:
    wanted = {"measure": measure, "severity": "urgent", "reason": REASON, **said}
    async with home.database.act_as(clinician.credential, "vitals.set_range") as tx:
        await service.set_own_range(tx, known(home.patient), uuid4(), wanted)


async def rule(home: AtHome, clinician: Someone, measure: str, finding: str, condition: str = "") -> RuleRow:
    async with home.database.act_as(clinician.credential, "vitals.review") as tx:
        return next(
            one for one in await service.rules_in_force(tx)
            if (one.measure, one.finding, one.condition) == (measure, finding, condition) and one.age_until == 2400
        )  # fmt: skip


async def change(home: AtHome, clinician: Someone, rule_id: int, **said: str) -> None:
    wanted = {"value": "93", "severity": "urgent", "again": "critical", "reason": REASON, **said}
    async with home.database.act_as(clinician.credential, "vitals.review") as tx:
        await service.change_rule(tx, rule_id, wanted)


async def test_a_rule_that_is_edited_changes_what_comes_and_never_what_was(home: AtHome, clinician: Someone) -> None:
    low = await rule(home, clinician, "oxygen", "low")
    before = await home.log("oxygen", "93")
    await change(home, clinician, low.id)
    after = await home.log("oxygen", "93", minutes=60)
    async with home.database.act_as_system("test") as tx:
        rows = await tx.all("select id, finding, rule_version from reading where rule_id is not null")
        kept = await tx.one("select version, retired_at is not null as is_old from vital_rule where id = :id",
                            {"id": low.id})  # fmt: skip
    assert {row.id: (row.finding, row.rule_version) for row in rows} == {before.id: ("lowish", 2), after.id: ("low", 2)}
    assert (kept.version, kept.is_old) == (1, True)
    assert (await rule(home, clinician, "oxygen", "low")).is_reviewed


async def test_what_somebody_is_told_to_do_is_changed_with_the_rule(home: AtHome, clinician: Someone) -> None:
    low = await rule(home, clinician, "oxygen", "low")
    await change(home, clinician, low.id, value="92", protocol="emergency")
    assert (await home.log("oxygen", "91")).protocol == "emergency"
    again = await rule(home, clinician, "oxygen", "low")
    await change(home, clinician, again.id, value="92")
    assert (await rule(home, clinician, "oxygen", "low")).protocol == "emergency"


async def test_a_number_in_another_unit_is_not_taken_for_one_in_this(home: AtHome, clinician: Someone) -> None:
    low = await rule(home, clinician, "glucose", "low")
    other = {"mg/dL": "4 mmol/L", "mmol/L": "70 mg/dL"}[low.unit]
    with pytest.raises(InputRefused) as caught:
        await change(home, clinician, low.id, value=other)
    assert caught.value.field == "value"
    with pytest.raises(InputRefused) as caught:
        await own(home, clinician, "glucose", unit=low.unit, low=other)
    assert caught.value.field == "low"


async def test_of_two_who_edit_at_once_the_second_is_told(home: AtHome, clinician: Someone) -> None:
    low = await rule(home, clinician, "oxygen", "low")
    await change(home, clinician, low.id)
    with pytest.raises(RuleMovedOn):
        await change(home, clinician, low.id, value="90")
    with pytest.raises(NotFound):
        await change(home, clinician, 10**6)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("value", "x"),
        ("reason", " "),
        ("reason", "x" * 301),
        ("severity", "now"),
        ("protocol", "dance"),
        ("protocol", ""),
    ],
)
async def test_what_cannot_be_read_is_refused_where_it_stands(
    home: AtHome, clinician: Someone, field: str, said: str
) -> None:
    low = await rule(home, clinician, "oxygen", "low")
    with pytest.raises(InputRefused) as caught:
        await change(home, clinician, low.id, **{field: said})
    assert caught.value.field == field


async def test_staff_read_that_a_range_is_not_reviewed_until_a_clinician_has(home: AtHome, clinician: Someone) -> None:
    assert not (await rule(home, clinician, "oxygen", "low")).is_reviewed
    async with home.database.act_as(clinician.credential, "vitals.review") as tx:
        seen = [one.id for one in await service.rules_in_force(tx) if one.measure == "oxygen"]
        with pytest.raises(RuleMovedOn):
            await service.approve_rules(tx, "oxygen", seen[1:])
        assert await service.approve_rules(tx, "oxygen", seen) == 3
        assert await service.approve_rules(tx, "oxygen", seen) == 0
    low = await rule(home, clinician, "oxygen", "low")
    assert (low.is_reviewed, low.reviewed_by_name) == (True, "Ana Ruiz")
    assert not (await rule(home, clinician, "pulse", "fast")).is_reviewed
    with pytest.raises(NotAllowed):
        async with home.database.act_as(home.nurse.credential, "vitals.review"):
            pass


async def test_within_their_own_range_nothing_is_told_and_beyond_it_the_worse_counts(
    home: AtHome, clinician: Someone
) -> None:
    await own(home, clinician, "blood_pressure", low="100", high="150", pair_high="95")
    assert (await home.log("blood_pressure", "148", "94", minutes=-500)).finding == "within"
    one = await home.log("blood_pressure", "152", "94", minutes=-400)
    assert (one.finding, one.severity) == ("high_own", "urgent")
    assert (await home.log("blood_pressure", "98", "60", minutes=-300)).finding == "low_own"
    assert (await home.log("blood_pressure", "190", "94", minutes=-200)).finding in ("severe", "high_own")
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from reading where range_id is not null") >= 2


async def test_what_is_critical_at_once_stays_so_whatever_the_range(home: AtHome, clinician: Someone) -> None:
    await own(home, clinician, "glucose", unit="mg/dL", low="40", high="300")
    assert (await home.log("glucose", "60", unit="mg/dL", minutes=-300)).finding == "within"
    one = await home.log("glucose", "50", unit="mg/dL", minutes=-200)
    assert (one.finding, one.severity) == ("very_low", "critical")


async def test_a_range_holds_in_whichever_unit_is_entered(home: AtHome, clinician: Someone) -> None:
    await own(home, clinician, "weight", unit="kg", high="80")
    assert (await home.log("weight", "176", unit="[lb_av]", minutes=-20000)).finding == "within"
    assert (await home.log("weight", "177", unit="[lb_av]")).finding == "high_own"


async def test_the_next_range_replaces_the_one_before_and_ending_it_brings_the_practice_s_back(
    home: AtHome, clinician: Someone
) -> None:
    await own(home, clinician, "oxygen", low="88")
    await own(home, clinician, "oxygen", low="90")
    async with home.database.act_as(clinician.credential, "vitals.set_range") as tx:
        (found,) = await service.own_ranges(tx, known(home.patient))
        assert (str(found.low), found.reason, found.set_by_name) == ("90", REASON, "Ana Ruiz")
        await service.end_own_range(tx, known(home.patient), "oxygen")
    assert (await home.log("oxygen", "91")).finding == "low"


async def test_only_a_clinician_who_treats_them_sets_a_range(home: AtHome, clinic: Clinic) -> None:
    with pytest.raises(NotFound):
        await own(home, await clinic.staff("clinician"), "oxygen", low="88")
    with pytest.raises(NotAllowed):
        await own(home, home.nurse, "oxygen", low="88")


@pytest.mark.parametrize(("field", "said"), [
    ("low", {}), ("high", {"low": "95", "high": "90"}), ("low", {"low": "x"}), ("severity", {"severity": "critical",
    "low": "88"}), ("reason", {"low": "88", "reason": ""}), ("measure", {"measure": "mood", "low": "8"}),
])  # fmt: skip
async def test_a_range_that_cannot_be_is_refused(
    home: AtHome, clinician: Someone, field: str, said: dict[str, str]
) -> None:
    with pytest.raises(InputRefused) as caught:
        await own(home, clinician, **{"measure": "oxygen", **said})
    assert caught.value.field == field


async def test_two_taps_at_once_give_one_range_and_end_none(home: AtHome, clinician: Someone) -> None:
    key, said = uuid4(), {"measure": "pulse", "severity": "urgent", "reason": REASON, "high": "90"}

    async def tap() -> None:
        async with home.database.act_as(clinician.credential, "vitals.set_range") as tx:
            await service.set_own_range(tx, known(home.patient), key, said)

    async with home.database.act_as(clinician.credential, "vitals.set_range") as tx:
        await service.set_own_range(tx, known(home.patient), key, said)
        second = asyncio.create_task(tap())
        await until_one_waits(home.database)
    await second
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from care_range where ended_at is null") == 1

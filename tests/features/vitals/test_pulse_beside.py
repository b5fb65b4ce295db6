"""A pulse that was typed with a blood pressure is judged as any pulse is, and it is said which number it is."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portal_app.core import clock, i18n
from portal_app.features.alerts import service as alerts
from portal_app.features.vitals import importing, saying
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import ReadingView
from portal_app.state import alert_words
from tests.factories import Clinic, Someone, open_practice
from tests.features.vitals.conftest import AtHome, at_home
from tests.features.vitals.test_ranges import change, clinician, own, rule

__all__ = ["clinician"]
FAST, SLOW = "pulse.fast", "pulse.slow"


async def pressed(home: AtHome, pulse: str, upper: str = "120", lower: str = "75", minutes: int = 0) -> ReadingView:
    return await home.log("blood_pressure", upper, lower, minutes=minutes, pulse=Decimal(pulse))


async def told(home: AtHome) -> list[str]:
    """Return what the care team reads: of what, and the facts in words."""
    async with home.database.act_as(home.nurse.credential, "alerts.view") as tx:
        found = await alerts.list_alerts(tx)
    with i18n.use("en"):
        return [f"{alert_words.problem_words(one.problem)}: {alert_words.facts_words(one.facts)}" for one in found]


@pytest.mark.parametrize(
    ("pulse", "upper", "finding", "severity", "problem"),
    [
        ("150", "120", FAST, "urgent", "vitals.pulse"), ("35", "120", SLOW, "urgent", "vitals.pulse"),
        ("150", "150", FAST, "urgent", "vitals.pulse"), ("150", "190", "severe", "urgent", "vitals.blood_pressure"),
        ("70", "190", "severe", "urgent", "vitals.blood_pressure"),
    ],
)  # fmt: skip
async def test_the_worse_of_both_decides_and_is_told(
    home: AtHome, pulse: str, upper: str, finding: str, severity: str, problem: str
) -> None:
    found = await pressed(home, pulse, upper)
    assert (found.finding, found.protocol, found.severity) == (finding, "rest_repeat", severity)
    assert await home.alerts() == [(problem, severity, 1)]


async def test_a_pulse_within_the_range_changes_nothing(home: AtHome) -> None:
    assert ((await pressed(home, "70")).finding, await home.alerts()) == ("elevated", [])


async def test_the_words_say_which_number_it_is(home: AtHome) -> None:
    found = await pressed(home, "150")
    assert await told(home) == [
        "Pulse: 150 /min · Fast · Blood pressure 120/75 mmHg · range not reviewed by your practice"
    ]
    with i18n.use("en"):
        assert saying.finding_words(found.finding) == ("Pulse: Fast", "caution")
    other = await at_home(home.database, home.clinic)
    await pressed(other, "150", "190")
    assert "Blood pressure: 190/75 mmHg · Very high · Pulse 150 · range not reviewed by your practice" in await told(
        home
    )


@pytest.mark.parametrize(("minutes", "is_again"), [(-5, True), (-30, True), (-31, False)])
async def test_a_pulse_found_again_soon_is_critical(home: AtHome, minutes: int, is_again: bool) -> None:
    with clock.frozen_at(clock.now()):
        await pressed(home, "150", minutes=minutes)
        found = await pressed(home, "140")
    assert (found.is_again, found.severity) == (is_again, "critical" if is_again else "urgent")
    assert await home.alerts() == [("vitals.pulse", found.severity, 2)]


async def test_a_pulse_measured_by_itself_is_a_repetition_and_the_other_way_round(home: AtHome) -> None:
    await pressed(home, "150", minutes=-20)
    assert (await home.log("pulse", "145", minutes=-10)).severity == "critical"
    other = await at_home(home.database, home.clinic)
    await other.log("pulse", "145", minutes=-10)
    assert (await pressed(other, "150")).severity == "critical"


async def test_a_high_pressure_before_does_not_make_a_pulse_one_found_again(home: AtHome) -> None:
    await pressed(home, "70", "190", minutes=-5)
    assert (await pressed(home, "150")).severity == "urgent"
    assert (await home.log("pulse", "150", minutes=1)).severity == "critical"


async def test_what_somebody_else_measures_counts_for_them_alone(home: AtHome, clinic: Clinic) -> None:
    other = await at_home(home.database, clinic)
    await pressed(home, "150", minutes=-5)
    assert (await pressed(other, "150")).severity == "urgent"


async def test_a_person_s_own_range_of_the_pulse_holds(home: AtHome, clinician: Someone) -> None:
    await own(home, clinician, "pulse", unit="/min", low="50", high="100")
    assert (await pressed(home, "105")).finding == "pulse.high_own"
    assert (await pressed(home, "45", minutes=60)).finding == "pulse.low_own"
    async with home.database.act_as_system("test") as tx:
        rows = await tx.all("select rule_id, range_id is not null as is_own from reading")
    assert [(row.rule_id, row.is_own) for row in rows] == [(None, True)] * 2


async def test_a_rule_changed_in_between_judges_what_comes(home: AtHome, clinician: Someone) -> None:
    await pressed(home, "125", minutes=-5)
    fast = await rule(home, clinician, "pulse", "fast")
    await change(home, clinician, fast.id, value="120")
    found = await pressed(home, "126")
    assert (found.finding, found.severity) == (FAST, "critical")  # by the rule of now it is the second one out of range
    await change(home, clinician, (await rule(home, clinician, "pulse", "fast")).id, value="131")
    assert (await pressed(home, "126", minutes=1)).finding == "elevated"


async def test_a_correction_does_not_count_its_mistake(home: AtHome) -> None:
    wrong = await pressed(home, "150", minutes=-5)
    new = await home.log("blood_pressure", "120", "75", pulse=Decimal(140), instead=wrong.id)
    assert new.severity == "urgent"


async def test_what_is_taken_back_ends_its_alert(home: AtHome) -> None:
    wrong = await pressed(home, "150")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await vitals.take_back(tx, wrong.id)
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select status from alert") == "closed"


async def test_a_file_is_judged_with_its_pulses(home: AtHome) -> None:
    now = clock.now()
    head = "taken_at,measure,value,second_value,unit,pulse\n"
    pressure = "{},blood_pressure,120,75,mm[Hg],{}\n"
    rows = (
        pressure.format(now - timedelta(minutes=50), 150)
        + f"{now - timedelta(minutes=30)},pulse,140,,/min,\n"
        + pressure.format(now - timedelta(minutes=10), 135)
    )
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        assert await importing.import_list(tx, head + rows, is_confirmed=False) == 3
    found = [(one.finding, one.severity) for one in await home.kept("blood_pressure")]
    assert found == [(FAST, "critical"), (FAST, "urgent")]
    assert [(one.finding, one.severity) for one in await home.kept("pulse")] == [("fast", "critical")]
    assert [one[:2] for one in await home.alerts()] == [("vitals.pulse", "critical")]


async def test_a_device_carries_earlier_pulses(home: AtHome) -> None:
    await pressed(home, "150")
    await open_practice(home.database)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        (one,) = (await vitals.carried_sheet(tx))["recent"]
    assert (one["measure"], one["value"], one["pair"], one["pulse"]) == ("blood_pressure", "120", "75", "150")

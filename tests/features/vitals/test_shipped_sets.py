"""Each set that ships is one that a clinician could have written: copied as it is, it is taken as it is."""

import pytest

from portal_app.features.vitals import service
from portal_app.features.vitals.service import MEASURES, Band
from tests.factories import Clinic, Someone
from tests.features.vitals.conftest import AtHome

JUDGED = [code for code in MEASURES if code not in ("peak_flow", "pain", "steps")]


@pytest.fixture
async def clinician(home: AtHome, clinic: Clinic) -> Someone:
    return await clinic.staff("clinician", name="Ana Ruiz")


async def _sets(home: AtHome, who: Someone, measure: str) -> list[Band]:
    async with home.database.act_as(who.credential, "vitals.review") as tx:
        return service.bands([one for one in await service.rules_in_force(tx) if one.measure == measure])


def _said(band: Band) -> list[tuple[str, str, str, str, str, str, int]]:
    return sorted(
        (one.unit, one.part, one.bound, f"{one.value:f}", one.finding, one.severity_again, one.days)
        for one in band.rules
    )


@pytest.mark.parametrize("measure", JUDGED)
async def test_a_set_that_ships_is_taken_as_it_is(home: AtHome, clinician: Someone, measure: str) -> None:
    before = await _sets(home, clinician, measure)
    whose = [(one.condition, one.age_from, one.age_until) for one in before]
    for condition, since, until in whose:
        band = next(
            one for one in await _sets(home, clinician, measure) if (one.condition, one.age_from) == (condition, since)
        )
        lines = service.lines_of(measure, band)
        said = {f"number-{one.id}": f"{one.value:f}" if one.id > 0 else "" for one in lines}
        wanted = {
            "condition": condition or "none", "ages": "months", "since": str(since), "until": str(until),
            "source": "As it ships", "reason": "To look at it", **said,
        }  # fmt: skip
        async with home.database.act_as(clinician.credential, "vitals.review") as tx:
            await service.put_band(tx, measure, band.ids, wanted)
    after = await _sets(home, clinician, measure)
    assert [(one.condition, one.age_from, one.age_until) for one in after] == whose
    assert [_said(one) for one in after] == [_said(one) for one in before]

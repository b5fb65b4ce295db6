"""Whose readings somebody sees: asked once for a chart, and the same as asked row by row."""

from datetime import timedelta

import pytest

from portal_app.core import clock
from portal_app.core.errors import OutOfScope, StepUpNeeded
from portal_app.features.vitals import service
from tests.factories import Someone
from tests.features.access.conftest import Share, share
from tests.features.vitals.conftest import AtHome, at_home

__all__ = ["share"]
MORE_PRIVATE = """
insert into reading (id, patient_id, confidentiality, measure, unit, value, taken_at, zone, entered_by, entered_at,
  request_key, finding, protocol, severity)
select gen_random_uuid(), patient_id, 'R', measure, unit, value + 1, taken_at, zone, entered_by, entered_at,
  gen_random_uuid(), finding, protocol, severity from reading
"""
ROW_BY_ROW = """
select count(*) from reading r where may('view', 'vitals', r.patient_id, r.confidentiality)
"""


async def seen(home: AtHome, who: Someone) -> list[str]:
    async with home.database.act_as(who.credential, "vitals.see") as tx:
        found = await service.readings(tx, "pulse", since=clock.now() - timedelta(days=1))
        assert await tx.scalar("select count(*) from reading") == await tx.scalar(ROW_BY_ROW)
    return sorted(str(one.value) for one in found)


async def test_each_sees_readings_as_far_as_they_may(home: AtHome, share: Share) -> None:
    await home.log("pulse", "70")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await tx.execute(MORE_PRIVATE)
    other = await at_home(home.database, home.clinic)
    await other.log("pulse", "60")
    caregiver = await home.clinic.sign_in_again(await share(home.patient, "vitals_view"), assurance=2)
    assert await seen(home, home.patient) == ["70", "71"]
    assert await seen(home, other.patient) == ["60"]
    assert await seen(home, caregiver) == ["70"]


async def test_without_the_scope_or_a_second_proof_nobody_sees_any(home: AtHome, share: Share) -> None:
    await home.log("pulse", "70")
    with pytest.raises(OutOfScope):
        await seen(home, await home.clinic.sign_in_again(await share(home.patient, "booking_view"), assurance=2))
    weak = await home.clinic.code_alone(home.patient)
    with pytest.raises(StepUpNeeded):
        await seen(home, weak)
    async with home.database.act_as(weak.credential, "access.prove_by_text") as tx:
        assert await tx.scalar("select count(*) from reading") == 0

"""How medicines went: what happened to each and when, and who of the patient's side may see it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from portal_app.core import clock
from portal_app.core.errors import StepUpNeeded
from portal_app.features.chart import service as chart
from portal_app.features.chart.courses import steps
from tests.factories import Someone
from tests.features.access.conftest import Share, share
from tests.features.chart.conftest import LISINOPRIL, METFORMIN, PENICILLIN, Listed

__all__ = ["share"]
NEW_YORK = "America/New_York"
FIRST, SECOND = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Version:
    """A version of an entry."""

    version: int
    name: str
    how: str = "1 tablet"
    status: str = "active"
    since_on: date | None = None
    entry_id: UUID = FIRST
    content: dict[str, str] = field(default_factory=dict)

    @property
    def written_at(self) -> datetime:
        return datetime(2026, 3, self.version, 15, tzinfo=UTC)


def went(*versions: Version) -> list[str]:
    for one in versions:
        one.content.update(name=one.name, how=one.how)
    return [f"{one.at:%d %H} {one.what} {one.name}" for one in steps(versions, NEW_YORK)]


@pytest.mark.parametrize(("hour", "at"), [(13, "01 08"), (20, "01 12")])
def test_a_medicine_of_today_is_started_by_now_at_the_latest(hour: int, at: str) -> None:
    with clock.frozen_at(datetime(2026, 3, 1, hour, tzinfo=UTC)):
        (started,) = steps([Version(1, "A 10", since_on=date(2026, 3, 1), content={"name": "A 10"})], NEW_YORK)
    assert f"{started.at.astimezone(ZoneInfo(NEW_YORK)):%d %H}" == at


def test_a_medicine_is_started_on_its_day_changed_and_stopped() -> None:
    day = date(2026, 2, 27)
    assert went(
        Version(1, "A 10", since_on=day), Version(2, "A 20", since_on=day),
        Version(3, "A 20", "2 tablets", since_on=day),
        Version(4, "A 20", "2 tablets", since_on=day), Version(5, "A 20", "2 tablets", "stopped", day),
    ) == ["27 12 started A 10", "02 15 changed A 20", "03 15 changed A 20", "05 15 stopped A 20"]  # fmt: skip


def test_of_one_without_a_day_it_is_known_when_it_was_listed() -> None:
    assert went(Version(1, "A"), Version(3, "B", entry_id=SECOND)) == ["01 15 listed A", "03 15 listed B"]


async def seen(listed: Listed, who: Someone | None = None, *, is_repeated: bool = False) -> list[tuple[str, str]]:
    who = who or listed.maria
    span = (clock.now() - timedelta(days=31), clock.now() + timedelta(minutes=1))
    name = "chart.read" if who.patient_id is None else "access.prove_by_text"
    async with listed.database.act_as(who.credential, name) as tx:
        found = await chart.medicine_steps(tx, listed.patient_id, NEW_YORK, span, is_repeated=is_repeated)
    return sorted((one.what, one.name) for one in found)


async def changed_and_stopped(listed: Listed) -> None:
    """Have a medicine that was changed twice and stopped, an allergy, and a medicine that was never taken."""
    first, wrong = await listed.put("medication", LISINOPRIL), await listed.put("medication", METFORMIN)
    await listed.put("allergy", PENICILLIN)
    async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
        await chart.end_entry(tx, wrong, 1, was_wrong=True)
        for version, name in ((1, "Lisinopril 20 mg"), (2, "Lisinopril 40 mg")):
            await chart.change_entry(tx, first, version, {**LISINOPRIL, "name": name}, None)
        await chart.end_entry(tx, first, 3)


STEPS = [
    ("changed", "Lisinopril 20 mg"), ("changed", "Lisinopril 40 mg"), ("listed", "Lisinopril 10 mg"),
    ("stopped", "Lisinopril 40 mg"),
]  # fmt: skip


async def test_a_patient_and_their_nurse_see_every_step_and_the_look_is_recorded_once(listed: Listed) -> None:
    await changed_and_stopped(listed)
    assert await seen(listed) == await seen(listed, is_repeated=True) == await seen(listed, listed.nurse) == STEPS
    looks = "select count(*) from audit_event where action = '{}'"
    assert [await listed.scalar(looks.format(one)) for one in ("chart.see", "chart.read")] == [1, 1]


async def test_a_caregiver_without_the_scope_sees_none_and_one_with_it_nothing_confidential(
    listed: Listed, share: Share
) -> None:
    await changed_and_stopped(listed)
    private = await listed.put("medication", METFORMIN)
    async with listed.database.act_as(listed.nurse.credential, "chart.write") as tx:
        await chart.keep_to_patient(tx, private, 1, is_private=True)
    with_vitals = await listed.clinic.sign_in_again(await share(listed.maria, "vitals_view"), assurance=2)
    with_results = await listed.clinic.sign_in_again(await share(listed.maria, "results_view"), assurance=2)
    assert await seen(listed, with_vitals) == []
    assert await seen(listed, with_results) == STEPS
    assert await seen(listed) == sorted([*STEPS, ("listed", METFORMIN["name"])])


async def test_a_code_alone_and_strangers_see_nothing(listed: Listed) -> None:
    await changed_and_stopped(listed)
    with pytest.raises(StepUpNeeded):
        await seen(listed, await listed.clinic.code_alone(listed.maria))
    assert await seen(listed, await listed.clinic.staff("nurse", name=f"Other {uuid4().hex[:4]}")) == []

"""Time alone with a patient: whoever acts for them is outside, stays outside, and learns nothing of it later."""

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.db import Database
from portal_app.features.visits import service as visits
from tests.factories import Someone
from tests.features.access.conftest import Share, share
from tests.features.visits.conftest import Visit

__all__ = ["share"]


@pytest.fixture
async def ana(visit: Visit, share: Share) -> Someone:
    """Act for Maria; she shared her visits before the clock is held."""
    return await share(visit.maria, "booking_act", "visits_act")


@pytest.fixture
async def mother(ana: Someone, visit: Visit, in_time: datetime) -> Someone:
    """Be in the room beside Maria."""
    del in_time
    await visit.admitted()
    place = await visit.join(ana)
    await visit.admit(place.visit_id, place.participant_id)
    return ana


async def alone(visit: Visit, *, is_alone: bool = True) -> visits.Place:
    place = await visit.join()
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.be_alone(tx, place.visit_id, is_alone=is_alone)
    return place


async def test_leaving_and_joining_again_is_no_way_in_to_time_alone(
    database: Database, visit: Visit, mother: Someone
) -> None:
    place = await alone(visit)
    async with database.act_as(mother.credential, "visits.room") as tx:
        await visits.leave(tx, place.visit_id)
    again = await visit.join(mother)
    assert again.state == "waiting"
    with pytest.raises(visits.NotInRoom):
        await visit.seat(mother.credential, place.visit_id)
    with pytest.raises(visits.AloneWithPatient):
        await visit.admit(place.visit_id, again.participant_id)
    async with database.act_as(mother.credential, "visits.view") as tx:
        assert (await visits.my_visit(tx, visit.appointment_id)).is_outside
    await alone(visit, is_alone=False)
    assert (await visit.seat(mother.credential, place.visit_id)).role == "caregiver"


async def test_whoever_had_left_before_it_began_does_not_walk_in_either(
    database: Database, visit: Visit, mother: Someone
) -> None:
    place = await visit.join()
    async with database.act_as(mother.credential, "visits.room") as tx:
        await visits.leave(tx, place.visit_id)
    await alone(visit)
    assert (await visit.join(mother)).state == "waiting"


@pytest.mark.parametrize("changed", ["state = 'admitted'", "outside_since = null"])
async def test_the_database_lets_nobody_end_it_for_themself(
    database: Database, visit: Visit, mother: Someone, changed: str
) -> None:
    await alone(visit)
    with pytest.raises(DBAPIError, match=r"nobody lets themself in|whoever waits outside"):
        async with database.act_as(mother.credential, "visits.room") as tx:
            await tx.execute(f"update visit_participant set {changed} where person_id = actor_person()")


async def test_what_was_written_alone_is_never_read_by_whoever_waited_outside(
    database: Database, visit: Visit, mother: Someone
) -> None:
    place = await alone(visit)
    async with database.act_as(visit.maria.credential, "visits.room") as tx:
        await visits.write(tx, place.visit_id, "Please do not tell her", uuid4())
    await alone(visit, is_alone=False)
    async with database.act_as(mother.credential, "visits.room") as tx:
        assert await visits.lines(tx, place.visit_id) == ()
    async with database.act_as(visit.doctor.credential, "visits.room") as tx:
        assert [one.words for one in await visits.lines(tx, place.visit_id)] == ["Please do not tell her"]


async def test_there_is_no_time_alone_where_the_patient_did_not_join_by_themself(
    ana: Someone, visit: Visit, in_time: datetime
) -> None:
    del in_time
    place = await visit.join(ana)
    await visit.admit(place.visit_id, place.participant_id)
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        with pytest.raises(visits.PatientNotThere):
            await visits.be_alone(tx, place.visit_id, is_alone=True)

"""Many at once, moved while waiting, two rooms, and what is put away by itself."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import NotFound, NotSignedIn
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import MoveRequest
from portal_app.features.visits import jobs
from portal_app.features.visits import service as visits
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.visits.conftest import Visit

pytestmark = pytest.mark.usefixtures("in_time")


async def test_a_hundred_joins_at_once_make_one_place(database: Database, visit: Visit) -> None:
    places = await asyncio.gather(*(visit.join() for _ in range(100)))
    assert len({(one.visit_id, one.participant_id) for one in places}) == 1
    async with database.act_as(visit.maria.credential, "visits.view") as tx:
        assert await tx.scalar("select count(*) from visit_participant") == 1


async def test_whoever_is_moved_while_waiting_waits_no_longer_and_is_told_when(
    database: Database, visit: Visit
) -> None:
    await visit.join()
    later = visit.starts_at + timedelta(hours=3)
    wish = MoveRequest(
        visit.appointment_id, visit.place.practitioner_id, visit.place.location_id, "video", later, uuid4(), None
    )
    async with database.act_as(visit.doctor.credential, "booking.change_day") as tx:
        await booking.move_appointment(tx, wish)
    with pytest.raises(visits.NotYetOpen) as early:
        await visit.join()
    assert early.value.opens_at == later - timedelta(minutes=30)
    async with database.act_as(visit.maria.credential, "visits.view") as tx:
        found = await visits.my_visit(tx, visit.appointment_id)
    assert (found.status, found.state, found.moment) == ("planned", "left", "early")


async def test_a_clinician_who_sits_down_in_another_room_has_left_the_first(
    database: Database, clinic: Clinic, maker: PracticeMaker, visit: Visit
) -> None:
    sam = await clinic.patient("Sam")
    wish = visit.place.request(visit.starts_at + timedelta(minutes=30), modality="video")
    other = await maker.booked(sam, wish)
    first, tab = await visit.admitted(), uuid4()
    await visit.sit(visit.doctor.credential, first.visit_id, tab)
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        second = await visits.open_room(tx, other.id)
    await visit.sit(visit.doctor.credential, second, uuid4())
    with pytest.raises(visits.NotInRoom):
        await visit.seat(visit.doctor.credential, first.visit_id, tab)
    assert (await visit.seat(visit.maria.credential, first.visit_id)).others == ()


async def test_nobody_waits_for_ever_and_keys_that_ran_out_are_forgotten(database: Database, visit: Visit) -> None:
    place = await visit.join()
    _, guest = await visit.guest(place.visit_id)
    with clock.frozen_at(clock.now() + timedelta(hours=13)):
        async with database.act_as_system("test") as tx:
            await jobs.put_away(tx)
    with pytest.raises((NotSignedIn, NotFound)):
        await visit.seat(guest, place.visit_id)
    async with database.act_as(visit.maria.credential, "visits.view") as tx:
        assert (await visits.my_visit(tx, visit.appointment_id)).state == "left"

"""Leaving the waiting room to be called: the board says so, one tap tells them, and the link leads to their place."""

from datetime import timedelta
from uuid import UUID

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import NotFound
from portal_app.features.notify import service as notify
from portal_app.features.visits import jobs
from portal_app.features.visits import service as visits
from tests.factories import Clinic
from tests.features.visits.conftest import Visit
from tests.features.visits.test_waiting_room import HOME

pytestmark = pytest.mark.usefixtures("in_time")


async def gone(visit: Visit) -> visits.Place:
    """Wait, then leave the page to be called."""
    async with visit.database.act_as(visit.maria.credential, "visits.join") as tx:
        await visits.say_whereabouts(tx, visit.appointment_id, HOME, agrees=True)
    place = await visit.join()
    async with visit.database.act_as(visit.maria.credential, "visits.join") as tx:
        await visits.want_call(tx, place.visit_id)
    return place


async def call(visit: Visit, place: visits.Place) -> visits.CalledBack:
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        return await visits.call_back(tx, place.visit_id)


async def told(database: Database, place: visits.Place) -> list[str]:
    """Run what was left for the worker, and return what goes out, by which way."""
    async with database.act_as_system("test") as tx:
        left = await tx.all(
            "select args from procrastinate_jobs where task_name = 'visits.tell_turn' and status = 'todo' order by id"
        )
    async with database.act_as_system("visits.tell_turn") as tx:
        for row in left:
            await jobs.tell_called(tx, UUID(row.args["visit_id"]), row.args["called_s"])
    async with database.act_as_system("test") as tx:
        rows = await tx.all(
            "select channel, dedupe_key from outbox_message where template = 'visits_your_turn' order by channel"
        )
    assert all(row.dedupe_key.startswith(f"turn:{place.visit_id}:") for row in rows)
    return [row.channel for row in rows]


async def test_who_is_called_back_hears_of_it_once_and_the_number_is_shown(
    database: Database, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "can_text", lambda: True)
    place = await gone(visit)
    called = [await call(visit, place) for _ in range(2)]
    assert {one.number for one in called} == {HOME.number}
    assert await told(database, place) == ["mail", "text"]
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        (row,) = await visits.board(tx)
    assert (row.wants_call, row.is_called_back, row.status) == (True, True, "waiting")
    with clock.frozen_at(clock.now() + timedelta(minutes=3)):
        await call(visit, place)
        assert await told(database, place) == ["mail", "mail", "text", "text"]


async def test_whoever_comes_back_stands_in_their_old_place_and_is_called_no_more(
    database: Database, visit: Visit
) -> None:
    place = await gone(visit)
    await call(visit, place)
    async with database.act_as(visit.maria.credential, "visits.join") as tx:
        await visits.be_back(tx, place.visit_id)
        found = await visits.my_visit(tx, visit.appointment_id)
    assert (found.state, found.wants_call_at, found.called_back_at) == ("waiting", None, None)
    assert await told(database, place) == []
    with pytest.raises(visits.VisitNotBegun):
        await call(visit, place)


async def test_a_message_that_waited_is_not_sent_to_whoever_is_back(database: Database, visit: Visit) -> None:
    place = await gone(visit)
    await call(visit, place)
    key = f"turn:{place.visit_id}:1"
    async with database.act_as_system("notify.deliver") as tx:
        assert await jobs.is_wanted(tx, key)
    async with database.act_as(visit.maria.credential, "visits.join") as tx:
        await visits.be_back(tx, place.visit_id)
    async with database.act_as_system("notify.deliver") as tx:
        assert not await jobs.is_wanted(tx, key)


async def test_nobody_else_calls_and_nobody_else_comes_back(visit: Visit, clinic: Clinic) -> None:
    place = await gone(visit)
    stranger, elsewhere = await clinic.patient("Omar", "Haddad"), await clinic.staff("clinician")
    async with visit.database.act_as(stranger.credential, "visits.join") as tx:
        with pytest.raises(NotFound):
            await visits.be_back(tx, place.visit_id)
    async with visit.database.act_as(elsewhere.credential, "visits.host") as tx:
        with pytest.raises(NotFound):
            await visits.call_back(tx, place.visit_id)

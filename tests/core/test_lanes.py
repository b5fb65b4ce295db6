"""Heavy writers wait for each other in their lane; whoever opens a page does not wait for them."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from portal_app.core import policy
from portal_app.core.actor import Role
from portal_app.core.db import Database
from portal_app.core.errors import DatabaseAway
from portal_app.core.lanes import Lane, lane_size
from tests.factories import Clinic

ACT = policy.register("test.lane", {Role.patient}).name


class Writers:
    """Tasks that each write until they are let go; their numbers come out of `turns` in the order of their turns."""

    def __init__(self, enter: Callable[[], AbstractAsyncContextManager[object]], count: int) -> None:
        self.enter = enter
        self.turns: asyncio.Queue[int] = asyncio.Queue()
        self.let_go = asyncio.Event()
        self.at_once = self.most_at_once = 0
        self.tasks = [asyncio.create_task(self._write(number)) for number in range(count)]

    async def _write(self, number: int) -> None:
        async with self.enter():
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            self.turns.put_nowait(number)
            await self.let_go.wait()
            self.at_once -= 1

    async def finish(self) -> list[int]:
        """Let all go, and return who else had a turn."""
        self.let_go.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        return [self.turns.get_nowait() for _ in range(self.turns.qsize())]


async def test_a_page_gets_a_connection_while_a_hundred_writers_queue(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    size = lane_size(database.connections.size)
    writers = Writers(lambda: database.act_as(maria.credential, ACT, lane="test"), 100)
    for _ in range(size):
        await writers.turns.get()
    async with database.act_as(maria.credential, ACT) as tx:
        assert await tx.scalar("select count(*) from patient") == 1
    assert len(await writers.finish()) == 100 - size
    assert writers.most_at_once == size < database.connections.size


async def test_two_lanes_do_not_wait_for_each_other(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    async with (
        database.act_as(maria.credential, ACT, lane="one"),
        database.act_as(maria.credential, ACT, lane="other") as tx,
    ):
        assert tx.actor.person_id == maria.person_id


async def test_whoever_came_first_goes_first() -> None:
    writers = Writers(Lane(2).enter, 20)
    assert await writers.turns.get() == 0
    assert await writers.finish() == list(range(1, 20))


async def test_a_writer_that_is_cancelled_gives_its_place_to_the_next() -> None:
    writers = Writers(Lane(1).enter, 4)
    assert await writers.turns.get() == 0
    for gone in (1, 0):  # one that waits, and one that writes
        writers.tasks[gone].cancel()
    assert await writers.turns.get() == 2
    assert await writers.finish() == [3]
    assert [task.cancelled() for task in writers.tasks] == [True, True, False, False]


async def test_a_writer_that_is_cancelled_as_its_turn_comes_loses_no_place() -> None:
    writers = Writers(Lane(1).enter, 3)
    assert await writers.turns.get() == 0
    writers.tasks[0].cancel()
    await asyncio.sleep(0)  # the turn is the second one's now, who has not noticed
    writers.tasks[1].cancel()
    assert await writers.turns.get() == 2
    assert await writers.finish() == []


async def test_a_writer_that_fails_gives_its_place_back() -> None:
    lane = Lane(1)
    with pytest.raises(ZeroDivisionError):
        async with lane.enter():
            raise ZeroDivisionError
    async with lane.enter():
        pass


async def test_a_task_that_is_in_the_lane_does_not_wait_for_itself_and_leaves_it_once() -> None:
    lane = Lane(1)
    async with lane.enter():
        async with lane.enter():
            pass
        writers = Writers(lane.enter, 1)
        await asyncio.sleep(0)
        assert writers.turns.empty()  # the inner one has left, and the place is still taken
    assert await writers.finish() == [0]


async def test_whoever_s_turn_does_not_come_is_told_and_holds_nobody_up() -> None:
    lane = Lane(1, wait_s=0)

    async def come_late() -> None:
        async with lane.enter():
            pass

    async with lane.enter():
        with pytest.raises(DatabaseAway):
            await asyncio.create_task(come_late())
    await come_late()


@pytest.mark.parametrize(("pool", "size"), [(1, 1), (9, 1), (20, 2), (50, 5)])
def test_a_lane_is_a_part_of_the_connections(pool: int, size: int) -> None:
    assert lane_size(pool) == size

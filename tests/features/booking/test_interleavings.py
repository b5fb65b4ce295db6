"""Book, hold, move, cancel, undo, wait, be offered, answer, lapse, change hours, lose the connection: all at once."""

import asyncio
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from portal_app.core.db import Database, libpq_conninfo
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.booking.world import TIMES_A_DAY, Act, World, as_superuser

KINDS = ["book"] * 4 + ["hold"] * 2 + ["move"] * 3 + ["cancel", "undo", "close", "kill", "desk"] + ["lapse"] * 2
KINDS += ["ask"] + ["offer"] * 5 + ["accept"] * 5 + ["decline"] * 3 + ["pass on"] * 2
ACTS = st.builds(Act, st.sampled_from(KINDS), st.integers(0, 2), st.integers(0, 1), st.integers(0, TIMES_A_DAY - 1))
DAYS = st.lists(st.lists(ACTS, min_size=5, max_size=8), min_size=3, max_size=4)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def world(runner: asyncio.Runner, settings: Settings, server: Server, keys: None) -> Iterator[World]:
    assert settings.database_url
    database = Database(settings.database_url, pool=8)
    world = runner.run(_made(database, libpq_conninfo(as_superuser(server, settings.database_url))))
    yield world
    runner.run(database.close())


async def _made(database: Database, superuser: str) -> World:
    maker, clinic = PracticeMaker(database), Clinic(database)
    await maker.practice()
    place = await maker.place(notice_h=0)
    patients = [await clinic.patient(f"P{n}") for n in range(3)]
    desk = await clinic.staff("front_desk")
    return World(database, superuser, patients, [place, await maker.colleague(place)], desk)


@hypothesis.settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(day=DAYS)
def test_whatever_happens_at_once_no_rule_is_broken(runner: asyncio.Runner, world: World, day: list[list[Act]]) -> None:
    runner.run(world.next_day())
    for acts in day:
        runner.run(world.together(acts))
        assert runner.run(world.broken_rules()) == {}

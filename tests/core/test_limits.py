"""Limits on tries."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from limits import parse

from portal_app.core import limits
from portal_app.core.errors import TooManyTries


async def test_tries_are_counted_by_key_without_a_thread_of_their_own() -> None:
    limits.forget_all()
    before = threading.active_count()
    for _ in range(3):
        await limits.count("3/minute", "a code", "somebody")
    await limits.count("3/minute", "a code", "somebody else")
    assert threading.active_count() == before
    with pytest.raises(TooManyTries):
        await limits.count("3/minute", "a code", "somebody")


async def test_a_further_try_walks_through_nobody_else_s(monkeypatch: pytest.MonkeyPatch) -> None:
    counters, now = limits.Counters(), time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    tasks = asyncio.all_tasks()
    for number in range(50):
        assert await counters.incr(f"somebody {number}", 20) == 1
    assert asyncio.all_tasks() == tasks
    now += 15
    assert await counters.incr("somebody 0", 20, 2) == 3
    now += 10
    assert [await counters.get(f"somebody {number}") for number in (0, 1)] == [0, 0]
    assert await counters.incr("somebody 1", 20) == 1
    assert counters.storage.keys() == counters.expirations.keys() == {"somebody 1"}


async def test_what_is_taken_back_counts_no_more_and_never_below_nought() -> None:
    counters = limits.Counters()
    await counters.incr("somebody", 20, 2)
    assert [await counters.decr("somebody"), await counters.decr("somebody", 5)] == [1, 0]
    assert await counters.decr("nobody") == 0


async def test_room_is_asked_for_without_being_taken() -> None:
    limits.forget_all()
    for _ in range(5):
        await limits.require_room("1/minute", "a code", "somebody")
    await limits.count("1/minute", "a code", "somebody")
    with pytest.raises(TooManyTries):
        await limits.require_room("1/minute", "a code", "somebody")


@pytest.fixture
async def shared(redis_url: str) -> AsyncIterator[None]:
    limits.share(redis_url)
    yield
    await limits.unshare()


@pytest.mark.needs_redis
async def test_two_processes_that_share_a_redis_count_together(shared: None) -> None:
    here, there, key = limits.Windows(), limits.Windows(), uuid4().hex
    twice = parse("2/minute")
    assert [await here.hit(twice, key), await there.hit(twice, key)] == [True, True]
    assert not await here.test(twice, key)
    assert not await there.hit(twice, key)


@pytest.mark.needs_redis
async def test_a_redis_that_answers_is_told_from_one_that_does_not(redis_url: str, shared: None) -> None:
    assert await limits.answers(redis_url)
    assert await limits.is_store_reachable()
    assert not await limits.answers("redis://127.0.0.1:1/0")


async def test_without_its_redis_a_process_counts_by_itself() -> None:
    limits.share("redis://127.0.0.1:1/0")
    try:
        windows, once = limits.Windows(), parse("1/minute")
        assert not await limits.is_store_reachable()
        assert await windows.test(once, "somebody")
        assert await windows.hit(once, "somebody")
        assert not await windows.hit(once, "somebody")
    finally:
        await limits.unshare()

"""Limits on tries."""

import threading

import pytest

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


async def test_room_is_asked_for_without_being_taken() -> None:
    limits.forget_all()
    for _ in range(5):
        await limits.require_room("1/minute", "a code", "somebody")
    await limits.count("1/minute", "a code", "somebody")
    with pytest.raises(TooManyTries):
        await limits.require_room("1/minute", "a code", "somebody")

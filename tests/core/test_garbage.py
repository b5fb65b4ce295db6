"""Garbage is collected seldom once a process has all that it needs, and it is collected."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from portal_app.core import garbage


class Circle:
    """Holds itself."""

    def __init__(self) -> None:
        self.other = self


@pytest.fixture(autouse=True)
def kept_settings() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_what_is_there_is_left_alone_and_later_circles_go() -> None:
    before = gc.get_freeze_count()
    loaded = [Circle() for _ in range(10)]
    garbage.collect_seldom()
    assert gc.get_freeze_count() >= before + len(loaded)
    later = weakref.ref(Circle())
    kept = [[] for _ in range(garbage.SELDOM + 1)]  # type: ignore[var-annotated]
    assert later() is None
    assert kept

"""The one clock; rules and services ask it, tests set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("_frozen", default=None)


def now() -> datetime:
    """Return the present moment as an aware UTC time."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware moment, for the current task only.

    Raises:
        ValueError: if the moment carries no time zone.
    """
    if moment.tzinfo is None:
        msg = "the clock needs an aware moment"
        raise ValueError(msg)
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)

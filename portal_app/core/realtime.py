"""Changes told to whoever looks: one listening connection per process; ids only on the wire.

A topic is `<kind>:<id>`, for example `patient:6f…` or `location:0c…`. Notifications are lost while the
listener is away, so on each reconnect every subscriber hears `EVERYTHING` and looks again.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import psycopg
import structlog
from sqlalchemy import BigInteger, Column, Identity, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from portal_app.core.db import Transaction

CHANNEL = "portal_change"
EVERYTHING = frozenset({"*"})
SWEEP_S = 1.0
"""How often a listener tells what a process that ended after its commit has left untold."""

_SWEEP = "begin; select begin_as_system('announce'); select tell_changes(false); commit"

Subscriber = Callable[[frozenset[str]], Awaitable[None]]
log = structlog.get_logger(__name__)


async def announce(tx: Transaction, *topics: str) -> None:
    """Tell listeners, after the commit, that something about these topics changed."""
    await tx.execute("select note_change(variadic cast(:topics as text[]))", {"topics": list(topics)})


class Announcement(SQLModel, table=True):
    """What a committed transaction has changed, until it is told."""

    __tablename__ = "announcement"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    topics: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class Listener:
    """Listens on the database and passes topics on; reconnects by itself.

    Args:
        conninfo: a libpq connection string for the application's role.
    """

    def __init__(self, conninfo: str) -> None:
        """Remember where to listen; `run` connects."""
        self._conninfo = conninfo
        self._subscribers: list[Subscriber] = []
        self.connected = asyncio.Event()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call this with the topics of each change."""
        self._subscribers.append(subscriber)

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except psycopg.OperationalError as error:
                log.warning("listener_lost", error=type(error).__name__)
            finally:
                self.connected.clear()
            await asyncio.sleep(0.25)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, connect_timeout=5, keepalives_idle=20
        )
        async with connection:
            await connection.execute(f"listen {CHANNEL}")
            self.connected.set()
            await self._tell(EVERYTHING)
            while True:
                async for notification in connection.notifies(timeout=SWEEP_S):
                    await self._tell(topics_of(notification.payload))
                await connection.execute(_SWEEP)

    async def _tell(self, topics: Iterable[str]) -> None:
        for subscriber in self._subscribers:
            await subscriber(frozenset(topics))


def topics_of(payload: str) -> frozenset[str]:
    """Return the topics in a notification; a payload nobody understands means everything."""
    try:
        content: Any = json.loads(payload)
        topics = content["topics"]
        return frozenset(str(topic) for topic in topics)
    except (ValueError, KeyError, TypeError):
        return EVERYTHING

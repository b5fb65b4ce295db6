"""The connections of one process, kept ready between transactions.

SQLAlchemy opens and drops them; lending one from its pool costs as much as a statement, so they are lent from a list.
"""

import asyncio
import contextlib
from typing import Any

import psycopg
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util.concurrency import greenlet_spawn

_IDLE = psycopg.pq.TransactionStatus.IDLE


def driver_of(pooled: PoolProxiedConnection) -> psycopg.AsyncConnection[Any]:
    """Return psycopg's connection under one of SQLAlchemy's."""
    connection = pooled.driver_connection
    assert isinstance(connection, psycopg.AsyncConnection)  # noqa: S101 - the engine has one driver
    return connection


class Connections:
    """At most so many connections, lent one transaction at a time; the one used last is lent first.

    Args:
        engine: opens them.
        size: how many there are at most; a further borrower waits.
        wait_s: how long they wait.
    """

    def __init__(self, engine: AsyncEngine, size: int, wait_s: float) -> None:
        """Prepare the list; nothing connects until somebody borrows."""
        self.size = size
        self._engine = engine
        self._wait_s = wait_s
        self._idle: list[PoolProxiedConnection] = []
        self._turns = asyncio.Semaphore(size)

    async def borrow(self) -> PoolProxiedConnection:
        """Take a connection outside a transaction; whoever takes it gives it back.

        Raises:
            TimeoutError: if none came free in time.
        """
        if self._turns.locked():
            async with asyncio.timeout(self._wait_s):
                await self._turns.acquire()
        else:
            await self._turns.acquire()
        try:
            return self._idle.pop() if self._idle else await self._engine.raw_connection()
        except BaseException:
            self._turns.release()
            raise

    async def give_back(self, pooled: PoolProxiedConnection) -> None:
        """Keep a connection without a transaction on it, or drop one that cannot be trusted."""
        if _is_idle(pooled):
            self._idle.append(pooled)
            self._turns.release()
        else:
            await asyncio.shield(self._mend(pooled))

    async def _mend(self, pooled: PoolProxiedConnection) -> None:
        try:
            if pooled.is_valid:
                with contextlib.suppress(psycopg.Error):
                    await driver_of(pooled).rollback()
            if _is_idle(pooled):
                self._idle.append(pooled)
                return
            if pooled.is_valid:
                await greenlet_spawn(pooled.invalidate)
            pooled.close()
        finally:
            self._turns.release()

    async def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()
        await self._engine.dispose()


def _is_idle(pooled: PoolProxiedConnection) -> bool:
    return pooled.is_valid and driver_of(pooled).pgconn.transaction_status == _IDLE

"""Ask the driver itself, for statements that are asked often or answer with many rows.

What SQLAlchemy adds to a statement is then most of its cost (docs/decisions/0003-slots.md).
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.rows import AsyncRowFactory

from portal_app.core.db import Transaction
from portal_app.core.errors import DatabaseAway

R = TypeVar("R")


async def fetch(tx: Transaction, statement: str, params: Mapping[str, Any], row_factory: AsyncRowFactory[R]) -> list[R]:
    """Run a statement in the caller's transaction and return its rows.

    Raises:
        DatabaseAway: if the connection is lost.
        psycopg.Error: whatever else the database says.
    """
    connection = tx.driver
    try:
        async with connection.cursor(row_factory=row_factory) as cursor:
            await cursor.execute(statement, params)
            return await cursor.fetchall()
    except psycopg.Error as error:
        if connection.closed:
            raise DatabaseAway from error
        raise

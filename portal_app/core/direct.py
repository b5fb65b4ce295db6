"""Ask the driver itself, for statements that are asked often or answer with many rows.

What SQLAlchemy adds to a statement is then most of its cost (docs/decisions/0003-slots.md).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg.rows import AsyncRowFactory

from portal_app.core.db import Transaction, ask_driver
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


class Question(NamedTuple):
    """A statement of which every row is wanted."""

    statement: str
    params: Mapping[str, Any]


async def fetch_each(tx: Transaction, *questions: Question) -> list[list[tuple[Any, ...]]]:
    """Run several statements in one round trip, prepared as any that is asked often; return the rows of each.

    Raises:
        DatabaseAway: if the connection is lost.
        psycopg.Error: whatever else the database says.
    """
    connection = tx.driver
    try:
        async with connection.pipeline():
            cursors = [await connection.execute(*one) for one in questions]
            return [await cursor.fetchall() for cursor in cursors]
    except psycopg.Error as error:
        if connection.closed:
            raise DatabaseAway from error
        raise


async def ask_together(
    tx: Transaction, statements: Sequence[str], params: Mapping[str, Any], *, answer: int
) -> dict[str, Any] | None:
    """Run statements one after the other in one round trip; return the first row of the one numbered `answer`.

    For statements that follow from nothing that the ones before them answer. Each sees what those have done.

    Raises:
        psycopg.Error: whatever the database says.
    """
    return await ask_driver(tx.driver, "; ".join(statements), params, answer=answer)

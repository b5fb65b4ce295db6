"""What a tap is compared with: the statements it sends to the database, sent again by psycopg alone.

The statements are not written down here but listened to: `recorded` notes what a piece of work executes at the driver,
in order, and `replay` runs the same texts in one transaction with other values in the same places.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg


@dataclass
class Recording:
    """The statements of one transaction, with the values they were given."""

    statements: list[tuple[Any, Any]] = field(default_factory=list)

    async def replay(self, connection: psycopg.AsyncConnection[Any], changed: Mapping[object, object]) -> None:
        """Run the statements in one transaction. `changed` gives values their new ones; other ids become fresh ones.

        An id is a UUID, or the text of one; those in `changed` and those of the recording that map to themselves stay.
        """
        values = dict(changed)
        for statement, given in self.statements:
            cursor = await connection.execute(statement, _changed(given, values))
            if cursor.description:
                await cursor.fetchall()
        await connection.commit()


def _changed(given: Any, values: dict[object, object]) -> Any:
    if isinstance(given, Mapping):
        return {name: _changed(value, values) for name, value in given.items()}
    if isinstance(given, list | tuple):
        return type(given)(_changed(value, values) for value in given)
    if isinstance(given, UUID):
        return values.setdefault(given, uuid4())
    if isinstance(given, str):
        for old, new in values.items():
            if isinstance(old, UUID):
                given = given.replace(str(old), str(new))
    return values.get(given, given)


@contextlib.contextmanager
def recorded() -> Iterator[Recording]:
    """Note every statement that psycopg's asynchronous cursors execute during the block."""
    recording, execute = Recording(), psycopg.AsyncCursor.execute

    async def noting(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        said = (
            query.strip().removeprefix("begin;").removesuffix("commit").rstrip("; ")
            if isinstance(query, str)
            else query
        )
        if said:  # beginning and committing is psycopg's own affair in the replay
            recording.statements.append((said, params))
        return await execute(self, query, params, **options)

    psycopg.AsyncCursor.execute = noting  # type: ignore[method-assign]  # to listen without touching who speaks
    try:
        yield recording
    finally:
        psycopg.AsyncCursor.execute = execute  # type: ignore[method-assign]

"""See what a service asks the database."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg

Asked = list[tuple[str, dict[str, Any]]]


@contextmanager
def statements_asked() -> Iterator[Asked]:
    """Collect every statement of this task and its parameters meanwhile, as the driver gets them."""
    seen: Asked = []
    task = asyncio.current_task()
    execute = psycopg.AsyncCursor.execute

    async def note(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        if asyncio.current_task() is task:  # and not what is told in the background meanwhile
            seen.append((query, dict(params or {})))
        return await execute(self, query, params, **options)

    with patch.object(psycopg.AsyncCursor, "execute", note):
        yield seen

"""See what a service asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg

Asked = list[tuple[str, dict[str, Any]]]


@contextmanager
def statements_asked() -> Iterator[Asked]:
    """Collect every statement of this process and its parameters meanwhile, as the driver gets them."""
    seen: Asked = []
    execute = psycopg.AsyncCursor.execute

    async def note(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        seen.append((query, dict(params or {})))
        return await execute(self, query, params, **options)

    with patch.object(psycopg.AsyncCursor, "execute", note):
        yield seen
